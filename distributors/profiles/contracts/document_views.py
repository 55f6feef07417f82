"""Files of a contract: added on its page, fetched by who sees it, removed once confirmed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError
from core.files import blob_path
from distributors.profiles.contracts.documents import document_add, document_remove
from distributors.profiles.contracts.models import Contract, ContractDocument


def _door(request: Any, action: str, **key: int) -> Contract:
    """Return the contract on which the user may do `action`; refused without the right, 404 out of reach."""
    if request.user.reach(f"profiles.{action}_contract") is None:
        raise PermissionDenied
    rows = Contract.objects.visible_to(request.user, action).filter(**key)
    found: Contract = get_object_or_404(rows.select_related("distributor"))
    return found


@require_POST
def file_add(request: Any, pk: int) -> HttpResponse:
    """Keep a file with a contract."""
    contract = _door(request, "change", pk=pk)
    given = request.FILES.get("file")
    if given is None:
        raise DomainError(_("Choose a file."))
    made = document_add(actor=request.user, contract=contract, source=given.file, name=given.name)
    messages.success(request, _("“%(name)s” is kept.") % {"name": made.name})
    return redirect(contract)


@require_GET
def file_fetch(request: Any, pk: int) -> FileResponse:
    """Answer a file as an attachment."""
    contract = _door(request, "view", documents=pk)
    found = get_object_or_404(contract.documents.select_related("blob"), pk=pk)
    path = blob_path(found.blob)
    if not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=True, filename=found.name, content_type=found.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "POST"])
def file_remove(request: Any, pk: int) -> HttpResponse:
    """Take a file from its contract, once it was said what that means."""
    contract = _door(request, "change", documents=pk)
    found: ContractDocument = get_object_or_404(contract.documents.select_related("blob", "contract"), pk=pk)
    if request.method == "POST":
        document_remove(actor=request.user, document=found)
        messages.success(request, _("“%(name)s” is removed.") % {"name": found.name})
        return redirect(contract)
    context = {
        "title": _("Remove “%(name)s”?") % {"name": found.name},
        "text": _("Nobody can fetch it from %(contract)s any more; the trail keeps its name.") % {"contract": contract},
        "submit_label": _("Remove"),
        "cancel_url": contract.get_absolute_url(),
    }
    return TemplateResponse(request, "core/confirm.html", context)

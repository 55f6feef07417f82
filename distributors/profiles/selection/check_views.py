"""An item of due diligence: its finding, and the files that it rests on."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError, StaleVersion
from core.files import blob_path
from distributors.profiles.contracts.documents import LARGEST
from distributors.profiles.models import Distributor
from distributors.profiles.selection.forms import CheckForm
from distributors.profiles.selection.models import Check, DiligenceDocument, DiligenceItem
from distributors.profiles.selection.selectors import checks_of
from distributors.profiles.selection.services import check_decide, check_document_add, check_document_remove
from distributors.profiles.selection.views import editable_for, require, tab_url


def _door(request: Any, pk: int, kind: str) -> Distributor:
    distributor = editable_for(request, pk, "diligenceitem")
    if kind not in Check.values:
        raise Http404
    return distributor


@require_http_methods(["GET", "POST"])
def check(request: Any, pk: int, kind: str) -> HttpResponse:
    """Say what an item of due diligence found."""
    distributor = _door(request, pk, kind)
    item = DiligenceItem.objects.filter(distributor=pk, kind=kind).first() or DiligenceItem(kind=kind)
    version = item.version if item.pk else 0
    form = CheckForm(request.POST or None, initial={"state": item.state, "note": item.note, "version": version})
    if request.method == "GET":
        return _page(request, distributor, kind, form)
    if not form.is_valid():
        return _page(request, distributor, kind, form, 422)
    try:
        check_decide(actor=request.user, distributor=distributor, kind=kind, **form.cleaned_data)
    except StaleVersion:
        form.data = {**request.POST.dict(), "version": str(version)}
        text = _("Someone decided meanwhile: “%(state)s”. Save again to replace that with yours.")
        form.add_error(None, text % {"state": item.get_state_display()})
        return _page(request, distributor, kind, form, 409)
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _page(request, distributor, kind, form, 422)
    return redirect(tab_url(pk, "diligence"))


def _page(
    request: Any, distributor: Distributor, kind: str, form: CheckForm, status: int = 200, refusal: str = ""
) -> HttpResponse:
    context = {
        "title": _("%(item)s: %(name)s") % {"item": Check(kind).label, "name": distributor},
        "distributor": distributor,
        "kind": kind,
        "form": form,
        "refusal": refusal,
        "files": next(one["files"] for one in checks_of(distributor.pk, request.user) if one["kind"] == kind),
        "files_hint": _("PDF, JPEG, PNG or DOCX, at most %(size)s MiB.") % {"size": LARGEST >> 20},
        "cancel_url": tab_url(distributor.pk, "diligence"),
    }
    return TemplateResponse(request, "profiles/selection/check.html", context, status=status)


@require_POST
def file_add(request: Any, pk: int, kind: str) -> HttpResponse:
    """Keep a file with an item; what it is no file of is said on the page of the item, and nothing is kept."""
    distributor = _door(request, pk, kind)
    given = request.FILES.get("file")
    try:
        if given is None:
            raise DomainError(_("Choose a file."))
        made = check_document_add(
            actor=request.user, distributor=distributor, kind=kind, source=given.file, name=given.name
        )
    except DomainError as error:
        item = DiligenceItem.objects.filter(distributor=pk, kind=kind).first() or DiligenceItem(kind=kind)
        initial = {"state": item.state, "note": item.note, "version": item.version if item.pk else 0}
        return _page(request, distributor, kind, CheckForm(initial=initial), 422, refusal=str(error))
    messages.success(request, _("“%(name)s” is kept.") % {"name": made.name})
    return redirect("profiles:distributor-check", pk, kind)


@require_GET
def file_fetch(request: Any, pk: int) -> FileResponse:
    """Answer a file as an attachment, to whoever sees the item."""
    require(request.user, "view_diligenceitem")
    items = DiligenceItem.objects.visible_to(request.user)
    rows = DiligenceDocument.objects.filter(item__in=items.values("pk")).select_related("blob")
    found = get_object_or_404(rows, pk=pk)
    path = blob_path(found.blob)
    if not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=True, filename=found.name, content_type=found.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "POST"])
def file_remove(request: Any, pk: int) -> HttpResponse:
    """Take a file from an item, once it was said what that means."""
    require(request.user, "change_diligenceitem")
    items = DiligenceItem.objects.visible_to(request.user, "change")
    rows = DiligenceDocument.objects.filter(item__in=items.values("pk"))
    found = get_object_or_404(rows.select_related("blob", "item__distributor"), pk=pk)
    item = found.item
    if request.method == "POST":
        check_document_remove(actor=request.user, document=found)
        messages.success(request, _("“%(name)s” is removed.") % {"name": found.name})
        return redirect(tab_url(item.distributor_id, "diligence"))
    context = {
        "title": _("Remove “%(name)s”?") % {"name": found.name},
        "text": _("Nobody can fetch it from “%(item)s” any more; the trail keeps its name.") % {"item": item},
        "submit_label": _("Remove"),
        "cancel_url": tab_url(item.distributor_id, "diligence"),
    }
    return TemplateResponse(request, "core/confirm.html", context)

"""The page of a batch, and its undo with a preview."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from core.scope import require_permission
from core.sections import DetailView
from distributors.ledger.batch_facts import batch_facts, effect_facts
from distributors.ledger.forms import ReasonForm
from distributors.ledger.models import Batch
from distributors.ledger.undoing import refuse_undo, undo_effect, undo_start


def _refusal(batch: Batch) -> str:
    try:
        refuse_undo(batch)
    except DomainError as error:
        return str(error)
    return ""


class BatchView(DetailView):
    """What came in with a batch, and whether it can be undone."""

    def get(self, request: Any, pk: int) -> HttpResponse:
        """Answer the page."""
        related = ("import_file", "source", "created_by", "undoes", "undone_by")
        batch = get_object_or_404(self.queryset().select_related(*related), pk=pk)
        may_undo = request.user.has_perm("ledger.undo_batch")
        context = {
            "title": _("Batch %(batch)s") % {"batch": batch},
            "facts": batch_facts(batch, request.user),
            "refusal": _refusal(batch) if may_undo else "",
            "undo_url": reverse("ledger:batch-undo", args=[pk]) if may_undo else "",
            "crumbs": [{"label": _("Batches"), "url": reverse("ledger:batch-list")}],
        }
        return TemplateResponse(request, "ledger/batch_page.html", context)


@require_http_methods(["GET", "POST"])
def batch_undo(request: Any, pk: int) -> HttpResponse:
    """Show what the undo of a batch would do, then ask a worker for it."""
    require_permission(request.user, "ledger.undo_batch")
    batch = get_object_or_404(Batch.objects.visible_to(request.user), pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(undo_start(actor=request.user, batch=batch, reason=form.cleaned_data["reason"]))
        except DomainError as error:
            form.add_error(None, str(error))
    status = 200
    if request.method == "POST":
        status = 409 if _refusal(batch) else 422
    refusal = _refusal(batch)
    context = {
        "form": form,
        "title": _("Undo batch %(batch)s") % {"batch": batch},
        "refusal": refusal,
        "facts": [] if refusal else effect_facts(undo_effect(batch)),
        "cancel_url": batch.get_absolute_url(),
        "crumbs": [
            {"label": _("Batches"), "url": reverse("ledger:batch-list")},
            {"label": str(batch), "url": batch.get_absolute_url()},
        ],
    }
    return TemplateResponse(request, "ledger/batch_undo.html", context, status=status)

"""The page of a change of many distributors: what it did, what its undo would do, and the undo."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from distributors.profiles.bulk_undo import Undo, bulk_undo_start, undo_of
from distributors.profiles.models import BulkChange
from distributors.profiles.task_views import ReasonForm
from distributors.profiles.workflow import MOVES


@require_http_methods(["GET", "POST"])
def change_undo(request: Any, pk: int) -> HttpResponse:
    """Show what was done to many rows and which of them would go back, then take it back."""
    rows = BulkChange.objects.visible_to(request.user).select_related("created_by", "undone_by")
    change: BulkChange = get_object_or_404(rows, pk=pk)
    form, status = ReasonForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                done = bulk_undo_start(actor=request.user, change=change, reason=form.cleaned_data["reason"])
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
                status = 409
            else:
                if done.job is not None:
                    return redirect(done.job)
                messages.success(request, _said(done.ready, done.staying))
                return redirect(reverse("profiles:distributor-list"))
        change.refresh_from_db()
    undo = Undo(0) if change.undone_at else undo_of(change, request.user)
    context = {
        "title": str(change),
        "change": change,
        "form": form,
        "undo": undo,
        "facts": _facts(change),
        "cancel_url": reverse("profiles:distributor-list"),
        "crumbs": [{"label": _("Distributors"), "url": reverse("profiles:distributor-list")}],
    }
    return TemplateResponse(request, "profiles/bulk_undo.html", context, status=status)


def _said(ready: int, staying: int) -> str:
    text = ngettext("Undone for %(count)s distributor.", "Undone for %(count)s distributors.", ready)
    text = text % {"count": f"{ready:,}"}
    if staying:
        more = ngettext("%(count)s stays as it is.", "%(count)s stay as they are.", staying)
        text = f"{text} {more % {'count': f'{staying:,}'}}"
    return text


def _facts(change: BulkChange) -> list[dict[str, Any]]:
    """Return what was done, when, by whom and why, and what became of it."""
    step = MOVES.get(change.move)
    pairs = [
        (_("What"), str(step.label) if step else change.get_kind_display()),
        (_("From"), date_format(change.starts_on) if change.starts_on else ""),
        (_("When"), date_format(localtime(change.created_at), "SHORT_DATETIME_FORMAT")),
        (_("Who"), str(change.created_by)),
        (_("Reason"), change.reason),
        (_("Changed"), f"{change.count:,}"),
    ]
    if change.undone_at:
        pairs += [
            (_("Undone"), date_format(localtime(change.undone_at), "SHORT_DATETIME_FORMAT")),
            (_("By"), str(change.undone_by)),
            (_("Went back"), f"{change.undone_count:,}"),
            (_("Stay as they are"), f"{change.count - change.undone_count:,}"),
        ]
    return [{"label": label, "text": text, "url": ""} for label, text in pairs if text]

"""The page on which an action on many rows is filled in, previewed and confirmed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from core import bulk
from core.errors import DomainError
from core.sections import EXPORTS, Section


@require_POST
def list_action(request: Any, key: str, name: str) -> HttpResponse:
    """Ask for what the action needs, show what would happen, and do it once that is confirmed."""
    section = Section.named(key)
    selection = _selection(request, section)
    if not selection.listing.allowed:
        raise PermissionDenied
    if name in EXPORTS:
        return _export(selection, name)
    action = next((one for one in section.actions if one.name == name), None)
    if action is None:
        raise Http404
    if action not in bulk.actions_for(section, request.user):
        raise PermissionDenied
    if not selection.listing.readable or not (selection.keys or request.POST.get("all")):
        messages.error(request, _("Select rows first."))
        return redirect(f"{section.url('list')}?{selection.query}")
    return _Page(request, action, selection).answer()


def _selection(request: Any, section: Any) -> bulk.Selection:
    keys = () if request.POST.get("all") else tuple(request.POST.getlist("pk"))
    return bulk.Selection(section, request.user, request.POST.get("query", ""), keys)


def _export(selection: bulk.Selection, kind: str) -> HttpResponse:
    pairs = [("pk", key) for key in selection.keys]
    query = "&".join(part for part in (selection.query, urlencode([*pairs, ("export", kind)])) if part)
    return redirect(f"{selection.section.url('list')}?{query}")


class _Page:
    """One request of the page: first the fields, then the numbers, then the change."""

    def __init__(self, request: Any, action: bulk.BulkAction, selection: bulk.Selection):
        self.request, self.action, self.selection = request, action, selection
        self.step = request.POST.get("step", "")
        rows = selection.permitted(action)
        self.form: Any = action.form(request.POST if self.step else None, user=request.user, rows=rows)
        self.given = {field: request.POST.getlist(field) for field in self.form.fields if field in request.POST}

    def answer(self) -> HttpResponse:
        """Answer as far as the person has come."""
        if not self.step:
            return self.show()
        if not self.form.is_valid():
            return self.show(422)
        try:
            preview = bulk.preview_of(self.action, self.selection, self.form.cleaned_data)
            mark = bulk.fingerprint(preview, self.given)
            if self.step == "apply" and preview.ready and mark == self.request.POST.get("mark"):
                return self.apply(preview)
        except DomainError as error:
            field = error.field
            self.form.add_error(field if field in self.form.fields else None, str(error))
            return self.show(422)
        other = self.step == "apply"
        return self.show(409 if other else 200, preview=preview, mark=mark, other=other)

    def apply(self, preview: bulk.Preview) -> HttpResponse:
        """Do it, or let a job do it where there are many."""
        if preview.ready > bulk.JOB_ABOVE:
            return redirect(
                bulk.bulk_start(action=self.action, selection=self.selection, given=self.given, ready=preview.ready)
            )
        done = bulk.bulk_apply(action=self.action, selection=self.selection, data=self.form.cleaned_data)
        text = ngettext("%(action)s: %(count)s row changed.", "%(action)s: %(count)s rows changed.", done.count)
        text = text % {"action": self.action.label, "count": done.count}
        if done.undo_url:
            text = format_html('{} <a href="{}">{}</a>', text, done.undo_url, _("Undo"))
        if done.then_url:
            text = format_html('{} <a href="{}">{}</a>', text, done.then_url, self.action.then)
        messages.success(self.request, text)
        return redirect(f"{self.selection.section.url('list')}?{self.selection.query}")

    def show(self, status: int = 200, **context: Any) -> HttpResponse:
        """Render the fields and, once there are, the numbers."""
        count, seen = self.selection.rows().count(), self.request.POST.get("seen", "")
        context |= {
            "title": f"{self.action.label}: {self.selection.section.title}",
            "action": self.action,
            "form": self.form,
            "selection": self.selection,
            "all": not self.selection.keys,
            "count": count,
            "seen": seen,
            "moved": not self.selection.keys and seen.isdecimal() and int(seen) != count,
            "back_url": f"{self.selection.section.url('list')}?{self.selection.query}",
        }
        return TemplateResponse(self.request, "core/bulk.html", context, status=status)

"""The books: which months are closed, and their closing and opening with what it means."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from core.errors import DomainError
from core.periods import month_of, month_shift
from core.scope import require_permission
from distributors.ledger import books as service
from distributors.ledger.book_months import book_months
from distributors.ledger.forms import CloseForm, ReasonForm
from distributors.ledger.models import PeriodLock

MOVES_SHOWN = 24


@require_GET
def books(request: Any) -> HttpResponse:
    """Show the months with what counts in them, and who moved the line."""
    require_permission(request.user, "ledger.view_periodlock")
    opened, may_move = service.first_open(), request.user.has_perm("ledger.add_periodlock")
    context = {
        "title": _("Books"),
        "months": book_months(opened, clock.today()),
        "opened": opened,
        "last_closed": month_shift(opened, -1) if opened else None,
        "moves": list(PeriodLock.objects.select_related("created_by")[:MOVES_SHOWN]),
        "may_move": may_move,
    }
    return TemplateResponse(request, "ledger/books.html", context)


@require_http_methods(["GET", "POST"])
def books_close(request: Any) -> HttpResponse:
    """Close the months up to a chosen one, after saying what that means."""
    require_permission(request.user, "ledger.add_periodlock")
    opened, today = service.first_open(), clock.today()
    form = CloseForm(request.POST or None, opened=opened, last=month_shift(month_of(today), -1))
    if request.method == "POST" and form.is_valid():
        try:
            moved = service.books_close(actor=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
            return _form(request, form, _("Close months"), _("Close"), 409)
        messages.success(request, _("The books are open from %(month)s on.") % {"month": _name(moved)})
        return redirect("ledger:books")
    return _form(request, form, _("Close months"), _("Close"), 422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def books_reopen(request: Any) -> HttpResponse:
    """Open the month that was closed last again, with a reason."""
    require_permission(request.user, "ledger.add_periodlock")
    opened = service.first_open()
    if opened is None:
        return redirect("ledger:books")
    month = month_shift(opened, -1)
    form = ReasonForm(request.POST or None)
    title = _("Open %(month)s again") % {"month": service.month_name(month)}
    if request.method == "POST" and form.is_valid():
        try:
            moved = service.books_reopen(actor=request.user, month=month, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
            return _form(request, form, title, _("Open again"), 409)
        messages.success(request, _("The books are open from %(month)s on.") % {"month": _name(moved)})
        return redirect("ledger:books")
    return _form(request, form, title, _("Open again"), 422 if request.method == "POST" else 200)


def _name(moved: PeriodLock) -> str:
    return service.month_name(moved.first_open)


def _form(request: Any, form: Any, title: str, submit: str, status: int) -> HttpResponse:
    context = {
        "form": form,
        "title": title,
        "submit_label": submit,
        "cancel_url": reverse("ledger:books"),
        "narrow": True,
        "reopens": isinstance(form, ReasonForm),
        "crumbs": [{"label": _("Books"), "url": reverse("ledger:books")}],
    }
    return TemplateResponse(request, "ledger/books_form.html", context, status=status)

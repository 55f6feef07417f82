"""The month, and what single presses change: exceptions of a calendar, an absence taken back."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.absences import absence_remove
from accounts.calendar_forms import CalendarExceptionForm
from accounts.calendars import calendar_of, exception_remove, exception_set, work_calendar
from accounts.models import WEEKDAYS, Absence, BusinessCalendar, CalendarException
from core import clock
from core.calendar import holiday_name, is_working_day
from core.contributors import DayEntry, collect
from core.periods import month_of, month_shift
from core.scope import require_permission

ABSENCES_MOST = 500
FIRST_YEAR, LAST_YEAR = 2000, 2100


@require_GET
def month(request: Any) -> HttpResponse:
    """Show a month: days that are worked, who is away, and what is due."""
    require_permission(request.user, "accounts.view_absence")
    today = clock.today()
    shown = _month(request.GET.get("month", ""), today)
    first = shown - timedelta(days=shown.weekday())
    last = month_shift(shown, 1) - timedelta(days=1)
    last += timedelta(days=6 - last.weekday())
    calendar = calendar_of(request.user)
    entries = [*absent_days(request.user, first, last), *collect("calendar", request.user, first, last)]
    context = {
        "title": _("Calendar"),
        "subtitle": _("Working days by “%(name)s”") % {"name": calendar},
        "month": shown,
        "weeks": _weeks(calendar, entries, first, last, request.LANGUAGE_CODE),
        "weekdays": [str(name) for _day, name in WEEKDAYS],
        "today": today,
        "before": _link(month_shift(shown, -1)),
        "after": _link(month_shift(shown, 1)),
        "actions": [
            {"label": _("Absences"), "url": reverse("accounts:absence-list")},
            {"label": _("Enter an absence"), "url": reverse("accounts:absence-add"), "primary": True},
        ],
    }
    return TemplateResponse(request, "accounts/calendar.html", context)


def _month(text: str, today: date) -> date:
    year, _dash, number = text.partition("-")
    if year.isdecimal() and number.isdecimal() and FIRST_YEAR <= int(year) <= LAST_YEAR and 1 <= int(number) <= 12:
        return date(int(year), int(number), 1)
    return month_of(today)


def _link(shown: date) -> dict[str, str]:
    return {"url": f"?month={shown:%Y-%m}", "label": date_format(shown, "YEAR_MONTH_FORMAT")}


def absent_days(user: Any, first: date, last: date) -> list[DayEntry]:
    """Return who among the people that `user` may see is away between two days."""
    rows = Absence.objects.visible_to(user).filter(starts_on__lte=last, ends_on__gte=first)
    return [
        DayEntry(
            first=row.starts_on,
            last=row.ends_on,
            kind=_("away"),
            text=_("%(person)s is away, %(delegate)s decides") % {"person": row.user, "delegate": row.delegate}
            if row.delegate
            else _("%(person)s is away") % {"person": row.user},
            tone="w",
            url=reverse("accounts:absence-list"),
        )
        for row in rows.select_related("user", "delegate").order_by("starts_on", "pk")[:ABSENCES_MOST]
    ]


def _weeks(
    calendar: BusinessCalendar, entries: Iterable[DayEntry], first: date, last: date, language: str
) -> list[list[dict[str, Any]]]:
    by_day: dict[date, list[DayEntry]] = {}
    for entry in entries:
        for step in range((min(entry.last, last) - max(entry.first, first)).days + 1):
            by_day.setdefault(max(entry.first, first) + timedelta(days=step), []).append(entry)
    rules = work_calendar(calendar)
    named = dict(calendar.exceptions.filter(day__range=(first, last)).values_list("day", "name"))
    days = [
        {
            "day": day,
            "worked": is_working_day(rules, day),
            "name": named.get(day) or holiday_name(rules, day, language) or _made_up(rules, day),
            "entries": by_day.get(day, []),
        }
        for day in (first + timedelta(days=step) for step in range((last - first).days + 1))
    ]
    return [days[start : start + 7] for start in range(0, len(days), 7)]


def _made_up(rules: Any, day: date) -> str:
    return _("worked instead") if day.weekday() in rules.weekend and is_working_day(rules, day) else ""


@require_POST
def exception_add(request: Any, pk: int) -> HttpResponse:
    """Say of one day that it is worked, or free."""
    require_permission(request.user, "accounts.change_businesscalendar")
    calendar = get_object_or_404(BusinessCalendar.objects.visible_to(request.user, "change"), pk=pk)
    form = CalendarExceptionForm(request.POST)
    if not form.is_valid():
        context = {
            "title": _("Exception in “%(name)s”") % {"name": calendar},
            "form": form,
            "cancel_url": calendar.get_absolute_url(),
        }
        return TemplateResponse(request, "core/form.html", context, status=422)
    data = form.cleaned_data
    exception_set(
        actor=request.user, calendar=calendar, day=data["day"], worked=data["worked"] == "1", name=data["name"]
    )
    return redirect(f"{calendar.get_absolute_url()}?year={data['day'].year}")


@require_POST
def exception_drop(request: Any, pk: int, exception_pk: int) -> HttpResponse:
    """Let the country's calendar hold again on this day."""
    require_permission(request.user, "accounts.change_businesscalendar")
    found = get_object_or_404(CalendarException.objects.select_related("calendar"), pk=exception_pk, calendar=pk)
    exception_remove(actor=request.user, exception=found)
    return redirect(f"{found.calendar.get_absolute_url()}?year={found.day.year}")


@require_POST
def absence_drop(request: Any, pk: int) -> HttpResponse:
    """Take back an absence that has not begun."""
    found = get_object_or_404(Absence.objects.visible_to(request.user, "change"), pk=pk)
    absence_remove(actor=request.user, absence=found)
    messages.success(request, _("The absence is taken back."))
    return redirect("accounts:absence-list")

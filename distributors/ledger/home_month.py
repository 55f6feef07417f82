"""The month against its target on Home: can it still be made."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.calendars import calendar_of, work_calendar
from accounts.roles import Role
from core.calendar import working_days_between
from core.money import amount_text, short_text
from distributors.ledger.home import lines_url, month_word

ZERO = Decimal(0)


@dataclass(frozen=True)
class Month:
    """This month's target, what is sold of it, what is ordered and not invoiced, and what was collected."""

    target: Decimal
    sold: Decimal
    ordered: Decimal = ZERO
    collected: Decimal = ZERO


@dataclass(frozen=True)
class Pace:
    """Working days left of the month; what is missing, and what a day must bring and has brought so far."""

    left: int
    missing: Decimal
    need: Decimal
    so_far: Decimal

    @property
    def enough(self) -> bool:
        """Tell whether the month is made if it goes on as it went."""
        return self.missing <= 0 or (self.left > 0 and self.so_far >= self.need)


def pace_of(user: Any, as_of: date, month: Month) -> Pace:
    """Return how fast the rest of the month must go, open orders counted as invoiced; today still counts."""
    calendar, period = work_calendar(calendar_of(user)), user.company.fiscal.month(as_of)
    left = working_days_between(calendar, as_of, period.end)
    gone = working_days_between(calendar, period.start, as_of)
    missing = max(month.target - month.sold - month.ordered, ZERO)
    return Pace(left, missing, missing / max(left, 1), month.sold / max(gone, 1))


def target_kpi(user: Any, as_of: date, month: Month, pace: Pace | None) -> dict[str, Any]:
    """Return the tile of this month's target: how much is reached; for a rep, what each working day left must bring."""
    language = get_language() or "en"
    words: dict[str, Any] = {
        "sold": short_text(month.sold, language),
        "target": short_text(month.target, language),
        "currency": user.company.base_currency,
    }
    said, tone = _("%(sold)s of %(target)s %(currency)s") % words, ""
    if month.sold >= month.target:
        tone = "g"
    elif pace is not None:
        tone = "" if pace.enough else "w"
        if user.role == Role.REP:
            said += f"; {_pace_text(pace, language)}"
    kpi = {
        "order": 25,
        "label": _("Of the target, %(month)s") % {"month": month_word(user.company.fiscal, as_of)},
        "value": f"{amount_text(month.sold / month.target * 100)} %",
        "detail": said,
        "tone": tone,
    }
    if user.role == Role.MANAGER:
        kpi["url"] = lines_url(user.company.fiscal.month(as_of).start, as_of)
    return kpi


def _pace_text(pace: Pace, language: str) -> str:
    if not pace.left:
        return _("no working day left")
    return ngettext(
        "%(count)s working day left: %(need)s a day, so far %(pace)s",
        "%(count)s working days left: %(need)s a day, so far %(pace)s",
        pace.left,
    ) % {"count": pace.left, "need": short_text(pace.need, language), "pace": short_text(pace.so_far, language)}


def month_list(user: Any, as_of: date, month: Month, pace: Pace) -> dict[str, Any]:
    """Return the card that says whether the month can still be made, with the sums that say so and their rows."""
    fiscal = user.company.fiscal
    first, named = fiscal.month(as_of).start, fiscal.named_month(as_of)
    days = ngettext("%(count)s working day left", "%(count)s working days left", pace.left) % {"count": pace.left}
    entries = [
        (_("Target"), month.target, f"{reverse('ledger:target-list')}?since={named}&until={named}", ""),
        (_("Net sales to tier 1 so far"), month.sold, lines_url(first, as_of), ""),
        (_("Ordered, not invoiced"), month.ordered, f"{reverse('ledger:order-list')}?state=open", ""),
        (_("Missing"), pace.missing, "", ""),
        (_("Needed a working day"), pace.need, "", days),
        (_("So far a working day"), pace.so_far, "", ""),
        (_("Collected"), month.collected, f"{reverse('ledger:payment-list')}?since={first}&until={as_of}", ""),
    ]
    columns = [
        {"label": date_format(named, "YEAR_MONTH_FORMAT"), "align": "start", "kind": "text", "hide": ""},
        {"label": user.company.base_currency, "align": "end", "kind": "text", "hide": ""},
    ]
    return {
        "order": 5,
        "title": _finding(month_word(fiscal, as_of), month, pace),
        "url": "",
        "table": {"columns": columns, "rows": [_entry(*entry) for entry in entries]},
    }


def _entry(label: str, amount: Decimal, url: str, sub: str) -> dict[str, Any]:
    plain = {"kind": "text", "tone": ""}
    shown = {**plain, "text": amount_text(amount), "url": url, "sub": ""}
    return {"url": "", "cells": [{**plain, "text": label, "url": "", "sub": sub}, shown]}


def _finding(name: str, month: Month, pace: Pace) -> str:
    words = {"month": name}
    if month.sold >= month.target:
        return _("The target of %(month)s is reached") % words
    if not pace.missing:
        return _("With what is ordered, the target of %(month)s is made") % words
    if not pace.left:
        return _("No working day is left for the target of %(month)s") % words
    if pace.enough:
        return _("At this pace the target of %(month)s is made") % words
    return _("The target of %(month)s needs a faster pace") % words

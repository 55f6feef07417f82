"""The figures about sales on Home."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from core.money import amount_text, short_text
from core.periods import FiscalCalendar, Window, full_months, month_last, month_shift
from distributors.ledger.home_sums import sales_sums
from distributors.ledger.models import NET
from distributors.profiles.models import OUR_TIER
from distributors.profiles.overview import is_new
from distributors.profiles.standing_sums import standing_sums, whole

ZERO = Decimal(0)


@dataclass(frozen=True)
class MonthPair:
    """A month's net sales, and those of the same month a year before."""

    month: date
    amount: Decimal
    before: Decimal


def sales_figures(user: Any, as_of: date) -> list[dict[str, Any]]:
    """Return our net sales of twelve months, of the fiscal year and month, and the chart by month.

    Each stands against the year before.

    What we sell is what tier 1 buys; its sales to lower tiers are not ours and would count the goods twice.
    """
    window, fiscal = full_months(as_of, 12), user.company.fiscal
    (month, then), (year, year_then) = fiscal.month_so_far(as_of), fiscal.year_so_far(as_of)
    sales = sales_sums(user, as_of)
    if not sales.months and not sales.now:
        return []
    began = whole(standing_sums(user, as_of))["began"]
    pairs, currency = month_pairs(window, sales.months), user.company.base_currency
    ended = date_format(month_last(window.months[-1]), "DATE_FORMAT")
    chart = months_chart(pairs, currency)
    chart["subtitle"] = _("Net sales to tier 1, %(currency)s") % {"currency": currency}
    chart["links"] = [{"url": _buyers_url(), "label": _("Distributors of tier 1")}]
    return [
        {
            "subtitle": _("Twelve months to %(day)s; our sales are what tier 1 buys from us") % {"day": ended},
            "kpis": [
                _year_kpi(pairs, currency, new=is_new(began, as_of)),
                {
                    **so_far_kpi(sales.year, sales.year_then, year_then[1], currency),
                    "order": 15,
                    "label": year_label(fiscal, as_of),
                    "url": lines_url(*year),
                },
                {
                    **so_far_kpi(sales.now, sales.then, then[1], currency),
                    "order": 20,
                    "label": _("Net sales to tier 1, %(month)s") % {"month": month_word(fiscal, as_of)},
                    "url": lines_url(*month),
                },
            ],
            "charts": [chart],
        }
    ]


def _buyers_url() -> str:
    return f"{reverse('profiles:distributor-list')}?{urlencode({'tier': OUR_TIER})}"


def lines_url(first: date, last: date) -> str:
    """Return where the sale lines of some days are that make our net sales."""
    query = {"tier": str(OUR_TIER), "kind": NET, "since": first.isoformat(), "until": last.isoformat()}
    return f"{reverse('ledger:saleline-list')}?{urlencode(query)}"


def month_pairs(window: Window, amounts: dict[date, Decimal]) -> list[MonthPair]:
    """Return the months of a window with their amounts and those of a year before."""
    return [
        MonthPair(month, amounts.get(month, ZERO), amounts.get(month_shift(month, -12), ZERO))
        for month in window.months
    ]


def _growth(now: Decimal, before: Decimal) -> tuple[str, str]:
    growth = (now - before) / before * 100
    text = f"{growth:+.1f} %".replace("-", "\N{MINUS SIGN}")
    return text, "up" if growth > 0 else "down" if growth < 0 else ""


def _year_kpi(pairs: list[MonthPair], currency: str, *, new: bool) -> dict[str, Any]:
    now, before = sum((pair.amount for pair in pairs), ZERO), sum((pair.before for pair in pairs), ZERO)
    detail, tone = _("nothing the year before"), ""
    if new:
        detail = _("new: no whole year before")
    elif before > 0:
        text, tone = _growth(now, before)
        detail = _("%(growth)s on the year before") % {"growth": text}
    return {
        "order": 10,
        "label": _("Net sales to tier 1, 12 months"),
        "value": short_text(now, get_language() or "en"),
        "unit": currency,
        "detail": detail,
        "tone": tone,
        "url": _buyers_url(),
    }


def month_word(fiscal: FiscalCalendar, as_of: date) -> str:
    """Return what the fiscal month of a day is called."""
    return str(date_format(fiscal.named_month(as_of), "F"))


def year_label(fiscal: FiscalCalendar, as_of: date) -> str:
    """Return the label of what our net sales are in the fiscal year so far."""
    return _("Net sales to tier 1, %(year)s so far") % {"year": year_word(fiscal, as_of)}


def year_word(fiscal: FiscalCalendar, as_of: date) -> str:
    """Return what the fiscal year of a day is called: that of the calendar by its number alone."""
    words = {"year": fiscal.year_text(as_of)}
    return pgettext("year", "%(year)s") % words if fiscal == FiscalCalendar() else _("fiscal year %(year)s") % words


def so_far_kpi(now: Decimal, then: Decimal, until: date, currency: str) -> dict[str, Any]:
    """Return an amount up to today against that of a year before, up to the day `until`."""
    language = get_language() or "en"
    words, tone = {"day": date_format(until, "MONTH_DAY_FORMAT"), "amount": short_text(then, language)}, ""
    detail = _("nothing last year to %(day)s") % words
    if then > 0:
        words["growth"], tone = _growth(now, then)
        detail = _("%(growth)s on last year to %(day)s (%(amount)s)") % words
    return {"value": short_text(now, language), "unit": currency, "detail": detail, "tone": tone}


def months_chart(pairs: list[MonthPair], currency: str) -> dict[str, Any]:
    """Return the chart of twelve months beside the twelve before."""
    this_year, last_year = _("this year"), _("the year before")
    return {
        "order": 10,
        "id": "sales-by-month",
        "title": _finding(pairs),
        "subtitle": _("%(currency)s without tax") % {"currency": currency},
        "option": {
            "legend": {},
            "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "valueFormatter": "money"},
            "xAxis": {"type": "category", "data": [date_format(pair.month, "M") for pair in pairs]},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "money"}},
            "series": [
                _bars(last_year, [pair.before for pair in pairs], "var(--quiet)"),
                _bars(this_year, [pair.amount for pair in pairs], "var(--accent)"),
            ],
        },
        "table": {
            "columns": [_("Month"), this_year, last_year, pgettext("difference", "Change")],
            "rows": [_chart_row(pair) for pair in pairs],
        },
    }


def _bars(name: str, amounts: list[Decimal], colour: str) -> dict[str, Any]:
    data = [float(round(amount, 2)) for amount in amounts]
    return {"type": "bar", "name": name, "data": data, "itemStyle": {"color": colour}}


def _chart_row(pair: MonthPair) -> list[str]:
    change = f"{(pair.amount - pair.before) / pair.before * 100:+.1f} %" if pair.before > 0 else ""
    return [
        date_format(pair.month, "YEAR_MONTH_FORMAT"),
        amount_text(pair.amount),
        amount_text(pair.before),
        change.replace("-", "\N{MINUS SIGN}"),
    ]


def _finding(pairs: list[MonthPair]) -> str:
    if not any(pair.before for pair in pairs):
        return _("Net sales by month")
    # Months before there were any sales are no year to be passed.
    pairs = pairs[next(place for place, pair in enumerate(pairs) if pair.before) :]
    better = sum(pair.amount > pair.before for pair in pairs)
    return ngettext(
        "Sales passed last year in %(count)s of %(months)s months",
        "Sales passed last year in %(count)s of %(months)s months",
        better,
    ) % {"count": better, "months": len(pairs)}

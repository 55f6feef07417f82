"""The figures about sales on Home."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from core.company import company
from core.figures import figures_of
from core.money import amount_text, short_text
from core.periods import Window, full_months, month_of, month_shift
from distributors.ledger.models import LineKind, MonthlySales
from distributors.profiles.models import Distributor

NET_SALES = (LineKind.SELL_IN, LineKind.RETURN)
ZERO = Decimal(0)


@dataclass(frozen=True)
class MonthPair:
    """A month's net sales, and those of the same month a year before."""

    month: date
    amount: Decimal
    before: Decimal


def sales_figures(user: Any, as_of: date) -> list[dict[str, Any]]:
    """Return net sales of twelve months and of this month, each against the year before, and the chart by month."""
    window = full_months(as_of, 12)
    amounts = figures_of(
        "ledger.months",
        user=user,
        permission="ledger.view_monthlysales",
        rows=Distributor.objects.visible_to(user),
        as_of=as_of,
        compute=lambda: _amounts(user, window.before().start, month_of(as_of)),
    )
    if not amounts:
        return []
    pairs = month_pairs(window, amounts)
    currency = company().base_currency
    ended = date_format(date.fromordinal(window.end.toordinal() - 1), "DATE_FORMAT")
    return [
        {
            "subtitle": _("Twelve months to %(day)s, against the year before") % {"day": ended},
            "kpis": [_year_kpi(pairs, currency), _month_kpi(amounts, month_of(as_of), currency)],
            "charts": [months_chart(pairs, currency)],
        }
    ]


def _amounts(user: Any, start: date, end: date) -> dict[date, Decimal]:
    rows = MonthlySales.objects.visible_to(user).filter(month__gte=start, month__lte=end, kind__in=NET_SALES)
    return dict(rows.order_by().values("month").annotate(total=Sum("amount")).values_list("month", "total"))


def month_pairs(window: Window, amounts: dict[date, Decimal]) -> list[MonthPair]:
    """Return the months of a window with their amounts and those of a year before."""
    return [
        MonthPair(month, amounts.get(month, ZERO), amounts.get(month_shift(month, -12), ZERO))
        for month in window.months
    ]


def _change(now: Decimal, before: Decimal) -> tuple[str, str]:
    if before <= 0:
        return _("nothing the year before"), ""
    growth = (now - before) / before * 100
    text = f"{growth:+.1f} %".replace("-", "\N{MINUS SIGN}")
    return _("%(growth)s on the year before") % {"growth": text}, "up" if growth > 0 else "down" if growth < 0 else ""


def _year_kpi(pairs: list[MonthPair], currency: str) -> dict[str, Any]:
    now, before = sum((pair.amount for pair in pairs), ZERO), sum((pair.before for pair in pairs), ZERO)
    detail, tone = _change(now, before)
    return {
        "order": 10,
        "label": _("Net sales, 12 months"),
        "value": short_text(now, get_language() or "en"),
        "unit": currency,
        "detail": detail,
        "tone": tone,
        "url": reverse("profiles:distributor-list"),
    }


def _month_kpi(amounts: dict[date, Decimal], month: date, currency: str) -> dict[str, Any]:
    language = get_language() or "en"
    before = amounts.get(month_shift(month, -12), ZERO)
    return {
        "order": 20,
        "label": _("Net sales in %(month)s so far") % {"month": date_format(month, "F")},
        "value": short_text(amounts.get(month, ZERO), language),
        "unit": currency,
        "detail": _("%(amount)s in the whole month last year") % {"amount": short_text(before, language)},
        "url": f"{reverse('profiles:distributor-list')}?sort=-last_order",
    }


def months_chart(pairs: list[MonthPair], currency: str) -> dict[str, Any]:
    """Return the chart of twelve months beside the twelve before."""
    this_year, last_year = _("this year"), _("the year before")
    return {
        "order": 10,
        "id": "sales-by-month",
        "title": _finding(pairs),
        "subtitle": currency,
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
    better = sum(pair.amount > pair.before for pair in pairs)
    return ngettext(
        "Sales passed last year in %(count)s of %(months)s months",
        "Sales passed last year in %(count)s of %(months)s months",
        better,
    ) % {"count": better, "months": len(pairs)}

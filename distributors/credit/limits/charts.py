"""Charts of credit, each with its table: age over time, exposure by group, concentration, use of limits."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.money import amount_text
from distributors.credit.limits.portfolio import Group, Portfolio
from distributors.credit.limits.trends import MonthEnd
from distributors.ledger.ageing import BUCKETS

ZERO = Decimal(0)
MOST_BARS = 15


def _share(part: Decimal, whole: Decimal) -> str:
    return f"{amount_text(part / whole * 100, 1)} %" if whole else "–"


def _bars(name: Any, labels: list[str], values: Sequence[Any], unit: str = "money") -> dict[str, Any]:
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "valueFormatter": unit},
        "xAxis": {"type": "category", "data": labels},
        "yAxis": {"type": "value", "axisLabel": {"formatter": unit}},
        "series": [{"type": "bar", "name": str(name), "data": [float(round(one, 2)) for one in values]}],
    }


def trend_chart(ends: list[MonthEnd], currency: str) -> dict[str, Any]:
    """Return what was owed by age at the month-ends, as stacked bars."""
    labels = [date_format(one.day, "SHORT_DATE_FORMAT") for one in ends]
    last = ends[-1]
    late = last.total - last.amounts[0]
    title = _("%(share)s of what is owed is overdue") % {"share": _share(late, last.total)}
    return {
        "id": "ageing-trend",
        "title": title if late else _("Nothing is overdue"),
        "subtitle": _("%(currency)s with tax, at each month’s end") % {"currency": currency},
        "option": {
            "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "valueFormatter": "money"},
            "legend": {"type": "scroll"},
            "xAxis": {"type": "category", "data": labels},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "money"}},
            "series": [
                {
                    "type": "bar",
                    "stack": "age",
                    "name": str(bucket.label),
                    "data": [float(round(one.amounts[place], 2)) for one in ends],
                }
                for place, bucket in enumerate(BUCKETS)
            ],
        },
        "table": {
            "columns": [_("Day"), *(str(bucket.label) for bucket in BUCKETS), _("DSO, days"), _("best possible")],
            "rows": [
                [label, *(amount_text(amount) for amount in one.amounts), _days(one.dso.days), _days(one.dso.best)]
                for label, one in zip(labels, ends, strict=True)
            ],
        },
    }


def _days(value: Decimal | None) -> str:
    return "–" if value is None else amount_text(value, 1)


def group_chart(name: str, title: Any, groups: list[Group], whole: Decimal, currency: str) -> dict[str, Any]:
    """Return exposure by grade or territory as bars, with limits and holds in the table."""
    shown = groups[:MOST_BARS]
    labels = [one.name or _("no grade") for one in shown]
    return {
        "id": name,
        "title": title,
        "subtitle": currency,
        "option": _bars(_("Exposure"), labels, [one.exposure for one in shown]),
        "table": {
            "columns": [_("Group"), _("Exposure"), _("Share"), _("Limits"), _("Accounts"), _("On hold")],
            "rows": [
                [
                    one.name or _("no grade"),
                    amount_text(one.exposure),
                    _share(one.exposure, whole),
                    amount_text(one.limit),
                    f"{one.count:,}",
                    f"{one.held:,}",
                ]
                for one in groups
            ],
        },
    }


def concentration_chart(found: Portfolio, currency: str) -> dict[str, Any]:
    """Return the cumulative share of the largest exposures as a line."""
    whole, running, points = found.total.exposure, ZERO, []
    for place, (_pk, name, exposure) in enumerate(found.largest, 1):
        running += exposure
        points.append((place, name, exposure, running / whole * 100 if whole else ZERO))
    ten = points[min(9, len(points) - 1)][3] if points else ZERO
    return {
        "id": "concentration",
        "title": _("The ten largest make up %(share)s %% of the exposure") % {"share": amount_text(ten, 1)},
        "subtitle": _("cumulative share, the largest first, %%") % {},
        "option": {
            "tooltip": {"trigger": "axis", "valueFormatter": "percent"},
            "xAxis": {"type": "category", "data": [str(place) for place, *_rest in points]},
            "yAxis": {"type": "value", "max": 1, "axisLabel": {"formatter": "percent"}},
            "series": [
                {"type": "line", "name": _("Share"), "data": [float(round(share / 100, 4)) for *_rest, share in points]}
            ],
        },
        "table": {
            "columns": [_("Distributor"), _("Exposure, %(currency)s") % {"currency": currency}, _("Cumulative share")],
            "rows": [
                [f"{place} · {name}", amount_text(exposure), f"{amount_text(share, 1)} %"]
                for place, name, exposure, share in points
            ],
        },
    }


def use_chart(found: Portfolio, currency: str) -> dict[str, Any]:
    """Return how far limits are used as bars."""
    labels = [_("up to 50 %%") % {}, _("50 to 80 %%") % {}, _("80 to 100 %%") % {}, _("above the limit")]
    return {
        "id": "use",
        "title": _("Use of limits"),
        "subtitle": _("number of accounts by the part of the limit that is used"),
        "links": [
            {"label": _("Over the limit"), "url": reverse("profiles:distributor-list") + "?credit=over"},
            {"label": _("less than a tenth left"), "url": reverse("profiles:distributor-list") + "?credit=tight"},
        ],
        "option": _bars(_("Accounts"), labels, [Decimal(count) for count, _owed in found.uses], "integer"),
        "table": {
            "columns": [_("Used"), _("Accounts"), _("Exposure, %(currency)s") % {"currency": currency}],
            "rows": [
                [label, f"{count:,}", amount_text(owed)]
                for label, (count, owed) in zip(labels, found.uses, strict=True)
            ],
        },
    }

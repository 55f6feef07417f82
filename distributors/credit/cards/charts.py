"""The charts of a credit card: options for the browser, each with its table."""

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from distributors.credit.cards.models import CreditScore
from distributors.credit.cards.selectors import CreditCard


def radar_chart(card: CreditCard, medians: list[Any] | None, territory: str) -> dict[str, Any]:
    """Return the five criteria against the median of a territory."""
    labels, own = [branch.criterion.label for branch in card.branches], [branch.score for branch in card.branches]
    series = [{"name": _("this distributor"), "value": [_plain(one) for one in own], "areaStyle": {"opacity": 0.15}}]
    median = _("median of %(territory)s") % {"territory": territory}
    if medians:
        series.append({"name": median, "value": [_plain(one) for one in medians], "lineStyle": {"type": "dashed"}})
    return {
        "id": "credit-radar",
        "title": _("The five criteria"),
        "subtitle": _("against the median of %(territory)s") % {"territory": territory} if medians else "",
        "tall": True,
        "option": {
            "tooltip": {},
            "legend": {"data": [one["name"] for one in series]},
            "radar": {
                "indicator": [
                    {"name": _axis(label, score), "max": 100} for label, score in zip(labels, own, strict=True)
                ],
                "radius": "62%",
                "center": ["50%", "56%"],
            },
            "series": [{"type": "radar", "data": series}],
        },
        "table": {
            "columns": [_("Criterion"), _("Score"), *([median] if medians else [])],
            "rows": [
                [str(label), _shown(score), *([_shown(medians[place])] if medians else [])]
                for place, (label, score) in enumerate(zip(labels, own, strict=True))
            ],
        },
    }


def _axis(label: Any, score: Any) -> str:
    return str(label) if score is not None else _("%(criterion)s (no evidence)") % {"criterion": label}


def _plain(score: Any) -> float:
    return 0.0 if score is None else float(score)


def _shown(score: Any) -> str:
    return "–" if score is None else f"{score}"


def history_chart(rows: list[CreditScore]) -> dict[str, Any]:
    """Return score and grade at the month-ends, oldest first."""
    known = [row for row in rows[::-1] if row.score is not None]
    return {
        "id": "credit-history",
        "title": _("Score at each month-end"),
        "subtitle": _("score, 0 to 100"),
        "tall": True,
        "option": {
            "tooltip": {"trigger": "axis"},
            "xAxis": {"type": "category", "data": [date_format(row.as_of, "SHORT_DATE_FORMAT") for row in known]},
            "yAxis": {"type": "value", "min": 0, "max": 100},
            "series": [
                {
                    "name": _("score"),
                    "type": "line",
                    "label": {"show": len(known) <= 14, "formatter": "{b}", "color": "var(--ink)"},
                    "data": [{"value": float(row.score), "name": row.grade} for row in known],
                }
            ],
        },
        "table": {
            "columns": [_("As of"), _("Score"), _("Grade"), _("Confidence, %"), _("Provisional")],
            "rows": [
                [
                    date_format(row.as_of, "SHORT_DATE_FORMAT"),
                    _shown(row.score),
                    row.grade or "–",
                    _shown(row.confidence),
                    _("yes") if row.provisional else _("no"),
                ]
                for row in rows
            ],
        },
    }

"""The charts of classification: options for the browser, each with its table."""

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.money import amount_text
from distributors.classification.models import Classification, ClassRun
from distributors.classification.selectors.overview import CurvePoint, Overview

_COLOURS = {"A": "var(--accent)", "B": "var(--ink-3)", "C": "var(--line-2)"}
_STEPS = ("C", "B", "A")


def percent(share: Any, places: int = 0) -> str:
    """Return a share as percent."""
    return f"{amount_text(share * 100, places)} %" if share is not None else "–"


def pareto_chart(overview: Overview, *, run: ClassRun, currency: str, whole: bool) -> dict[str, Any] | None:
    """Return the curve of a run with the areas of its classes by rank, or None where nothing is above zero."""
    if overview.total <= 0:
        return None
    listing = f"{reverse('classification:classification-list')}?run={run.pk}"
    title, subtitle = _pareto_words(overview, whole)
    return {
        "id": "pareto",
        "title": f"{run.policy}: {title}",
        "subtitle": subtitle,
        "links": _pareto_links(overview, listing),
        "tall": True,
        "option": _pareto_option(overview, listing),
        "table": {
            "columns": [
                _("The largest"),
                _("Share of distributors"),
                _("Sales, %(currency)s") % {"currency": currency},
                _("Share of sales"),
                _("Class by rank of the last"),
            ],
            "rows": [_pareto_row(point) for point in _marks(overview)],
        },
    }


def _pareto_links(overview: Overview, listing: str) -> list[dict[str, str]]:
    largest = overview.figure("A")
    by_rank, in_force = {"count": f"{largest.by_rank:,}"}, {"count": f"{largest.count:,}"}
    return [
        {"url": f"{listing}&raw=A", "label": _("A by rank: %(count)s") % by_rank},
        {"url": f"{listing}&effective=A", "label": _("A in force: %(count)s") % in_force},
    ]


def pareto_note(run: ClassRun) -> str:
    """Return as of when a run holds, and how its two classes differ."""
    day = {"day": date_format(run.as_of, "DATE_FORMAT")}
    if run.official:
        text = _(
            "As of the month close of %(day)s. By rank: what the sales alone say. In force: follows with patience."
        )
    else:
        text = _("Preview as of %(day)s. By rank: what the sales alone say. In force: follows with patience.")
    return text % day


def _pareto_words(overview: Overview, whole: bool) -> tuple[str, str]:
    largest = overview.figure("A")
    values = {
        "count": f"{largest.by_rank:,}",
        "share": percent(largest.by_rank_share),
        "brings": percent(largest.by_rank_basis_share),
    }
    if whole:
        title = ngettext(
            "%(count)s distributor (%(share)s) brings %(brings)s of sales",
            "%(count)s distributors (%(share)s) bring %(brings)s of sales",
            largest.by_rank,
        )
        return title % values, _("Cumulative share of sales, largest first; classes by rank")
    subtitle = _("Shares of your distributors; the classes are those of the whole company, by rank")
    if not largest.by_rank:
        return _("None of your distributors is in the company's class A"), subtitle
    title = ngettext(
        "%(count)s of your distributors (%(share)s), in the company's class A, brings %(brings)s of your sales",
        "%(count)s of your distributors (%(share)s), in the company's class A, bring %(brings)s of your sales",
        largest.by_rank,
    )
    return title % values, subtitle


def _pareto_option(overview: Overview, listing: str) -> dict[str, Any]:
    series: list[dict[str, Any]] = []
    start = 0
    for letter, end in overview.borders.items():
        points = [point for point in overview.curve if start <= point.position <= end]
        series.append(
            {
                "name": _("class %(letter)s") % {"letter": letter},
                "type": "line",
                "showSymbol": False,
                "color": _COLOURS[letter],
                "areaStyle": {"opacity": 0.28},
                "data": [[float(point.distributors), float(point.share)] for point in points],
            }
        )
        start = end
    series.append(
        {
            "type": "scatter",
            "symbolSize": 9,
            "color": "var(--ink)",
            "label": {"show": True, "formatter": "{b}", "color": "var(--ink)", "offset": [0, 10]},
            "data": [
                {
                    "name": f"{point.letter} {overview.figure(point.letter).by_rank:,}",
                    "label": {"position": "left" if point.share == 1 else "right"},
                    "value": [float(point.distributors), float(point.share)],
                    "url": f"{listing}&raw={point.letter}",
                }
                for point in overview.curve
                if point.position and overview.borders.get(point.letter) == point.position
            ],
        }
    )
    axis = {"type": "value", "min": 0, "max": 1, "axisLabel": {"formatter": "percent"}}
    return {
        "tooltip": {"trigger": "axis", "valueFormatter": "percent"},
        "grid": {"left": 8, "right": 24, "top": 34, "bottom": 28, "containLabel": True},
        "legend": {"data": [one["name"] for one in series[:-1]]},
        "xAxis": {**axis, "name": _("share of distributors"), "nameLocation": "middle", "nameGap": 28},
        "yAxis": {**axis, "name": _("share of sales")},
        "series": series,
    }


def _marks(overview: Overview) -> list[CurvePoint]:
    """Return the points nearest to each tenth of the distributors, and those where a class ends."""
    points = [point for point in overview.curve if point.position]
    wanted = {min(points, key=lambda point: abs(point.distributors * 10 - tenth)) for tenth in range(1, 11)}
    wanted |= {point for point in points if overview.borders.get(point.letter) == point.position}
    return sorted(wanted, key=lambda point: point.position)


def _pareto_row(point: CurvePoint) -> list[str]:
    return [
        f"{point.position:,}",
        percent(point.distributors, 1),
        amount_text(point.cumulative),
        percent(point.share, 1),
        point.letter,
    ]


def history_chart(history: list[Classification], *, currency: str) -> dict[str, Any]:
    """Return the classes of one distributor at the closed months as steps, oldest first, with their figures."""
    rows = history[::-1]
    days = [date_format(row.run.as_of, "SHORT_DATE_FORMAT") for row in rows]

    def steps(name: str, letters: list[str], colour: str, kind: str) -> dict[str, Any]:
        return {
            "name": name,
            "type": "line",
            "step": "end",
            "color": colour,
            "lineStyle": {"type": kind, "width": 2},
            "data": [letter if letter in _STEPS else None for letter in letters],
        }

    return {
        "id": "class-history",
        "title": _("Class at each month close"),
        "option": {
            "tooltip": {"trigger": "axis"},
            "legend": {},
            "xAxis": {"type": "category", "data": days},
            "yAxis": {"type": "category", "data": list(_STEPS)},
            "series": [
                steps(_("in force"), [row.effective for row in rows], "var(--accent)", "solid"),
                steps(_("by rank"), [row.raw for row in rows], "var(--ink-3)", "dotted"),
            ],
        },
        "table": {
            "columns": [
                _("As of"),
                _("Class"),
                _("By rank"),
                _("Rank"),
                _("Cumulative share"),
                _("Sales, %(currency)s") % {"currency": currency},
                _("Version"),
            ],
            "rows": [
                [
                    date_format(row.run.as_of, "SHORT_DATE_FORMAT"),
                    row.effective,
                    row.raw,
                    row.rank or "–",
                    percent(row.cumulative_share, 1),
                    amount_text(row.basis),
                    row.run.version.number,
                ]
                for row in history
            ],
        },
    }

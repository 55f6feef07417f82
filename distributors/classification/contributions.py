"""What this app adds to the pages around it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.company import company
from core.contributors import Event, Link, Need, contribute, link_add
from core.panels import panel_add
from distributors.classification.charts import pareto_chart
from distributors.classification.models import ClassEvent
from distributors.classification.selectors.overview import overview_of
from distributors.classification.selectors.runs import shown_run
from distributors.profiles.models import Distributor

NEEDS = 50
EVENTS = 200


def register() -> None:
    """Add the navigation entry, the tab of a distributor, and what Home and the timeline show."""
    view = "classification.view_classification"
    link_add(
        Link(
            gettext_lazy("Classification"),
            "classification:overview",
            "layers",
            view,
            20,
            prefix="/classification/",
        )
    )
    panel_add(
        "profiles.Distributor",
        "classification",
        gettext_lazy("Class"),
        "classification:distributor",
        permission=view,
        order=30,
    )
    audit.words_add(
        {
            "classification.override_added": gettext_lazy("class set by hand"),
            "classification.override_ended": gettext_lazy("class set by hand ended"),
        }
    )
    contribute("needs", class_needs)
    contribute("timeline", class_events)
    contribute("home", class_figures)


def class_needs(user: Any, _as_of: date) -> list[Need]:
    """Return the distributors the user answers for whose class is about to change, the largest first."""
    rows = (
        Distributor.objects.visible_to(user, "change")
        .exclude(standing__abc_next="")
        .filter(standing__isnull=False)
        .order_by("-standing__net_sales_12m", "pk")
        .select_related("standing")[:NEEDS]
    )
    return [_need(row, place) for place, row in enumerate(rows)]


def _need(row: Distributor, place: int) -> Need:
    standing = row.standing
    falls = standing.abc_next > standing.abc
    reason = _("class %(now)s, by rank %(next)s: changes at the next month-end if it stays")
    if falls:
        reason = _("class %(now)s, by rank %(next)s: falls at the next month-end if nothing changes")
    return Need(
        key=f"class-{row.pk}",
        chip=f"{standing.abc} → {standing.abc_next}",
        tone="w" if falls else "g",
        title=str(row),
        reason=reason % {"now": standing.abc, "next": standing.abc_next},
        url=reverse("classification:distributor", args=[row.pk]),
        action=_("See why"),
        weight=(60 if falls else 30) * 100 - place,
    )


def class_events(user: Any, distributor_ids: Sequence[int], as_of: date) -> list[Event]:
    """Return the changes of class of some distributors."""
    rows = ClassEvent.objects.visible_to(user).filter(distributor__in=distributor_ids, on__lte=as_of)
    return [
        Event(
            on=row.on,
            kind=_("Class"),
            title=f"{row.before or '–'} → {row.after or '–'}",
            text=str(row.get_cause_display()),
            url=reverse("classification:distributor", args=[row.distributor_id]),
        )
        for row in rows[:EVENTS]
    ]


def class_figures(user: Any, _as_of: date) -> list[dict[str, Any]]:
    """Return the curve and the class counts over the distributors the user sees, for Home."""
    reach = user.reach("classification.view_classification")
    run = shown_run(None) if reach is not None else None
    if run is None:
        return []
    found = overview_of(user=user, run=run)
    chart = pareto_chart(
        found,
        population=str(run.policy),
        currency=company().base_currency,
        whole=reach.everything,
        run_id=run.pk,
    )
    return [{"pareto": chart, "class_counts": {figure.letter: figure.count for figure in found.figures}}]

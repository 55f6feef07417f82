"""What this app adds to the pages around it."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from core import audit
from core.contributors import NEEDS_EACH, Event, Link, Need, contribute, link_add
from core.panels import panel_add
from core.timeline import Span, timeline_add
from distributors.classification.charts import pareto_chart, pareto_note
from distributors.classification.models import ClassEvent, Override
from distributors.classification.selectors.overview import overview_of, ranked_of
from distributors.classification.selectors.resources import ledger_resources
from distributors.classification.selectors.runs import next_close, shown_run
from distributors.classification.wording import figures_text
from distributors.profiles.models import Distributor


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
    audit.records_add(
        {
            "classification.ClassRun": gettext_lazy("classes of a month"),
            "classification.Policy": gettext_lazy("policy"),
            "classification.PolicyVersion": gettext_lazy("policy"),
        }
    )
    audit.words_add(
        {
            "classification.override_added": gettext_lazy("class set by hand"),
            "classification.override_ended": gettext_lazy("class set by hand ended"),
            "classification.closed": gettext_lazy("classes of the month set"),
            "classification.previewed": gettext_lazy("classes previewed"),
            "policy.created": gettext_lazy("policy made"),
            "policy.version_added": gettext_lazy("policy changed"),
            "policy.scarce_changed": gettext_lazy("scarce goods changed"),
        }
    )
    contribute("job_kinds", scheduled_kinds)
    contribute("needs", class_needs)
    timeline_add(class_events, {"class": gettext_lazy("Class")}, glance=True)
    timeline_add(override_events, {"override": gettext_lazy("Class by hand")})
    contribute("home", class_figures)
    contribute("class_resources", ledger_resources)


def class_needs(user: Any, as_of: date) -> list[Need]:
    """Return the distributors the user answers for whose class is about to change, the largest first."""
    rows = list(
        Distributor.objects.visible_to(user, "change")
        .filter(standing__abc_next__gt="")
        .filter(standing__isnull=False)
        .order_by("-standing__net_sales_12m", "pk")
        .select_related("standing")[: NEEDS_EACH + 1]
    )
    currency = user.company.base_currency
    ranked = ranked_of(user, [row.pk for row in rows])
    figures = {pk: figures_text(found, currency) for pk, found in ranked.items()}
    return [_need(row, figures.get(row.pk, ""), as_of, place) for place, row in enumerate(rows)]


def _need(row: Distributor, figures: str, as_of: date, place: int) -> Need:
    standing = row.standing
    falls, day = standing.abc_next > standing.abc, next_close(as_of)
    rises = _("rises on %(day)s if it stays so") % {"day": date_format(day, "MONTH_DAY_FORMAT")}
    reason = (_("By rank %(letter)s") % {"letter": standing.abc_next}, figures, "" if falls else rises)
    return Need(
        key=f"class-{row.pk}-{standing.abc}{standing.abc_next}",
        kind=_("Class"),
        distributor=str(row),
        due=day,
        consequence=_("class %(letter)s, with what depends on it") % {"letter": standing.abc_next} if falls else "",
        chip=f"{standing.abc} → {standing.abc_next}",
        tone="w" if falls else "g",
        title=str(row),
        reason=" · ".join(part for part in reason if part),
        url=reverse("classification:distributor", args=[row.pk]),
        action=_("See why"),
        weight=(60 if falls else 30) * 100 - place,
    )


def class_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return the changes of class of some distributors."""
    rows = ClassEvent.objects.visible_to(user).filter(span.days("on"), distributor__in=ids)
    return [
        Event(
            on=row.on,
            code="class",
            kind=_("Class"),
            title=f"{row.before or '–'} → {row.after or '–'}",
            text=str(row.get_cause_display()),
            url=reverse("classification:distributor", args=[row.distributor_id]),
        )
        for row in rows.order_by("-on", "-pk")[: span.most]
    ]


def override_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return when classes of some distributors were set by hand, why, and when that ended before its time."""
    events = []
    for row in Override.objects.visible_to(user).filter(distributor__in=ids).select_related("created_by"):
        until = _("%(letter)s until %(day)s") % {
            "letter": row.klass,
            "day": date_format(row.ends_on, "DATE_FORMAT"),
        }
        days = [(localdate(row.created_at), until, row.reason, str(row.created_by or ""))]
        if row.ended_on is not None:
            days.append((row.ended_on, _("%(letter)s ended early") % {"letter": row.klass}, row.reason, ""))
        events += [
            Event(
                on=on,
                code="override",
                kind=_("Class by hand"),
                title=title,
                text=text,
                url=reverse("classification:distributor", args=[row.distributor_id]),
                who=who,
            )
            for on, title, text, who in days
        ]
    return span.newest(events)


def class_figures(user: Any, _as_of: date) -> list[dict[str, Any]]:
    """Return the curve and the class counts over the distributors the user sees, for Home."""
    reach = user.reach("classification.view_classification")
    run = shown_run(None) if reach is not None else None
    if run is None:
        return []
    found = overview_of(user=user, run=run)
    chart = pareto_chart(found, run=run, currency=user.company.base_currency, whole=reach.everything)
    if chart is not None:
        chart["note"] = pareto_note(run)
    return [{"pareto": chart, "class_counts": {figure.letter: figure.count for figure in found.figures}}]


def scheduled_kinds() -> list[tuple[str, str]]:
    """Return what the scheduled work of this app is called."""
    return [("classification.nightly", gettext_noop("Classes of the night"))]

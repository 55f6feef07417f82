"""What selection tells on the timeline: scorecards that were submitted, files of due diligence."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from core.contributors import Event
from core.timeline import Span
from distributors.profiles.models import Distributor
from distributors.profiles.selection.models import Assessment, AssessmentState, DiligenceDocument


def scorecard_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return when scorecards of some distributors were submitted, with their scores."""
    seen = Assessment.objects.visible_to(user).filter(
        distributor__in=Distributor.objects.with_merged(ids), state=AssessmentState.SUBMITTED
    )
    rows = seen.filter(span.days("rated_on")).select_related("rated_by").order_by("-rated_on", "-pk")
    return [
        Event(
            on=row.rated_on,
            code="scorecard",
            kind=_("Scorecard"),
            title=_("scorecard submitted: %(score)s of 100") % {"score": row.score},
            url=row.get_absolute_url(),
            who=str(row.rated_by or ""),
        )
        for row in rows[: span.most]
        if row.rated_on is not None
    ]


def check_file_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return when files were added to the due diligence of some distributors."""
    rows = DiligenceDocument.objects.visible_to(user).filter(
        span.moments("created_at"), item__distributor__in=Distributor.objects.with_merged(ids)
    )
    return [
        Event(
            on=localdate(row.created_at),
            code="file",
            kind=_("File"),
            title=row.name,
            text=str(row.item.get_kind_display()),
            url=reverse("profiles:distributor-selection", args=[row.item.distributor_id]) + "#diligence",
            who=str(row.created_by or ""),
        )
        for row in rows.select_related("item", "created_by").order_by("-created_at", "-pk")[: span.most]
    ]

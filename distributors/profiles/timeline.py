"""The entries of this app on the timeline of a distributor."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from core.contributors import Event
from distributors.profiles.models import Assignment, Distributor, Lifecycle, LifecycleChange

ROWS = 40


def lifecycle_events(user: Any, distributor_ids: Sequence[int], as_of: date) -> list[Event]:
    """Return the moves through life and the assignments of the distributors that the user may see."""
    visible = Distributor.objects.visible_to(user).filter(pk__in=distributor_ids)
    states = dict(Lifecycle.choices)
    moves = LifecycleChange.objects.filter(distributor__in=visible, on__lte=as_of)
    covers = Assignment.objects.filter(distributor__in=visible).select_related("territory", "owner", "created_by")
    return [
        Event(
            on=move.on,
            code="state",
            kind=_("State"),
            title=f"{states[Lifecycle(move.before)]} → {states[Lifecycle(move.after)]}",
            text=move.reason,
            who=move.who,
        )
        for move in moves.select_related("by", "on_behalf_of")[:ROWS]
    ] + [
        Event(
            on=cover.starts_on,
            code="assignment",
            kind=_("Assignment"),
            title=" · ".join(str(part) for part in (cover.territory, cover.owner) if part),
            text=cover.reason,
            who=str(cover.created_by or ""),
        )
        for cover in covers.order_by(F("starts_on").desc())[:ROWS]
    ]

"""What the card tells on the timeline: outlets that opened and closed, papers that were kept."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from core.contributors import Event
from core.timeline import Span
from distributors.profiles.models import CardFile, Distributor, Outlet


def _card_url(distributor: int, place: str) -> str:
    return reverse("profiles:distributor-profile", args=[distributor]) + f"#{place}"


def outlet_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return when outlets of some distributors opened and closed, as far as that is known."""
    seen = Outlet.objects.visible_to(user).filter(distributor__in=Distributor.objects.with_merged(ids))
    rows = seen.filter(Q(opened_on__isnull=False) | Q(closed_on__isnull=False))
    return span.newest(
        [
            Event(
                on=on,
                code="outlet",
                kind=_("Outlet"),
                title=f"{row}: {what}",
                text=" · ".join(str(part) for part in (row.get_kind_display(), row.city) if part),
                url=_card_url(row.distributor_id, "outlets"),
            )
            for row in rows
            for on, what in ((row.opened_on, _("outlet opened")), (row.closed_on, _("outlet closed")))
            if on is not None and on <= span.today
        ]
    )


def file_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return when papers were added to the cards of some distributors."""
    rows = CardFile.objects.visible_to(user).filter(
        span.moments("created_at"), distributor__in=Distributor.objects.with_merged(ids)
    )
    return [
        Event(
            on=localdate(row.created_at),
            code="file",
            kind=_("File"),
            title=row.name,
            text=str(row.get_kind_display()),
            url=_card_url(row.distributor_id, "files"),
        )
        for row in rows.order_by("-created_at", "-pk")[: span.most]
    ]

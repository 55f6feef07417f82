"""The outbound feed: what other systems must act on, posted with its cause, kept until each reader has acknowledged it.

A message gets its place in the feed only when it is committed: whoever reads numbers what came in meanwhile, under a
lock. So nothing ever comes in before a place that somebody has read, and no writer waits for another.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core import audit, clock
from core.database import lock, run
from core.errors import DomainError
from core.scope import require_permission
from distributors.profiles.models import (
    Distributor,
    Lifecycle,
    OutboundMessage,
    OutboundReader,
    OutboundReceipt,
)

LOCK = "outbound"
AT_ONCE = 1000

# Kinds of messages with their words; higher apps add theirs.
KINDS: dict[str, Any] = {
    "distributor.approved": gettext_lazy("approved"),
    "distributor.approval_withdrawn": gettext_lazy("approval withdrawn"),
    "distributor.activated": gettext_lazy("cooperation started"),
    "distributor.watched": gettext_lazy("put on watch"),
    "distributor.restored": gettext_lazy("back to active"),
    "distributor.exiting": gettext_lazy("exit begun"),
    "distributor.ended": gettext_lazy("ended"),
    "distributor.reopened": gettext_lazy("reopened as prospect"),
    "distributor.merged": gettext_lazy("merged into another card"),
    "distributor.unmerged": gettext_lazy("merge undone"),
    "distributor.assigned": gettext_lazy("other territory or owner"),
}

# Which message a move of the lifecycle makes; a review is nobody's business outside.
MOVED = {
    "approve": "distributor.approved",
    "send_back": "distributor.approval_withdrawn",
    "activate": "distributor.activated",
    "watch": "distributor.watched",
    "restore": "distributor.restored",
    "exit": "distributor.exiting",
    "end": "distributor.ended",
    "reopen": "distributor.reopened",
}


# Which message the state makes that a distributor is brought back to.
BACK_IN = {
    Lifecycle.APPROVED: "distributor.approved",
    Lifecycle.ACTIVE: "distributor.restored",
    Lifecycle.WATCH: "distributor.watched",
    Lifecycle.EXITING: "distributor.exiting",
    Lifecycle.ENDED: "distributor.ended",
}


def kinds_add(kinds: Mapping[str, Any]) -> None:
    """Let an app post messages of these kinds, each with its word."""
    KINDS.update(kinds)


# Posting, in the transaction of the cause


def message_post(
    *,
    kind: str,
    distributor: Distributor | None = None,
    other: Distributor | None = None,
    data: dict[str, Any] | None = None,
) -> OutboundMessage:
    """Post one message; ValueError for a kind that no app has added."""
    _refuse_unknown(kind)
    made: OutboundMessage = OutboundMessage.objects.create(
        kind=kind, distributor=distributor, other=other, data=data or {}
    )
    return made


def messages_post(*, kind: str, about: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """Post a message for each (key of a distributor, data), in few statements."""
    _refuse_unknown(kind)
    OutboundMessage.objects.bulk_create(
        (OutboundMessage(kind=kind, distributor_id=pk, data=data) for pk, data in about), batch_size=AT_ONCE
    )


def _refuse_unknown(kind: str) -> None:
    if kind not in KINDS:
        raise ValueError(kind)


def moves_post(*, move: str, moved: Iterable[tuple[int, str]], after: str) -> None:
    """Post the message of a lifecycle move for each (key, state before), where it has one."""
    about = [
        (pk, {"before": str(before), "after": str(after)})
        for pk, before in moved
        if move != "send_back" or before == Lifecycle.APPROVED
    ]
    if move in MOVED:
        messages_post(kind=MOVED[move], about=about)


def undone_post(*, move: str, moved: Iterable[tuple[int, str, str]]) -> None:
    """Post what holds again once moves of one name are undone, for each (key, state left, state gone back to)."""
    by_kind = defaultdict[str, list[tuple[int, dict[str, str]]]](list)
    for pk, left, back in moved:
        kind = BACK_IN.get(Lifecycle(back))
        if kind is None and move == "approve":
            kind = "distributor.approval_withdrawn"
        elif kind is None and left == Lifecycle.ENDED:
            kind = "distributor.reopened"
        if kind is not None:
            by_kind[kind].append((pk, {"before": left, "after": back}))
    for kind, about in by_kind.items():
        messages_post(kind=kind, about=about)


def messages_number() -> None:
    """Give what was committed since its place in the feed, in the order it was posted."""
    if OutboundMessage.objects.filter(number=None).exists():
        _number()


@transaction.atomic
def _number() -> None:
    lock(LOCK)
    table = OutboundMessage._meta.db_table
    places = f"SELECT id, {_last()} + row_number() OVER (ORDER BY id) AS place FROM {table} WHERE number IS NULL"
    run(f"UPDATE {table} SET number = n.place FROM ({places}) AS n WHERE n.id = {table}.id")


def _last() -> int:
    return int(OutboundMessage.objects.aggregate(last=Max("number"))["last"] or 0)


# Reading


def reader_of(user: User) -> OutboundReader | None:
    """Return a client's subscription, None where it has none."""
    found: OutboundReader | None = OutboundReader.objects.filter(user=user).first()
    return found


def waiting_for(reader: OutboundReader, user: User | None = None) -> QuerySet[OutboundMessage]:
    """Return what a reader has still to acknowledge, as far as `user`, else its own role, reaches."""
    done = OutboundReceipt.objects.filter(reader=reader, message=OuterRef("pk"))
    later = Q(number__gt=reader.begins_after) | Q(number=None)
    rows: QuerySet[OutboundMessage] = OutboundMessage.objects.visible_to(user or reader.user)
    return rows.filter(later, ~Exists(done))


@dataclass(frozen=True)
class Waiting:
    """How much waits for a reader, since when the oldest does, and when the reader last acknowledged something."""

    reader: OutboundReader
    count: int
    oldest: datetime | None
    last: datetime | None

    @property
    def late(self) -> bool:
        """Tell whether something waits longer than the setting allows."""
        limit = clock.instant() - timedelta(hours=settings.OUTBOUND_LATE_HOURS)
        return self.oldest is not None and self.oldest < limit


def readers_waiting() -> list[Waiting]:
    """Return how much waits for each reader; their scopes differ, so it is asked once for each of these few."""
    readers = OutboundReader.objects.select_related("user").annotate(last=Max("receipts__at")).order_by("user__name")
    return [
        Waiting(reader, last=reader.last, **waiting_for(reader).aggregate(count=Count("pk"), oldest=Min("created_at")))
        for reader in readers
    ]


@transaction.atomic
def reader_begin(*, user: User, first: bool = False) -> OutboundReader:
    """Subscribe an API client from now on, or with what is kept from before; a second call changes nothing."""
    require_permission(user, "profiles.add_outboundreader")
    messages_number()
    begin = {"begins_after": 0 if first else _last()}
    made, created = OutboundReader.objects.get_or_create(user=user, defaults=begin)
    if created:
        audit.record(actor=user, verb="outbound.begun", target=made, after={"after": made.begins_after})
    reader: OutboundReader = made
    return reader


@transaction.atomic
def reader_end(*, actor: User, reader: OutboundReader) -> None:
    """End a subscription: nothing is kept for it any more."""
    require_permission(actor, "profiles.change_outboundreader")
    audit.record(actor=actor, verb="outbound.ended", target=reader, before={"after": reader.begins_after})
    OutboundReader.objects.filter(pk=reader.pk).delete()


@transaction.atomic
def messages_acknowledge(*, user: User, numbers: list[int] | None = None, up_to: int | None = None) -> dict[str, Any]:
    """Note that a reader has acted on messages: those of `numbers`, or all `up_to` one; return what came of it.

    That is how many it acknowledged and how many still wait; and which of `numbers` were acknowledged already, and
    which are not in the reader's feed. Raises DomainError for a client that is not subscribed, and for a number that
    was never given.
    """
    require_permission(user, "profiles.add_outboundreader")
    reader = OutboundReader.objects.select_for_update().filter(user=user).first()
    if reader is None:
        raise DomainError(_("This client is not subscribed to the feed."))
    last = _last()
    unknown = [number for number in (*(numbers or ()), up_to or 0) if not 0 <= number <= last]
    if unknown:
        raise DomainError(_("There is no message %(number)s.") % {"number": unknown[0]})
    waiting = waiting_for(reader, user).exclude(number=None)
    named = Q(number__in=numbers) if numbers is not None else Q(number__lte=up_to)
    at = clock.instant()
    found = dict(waiting.filter(named).values_list("number", "pk"))
    left = set(numbers or ()) - set(found)
    done = OutboundReceipt.objects.filter(reader=reader, message__number__in=left)
    already: list[Any] = list(done.order_by("message__number").values_list("message__number", flat=True))
    OutboundReceipt.objects.bulk_create(
        (OutboundReceipt(reader=reader, message_id=pk, at=at) for pk in found.values()),
        batch_size=AT_ONCE,
        ignore_conflicts=True,
    )
    unknown = sorted(left - set(already))
    return {"acknowledged": len(found), "already": already, "unknown": unknown, "waiting": waiting.count()}


# Removing


@transaction.atomic
def messages_remove() -> int:
    """Remove what every reader has acknowledged and that was kept since for the days of the setting; return how many.

    The last message stays, so that no number is given twice.
    """
    messages_number()
    limit = clock.instant() - timedelta(days=settings.OUTBOUND_KEPT_DAYS)
    lately = OutboundReceipt.objects.filter(message=OuterRef("pk"), at__gte=limit)
    old = OutboundMessage.objects.filter(~Exists(lately), created_at__lt=limit, number__lt=_last())
    for reader in OutboundReader.objects.select_related("user"):
        old = old.exclude(pk__in=waiting_for(reader).values("pk"))
    _all, removed = OutboundMessage.objects.filter(pk__in=old.values("pk")).delete()
    return removed.get(OutboundMessage._meta.label, 0)

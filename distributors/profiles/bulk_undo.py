"""What was done to many distributors, kept and taken back: each row that is still as this made it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from core import audit, clock
from core.database import lock
from core.errors import DomainError
from core.jobs import Outcome, Run, job_create
from core.models import Job
from core.sentences import Sentence
from distributors.profiles.assignments import NOBODY, assignments_apply, covers_on
from distributors.profiles.handover_notices import handover_tell
from distributors.profiles.models import (
    Assignment,
    BulkChange,
    BulkCover,
    BulkMove,
    Distributor,
    LifecycleChange,
)
from distributors.profiles.outbound import undone_post
from distributors.profiles.workflow import DECISIONS

JOB = "profiles.bulk_undo"
JOB_ABOVE = 1000
CHUNK = 2000
NAMED = 10

Rules = list[tuple[str, Any]]


@dataclass(frozen=True)
class Staying:
    """Why some rows do not go back, how many they are, and what the first of them are called."""

    reason: str
    count: int
    names: list[str]


@dataclass(frozen=True)
class Undo:
    """What the undo of a change would do: how many rows go back, and which stay."""

    ready: int
    staying: list[Staying] = field(default_factory=list)


@dataclass(frozen=True)
class Undone:
    """What an undo did, or the job that does it."""

    ready: int = 0
    staying: int = 0
    job: Job | None = None


# Keeping, in the transaction of the change


def change_begin(*, actor: User, kind: str, move: str = "", starts_on: date | None = None, reason: str) -> BulkChange:
    """Note that many rows are about to be changed."""
    made: BulkChange = BulkChange.objects.create(
        kind=kind, move=move, starts_on=starts_on, reason=reason.strip()[:200], created_by=actor
    )
    return made


def change_end(*, actor: User, change: BulkChange, count: int) -> None:
    """Note how many rows were changed, in the trail too, from where the change can be undone."""
    change.count = count
    BulkChange.objects.filter(pk=change.pk).update(count=count)
    after = {"changed": count} | ({"from": change.starts_on.isoformat()} if change.starts_on else {})
    audit.record(actor=actor, verb="bulk.done", target=change, after=after, note=change.reason)


class CoverKeeper:
    """Keeps who covered rows before they are reassigned, and who does afterwards."""

    def __init__(self, change: BulkChange, keys: list[int], starts_on: date):
        self.change, self.keys, self.starts_on = change, keys, starts_on
        self.was = covers_on(keys, starts_on)
        self.had = {one.distributor_id: one for one in self._starting()}

    def _starting(self) -> QuerySet[Assignment]:
        return Assignment.objects.filter(distributor__in=self.keys, starts_on=self.starts_on)

    def keep(self) -> None:
        """Write what the rows are that changed, once they have."""
        kept = []
        for now in self._starting():
            territory, owner = self.was.get(now.distributor_id, (None, None))
            if (now.territory_id, now.owner_id) == (territory, owner):
                continue
            had = self.had.get(now.distributor_id)
            kept.append(
                BulkCover(
                    change=self.change,
                    distributor_id=now.distributor_id,
                    had=had is not None,
                    territory_id=territory,
                    owner_id=owner,
                    reason=had.reason if had else "",
                    made_by_id=had.created_by_id if had else None,
                    to_territory_id=now.territory_id,
                    to_owner_id=now.owner_id,
                )
            )
        BulkCover.objects.bulk_create(kept, batch_size=1000)


def moves_keep(change: BulkChange, made: Iterable[LifecycleChange]) -> None:
    """Keep the moves of a change."""
    BulkMove.objects.bulk_create((BulkMove(change=change, moved=one) for one in made), batch_size=1000)


# Asking


def undo_of(change: BulkChange, actor: User) -> Undo:
    """Return what the undo would do now, and which rows stay with the reason."""
    rows, rules = _rules(change, actor)
    staying, left = list[Staying](), rows
    for reason, breaks in rules:
        found = left.filter(breaks)
        if count := found.count():
            called = Distributor.objects.visible_to(actor).filter(pk__in=found.values(_of(change))).named()
            names = list(called.order_by("name", "pk").values_list("name", flat=True)[:NAMED])
            staying.append(Staying(reason, count, names))
        left = left.exclude(breaks)
    return Undo(left.count(), staying)


def _of(change: BulkChange) -> str:
    return "distributor" if change.kind == BulkChange.Kind.REASSIGN else "moved__distributor"


def _rules(change: BulkChange, actor: User) -> tuple[QuerySet, Rules]:
    """Return the rows of a change and, in turn, the rules that keep some as they are."""
    if change.kind == BulkChange.Kind.REASSIGN:
        return BulkCover.objects.filter(change=change), _cover_rules(change, actor)
    return BulkMove.objects.filter(change=change), _move_rules(change, actor)


def _month(change: BulkChange) -> date:
    if change.starts_on is None:
        raise ValueError(change)
    return change.starts_on


def _cover_rules(change: BulkChange, actor: User) -> Rules:
    mine = Distributor.objects.visible_to(actor, "assign").filter(pk=OuterRef("distributor"))
    now = Assignment.objects.annotate(by=Coalesce("owner_id", NOBODY)).filter(
        distributor=OuterRef("distributor"),
        starts_on=_month(change),
        territory=OuterRef("to_territory"),
        by=Coalesce(OuterRef("to_owner_id"), NOBODY),
    )
    return [
        (_("merged into another card since"), Q(distributor__merged_into__isnull=False)),
        (_("not yours to change"), ~Exists(mine)),
        (_("somebody covered it otherwise since"), ~Exists(now)),
        (_("the territory that it would go back to is closed"), Q(territory__closed_on__isnull=False)),
        (_("the owner that it would go back to can no longer sign in"), Q(owner__is_active=False)),
    ]


def _move_rules(change: BulkChange, actor: User) -> Rules:
    permission = "approve" if change.move in DECISIONS else "change"
    mine = Distributor.objects.visible_to(actor, permission).filter(pk=OuterRef("moved__distributor"))
    later = LifecycleChange.objects.filter(distributor=OuterRef("moved__distributor"), pk__gt=OuterRef("moved"))
    return [
        (_("merged into another card since"), Q(moved__distributor__merged_into__isnull=False)),
        (_("not yours to change"), ~Exists(mine)),
        (_("somebody moved it on since"), Exists(later)),
        (_("somebody moved it on since"), ~Q(moved__distributor__state=F("moved__after"))),
    ]


def _ready(change: BulkChange, actor: User, keys: list[int] | None = None) -> QuerySet:
    rows, rules = _rules(change, actor)
    if keys is not None:
        rows = rows.filter(**{f"{_of(change)}__in": keys})
    for _reason, breaks in rules:
        rows = rows.exclude(breaks)
    return rows


# Undoing


@transaction.atomic
def bulk_undo_start(*, actor: User, change: BulkChange, reason: str) -> Undone:
    """Undo a change at once, or let a job do it where it is of many rows."""
    _refuse(change, reason)
    if change.count <= JOB_ABOVE:
        return bulk_undo(actor=actor, change=change, reason=reason)
    title = Sentence(gettext_noop("Undo: %(change)s"), change=str(change))
    args = {"change": change.pk, "reason": reason}
    return Undone(job=job_create(kind=JOB, actor=actor, args=args, title=title))


def _refuse(change: BulkChange, reason: str) -> None:
    if change.undone_at is not None:
        raise DomainError(_("This was undone already."))
    if not reason.strip():
        raise DomainError(_("Say why: the reason stays with the record."), "reason")


@transaction.atomic
def bulk_undo(*, actor: User, change: BulkChange, reason: str) -> Undone:
    """Take a change of many rows back, once; raise DomainError where somebody changed all of them since.

    Rows that somebody changed since stay as they are now, the others go back to what they were.
    """
    lock("territory")
    _refuse(BulkChange.objects.get(pk=change.pk), reason)
    if not BulkChange.objects.filter(pk=change.pk, undone_at=None).update(undone_at=clock.instant(), undone_by=actor):
        raise DomainError(_("This was undone already."))
    back = _covers_back if change.kind == BulkChange.Kind.REASSIGN else _moves_back
    keys = list(_rules(change, actor)[0].order_by(f"{_of(change)}_id").values_list(_of(change), flat=True))
    parts = (keys[first : first + CHUNK] for first in range(0, len(keys), CHUNK))
    ready = sum(back(actor, change, part, reason.strip()[:200]) for part in parts)
    if not ready:
        raise DomainError(_("None of these rows can go back: somebody changed each of them since, or may alone."))
    BulkChange.objects.filter(pk=change.pk).update(undone_count=ready)
    after = {"back": ready, "stay": change.count - ready}
    audit.record(actor=actor, verb="bulk.undone", target=change, after=after, note=reason.strip())
    return Undone(ready, change.count - ready)


def _covers_back(actor: User, change: BulkChange, keys: list[int], reason: str) -> int:
    """Give distributors back to who covered them before; return how many went back."""
    related = ("distributor", "territory", "owner", "to_territory", "to_owner")
    rows: list[BulkCover] = list(_ready(change, actor, keys).select_related(*related))
    gone = [row.distributor_id for row in rows if not row.had]
    month = _month(change)
    Assignment.objects.filter(distributor__in=gone, starts_on=month).delete()
    Assignment.objects.bulk_create(
        (
            Assignment(
                distributor=row.distributor,
                starts_on=month,
                territory_id=row.territory_id,
                owner_id=row.owner_id,
                reason=row.reason,
                created_by_id=row.made_by_id,
            )
            for row in rows
            if row.had and row.territory_id
        ),
        update_conflicts=True,
        unique_fields=["distributor", "starts_on"],
        update_fields=["territory", "owner", "reason", "created_by"],
        batch_size=1000,
    )
    since = {"from": month.isoformat()}
    entries = (
        (
            row.distributor,
            {**since, "territory": str(row.to_territory), "owner": str(row.to_owner or "")},
            {**since, "territory": str(row.territory or ""), "owner": str(row.owner or "")},
        )
        for row in rows
    )
    audit.record_many(actor=actor, verb="distributor.assignment_undone", entries=entries, note=reason)
    assignments_apply(as_of=clock.today(), only=[row.distributor_id for row in rows])
    owners = {row.distributor_id: (row.to_owner_id, row.owner_id) for row in rows}
    handover_tell(actor=actor, owners=owners, starts_on=month)
    return len(rows)


def _moves_back(actor: User, change: BulkChange, keys: list[int], reason: str) -> int:
    """Bring distributors back to the state before; return how many went back."""
    # Held from here on, so that nobody moves one between the question and the answer.
    list(Distributor.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk"))
    rows: list[BulkMove] = list(_ready(change, actor, keys).select_related("moved__distributor"))
    now, states = clock.instant(), {row.moved.before for row in rows}
    for state in states:
        going = [row.moved.distributor_id for row in rows if row.moved.before == state]
        Distributor.objects.filter(pk__in=going).update(
            state=state, version=F("version") + 1, updated_by=actor, updated_at=now
        )
    made = [
        LifecycleChange(
            distributor=row.moved.distributor,
            before=row.moved.after,
            after=row.moved.before,
            on=clock.today(),
            reason=reason,
            by=actor,
        )
        for row in rows
    ]
    for row, undoing in zip(rows, LifecycleChange.objects.bulk_create(made, batch_size=1000), strict=True):
        row.undoing = undoing
    BulkMove.objects.bulk_update(rows, ["undoing"], batch_size=500)
    entries = ((one.distributor, {"state": one.before}, {"state": one.after}) for one in made)
    audit.record_many(actor=actor, verb="distributor.move_undone", entries=entries, note=reason)
    undone_post(move=change.move, moved=[(one.distributor_id, one.before, one.after) for one in made])
    return len(rows)


# The job


def bulk_undo_run(run: Run) -> dict[str, Any]:
    """Take a change back that is of many rows, whole or not at all."""
    actor: Any = run.job.created_by
    change = BulkChange.objects.visible_to(actor).get(pk=run.args["change"])
    run.advance(total=change.count, message=Sentence(gettext_noop("Changing the rows")))
    with transaction.atomic():
        run.fence()
        done = bulk_undo(actor=actor, change=change, reason=run.args["reason"])
    run.advance(done=done.ready)
    return {"back": done.ready, "stay": done.staying, "url": change.get_absolute_url()}


def bulk_undo_outcome(job: Job, _user: Any) -> Outcome:
    """Say how many rows went back, and how many stay."""
    if "back" not in job.result:
        return Outcome()
    facts = [
        {"label": _("Went back"), "text": f"{job.result['back']:,}", "url": ""},
        {"label": _("Stay as they are"), "text": f"{job.result['stay']:,}", "url": ""},
    ]
    return Outcome(facts, [{"label": _("What was done and undone"), "url": job.result["url"]}])

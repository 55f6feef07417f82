"""What can be done to many distributors at once: reassign them, move them on in their life."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.db import transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from accounts.models import Notification, Territory, User
from accounts.notifications import notify
from core import audit, clock
from core.bulk import BulkAction, Preview
from core.errors import TransitionRefused
from core.sentences import Sentence
from core.workflow import Move
from distributors.profiles.decisions import deciders_at
from distributors.profiles.forms import BulkAssignmentForm
from distributors.profiles.models import Assignment, Distributor, Lifecycle, LifecycleChange
from distributors.profiles.outbound import moves_post
from distributors.profiles.selectors import own_reviews
from distributors.profiles.services import assignment_refuse, assignment_start
from distributors.profiles.workflow import DECISIONS, MOVES

CHUNK = 2000


def _chunks(rows: QuerySet) -> Iterator[list[int]]:
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(keys), CHUNK):
        yield keys[first : first + CHUNK]


def _covered_so(rows: QuerySet, starts_on: date, territory: Territory, owner: User | None) -> QuerySet:
    """Return the rows that this territory and owner cover from that month on already."""
    latest = Assignment.objects.filter(distributor=OuterRef("pk"), starts_on__lte=starts_on).order_by("-starts_on")
    covered: QuerySet = rows.annotate(
        at=Subquery(latest.values("territory")[:1]), by=Subquery(latest.values("owner")[:1])
    ).filter(at=territory.pk)
    return covered.filter(by=owner.pk) if owner else covered.filter(by__isnull=True)


def reassign_preview(
    *, actor: User, rows: QuerySet, starts_on: date, territory: Territory, owner: User | None, reason: str = ""
) -> Preview:
    """Return how many would be covered anew; raise DomainError where no assignment can start so."""
    assignment_refuse(starts_on=starts_on, territory=territory, owner=owner, reason=reason)
    total, same = rows.count(), _covered_so(rows, starts_on, territory, owner).count()
    return Preview(total - same, [(_("covered like this from then on already"), same)])


@transaction.atomic
def reassign_apply(*, actor: User, rows: QuerySet, **data: Any) -> int:
    """Let a territory and an owner cover the rows from a month on, with one assignment and one audit row each."""
    asked = {name: data[name] for name in ("starts_on", "territory", "owner")}
    changed = rows.filter(merged_into=None).exclude(pk__in=_covered_so(rows, **asked).values("pk"))
    return sum(
        assignment_start(
            actor=actor,
            distributors=Distributor.objects.filter(pk__in=keys).select_related("territory", "owner"),
            **data,
        )
        for keys in _chunks(changed)
    )


class BulkMoveForm(forms.Form):
    """Which move, and why."""

    move = forms.ChoiceField(label=gettext_lazy("move"))
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        decides = user.reach("profiles.approve_distributor") is not None
        fields: dict[str, Any] = self.fields
        fields["move"].choices = [
            (step.name, step.label) for step in MOVES.values() if decides or step.name not in DECISIONS
        ]


def _ready_for(step: Move, actor: User, rows: QuerySet) -> QuerySet:
    """Return the rows that may make the move."""
    ready = rows.filter(state__in=step.sources, merged_into=None)
    if step.name in DECISIONS:
        ready = ready.filter(pk__in=Distributor.objects.visible_to(actor, "approve").values("pk"))
    if step.name == "approve":
        ready = ready.exclude(pk__in=own_reviews(actor).values("distributor"))
    return ready


def move_preview(*, actor: User, rows: QuerySet, move: str, reason: str) -> Preview:
    """Return how many would move, and which rule keeps the others."""
    step = MOVES[move]
    found = rows.aggregate(
        **{state: Count("pk", filter=Q(state=state)) for state in Lifecycle.values if state not in step.sources}
    )
    label = _("“%(move)s” is not possible from “%(state)s”")
    refused = [(label % {"move": step.label, "state": Lifecycle(state).label}, count) for state, count in found.items()]
    possible, ready = rows.filter(state__in=step.sources), _ready_for(step, actor, rows).count()
    decided = possible.filter(pk__in=Distributor.objects.visible_to(actor, "approve").values("pk")).count()
    if step.name in DECISIONS:
        refused.append(
            (_("“%(name)s” is decided by a sales manager.") % {"name": step.label}, possible.count() - decided)
        )
    if step.name == "approve":
        refused.append((_("You put it under review; a second person approves."), decided - ready))
    return Preview(ready, refused)


@transaction.atomic
def move_apply(*, actor: User, rows: QuerySet, move: str, reason: str) -> int:
    """Make the move for every row that may make it, with its history and audit row; return how many moved.

    A row that someone else moves meanwhile is not moved again.
    """
    step, reason = MOVES[move], reason.strip()
    if not reason:
        raise TransitionRefused(_("Say why: the reason stays with the record."))
    moved, waiting = 0, Counter[str]()
    for keys in _chunks(_ready_for(step, actor, rows)):
        found = list(
            Distributor.objects.select_for_update()
            .filter(pk__in=keys, state__in=step.sources, merged_into=None)
            .order_by("pk")
        )
        Distributor.objects.filter(pk__in=[row.pk for row in found]).update(
            state=step.target, updated_at=clock.instant()
        )
        LifecycleChange.objects.bulk_create(
            [
                LifecycleChange(
                    distributor=row,
                    before=row.state,
                    after=step.target,
                    on=clock.today(),
                    reason=reason[:200],
                    by=actor,
                )
                for row in found
            ],
            batch_size=1000,
        )
        entries = ((row, {"state": row.state}, {"state": step.target}) for row in found)
        audit.record_many(actor=actor, verb=step.name, entries=entries, note=reason)
        moves_post(move=step.name, moved=[(row.pk, row.state) for row in found], after=step.target)
        waiting.update(row.territory_path for row in found)
        moved += len(found)
    if step.target == Lifecycle.REVIEW:
        _tell_deciders(actor, waiting)
    return moved


def _tell_deciders(actor: User, waiting: Counter[str]) -> None:
    """Tell each who may approve, once, how many of theirs wait; `waiting` counts them by territory."""
    counts: Counter[int] = Counter()
    for path, people in deciders_at(waiting, clock.today()).items():
        counts.update(dict.fromkeys(people - {actor.pk}, waiting[path]))
    for person, count in counts.items():
        notify(
            people=[person],
            kind=Notification.Kind.DECISION,
            said=Sentence(gettext_noop("Waiting for your approval: %(count)s distributors"), count=str(count)),
            url=f"{reverse('profiles:distributor-list')}?state={Lifecycle.REVIEW}",
            key=f"reviews-{uuid4().hex[:12]}",
        )


REASSIGN = BulkAction(
    "reassign", gettext_lazy("Reassign"), "assign", BulkAssignmentForm, reassign_preview, reassign_apply
)
MOVE = BulkAction("move", gettext_lazy("Move on"), "change", BulkMoveForm, move_preview, move_apply)

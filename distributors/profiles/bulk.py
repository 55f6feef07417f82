"""What can be done to many distributors at once: reassign them, move them on in their life."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.db import transaction
from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, pgettext

from accounts.models import Notification, Territory, User
from accounts.notifications import notify
from core import audit, clock
from core.bulk import BulkAction, Done, Preview
from core.database import lock
from core.errors import TransitionRefused
from core.sentences import Sentence
from core.workflow import Move
from distributors.profiles.assignments import Kept, assignment_refuse, assignment_start
from distributors.profiles.bulk_undo import CoverKeeper, change_begin, change_end, moves_keep
from distributors.profiles.decisions import deciders_at
from distributors.profiles.forms import BulkAssignmentForm
from distributors.profiles.models import Assignment, BulkChange, Distributor, Lifecycle, LifecycleChange
from distributors.profiles.outbound import moves_post
from distributors.profiles.selection.rules import GUARDED, cleared, unmet_counts
from distributors.profiles.selection.rules import NAMES as RULES
from distributors.profiles.selectors import own_reviews
from distributors.profiles.workflow import DECISIONS, MOVES

CHUNK = 2000
NAMED = 10


def _chunks(rows: QuerySet) -> Iterator[list[int]]:
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(keys), CHUNK):
        yield keys[first : first + CHUNK]


SAME, UNCOVERED = "same", "uncovered"


def _with_rule(rows: QuerySet, starts_on: date, territory: Territory | Kept, owner: User | Kept | None) -> QuerySet:
    """Return the rows with the `rule` that keeps each as it is: covered so already, or nothing to keep; else empty."""
    latest = Assignment.objects.filter(distributor=OuterRef("pk"), starts_on__lte=starts_on).order_by("-starts_on")
    same, keeps = Q(at__isnull=False), isinstance(territory, Kept) or isinstance(owner, Kept)
    if not isinstance(territory, Kept):
        same &= Q(at=territory.pk)
    if not isinstance(owner, Kept):
        same &= Q(by=owner.pk) if owner else Q(by__isnull=True)
    rules = [When(same, then=Value(SAME))]
    if keeps:
        rules.append(When(at__isnull=True, then=Value(UNCOVERED)))
    covered = rows.annotate(at=Subquery(latest.values("territory")[:1]), by=Subquery(latest.values("owner")[:1]))
    found: QuerySet = covered.annotate(rule=Case(*rules, default=Value("")))
    return found


def reassign_preview(
    *,
    actor: User,
    rows: QuerySet,
    starts_on: date,
    territory: Territory | Kept,
    owner: User | Kept | None,
    reason: str = "",
) -> Preview:
    """Return how many would be covered anew, and what each of them keeps; raise DomainError where none can start so."""
    assignment_refuse(starts_on=starts_on, territory=territory, owner=owner, reason=reason)
    ruled = _with_rule(rows, starts_on, territory, owner).order_by().values("rule")
    counts = dict(ruled.annotate(n=Count("pk")).values_list("rule", "n"))
    notes = []
    if isinstance(territory, Kept):
        notes.append(_("Each keeps its territory; only the owner changes."))
    if isinstance(owner, Kept):
        notes.append(_("Each keeps its owner; only the territory changes."))
    refused = [
        (_("covered like this from then on already"), counts.get(SAME, 0)),
        (_("nobody covers it in that month, so there is nothing to keep"), counts.get(UNCOVERED, 0)),
    ]
    return Preview(counts.get("", 0), refused, notes)


@transaction.atomic
def reassign_apply(*, actor: User, rows: QuerySet, **data: Any) -> Done:
    """Let a territory, an owner or both cover the rows from a month on, with one assignment and audit row each.

    Return how many changed, where that is undone, and where the sheets for a new owner stand.
    """
    lock("territory")
    asked = {name: data[name] for name in ("starts_on", "territory", "owner")}
    changed, count = _with_rule(rows.filter(merged_into=None), **asked).filter(rule=""), 0
    kind, reason = BulkChange.Kind.REASSIGN, data.get("reason", "")
    change = change_begin(actor=actor, kind=kind, starts_on=data["starts_on"], reason=reason)
    for keys in _chunks(changed):
        keeper = CoverKeeper(change, keys, data["starts_on"])
        given = Distributor.objects.filter(pk__in=keys).select_related("territory", "owner")
        count += assignment_start(actor=actor, distributors=given, **data)
        keeper.keep()
    change_end(actor=actor, change=change, count=count)
    sheets = reverse("profiles:handover-list") if count and isinstance(data["owner"], User) else ""
    return Done(count, change.get_absolute_url(), sheets)


class BulkMoveForm(forms.Form):
    """Which move, and why."""

    move = forms.ChoiceField(label=gettext_lazy("move"))
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, user: Any, rows: QuerySet, **kwargs: Any):
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        possible = moves_possible(user, rows)
        # One that was possible when it was chosen is still understood: the preview says why it is not any more.
        chosen = MOVES.get(self.data.get("move", ""))
        if chosen and chosen not in possible and _may_make(user, chosen):
            possible.append(chosen)
        fields["move"].choices = [(step.name, step.label) for step in possible]
        if not possible:
            fields["move"].help_text = _("There is no move of yours that any of these rows can make.")


def _may_make(user: Any, step: Move) -> bool:
    return step.name not in DECISIONS or user.reach("profiles.approve_distributor") is not None


def moves_possible(user: Any, rows: QuerySet) -> list[Move]:
    """Return the moves that at least one of the rows may make by the hand of `user`."""
    states = set(rows.filter(merged_into=None).order_by().values_list("state", flat=True).distinct())
    return [
        step
        for step in MOVES.values()
        if states & step.sources
        and _may_make(user, step)
        and (step.name not in DECISIONS or _ready_for(step, user, rows).exists())
    ]


def _ready_for(step: Move, actor: User, rows: QuerySet) -> QuerySet:
    """Return the rows that may make the move."""
    ready = rows.filter(state__in=step.sources, merged_into=None)
    if step.name in DECISIONS:
        ready = ready.filter(pk__in=Distributor.objects.visible_to(actor, "approve").values("pk"))
    if step.name == "approve":
        ready = ready.exclude(pk__in=own_reviews(actor).values("distributor"))
    return ready


def _cleared(step: Move, actor: User, ready: QuerySet) -> QuerySet:
    """Return the rows that no rule of selection stands against."""
    if step.name not in GUARDED:
        return ready
    return ready.filter(pk__in=cleared(ready.values_list("pk", flat=True), step.name, actor))


def move_preview(*, actor: User, rows: QuerySet, move: str, reason: str) -> Preview:
    """Return how many would move, and which rule keeps the others."""
    step = MOVES[move]
    found = rows.aggregate(
        **{state: Count("pk", filter=Q(state=state)) for state in Lifecycle.values if state not in step.sources}
    )
    label = _("“%(move)s” is not possible from “%(state)s”")
    refused = [(label % {"move": step.label, "state": Lifecycle(state).label}, count) for state, count in found.items()]
    possible, asked = rows.filter(state__in=step.sources), _ready_for(step, actor, rows)
    mine, ready = asked.count(), _cleared(step, actor, asked)
    decided = possible.filter(pk__in=Distributor.objects.visible_to(actor, "approve").values("pk")).count()
    if step.name in DECISIONS:
        refused.append(
            (_("“%(name)s” is decided by a sales manager.") % {"name": step.label}, possible.count() - decided)
        )
    if step.name == "approve":
        refused.append((_("You put it under review; a second person approves."), decided - mine))
    for rule, count in unmet_counts(asked.values_list("pk", flat=True), step.name, actor).items():
        refused.append((_("the rule “%(rule)s” is not met") % {"rule": RULES[rule]}, count))
    return Preview(ready.count(), refused, _staying_note(rows, ready))


def _staying_note(rows: QuerySet, ready: QuerySet) -> list[str]:
    """Return which rows stay as they are by name, the first of them where there are many."""
    staying: Any = rows.filter(merged_into=None).exclude(pk__in=ready.values("pk"))
    names = list(staying.named().order_by("name", "pk").values_list("name", flat=True)[: NAMED + 1])
    if not names:
        return []
    text = _("These stay as they are: %(names)s") if len(names) <= NAMED else _("Among those that stay: %(names)s")
    return [text % {"names": pgettext("between names", ", ").join(names[:NAMED])}]


@transaction.atomic
def move_apply(*, actor: User, rows: QuerySet, move: str, reason: str) -> Done:
    """Make the move for every row that may make it, with its history and audit row.

    Return how many moved, and where that is undone.
    A row that someone else moves meanwhile is not moved again.
    """
    step, reason = MOVES[move], reason.strip()
    if not reason:
        raise TransitionRefused(_("Say why: the reason stays with the record."))
    change = change_begin(actor=actor, kind=BulkChange.Kind.MOVE, move=move, reason=reason)
    moved, waiting = 0, Counter[str]()
    for keys in _chunks(_ready_for(step, actor, rows)):
        found = _move_part(actor, step, change, keys)
        waiting.update(row.territory_path for row in found)
        moved += len(found)
    if step.target == Lifecycle.REVIEW:
        _tell_deciders(actor, waiting)
    change_end(actor=actor, change=change, count=moved)
    return Done(moved, change.get_absolute_url() if moved else "")


def _move_part(actor: User, step: Move, change: BulkChange, keys: list[int]) -> list[Distributor]:
    """Make the move for those of the keys that still can, as they are under the lock; return them as they were."""
    held = list(
        Distributor.objects.select_for_update()
        .filter(pk__in=keys, state__in=step.sources, merged_into=None)
        .order_by("pk")
    )
    good = cleared([row.pk for row in held], step.name, actor)
    found = [row for row in held if row.pk in good]
    Distributor.objects.filter(pk__in=[row.pk for row in found]).update(
        state=step.target, version=F("version") + 1, updated_by=actor, updated_at=clock.instant()
    )
    made = LifecycleChange.objects.bulk_create(
        (
            LifecycleChange(
                distributor=row,
                before=row.state,
                after=step.target,
                on=clock.today(),
                reason=change.reason,
                by=actor,
            )
            for row in found
        ),
        batch_size=1000,
    )
    moves_keep(change, made)
    entries = ((row, {"state": row.state}, {"state": step.target}) for row in found)
    audit.record_many(actor=actor, verb=step.name, entries=entries, note=change.reason)
    moves_post(move=step.name, moved=[(row.pk, row.state) for row in found], after=step.target)
    return found


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
    "reassign",
    gettext_lazy("Reassign"),
    "assign",
    BulkAssignmentForm,
    reassign_preview,
    reassign_apply,
    gettext_lazy("Hand-over sheets"),
)
MOVE = BulkAction("move", gettext_lazy("Move on"), "change", BulkMoveForm, move_preview, move_apply)

"""Distributors go over from one person or territory to another, from a month on and set-wise."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Territory, User
from accounts.roles import Role
from accounts.tree import Holding, TreeCount
from core import audit, clock
from core.database import lock
from core.errors import DomainError
from core.figures import figures_of
from distributors.profiles.assignments import assignments_apply
from distributors.profiles.handover_notices import handover_tell
from distributors.profiles.models import Assignment, Distributor, Task, TaskState
from distributors.profiles.selection.handover import open_risks

COVERING = (Role.MANAGER, Role.REP)


def _held(starts_on: date, **by: Any) -> QuerySet[Assignment]:
    """Return the assignments in force on `starts_on`, or that start later, which name what is handed over."""
    newer = Assignment.objects.filter(
        distributor=OuterRef("distributor"), starts_on__gt=OuterRef("starts_on"), starts_on__lte=starts_on
    )
    return Assignment.objects.filter(~Exists(newer), **by)


@transaction.atomic
def distributors_hand_over(*, actor: User, field: str, old: Any, new: Any, starts_on: date, reason: str = "") -> int:
    """Let `new` stand as `field` (owner or territory) where `old` does, from `starts_on` on; return how many.

    What covers each distributor otherwise stays as it is, also where an assignment that begins later names `old`.
    """
    lock("territory")
    rows = list(_held(starts_on, **{field: old}).select_related("distributor", "territory", "owner"))
    begin = [row for row in rows if row.starts_on < starts_on]
    Assignment.objects.filter(pk__in=[row.pk for row in rows if row.starts_on >= starts_on]).update(**{field: new})
    Assignment.objects.bulk_create(
        [
            Assignment(
                distributor=row.distributor,
                starts_on=starts_on,
                territory=new if field == "territory" else row.territory,
                owner=new if field == "owner" else row.owner,
                reason=reason.strip()[:200],
                created_by=actor if actor.pk else None,
            )
            for row in begin
        ],
        batch_size=1000,
    )
    after = {"from": starts_on.isoformat(), field: str(new)}
    touched = {row.distributor_id: row.distributor for row in rows}
    entries = ((one, {field: str(old)}, after) for one in touched.values())
    audit.record_many(actor=actor, verb="distributor.assigned", entries=entries, note=reason.strip())
    assignments_apply(as_of=clock.today(), only=list(touched))
    if field == "owner":
        handover_tell(
            actor=actor,
            owners=dict.fromkeys((row.distributor_id for row in begin), (old.pk, new.pk)),
            starts_on=starts_on,
        )
    return len(touched)


def tasks_hand_over(*, actor: User, old: User, new: User, reason: str = "") -> int:
    """Make `new` the owner of the open tasks of `old`, at once; return how many."""
    rows = list(Task.objects.filter(owner=old, state=TaskState.OPEN))
    Task.objects.filter(pk__in=[row.pk for row in rows]).update(
        owner=new, version=F("version") + 1, updated_by=actor, updated_at=clock.instant()
    )
    entries = ((row, {"owner": str(old)}, {"owner": str(new)}) for row in rows)
    audit.record_many(actor=actor, verb="task.changed", entries=entries, note=reason.strip())
    return len(rows)


def user_holdings(user: User) -> list[Holding]:
    """Return the distributors a person covers now or later, and the open tasks that are theirs."""
    count = _covered(owner=user)
    url = f"{reverse('profiles:distributor-list')}?owner={user.pk}"
    tasks = Task.objects.filter(owner=user, state=TaskState.OPEN).count()
    text = ngettext("%(count)s open task", "%(count)s open tasks", tasks) % {"count": f"{tasks:,}"}
    return [Holding(_words(count), count, url), Holding(text, tasks, reverse("profiles:task-list"))]


def people_holding(people: Collection[int]) -> set[int]:
    """Return which of these people cover a distributor now or later, have an open task, or see to a risk."""
    covering = _held(clock.today(), owner__in=people).values_list("owner", flat=True)
    busy = Task.objects.filter(owner__in=people, state=TaskState.OPEN).values_list("owner", flat=True)
    return {*covering, *busy, *open_risks(people).values_list("owner", flat=True)}


def territory_distributors(territory: Territory) -> list[Holding]:
    """Return the distributors that lie in a territory itself now or later."""
    count = _covered(territory=territory)
    return [Holding(_words(count), count, territory.get_absolute_url())]


def _covered(**by: Any) -> int:
    return _held(clock.today(), **by).values("distributor").distinct().count()


def _words(count: int) -> str:
    return ngettext("%(count)s distributor", "%(count)s distributors", count) % {"count": f"{count:,}"}


def user_hand_over(actor: User, old: User, new: User, starts_on: date, reason: str) -> Iterable[int]:
    """Give a person's distributors to another from that month on, and their open tasks at once."""
    if new.role not in COVERING and _covered(owner=old):
        raise DomainError(_("Only managers and reps cover distributors."), "successor")
    return [
        distributors_hand_over(actor=actor, field="owner", old=old, new=new, starts_on=starts_on, reason=reason),
        tasks_hand_over(actor=actor, old=old, new=new, reason=reason),
    ]


def territory_hand_over(actor: User, old: Territory, new: Territory, starts_on: date, reason: str) -> Iterable[int]:
    """Give a territory's distributors to another."""
    return [
        distributors_hand_over(actor=actor, field="territory", old=old, new=new, starts_on=starts_on, reason=reason)
    ]


def territory_counts(user: User) -> list[TreeCount]:
    """Return how many distributors lie in each territory itself, by its path."""
    rows = Distributor.objects.visible_to(user).filter(merged_into=None)
    counted = rows.values("territory_path").annotate(n=Count("pk")).order_by()
    found = figures_of(
        "profiles.by_territory",
        user=user,
        permission="profiles.view_distributor",
        as_of=clock.today(),
        compute=lambda: dict(counted.values_list("territory_path", "n")),
        count=lambda by_path: sum(by_path.values()),
    )
    return [TreeCount("distributors", _("Distributors"), found, f"{reverse('profiles:distributor-list')}?territory=")]

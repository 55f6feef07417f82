"""Who covers distributors from which month on; what holds on a day is copied to them, and told to other systems."""

from collections.abc import Iterable
from datetime import date
from enum import Enum

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import Territory, User
from core import audit, clock
from core.database import lock
from core.errors import DomainError
from core.periods import month_of
from distributors.profiles.handover_notices import handover_tell
from distributors.profiles.models import Assignment, Distributor
from distributors.profiles.outbound import messages_post

NOBODY = Value(0)


@transaction.atomic
def assignments_apply(*, as_of: date, only: list[int] | None = None) -> int:
    """Copy the assignments in force on `as_of` to their distributors, where they differ; return how many did."""
    lock("territory")
    latest = Assignment.objects.filter(distributor=OuterRef("pk"), starts_on__lte=as_of).order_by("-starts_on")
    rows = (
        Distributor.objects.annotate(
            now_territory=Subquery(latest.values("territory")[:1]),
            now_owner=Coalesce(Subquery(latest.values("owner")[:1]), NOBODY),
            has_owner=Coalesce("owner_id", NOBODY),
        )
        .filter(now_territory__isnull=False)
        .filter(~Q(territory=F("now_territory")) | ~Q(has_owner=F("now_owner")))
    )
    if only is not None:
        rows = rows.filter(pk__in=only)
    covered = rows.values_list(
        "pk", Subquery(latest.values("territory__code")[:1]), Subquery(latest.values("owner__email")[:1])
    )
    messages_post(
        kind="distributor.assigned",
        about=((pk, {"territory": territory, "owner": owner}) for pk, territory, owner in covered.order_by("pk")),
    )
    return Distributor.objects.filter(pk__in=rows.values("pk")).update(
        territory=Subquery(latest.values("territory")[:1]),
        territory_path=Subquery(latest.values("territory__path")[:1]),
        owner=Subquery(latest.values("owner")[:1]),
        updated_at=clock.instant(),
    )


class Kept(Enum):
    """Of the territory and the owner, the one that an assignment leaves as each distributor has it in its month."""

    AS_IT_IS = "as_it_is"


Cover = tuple[int, int | None]


@transaction.atomic
def assignment_start(
    *,
    actor: User,
    distributors: Iterable[Distributor],
    starts_on: date,
    territory: Territory | Kept,
    owner: User | Kept | None,
    reason: str = "",
) -> int:
    """Let `territory` and `owner` cover the distributors from the month `starts_on`; return how many changed.

    A month ends where the next assignment starts. A month that is over needs a reason; what holds today is copied to
    the distributors at once. A distributor that nobody covers in that month has nothing to keep, and stays as it is.
    """
    lock("territory")
    assignment_refuse(starts_on=starts_on, territory=territory, owner=owner, reason=reason)
    rows = list(distributors)
    pks = [row.pk for row in rows]
    if Distributor.objects.filter(pk__in=pks).exclude(merged_into=None).exists():
        raise DomainError(_("This card is merged into another one; undo the merge first."))
    was = covers_on(pks, starts_on)
    covers = {row.pk: _cover(was.get(row.pk), territory, owner) for row in rows}
    changed = [row for row in rows if covers[row.pk] not in (None, was.get(row.pk))]
    if not changed:
        raise DomainError(_("From that month on they are covered like this already."))
    Assignment.objects.bulk_create(
        [
            Assignment(
                distributor=row,
                starts_on=starts_on,
                territory_id=cover[0],
                owner_id=cover[1],
                reason=reason.strip()[:200],
                created_by=actor if actor.pk else None,
            )
            for row in changed
            if (cover := covers[row.pk])
        ],
        update_conflicts=True,
        unique_fields=["distributor", "starts_on"],
        update_fields=["territory", "owner", "reason", "created_by"],
        batch_size=1000,
    )
    given = {"territory": territory, "owner": owner}
    asked = {name: str(value or "") for name, value in given.items() if not isinstance(value, Kept)}
    after = {"from": starts_on.isoformat(), **asked}
    entries = ((row, {name: str(getattr(row, name) or "") for name in asked}, after) for row in changed)
    audit.record_many(actor=actor, verb="distributor.assigned", entries=entries, note=reason.strip())
    assignments_apply(as_of=clock.today(), only=[row.pk for row in changed])
    owners = {row.pk: ((was.get(row.pk) or (0, None))[1], (covers[row.pk] or (0, None))[1]) for row in changed}
    handover_tell(actor=actor, owners=owners, starts_on=starts_on)
    return len(changed)


def _cover(was: Cover | None, territory: Territory | Kept, owner: User | Kept | None) -> Cover | None:
    """Return who covers a distributor then that was covered so; None where there is nothing to keep."""
    if isinstance(territory, Kept):
        return None if was is None or isinstance(owner, Kept) else (was[0], owner.pk if owner else None)
    if isinstance(owner, Kept):
        return None if was is None else (territory.pk, was[1])
    return territory.pk, owner.pk if owner else None


def assignment_refuse(*, starts_on: date, territory: Territory | Kept, owner: User | Kept | None, reason: str) -> None:
    """Raise DomainError where no assignment can start so."""
    if isinstance(territory, Kept) and isinstance(owner, Kept):
        raise DomainError(_("Choose a territory, an owner, or both: nothing would change."), "territory")
    if starts_on.day != 1:
        raise DomainError(_("An assignment starts on the first of a month."), "starts_on")
    if starts_on < month_of(clock.today()) and not reason.strip():
        raise DomainError(_("A month that is over needs a reason."), "reason")
    if isinstance(owner, User) and not owner.is_active:
        raise DomainError(_("%(name)s can no longer sign in.") % {"name": owner}, "owner")
    if isinstance(territory, Kept):
        return
    if territory.pk is None:
        raise DomainError(_("Choose a territory."), "territory")
    if Territory.objects.filter(pk=territory.pk).exclude(closed_on=None).exists():
        raise closed(territory)


def closed(territory: Territory) -> DomainError:
    """Return the refusal of a territory that is closed."""
    return DomainError(_("“%(name)s” is closed.") % {"name": territory}, "territory")


def covers_on(pks: list[int], day: date) -> dict[int, Cover]:
    """Return who covers distributors on a day, by their keys; those that nobody covers are left out."""
    found = Assignment.objects.filter(distributor__in=pks, starts_on__lte=day).order_by("starts_on")
    return {pk: (where, who) for pk, where, who in found.values_list("distributor", "territory", "owner")}

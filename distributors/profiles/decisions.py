"""Who decides on a distributor: whoever may approve it, and while they are away their delegate."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Case, Q, Value, When

from accounts.absences import represented_by
from accounts.models import Absence, User
from accounts.roles import Role
from core.scope import visibility
from distributors.profiles.models import Distributor
from distributors.profiles.querysets import DistributorQuerySet
from distributors.profiles.selectors import own_reviews

ANY = Q(pk__isnull=False)
OWN_NAME = 0


@dataclass(frozen=True)
class Decision:
    """Whether someone may decide, and in whose place where it is not in their own name."""

    allowed: bool
    on_behalf_of: User | None = None


def decidable(user: Any, people: list[User]) -> DistributorQuerySet:
    """Return the distributors on which `user` may decide, in their own name or in place of one of `people`.

    `decides_for` is the key of that person, 0 for one's own name. Nobody decides in place of the one who put a
    distributor under review: that person would approve their own proposal.
    """
    whens = []
    for person in (user, *people):
        condition = visibility(Distributor, person, "approve")
        if condition is not None:
            own = ANY if person is user else ~Q(pk__in=own_reviews(person).values("distributor"))
            whens.append(When(condition & own, then=Value(OWN_NAME if person is user else person.pk)))
    found: DistributorQuerySet = Distributor.objects.annotate(decides_for=Case(*whens, output_field=BigIntegerField()))
    if len(whens) > 1:
        return found.filter(decides_for__isnull=False)
    return found.filter(whens[0].condition) if whens else found.none()


def decision_on(distributor: Distributor, user: Any, day: date) -> Decision:
    """Return whether `user` may decide on `day`, and in whose place where the distributor is out of their own reach.

    Whether it is in reach at all is asked at the door, by `decidable`.
    """
    people = represented_by(user, day)
    key = decidable(user, people).filter(pk=distributor.pk).values_list("decides_for", flat=True).first()
    if key is None:
        return Decision(user.reach("profiles.approve_distributor") is not None)
    return Decision(True, next((person for person in people if person.pk == key), None))


def deciders_at(paths: Iterable[str], day: date) -> dict[str, set[int]]:
    """Return for each territory the keys of its managers, of those above it, and of their delegates on `day`."""
    managers = User.objects.filter(role=Role.MANAGER, is_active=True)
    placed: list[Any] = list(managers.values_list("pk", "everywhere", "territories__path"))
    away: list[Any] = list(Absence.objects.on(day).values_list("user_id", "delegate_id", "delegate__is_active"))
    absent = {user for user, _delegate, _active in away}
    standing_in = [(user, delegate) for user, delegate, active in away if active and delegate not in absent]
    found: dict[str, set[int]] = {}
    for path in paths:
        direct = {pk for pk, everywhere, above in placed if everywhere or (above and path.startswith(above))}
        found[path] = direct | {delegate for user, delegate in standing_in if user in direct}
    return found

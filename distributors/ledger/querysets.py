"""Sets of facts and imports that have a name of their own."""

from collections.abc import Collection, Iterable
from typing import Any, Self

from django.db.models import Case, Exists, F, OuterRef, Q, When

from accounts.models import User
from core.scope import Reacher, ScopedQuerySet, in_range, permission_name
from distributors.ledger.kinds.declaration import kinds_for
from distributors.profiles.models import Distributor


class ImportQuerySet(ScopedQuerySet):
    """Imports."""

    def visible_to(self, user: Reacher, action: str = "view") -> Self:
        """Return the imports of the kinds that `user` may bring in."""
        return super().visible_to(user, action).filter(kind__in=[kind.name for kind in kinds_for(user)])

    def ended(self) -> Self:
        """Return the imports that came to an end of their own: published, checked or refused."""
        return self.filter(state__in=("published", "valid", "refused"))


class RevisionQuerySet(ScopedQuerySet):
    """Facts in revisions."""

    def current(self) -> Self:
        """Return the revisions in force."""
        return self.filter(superseded_by=None)

    def for_distributors(self, keys: Iterable[int]) -> Self:
        """Return the facts that count for these distributors: their own, and those of cards merged into them."""
        return self.filter(distributor__in=Distributor.objects.with_merged(keys))

    def by_account(self, keys: Collection[int]) -> Any:
        """Return the facts of `for_distributors`, with `account`: for which of these distributors each counts."""
        own = When(distributor__in=keys, then=F("distributor"))
        return self.for_distributors(keys).annotate(account=Case(own, default=F("distributor__merged_into")))


class TargetQuerySet(RevisionQuerySet):
    """Targets of distributors, people and territories."""

    def visible_to(self, user: Reacher, action: str = "view") -> Self:
        """Return the targets of the distributors and territories that `user` reaches, and of the people there."""
        reach = user.reach(permission_name(self.model, action))
        if reach is None:
            return self.none()
        if reach.everything:
            return self
        scope = Q()
        if reach.owner_id is not None:
            scope |= Q(person=reach.owner_id) | Q(distributor__owner=reach.owner_id)
        for paths in reach.ranges:
            inside = in_range("territory__path", paths)
            below = User.territories.through.objects.filter(inside, user=OuterRef("person"))
            scope |= in_range("distributor__territory_path", paths) | inside | Q(Exists(below))
        return self.filter(scope) if scope else self.none()

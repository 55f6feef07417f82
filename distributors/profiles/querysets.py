"""Sets of distributors that have a name of their own."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Self

from django.db.models import Q, Value
from django.db.models.functions import Coalesce, NullIf

from accounts.selectors import team_within
from core.scope import ScopedQuerySet, permission_name, visibility

TRADING = ("active", "watch")


class Accounts(tuple[int, ...]):
    """Keys of distributors whose merged cards are read once, however many sources ask for them."""

    merged: list[int] | None = None


class DistributorQuerySet(ScopedQuerySet):
    """Distributors."""

    def with_standing(self) -> Any:
        """Return them with their standing joined in full, so that its indexes can give the order."""
        return self.filter(standing__isnull=False)

    def with_merged(self, keys: Iterable[int]) -> list[int]:
        """Return the keys of these distributors and of the cards merged into them.

        A list of keys is answered by the indexes of what belongs to distributors, where a join is not.
        """
        own, merged = list(keys), keys.merged if isinstance(keys, Accounts) else None
        if merged is None:
            merged = list(self.filter(merged_into__in=own).values_list("pk", flat=True))
        if isinstance(keys, Accounts):
            keys.merged = merged
        return [*own, *merged]

    def unmerged(self) -> Self:
        """Return those that were not merged into another."""
        return self.filter(merged_into=None)

    def named(self) -> Any:
        """Return them with `name`: the short name, else the legal one."""
        return self.annotate(name=Coalesce(NullIf("short_name", Value("")), "legal_name"))

    def ordered_within(self, days: int, as_of: date) -> Self:
        """Return those whose last order is at most `days` old."""
        return self.filter(standing__last_order_on__gte=as_of - timedelta(days=days))

    def not_ordered_for(self, days: int, as_of: date) -> Self:
        """Return those that ordered once, and not in the last `days`."""
        return self.filter(standing__last_order_on__lt=as_of - timedelta(days=days))

    def silent(self, as_of: date) -> Self:
        """Return those that still trade and have not ordered for more than twice their usual gap."""
        return self.filter(silent_condition(as_of))


def silent_condition(as_of: date) -> Q:
    """Return the condition of `silent`, for filters and for counting beside others."""
    return Q(standing__silent_from__lte=as_of, state__in=TRADING)


class TaskQuerySet(ScopedQuerySet):
    """Tasks."""

    def visible_to(self, user: Any, action: str = "view") -> Any:
        """Return one's own, those one gave, those of the distributors in reach, and one's people's without any."""
        reach = user.reach(permission_name(self.model, action))
        if reach is None:
            return self.none()
        if reach.everything:
            return self
        mine = Q(owner=reach.owner_id) | Q(created_by=reach.owner_id)
        if action == "view":
            mine |= Q(distributor__owner=reach.owner_id)
        led = user.reach(permission_name(self.model, "change"))
        if led is not None and led.ranges:
            mine |= Q(distributor=None, owner__in=team_within(led.ranges).values("pk"))
        for low, high in reach.ranges:
            mine |= Q(distributor__territory_path__gte=low, distributor__territory_path__lt=high)
        return self.filter(mine)

    def open(self) -> Any:
        """Return those still to be done."""
        return self.filter(state="open")


class OutboundQuerySet(ScopedQuerySet):
    """Messages of the outbound feed."""

    def visible_to(self, user: Any, action: str = "view") -> Self:
        """Return those about the distributors in reach, and about the company."""
        if user.reach(permission_name(self.model, action)) is None:
            return self.none()
        condition = visibility(self.model, user, action)
        company = Q(distributor=None)
        if condition is None:
            return self.filter(company)
        return self.filter(condition | company) if condition else self

"""Sets of distributors that have a name of their own."""

from datetime import date, timedelta
from typing import Any, Self

from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.db.models.lookups import GreaterThan

from core.database import DaysBetween
from core.scope import ScopedQuerySet

SILENT_GAPS = 2
TRADING = ("active", "watch")


class DistributorQuerySet(ScopedQuerySet):
    """Distributors."""

    def with_standing(self) -> Any:
        """Return them with their standing joined in full, so that its indexes can give the order."""
        return self.filter(standing__isnull=False)

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
    days = DaysBetween(Value(as_of), F("standing__last_order_on"))
    return Q(GreaterThan(days, F("standing__order_gap_days") * SILENT_GAPS), state__in=TRADING)


def is_silent(*, state: str, days: int, gap: int | None) -> bool:
    """Tell of one distributor whether it is silent: its last order `days` ago, usually one every `gap` days."""
    return state in TRADING and gap is not None and days > gap * SILENT_GAPS

"""Reads over exchange rates: where they are missing, and one currency over a year."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Max

from core.company import company
from distributors.ledger.models import ExchangeRate, SaleLine
from distributors.ledger.records import Invoice, Order, Payment
from distributors.ledger.surroundings import CARRY_DAYS

LOOKED_BACK = 35
IN_USE = timedelta(days=400)
YEAR = timedelta(days=366)
FACTS: tuple[Any, ...] = (SaleLine, Order, Invoice, Payment)


@dataclass(frozen=True)
class Carried:
    """Facts of a day that were valued by an earlier day's rate; `there` is the day's own rate, where it came since."""

    currency: str
    day: date
    facts: int
    there: Any


@dataclass
class Coverage:
    """How far the rates of a currency reach: the last day, and the days of the last five weeks that have none."""

    currency: str
    last: date | None
    missing: list[date] = field(default_factory=list)

    @property
    def until(self) -> date | None:
        """Return the last day that the last rate is carried to; facts of a later day are refused."""
        return self.last + timedelta(days=CARRY_DAYS) if self.last else None


def carried_days(as_of: date) -> list[Carried]:
    """Return the currencies and days of the last five weeks whose facts were valued by an earlier rate."""
    since = as_of - timedelta(days=LOOKED_BACK)
    counts: Counter[tuple[str, date]] = Counter()
    for model in FACTS:
        rows = model.objects.filter(superseded_by=None, rate_carried=True, day__gte=since)
        for currency, day, count in rows.values_list("currency", "day").annotate(n=Count("pk")).order_by():
            counts[currency, day] += count
    rates = ExchangeRate.objects.filter(day__gte=since, kind=company().rate_kind)
    there = {(currency, day): rate for currency, day, rate in rates.values_list("currency", "day", "rate")}
    return [
        Carried(currency, day, count, there.get((currency, day)))
        for (currency, day), count in sorted(counts.items(), key=lambda one: (one[0][1], one[0][0]), reverse=True)
    ]


def coverage(as_of: date) -> list[Coverage]:
    """Return how far the rates of each currency in use reach, and which of the last days lack theirs."""
    found = company()
    rows = ExchangeRate.objects.filter(kind=found.rate_kind).exclude(currency=found.base_currency)
    last = dict(
        rows.filter(day__gte=as_of - IN_USE, day__lte=as_of)
        .values_list("currency")
        .annotate(last=Max("day"))
        .values_list("currency", "last")
        .order_by()
    )
    days = [as_of - timedelta(days=back) for back in range(LOOKED_BACK + 1)]
    known: dict[str, set[date]] = defaultdict(set)
    for currency, day in rows.filter(day__gte=days[-1]).values_list("currency", "day"):
        known[currency].add(day)
    return [
        Coverage(currency, last[currency], [day for day in days if day not in known[currency]])
        for currency in sorted(last)
    ]


def rates_of_year(currency: str, as_of: date) -> list[tuple[date, Any]]:
    """Return the rates of a currency over the last year, by day, of the kind that counts."""
    rows = ExchangeRate.objects.filter(
        currency=currency, kind=company().rate_kind, day__gt=as_of - YEAR, day__lte=as_of
    )
    return list(rows.order_by("day").values_list("day", "rate"))

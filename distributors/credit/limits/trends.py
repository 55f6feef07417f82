"""What was owed by age at each month's end, and days sales outstanding: from the invoices and what settled them."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, F, FloatField, Q, QuerySet, Sum, When
from django.db.models.functions import Cast

from core.money import from_units, to_units
from core.periods import month_last, month_shift
from distributors.credit.calculations.dso import DSO_DAYS, Dso, dso
from distributors.ledger.ageing import BUCKETS
from distributors.ledger.records import Allocation, Invoice

MONTHS = 12


@dataclass(frozen=True)
class MonthEnd:
    """What was owed on a day by age, in base currency, and the days sales outstanding of that day."""

    day: date
    amounts: tuple[Decimal, ...]
    dso: Dso

    @property
    def total(self) -> Decimal:
        """Return all that was owed."""
        return sum(self.amounts, Decimal(0))


def month_ends(as_of: date, count: int = MONTHS) -> list[date]:
    """Return the last days of the months before, the oldest first, and today."""
    return [*(month_last(month_shift(as_of, -back)) for back in range(count - 1, 0, -1)), as_of]


def _within(prefix: str, day: date, place: int) -> Q:
    """Return the condition that an invoice was in a bucket of age on a day."""
    bucket, condition = BUCKETS[place], Q(**{f"{prefix}day__lte": day})
    if bucket.least is not None:
        condition &= Q(**{f"{prefix}due_on__lte": day - timedelta(days=bucket.least)})
    if bucket.most is not None:
        condition &= Q(**{f"{prefix}due_on__gte": day - timedelta(days=bucket.most)})
    return condition


def ageing_trend(user: Any, as_of: date, distributors: QuerySet | None, base: str) -> list[MonthEnd]:
    """Return what was owed at each of the last month-ends and today, of some distributors or all in reach.

    An invoice is open by what had settled it until then; two questions, however many invoices there are.
    """
    days = month_ends(as_of)
    invoices = Invoice.objects.visible_to(user).current().filter(kind=Invoice.Kind.INVOICE, cancelled=False)
    settled = Allocation.objects.visible_to(user).filter(invoice__superseded_by=None)
    if distributors is not None:
        keys = distributors.values("pk")
        invoices, settled = invoices.filter(distributor__in=keys), settled.filter(distributor__in=keys)
    places = [(at, place) for at in range(len(days)) for place in range(len(BUCKETS))]
    billed = invoices.order_by().aggregate(
        **{f"i{at}_{place}": Sum("base_amount", filter=_within("", days[at], place)) for at, place in places},
        **{f"s{at}": Sum("base_amount", filter=_lately("day", day)) for at, day in enumerate(days)},
    )
    part, value, whole = (Cast(name, FloatField()) for name in ("amount", "invoice__base_amount", "invoice__amount"))
    share = Case(When(invoice__currency=base, then=part), default=part * value / whole, output_field=FloatField())
    paid = (
        settled.order_by()
        .annotate(share=share)
        .aggregate(
            **{
                f"a{at}_{place}": Sum(F("share"), filter=_within("invoice__", days[at], place) & Q(day__lte=days[at]))
                for at, place in places
            }
        )
    )
    return [_month_end(day, at, billed, paid) for at, day in enumerate(days)]


def _lately(column: str, day: date) -> Q:
    return Q(**{f"{column}__gt": day - timedelta(days=DSO_DAYS), f"{column}__lte": day})


def _month_end(day: date, at: int, billed: dict[str, Any], paid: dict[str, Any]) -> MonthEnd:
    units = [
        max(0, to_units(billed[f"i{at}_{place}"] or 0) - round(paid[f"a{at}_{place}"] or 0))
        for place in range(len(BUCKETS))
    ]
    found = dso(receivable=sum(units), not_due=units[0], credit_sales=to_units(billed[f"s{at}"] or 0))
    return MonthEnd(day, tuple(from_units(one) for one in units), found)

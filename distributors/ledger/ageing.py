"""How long open invoices are overdue: not due, 1-30, 31-60, 61-90, over 90 days."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, IntegerField, QuerySet, Sum, Value, When
from django.utils.translation import gettext_lazy as _

from distributors.ledger.calculations.ageing import EDGES
from distributors.ledger.records import OpenItem

ZERO = Decimal(0)


@dataclass(frozen=True)
class Bucket:
    """Invoices that are overdue by `least` to `most` days; None is without an end."""

    name: str
    label: Any
    least: int | None
    most: int | None


_NAMES = (
    ("due", _("not due")),
    ("30", _("1-30 days")),
    ("60", _("31-60 days")),
    ("90", _("61-90 days")),
    ("more", _("over 90 days")),
)
_LEAST = (None, *(edge + 1 for edge in EDGES))
BUCKETS = tuple(
    Bucket(name, label, least, most) for (name, label), least, most in zip(_NAMES, _LEAST, (*EDGES, None), strict=True)
)


@dataclass(frozen=True)
class Aged:
    """What of a bucket is open, in base currency, and its share of all that is open."""

    bucket: Bucket
    amount: Decimal
    items: int
    share: Decimal


def bucket_days(name: str, as_of: date) -> dict[str, date]:
    """Return the bounds of the due day for the bucket called `name`, as lookups."""
    bucket = next(one for one in BUCKETS if one.name == name)
    bounds = {}
    if bucket.least is not None:
        bounds["due_on__lte"] = as_of - timedelta(days=bucket.least)
    if bucket.most is not None:
        bounds["due_on__gte"] = as_of - timedelta(days=bucket.most)
    return bounds


def ageing(rows: QuerySet, as_of: date) -> list[Aged]:
    """Return the open invoices among `rows` by bucket, in one query; every bucket is there."""
    whens = [When(**bucket_days(bucket.name, as_of), then=Value(place)) for place, bucket in enumerate(BUCKETS)]
    found = (
        rows.filter(kind=OpenItem.Kind.INVOICE)
        .order_by()
        .annotate(place=Case(*whens, output_field=IntegerField()))
        .values("place")
        .annotate(total=Sum("base_amount"), items=Count("pk"))
    )
    sums = {one["place"]: (one["total"], one["items"]) for one in found}
    whole = sum((amount for amount, _items in sums.values()), ZERO)
    return [
        Aged(bucket, *sums.get(place, (ZERO, 0)), share=sums.get(place, (ZERO, 0))[0] / whole if whole else ZERO)
        for place, bucket in enumerate(BUCKETS)
    ]

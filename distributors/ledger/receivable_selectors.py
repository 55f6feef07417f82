"""Reads about what one distributor owes, paid, ordered and has in stock."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from distributors.ledger.records import Allocation, OpenItem, Order, Payment, StockSnapshot

ITEMS = 100
LATEST = 12


def open_items(user: Any, *, distributor_ids: Any = None) -> QuerySet:
    """Return the open items that `user` may see, of the given distributors where there are any given."""
    rows: QuerySet = OpenItem.objects.visible_to(user)
    return rows if distributor_ids is None else rows.filter(distributor__in=distributor_ids)


@dataclass(frozen=True)
class ItemShown:
    """One open item, how many days it is overdue, and what has settled a part of it already."""

    kind: str
    kind_text: str
    number: str
    due_on: date
    days: int
    amount: Any
    currency: str
    disputed: bool
    settled: list[Any]


def items_of(user: Any, distributor_id: int, as_of: date) -> list[ItemShown]:
    """Return the first hundred open items of a distributor, the longest due first, each with what settles it."""
    rows = list(
        open_items(user, distributor_ids=[distributor_id])
        .annotate(number=Coalesce("invoice__external_id", "payment__external_id"))
        .order_by("due_on", "pk")[:ITEMS]
    )
    shares: dict[int, list[Any]] = defaultdict(list)
    found = (
        Allocation.objects.visible_to(user)
        .filter(invoice__in=[row.invoice_id for row in rows if row.kind == OpenItem.Kind.INVOICE])
        .annotate(number=Coalesce("payment__external_id", "credit_note__external_id"))
        .order_by("day", "pk")
        .values("invoice_id", "number", "day", "amount", "stated", "payment__method", "payment__due_on")
    )
    for share in found:
        shares[share["invoice_id"]].append(share)
    return [
        ItemShown(
            kind=row.kind,
            kind_text=row.get_kind_display(),
            number=row.number,
            due_on=row.due_on,
            days=max(0, (as_of - row.due_on).days) if row.kind == OpenItem.Kind.INVOICE else 0,
            amount=row.amount,
            currency=row.currency,
            disputed=row.disputed,
            settled=shares.get(row.invoice_id or 0, []) if row.kind == OpenItem.Kind.INVOICE else [],
        )
        for row in rows
    ]


def payments_of(user: Any, distributor_id: int) -> list[Payment]:
    """Return the latest payments of a distributor."""
    rows = Payment.objects.visible_to(user).current().for_distributors([distributor_id])
    return list(rows.order_by("-day", "-pk")[:LATEST])


def orders_of(user: Any, distributor_id: int) -> list[Order]:
    """Return the latest open orders of a distributor."""
    rows = Order.objects.visible_to(user).current().for_distributors([distributor_id]).filter(state=Order.State.OPEN)
    return list(rows.order_by("-day", "-pk")[:LATEST])


def stock_of(user: Any, distributor_id: int) -> list[StockSnapshot]:
    """Return what a distributor had in stock on the latest day that is known, the most valuable first."""
    rows = StockSnapshot.objects.visible_to(user).current().for_distributors([distributor_id])
    latest = rows.order_by("-day").values("day")[:1]
    return list(rows.filter(day=latest).select_related("product").order_by("-value", "product__sku")[:LATEST])

"""The tables of facts in revisions: how each is keyed, and how what is derived from it is brought in step."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from distributors.ledger.models import SaleLine
from distributors.ledger.receivables import ordered_refresh, receivables_refresh
from distributors.ledger.records import BookedRevision, Invoice, Occurrence, Order, Payment, StockSnapshot, Target
from distributors.ledger.rollups import rollups_refresh, standings_refresh

PLACE = frozenset({"id", "revision", "batch_id", "superseded_by_id", "repeats", "booked_in", "removed_in"})

Refresh = Callable[[str | None, date], None]


def sales_refresh(touched: str | None, as_of: date) -> None:
    """Make the monthly sums and the standings of sale lines again."""
    rollups_refresh(pairs=touched)
    standings_refresh(as_of=as_of, pairs=touched)


def nothing_derived(_touched: str | None, _as_of: date) -> None:
    """Leave everything as it is: nothing is derived from these facts."""


@dataclass(frozen=True)
class FactTable:
    """One table of revisions: the name of its kind, the columns of its key, and its `refresh`.

    `refresh` takes the table of what was touched, (distributor_id, month), or None for everything, and today. The
    date of each fact is in the column `day`.
    """

    model: Any
    kind: str
    key: tuple[str, ...] = ("source_id", "external_id")
    refresh: Refresh = nothing_derived

    @property
    def booked(self) -> bool:
        """Tell whether the facts count in months that finance closes."""
        return issubclass(self.model, BookedRevision)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of what a fact says, which is all but its place among revisions and batches."""
        names = [field.column for field in self.model._meta.concrete_fields]
        return tuple(name for name in names if name not in PLACE)

    @property
    def table(self) -> str:
        """Return the name of the table."""
        return str(self.model._meta.db_table)

    @property
    def fixed(self) -> tuple[str, ...]:
        """Return the columns that a correction keeps."""
        return tuple(dict.fromkeys((*self.key, "distributor_id", "day")))


SALE_LINES = FactTable(SaleLine, "sales", refresh=sales_refresh)
ORDERS = FactTable(Order, "orders", refresh=ordered_refresh)
INVOICES = FactTable(Invoice, "invoices", refresh=receivables_refresh)
PAYMENTS = FactTable(Payment, "payments", refresh=receivables_refresh)
STOCK = FactTable(StockSnapshot, "stock", key=("distributor_id", "product_id", "day"))
TARGETS = FactTable(Target, "targets", key=("owner_kind", "owner_key", "metric", "period", "day"))
OCCURRENCES = FactTable(Occurrence, "occurrences", key=("source_id", "distributor_id", "kind", "external_id"))

FACTS = (SALE_LINES, ORDERS, INVOICES, PAYMENTS, STOCK, TARGETS, OCCURRENCES)


def fact_of(kind: str) -> FactTable:
    """Return the table of the facts that a kind brings in; KeyError where it brings in none."""
    return {fact.kind: fact for fact in FACTS}[kind]

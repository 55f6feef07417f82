"""Proofs that what pages read agrees with the facts: each check is one pass of SQL that finds what differs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa
from django.db.models import Max, Sum

from core.database import copy_rows, create_stage, differs_sql, drop_stage, rows
from distributors.ledger.facts import FACTS, FactTable
from distributors.ledger.merged import DISTRIBUTORS, counts_for
from distributors.ledger.models import NET_SALES, Batch, PeriodLock, SaleLine
from distributors.ledger.receivables import (
    ALLOCATIONS,
    INVOICES,
    OPEN_ITEMS,
    PAYMENTS,
    receivable_standing_sql,
    receivables_computed,
)
from distributors.ledger.receivables import STANDING_COLUMNS as RECEIVABLE_COLUMNS
from distributors.ledger.rollups import (
    COARSE,
    FINE,
    STANDING,
    STANDING_COLUMNS,
    lines_sql,
    standing_sql,
    sums_sql,
)
from distributors.profiles.models import Standing

SHOWN = 5
BATCHES = Batch._meta.db_table


@dataclass(frozen=True)
class Verdict:
    """What a check found: how many differ, and the first of them."""

    name: str
    wrong: int
    examples: list[tuple[Any, ...]]


Check = Callable[[], tuple[int, list[tuple[Any, ...]]]]
_checks: dict[str, Check] = {}


def check_add(name: str, check: Check) -> None:
    """Register a check: it returns how many rows differ and the first of them."""
    _checks[name] = check


def verify() -> list[Verdict]:
    """Run every check."""
    return [Verdict(name, *check()) for name, check in _checks.items()]


@dataclass(frozen=True)
class Totals:
    """The figures that the proofs are about, in base currency; `as_of` is the day of the newest standing."""

    lines: int
    net_sales: Decimal
    net_sales_12m: Decimal
    as_of: date | None


def totals() -> Totals:
    """Return the lines in force, net sales of all time from them, and of the last twelve months from the standings."""
    current = SaleLine.objects.current()
    net = current.filter(kind__in=NET_SALES).aggregate(total=Sum("base_amount"))["total"]
    as_of = Standing.objects.aggregate(last=Max("sales_as_of"))["last"]
    year = Standing.objects.filter(sales_as_of=as_of).aggregate(total=Sum("net_sales_12m"))["total"]
    return Totals(current.count(), net or Decimal(0), year or Decimal(0), as_of)


def differing(sql: str) -> tuple[int, list[tuple[Any, ...]]]:
    """Return how many rows a SELECT finds, and the first of them."""
    total = rows(f"SELECT count(*) FROM ({sql}) AS wrong")[0][0]
    return total, rows(f"SELECT * FROM ({sql}) AS wrong LIMIT {SHOWN}") if total else []


def _rollup_differs(table: str, keys: tuple[str, ...]) -> tuple[int, list[tuple[Any, ...]]]:
    sums = sums_sql(adjustments=True)
    values = ", ".join(f"{expression} AS {name}" for name, expression in sums.items())
    listed = ", ".join(keys)
    lines = f"SELECT {listed}, {values} FROM ({lines_sql(adjustments=True)}) AS x GROUP BY {listed}"
    same = " AND ".join(f"r.{name} = l.{name}" for name in keys)
    differ = " OR ".join(differs_sql(f"r.{name}", f"l.{name}") for name in sums)
    missing = f"SELECT l.{keys[0]}, l.month FROM ({lines}) AS l LEFT JOIN {table} r ON {same} WHERE {differ}"
    surplus = f"SELECT r.{keys[0]}, r.month FROM {table} r LEFT JOIN ({lines}) AS l ON {same} WHERE l.{keys[0]} IS NULL"
    return differing(f"{missing} UNION ALL {surplus}")


def _standing_differs() -> tuple[int, list[tuple[Any, ...]]]:
    """Compare each standing with the lines as of the day it was computed."""
    total, found = 0, list[tuple[Any, ...]]()
    names = [name for name in STANDING_COLUMNS if name != "sales_as_of"]
    days = Standing.objects.order_by().values_list("sales_as_of", flat=True).distinct()
    for as_of in (day for day in days if day is not None):
        differ = " OR ".join(differs_sql(f"t.{name}", f"f.{name}") for name in names)
        wrong, examples = differing(
            f"SELECT t.distributor_id FROM {STANDING} t JOIN ({standing_sql(as_of=as_of)}) AS f "
            f"ON f.distributor_id = t.distributor_id WHERE t.sales_as_of = '{as_of}' AND ({differ})"
        )
        total, found = total + wrong, (found + examples)[:SHOWN]
    return total, found


def _ends_differ() -> tuple[int, list[tuple[Any, ...]]]:
    """Compare first sale and last order of each standing with the lines in force, whatever the roll-ups say."""
    join, whose = counts_for("l")
    lines = (
        f"SELECT {whose} AS distributor_id, min(l.day) AS first_on, max(l.day) AS last_on "
        f"FROM {SaleLine._meta.db_table} l {join} "
        f"WHERE l.superseded_by_id IS NULL AND l.kind = 'sell_in' GROUP BY {whose}"
    )
    return differing(
        f"SELECT t.distributor_id FROM {STANDING} t LEFT JOIN ({lines}) AS f ON f.distributor_id = t.distributor_id "
        f"WHERE t.sales_as_of IS NOT NULL AND ({differs_sql('t.first_sale_on', 'f.first_on')} "
        f"OR {differs_sql('t.last_order_on', 'f.last_on')})"
    )


def _not_one_current(fact: FactTable) -> tuple[int, list[tuple[Any, ...]]]:
    """Find keys with several revisions in force, or with none though it was no undo that took out the last one."""
    keys = ", ".join(fact.key)
    listed = ", ".join(f"t.{name}" for name in fact.key)
    return differing(
        f"SELECT {keys} FROM (SELECT {listed}, count(CASE WHEN t.superseded_by_id IS NULL THEN 1 END) AS in_force, "
        "max(t.revision) AS last, max(CASE WHEN b.undoes_id IS NOT NULL THEN t.revision END) AS undone "
        f"FROM {fact.table} t LEFT JOIN {BATCHES} b ON b.number = t.superseded_by_id GROUP BY {listed}) AS k "
        "WHERE in_force > 1 OR (in_force = 0 AND coalesce(undone, 0) <> last)"
    )


def _revisions_apart(fact: FactTable) -> tuple[int, list[tuple[Any, ...]]]:
    """Find revisions that do not follow the one before; after an undo any later batch may bring the next one."""
    keys = ", ".join(f"n.{name}" for name in fact.key)
    same = " AND ".join(f"o.{name} = n.{name}" for name in fact.key)
    return differing(
        f"SELECT {keys}, n.revision FROM {fact.table} n LEFT JOIN {fact.table} o "
        f"ON {same} AND o.revision = n.revision - 1 LEFT JOIN {BATCHES} b ON b.number = o.superseded_by_id "
        "WHERE n.revision > 1 AND (o.id IS NULL OR o.superseded_by_id IS NULL OR o.superseded_by_id > n.batch_id "
        "OR (o.superseded_by_id <> n.batch_id AND b.undoes_id IS NULL) "
        f"OR {differs_sql('o.distributor_id', 'n.distributor_id')} OR o.day <> n.day)"
    )


def _not_repeated(fact: FactTable) -> tuple[int, list[tuple[Any, ...]]]:
    """Find rows that an undo put back and that do not say what they repeat."""
    differ = " OR ".join(differs_sql(f"n.{name}", f"o.{name}") for name in fact.columns)
    return differing(
        f"SELECT n.id, n.repeats FROM {fact.table} n JOIN {BATCHES} b ON b.number = n.batch_id "
        f"LEFT JOIN {fact.table} o ON o.id = n.repeats "
        "WHERE (n.repeats IS NOT NULL OR b.undoes_id IS NOT NULL) "
        f"AND (o.id IS NULL OR o.repeats IS NOT NULL OR {differ})"
    )


def _closed_changed(fact: FactTable) -> tuple[int, list[tuple[Any, ...]]]:
    """Find rows that came into a month, or left one, while it was closed."""
    moves = (
        "SELECT first_open, batch AS after, lead(batch) OVER (ORDER BY number) AS until "
        f"FROM {PeriodLock._meta.db_table}"
    )
    found = (
        (column, f"t.{column} > k.after AND (k.until IS NULL OR t.{column} <= k.until) AND {month} < k.first_open")
        for column, month in (
            ("batch_id", "coalesce(t.booked_in, t.day)"),
            ("superseded_by_id", "coalesce(t.removed_in, t.booked_in, t.day)"),
        )
    )
    return differing(
        " UNION ALL ".join(
            f"SELECT t.id, '{column}' AS what FROM {fact.table} t JOIN ({moves}) AS k ON {late}"
            for column, late in found
        )
    )


def _dangling(model: Any) -> tuple[int, list[tuple[Any, ...]]]:
    table, relations = model._meta.db_table, [field for field in model._meta.fields if field.is_relation]
    return differing(
        " UNION ALL ".join(
            f"SELECT l.id, '{one.column}' AS what FROM {table} l LEFT JOIN {one.related_model._meta.db_table} t "
            f"ON t.{one.target_field.column} = l.{one.column} WHERE l.{one.column} IS NOT NULL "
            f"AND t.{one.target_field.column} IS NULL"
            for one in relations
        )
    )


def _differs_from(table: str, computed: pa.Table) -> tuple[int, list[tuple[Any, ...]]]:
    """Compare a derived table with what follows from the facts now, row by row."""
    stage = f"stage_verify_{table}"
    names = ", ".join(computed.column_names)
    create_stage(stage, [(name, _STORED[computed.schema.field(name).type]) for name in computed.column_names])
    copy_rows(stage, computed.combine_chunks().to_batches())
    missing, surplus = (
        f"SELECT {names}, count(*) AS times FROM {one} GROUP BY {names} EXCEPT "
        f"SELECT {names}, count(*) FROM {other} GROUP BY {names}"
        for one, other in ((stage, table), (table, stage))
    )
    found = differing(f"SELECT * FROM ({missing}) AS m UNION ALL SELECT * FROM ({surplus}) AS s")
    drop_stage(stage)
    return found


_STORED = {pa.int64(): "bigint", pa.string(): "text", pa.date32(): "date", pa.bool_(): "boolean"}


def _allocations_differ() -> tuple[int, list[tuple[Any, ...]]]:
    return _differs_from(ALLOCATIONS, receivables_computed()[0])


def _open_items_differ() -> tuple[int, list[tuple[Any, ...]]]:
    return _differs_from(OPEN_ITEMS, receivables_computed()[1])


def _not_conserved() -> tuple[int, list[tuple[Any, ...]]]:
    """Find invoices and payments of which settled and open do not make the amount."""
    settled = {
        "invoice_id": ("amount", f"{INVOICES} t", "t.kind = 'invoice' AND NOT t.cancelled"),
        "credit_note_id": ("used", f"{INVOICES} t", "t.kind = 'credit_note' AND NOT t.cancelled"),
        "payment_id": (
            "used",
            f"{PAYMENTS} t LEFT JOIN {PAYMENTS} r ON r.source_id = t.source_id AND r.reverses = t.external_id "
            "AND r.superseded_by_id IS NULL",
            "t.reverses = '' AND r.id IS NULL",
        ),
    }
    return differing(
        " UNION ALL ".join(
            f"SELECT t.id, '{column}' AS what FROM {table} "
            f"LEFT JOIN (SELECT {column}, sum({part}) AS total FROM {ALLOCATIONS} GROUP BY {column}) a "
            f"ON a.{column} = t.id LEFT JOIN {OPEN_ITEMS} o ON o.{_open_column(column)} = t.id "
            f"WHERE t.superseded_by_id IS NULL AND {holds} "
            "AND t.amount <> coalesce(a.total, 0) + coalesce(o.amount, 0)"
            for column, (part, table, holds) in settled.items()
        )
    )


def _open_column(column: str) -> str:
    return "payment_id" if column == "payment_id" else "invoice_id"


def _receivables_differ() -> tuple[int, list[tuple[Any, ...]]]:
    """Compare each standing with the open items and orders as of the day it was computed."""
    names = [name for name in RECEIVABLE_COLUMNS if name != "receivable_as_of"]
    differ = " OR ".join(differs_sql(f"t.{name}", f"f.{name}") for name in names)
    total, found = 0, list[tuple[Any, ...]]()
    days = Standing.objects.order_by().values_list("receivable_as_of", flat=True).distinct()
    for as_of in (day for day in days if day is not None):
        wrong, examples = differing(
            f"SELECT t.distributor_id FROM {STANDING} t JOIN ({receivable_standing_sql(as_of=as_of)}) AS f "
            f"ON f.distributor_id = t.distributor_id WHERE t.receivable_as_of = '{as_of}' AND ({differ})"
        )
        total, found = total + wrong, (found + examples)[:SHOWN]
    return total, found


def _merged_apart() -> tuple[int, list[tuple[Any, ...]]]:
    """Find cards that were merged into one that was merged itself."""
    return differing(
        f"SELECT d.id, d.merged_into_id FROM {DISTRIBUTORS} d JOIN {DISTRIBUTORS} s ON s.id = d.merged_into_id "
        "WHERE s.merged_into_id IS NOT NULL OR d.id = d.merged_into_id"
    )


def _batches_apart() -> tuple[int, list[tuple[Any, ...]]]:
    last, count = Batch.objects.aggregate(last=Max("number"))["last"] or 0, Batch.objects.count()
    return abs(last - count), [(last, count)] if last != count else []


check_add("monthly sales agree with the lines", lambda: _rollup_differs(COARSE.table, COARSE.keys))
check_add("monthly sales by product line agree with the lines", lambda: _rollup_differs(FINE.table, FINE.keys))
check_add("standings agree with the lines", _standing_differs)
check_add("first sale and last order are those of lines in force", _ends_differ)
for _fact in FACTS:
    check_add(f"{_fact.kind}: one revision of each is in force", partial(_not_one_current, _fact))
    check_add(
        f"{_fact.kind}: revisions follow each other and keep distributor and date", partial(_revisions_apart, _fact)
    )
    check_add(f"{_fact.kind}: what an undo put back is as it was", partial(_not_repeated, _fact))
    check_add(f"{_fact.kind}: everything named exists", partial(_dangling, _fact.model))
for _fact in (fact for fact in FACTS if fact.booked):
    check_add(f"{_fact.kind}: closed months are as they were", partial(_closed_changed, _fact))
check_add("allocations agree with invoices and payments", _allocations_differ)
check_add("open items agree with invoices and payments", _open_items_differ)
check_add("settled and open make the amount", _not_conserved)
check_add("standings agree with open items and orders", _receivables_differ)
check_add("merged distributors lead to their survivor", _merged_apart)
check_add("batches are numbered without a gap", _batches_apart)

"""Proofs that what pages read agrees with the facts: each check is one pass of SQL that finds what differs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Max, Sum

from core.database import differs_sql, rows
from distributors.ledger.models import Batch, LineKind, SaleLine
from distributors.ledger.rollups import (
    COARSE,
    FINE,
    LINES,
    STANDING,
    STANDING_COLUMNS,
    SUMS,
    lines_sql,
    standing_sql,
)
from distributors.profiles.models import Standing

SHOWN = 5


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
    net = current.filter(kind__in=(LineKind.SELL_IN, LineKind.RETURN)).aggregate(total=Sum("base_amount"))["total"]
    as_of = Standing.objects.aggregate(last=Max("sales_as_of"))["last"]
    year = Standing.objects.filter(sales_as_of=as_of).aggregate(total=Sum("net_sales_12m"))["total"]
    return Totals(current.count(), net or Decimal(0), year or Decimal(0), as_of)


def differing(sql: str) -> tuple[int, list[tuple[Any, ...]]]:
    """Return how many rows a SELECT finds, and the first of them."""
    total = rows(f"SELECT count(*) FROM ({sql}) AS wrong")[0][0]
    return total, rows(f"SELECT * FROM ({sql}) AS wrong LIMIT {SHOWN}") if total else []


def _rollup_differs(table: str, keys: tuple[str, ...]) -> tuple[int, list[tuple[Any, ...]]]:
    values = ", ".join(f"{expression} AS {name}" for name, expression in SUMS.items())
    listed = ", ".join(keys)
    lines = f"SELECT {listed}, {values} FROM ({lines_sql()}) AS x GROUP BY {listed}"
    same = " AND ".join(f"r.{name} = l.{name}" for name in keys)
    differ = " OR ".join(differs_sql(f"r.{name}", f"l.{name}") for name in SUMS)
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


def _not_one_current() -> tuple[int, list[tuple[Any, ...]]]:
    return differing(
        f"SELECT source_id, external_id FROM {LINES} GROUP BY source_id, external_id "
        "HAVING count(CASE WHEN superseded_by_id IS NULL THEN 1 END) <> 1"
    )


def _revisions_apart() -> tuple[int, list[tuple[Any, ...]]]:
    return differing(
        f"SELECT n.source_id, n.external_id, n.revision FROM {LINES} n LEFT JOIN {LINES} o "
        "ON o.source_id = n.source_id AND o.external_id = n.external_id AND o.revision = n.revision - 1 "
        "WHERE n.revision > 1 AND (o.id IS NULL OR o.superseded_by_id <> n.batch_id "
        "OR o.distributor_id <> n.distributor_id OR o.day <> n.day)"
    )


def _dangling() -> tuple[int, list[tuple[Any, ...]]]:
    targets = {
        "source_id": ("ledger_source", "id"),
        "batch_id": ("ledger_batch", "number"),
        "superseded_by_id": ("ledger_batch", "number"),
        "distributor_id": ("profiles_distributor", "id"),
        "product_id": ("ledger_product", "id"),
    }
    return differing(
        " UNION ALL ".join(
            f"SELECT l.id, '{column}' AS what FROM {LINES} l LEFT JOIN {table} t ON t.{key} = l.{column} "
            f"WHERE l.{column} IS NOT NULL AND t.{key} IS NULL"
            for column, (table, key) in targets.items()
        )
    )


def _batches_apart() -> tuple[int, list[tuple[Any, ...]]]:
    last, count = Batch.objects.aggregate(last=Max("number"))["last"] or 0, Batch.objects.count()
    return abs(last - count), [(last, count)] if last != count else []


check_add("monthly sales agree with the lines", lambda: _rollup_differs(COARSE.table, COARSE.keys))
check_add("monthly sales by product line agree with the lines", lambda: _rollup_differs(FINE.table, FINE.keys))
check_add("standings agree with the lines", _standing_differs)
check_add("one revision of every line is in force", _not_one_current)
check_add("revisions follow each other and keep distributor and date", _revisions_apart)
check_add("everything that a line names exists", _dangling)
check_add("batches are numbered without a gap", _batches_apart)

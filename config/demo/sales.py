"""Three years of sale lines, month by month, as the rows of batches; corrections come a month later."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from config.demo.catalogue import Catalogue
from config.demo.channel import CURRENCIES, day_of
from config.demo.demand import Demand, moves_plan, orders_make
from config.demo.lines import GIFT, ORDER_TYPES, Lines, lines_make
from config.demo.planted import Planted
from config.demo.sizes import MONTHS
from config.demo.writing import rows_table
from distributors.ledger.models import LineKind, OrderType, SaleLine

CORRECTED = 0.002
DUPLICATES_NOTED = 40
PROMISED_DAYS = 7


@dataclass
class Ledger:
    """What the rows of the lines refer to, and what each batch holds."""

    demand: Demand
    catalogue: Catalogue
    planted: Planted
    rates: np.ndarray
    source: int
    first_batch: int
    sellers: list[str]
    territories: list[str]
    seed: int
    moves: dict[int, float] = field(default_factory=dict)
    new: list[int] = field(default_factory=lambda: [0] * MONTHS)
    changed: list[int] = field(default_factory=lambda: [0] * MONTHS)


def tables_make(ledger: Ledger, close: int) -> Iterator[pa.Table]:
    """Yield the rows of each month; class moves are planted in month `close`, the last one that is whole."""
    demand = ledger.demand
    for month in range(MONTHS):
        rng = np.random.default_rng([ledger.seed, 1000 + month])
        demand.moves = {}
        if month == close:
            moves_plan(demand, month)
            ledger.moves = demand.moves
        orders = orders_make(demand, month, rng)
        start = (demand.months[month].first - demand.first).days
        rates = ledger.rates[:, start : start + demand.months[month].days]
        lines = lines_make(demand, month, orders, ledger.catalogue, rates, rng)
        yield from _month_tables(ledger, month, lines, rng)


def _month_tables(ledger: Ledger, month: int, lines: Lines, rng: np.random.Generator) -> Iterator[pa.Table]:
    corrected = np.empty(0, dtype=np.int64)
    if month < MONTHS - 1:
        corrected = np.flatnonzero((lines.type < GIFT - 1) & ~lines.returned & (rng.random(lines.size) < CORRECTED))
    names = _names(ledger, month, lines)
    superseded = np.zeros(lines.size, dtype=np.int64)
    superseded[corrected] = ledger.first_batch + month + 1
    final = np.ones(lines.size, dtype=bool)
    final[corrected] = False
    _count(ledger, month, lines, final)
    ledger.new[month] += lines.size
    yield _table(ledger, month, lines, names, superseded=superseded)
    if len(corrected):
        again = lines.take(corrected)
        cheaper = rng.random(again.size) < 0.5
        again.price = np.where(cheaper, np.maximum(1, again.price * 97 // 100), again.price)
        more = np.where(cheaper | again.cartons, 0, 1)
        again.quantity, again.base_quantity = again.quantity + more, again.base_quantity + more
        again.price = np.where(again.cartons & ~cheaper, again.price + 10, again.price)
        _count(ledger, month, again, np.ones(again.size, dtype=bool))
        ledger.changed[month + 1] += again.size
        yield _table(ledger, month, again, [name.take(pa.array(corrected)) for name in names], revision=2)
    yield from _duplicates(ledger, month, lines, names, corrected, rng)


def _duplicates(
    ledger: Ledger, month: int, lines: Lines, names: list[pa.Array], corrected: np.ndarray, rng: np.random.Generator
) -> Iterator[pa.Table]:
    """Yield lines that the ERP booked twice, under keys of their own."""
    wanted = ledger.demand.size.duplicates
    count = wanted * (month + 1) // MONTHS - wanted * month // MONTHS
    single = np.setdiff1d(np.flatnonzero((lines.type == 0) & ~lines.returned), corrected)
    chosen = np.sort(rng.permutation(single)[:count])
    if not len(chosen):
        return
    again = lines.take(chosen)
    keys, orders = (name.take(pa.array(chosen)) for name in names)
    doubled = pc.binary_join_element_wise(keys, "D", "")
    for index in range(len(chosen)):
        if ledger.planted.counts().get("duplicate", 0) < DUPLICATES_NOTED:
            ledger.planted.add(
                "duplicate", "The same line came under two keys",
                ledger.demand.channel.code[again.who[index]],
                day_of(ledger.demand.months[month].first.toordinal() + again.day[index]),
                "import duplicates", line=keys[index].as_py(), again=doubled[index].as_py(),
            )  # fmt: skip
    _count(ledger, month, again, np.ones(again.size, dtype=bool))
    ledger.new[month] += again.size
    yield _table(ledger, month, again, [doubled, orders])


def _count(ledger: Ledger, month: int, lines: Lines, final: np.ndarray) -> None:
    """Add what stays of these lines to the distributors' sales of the month, in cents of the base currency."""
    amount = lines.in_base(lines.amount)[final] / 100
    ledger.demand.actual[:, month] += np.bincount(lines.who[final], amount, ledger.demand.channel.size)


def _names(ledger: Ledger, month: int, lines: Lines) -> list[pa.Array]:
    """Return the keys of the lines and the numbers of their orders."""
    stamp = f"{ledger.demand.months[month].first:%Y%m}"
    return [
        pc.binary_join_element_wise(prefix, pc.utf8_lpad(pa.array(number).cast(pa.string()), 6, "0"), "")
        for prefix, number in ((f"L{stamp}-", np.arange(1, lines.size + 1)), (f"SO{stamp}-", lines.order + 1))
    ]


def _table(
    ledger: Ledger,
    month: int,
    lines: Lines,
    names: list[pa.Array],
    *,
    revision: int = 1,
    superseded: np.ndarray | None = None,
) -> pa.Table:
    demand, channel = ledger.demand, ledger.demand.channel
    first = demand.months[month].first
    days = (np.datetime64(first) + lines.day).astype("datetime64[D]")
    rep = np.where(month < channel.moved_in, channel.rep_before, channel.rep)[lines.who]
    delivered = days + np.timedelta64(2, "D") + ((lines.order * 7 + lines.day) % 10).astype("timedelta64[D]")
    return rows_table(
        SaleLine,
        {
            "source_id": ledger.source,
            "external_id": names[0],
            "revision": revision,
            "batch_id": ledger.first_batch + month + revision - 1,
            "superseded_by_id": _or_null(superseded, lines.size),
            "distributor_id": channel.pk[lines.who],
            "product_id": ledger.catalogue.pk[lines.product],
            "day": pa.array(days),
            "kind": _words([LineKind.SELL_IN, LineKind.RETURN], lines.returned.astype(np.int64)),
            "order_type": _words([*ORDER_TYPES, OrderType.GIFT], lines.type),
            "quantity": lines.quantity * 10_000,
            "unit": _words(["pc", "carton"], lines.cartons.astype(np.int64)),
            "base_quantity": lines.base_quantity * 10_000,
            **_amounts(lines),
            "order_number": names[1],
            "promotion": _words(["", f"PR-{first:%Y}Q{(first.month + 2) // 3}"], (lines.type == 1).astype(np.int64)),
            "salesperson": _words(ledger.sellers, rep),
            "ship_to": _words(ledger.territories, channel.leaf[lines.who]),
            "promised_on": pa.array(days + np.timedelta64(PROMISED_DAYS, "D")),
            "delivered_on": pa.array(delivered, mask=delivered > np.datetime64(demand.last)),
        },
        lines.size,
    )


def _amounts(lines: Lines) -> dict[str, Any]:
    amounts = {"amount": lines.amount, "tax": lines.tax, "cost": lines.cost}
    based = {f"base_{name}": lines.in_base(values) for name, values in amounts.items()}
    return {**amounts, **based, "currency": _words(CURRENCIES, lines.currency)}


def _or_null(values: np.ndarray | None, count: int) -> pa.Array:
    if values is None:
        return pa.nulls(count, pa.int64())
    return pa.array(values, mask=values == 0)


def _words(words: list[str] | tuple[str, ...], index: np.ndarray) -> pa.Array:
    return pa.array([str(word) for word in words]).take(pa.array(index))


def batch_dates(demand: Demand) -> list[str]:
    """Return when each month's batch came in: the second of the next month, at the latest the end of the data."""
    found = []
    for month in demand.months:
        day = min(month.first + timedelta(days=month.days + 1), demand.last + timedelta(days=1))
        found.append(f"{day} 01:30:00")
    return found

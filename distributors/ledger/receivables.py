"""What is settled and what is open, worked out from the invoices and payments in force, and kept beside them."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from core.contributors import collect
from core.database import (
    byte_order_sql,
    copy_rows,
    create_stage,
    date_sql,
    days_between_sql,
    differs_sql,
    drop_stage,
    integer_columns,
    letters_sql,
    rows,
    run,
)
from distributors.ledger.calculations.allocation import UNKNOWN, Ints, Items, Means, Settled, Stated, allocate
from distributors.ledger.merged import counts_for, family_sql
from distributors.ledger.records import Allocation, Invoice, OpenItem, Order, Payment
from distributors.ledger.settlements import stated_write
from distributors.ledger.surroundings import Surroundings
from distributors.profiles.models import Standing

ALLOCATIONS = Allocation._meta.db_table
OPEN_ITEMS = OpenItem._meta.db_table
INVOICES = Invoice._meta.db_table
PAYMENTS = Payment._meta.db_table
ORDERS = Order._meta.db_table
STANDING = Standing._meta.db_table
STATED = "stage_receivables"
EPOCH = date(1970, 1, 1)
NOT_HIS = -1
COUNTS, WHOSE = counts_for("t")

STANDING_COLUMNS = (
    "receivable",
    "overdue",
    "oldest_overdue_on",
    "prepaid",
    "ordered_open",
    "receivable_as_of",
)


@dataclass(frozen=True)
class _Side:
    """Invoices, or what settles them, as columns; credit notes have the key of their row below zero."""

    key: Ints
    account: Ints
    currency: Ints
    amount: Ints
    base: Ints
    day: Ints
    due: Ints
    flag: Ints
    order: Ints

    @classmethod
    def read(cls, sql: str, order: str) -> "_Side":
        """Read the rows of a SELECT, numbered in an order."""
        numbered = f"SELECT x.*, row_number() OVER (ORDER BY {order}) AS place FROM ({sql}) AS x"
        names = "key, account, letters, amount, base, day, due, flag, place"
        return cls(*integer_columns(f"SELECT {names} FROM ({numbered}) AS y ORDER BY key", (), 9))

    def find(self, keys: Ints) -> Ints:
        """Return the places of keys, UNKNOWN where there is none."""
        if not len(self.key):
            return np.full(len(keys), UNKNOWN)
        places = np.minimum(np.searchsorted(self.key, keys), len(self.key) - 1)
        return np.where(self.key[places] == keys, places, UNKNOWN)


def _columns(key: str, due: str, flag: str) -> str:
    """Return the columns of one side as whole numbers; days are counted from 1970."""
    days = [f"CAST({days_between_sql(f't.{column}', date_sql(EPOCH))} AS bigint)" for column in ("day", due)]
    return (
        f"{key} AS key, {WHOSE} AS account, {letters_sql('t.currency')} AS letters, t.amount, "
        f"t.base_amount AS base, {days[0]} AS day, {days[1]} AS due, CAST({flag} AS bigint) AS flag, "
        f"{byte_order_sql('t.external_id')} AS number, t.source_id AS source"
    )


def _only(touched: str | None) -> str:
    return f" AND t.distributor_id IN ({family_sql(touched)})" if touched else ""


def _items(touched: str | None) -> _Side:
    columns = _columns("t.id", "due_on", "CASE WHEN t.disputed THEN 1 ELSE 0 END")
    return _Side.read(
        f"SELECT {columns} FROM {INVOICES} t {COUNTS} WHERE t.superseded_by_id IS NULL AND t.kind = 'invoice' "
        f"AND NOT t.cancelled{_only(touched)}",
        "due, number, source",
    )


def _means(touched: str | None) -> _Side:
    """Read payments that are not reversed, and credit notes; the flag says which of them settle the oldest."""
    payments = _columns("t.id", "day", "CASE WHEN t.kind = 'settlement' THEN 1 ELSE 0 END")
    notes = _columns("-t.id", "day", "1")
    return _Side.read(
        f"SELECT {payments} FROM {PAYMENTS} t {COUNTS} WHERE t.superseded_by_id IS NULL AND t.reverses = '' "
        f"AND (t.source_id, t.external_id) NOT IN (SELECT r.source_id, r.reverses FROM {PAYMENTS} r "
        f"WHERE r.superseded_by_id IS NULL AND r.reverses <> ''){_only(touched)} UNION ALL "
        f"SELECT {notes} FROM {INVOICES} t {COUNTS} WHERE t.superseded_by_id IS NULL AND t.kind = 'credit_note' "
        f"AND NOT t.cancelled AND t.amount > 0{_only(touched)}",
        "day, number, source, key",
    )


def _stated(touched: str | None, items: _Side, means: _Side) -> Stated:
    """Return what is stated; invoices that are cancelled or another distributor's are as if not stated."""
    named = "SELECT {key}, t.settles FROM {table} t WHERE t.superseded_by_id IS NULL AND t.settles <> ''{only}"
    found = [
        pair
        for key, table in (("t.id", PAYMENTS), ("-t.id", INVOICES))
        for pair in rows(named.format(key=key, table=table, only=_only(touched)))
    ]
    nothing = np.array([], np.int64)
    if not found:
        return Stated(nothing, nothing, nothing, nothing, nothing, nothing)
    keys, texts = zip(*found, strict=True)
    stated_write(STATED, pa.array(keys, pa.int64()), pa.array(texts, pa.string()))
    theirs_join, their_whose = counts_for("i", "h")
    theirs = " UNION ALL ".join(
        "SELECT x.key, x.place, coalesce(x.amount, -1) AS amount, CASE WHEN i.id IS NULL THEN 0 "
        f"WHEN i.cancelled OR i.kind <> 'invoice' OR {their_whose} <> {WHOSE} THEN {NOT_HIS} "
        f"ELSE i.id END AS item FROM {STATED} x JOIN {table} t ON t.id = {key} LEFT JOIN {INVOICES} i "
        "ON i.source_id = t.source_id AND i.external_id = x.number AND i.superseded_by_id IS NULL "
        f"{COUNTS} {theirs_join}"
        for key, table in (("x.key", PAYMENTS), ("-x.key", INVOICES))
    )
    key, place, amount, item_key = integer_columns(f"SELECT key, place, amount, item FROM ({theirs}) AS y", (), 4)
    drop_stage(STATED)
    one = means.find(key)
    holds = (one != UNKNOWN) & (item_key != NOT_HIS)
    one, item = one[holds], items.find(item_key[holds])
    rate, item_rate = _rates(items, means, one, item)
    item = np.where(rate > 0, item, UNKNOWN)
    return Stated(one, item, place[holds], amount[holds], np.maximum(rate, 1), np.maximum(item_rate, 1))


def _rates(items: _Side, means: _Side, one: Ints, item: Ints) -> tuple[Ints, Ints]:
    """Return the rates of both currencies on the day of the means: one where they are the same, zero where unknown."""
    rate, item_rate = np.ones(len(one), np.int64), np.ones(len(one), np.int64)
    known = np.flatnonzero(item != UNKNOWN)
    foreign = known[means.currency[one[known]] != items.currency[item[known]]]
    if not len(foreign):
        return rate, item_rate
    around = Surroundings(source_code="", actor=None)
    days = means.day[one[foreign]]
    for target, letters in ((rate, means.currency[one[foreign]]), (item_rate, items.currency[item[foreign]])):
        pairs, back = np.unique(np.stack([letters, days]), axis=1, return_inverse=True)
        found = [around.rate_of(_letters(code), EPOCH + timedelta(days=day)) for code, day in pairs.T.tolist()]
        target[foreign] = np.array([pair[0] if pair else 0 for pair in found])[back.reshape(-1)]
    lacking = foreign[(rate[foreign] == 0) | (item_rate[foreign] == 0)]
    rate[lacking] = 0
    return rate, item_rate


def _letters(code: int) -> str:
    return bytes([code >> 16, code >> 8 & 255, code & 255]).decode()


def _part(base: Ints, part: Ints, whole: Ints) -> Ints:
    """Return the part of base amounts that is open, half-up; what is open whole keeps its base amount."""
    result = base.copy()
    cut = np.flatnonzero(part != whole)
    wide, by = base[cut].astype(object) * part[cut], whole[cut].astype(object)
    result[cut] = np.array((2 * wide + by) // (2 * by), dtype=np.int64)
    return result


def _keys(keys: Ints, wanted: npt.NDArray[np.bool_]) -> pa.Array:
    return pa.array(np.abs(keys), pa.int64(), mask=~wanted)


def _days(days: Ints) -> pa.Array:
    return pa.array(days.astype(np.int32), pa.int32()).cast(pa.date32())


def receivables_computed(touched: str | None = None) -> tuple[pa.Table, pa.Table]:
    """Return the allocations and the open items that follow from the facts of all distributors, or of those touched."""
    items, means = _items(touched), _means(touched)
    found = allocate(
        Items(items.account, items.currency, items.amount, items.order),
        Means(means.account, means.currency, means.amount, means.order, means.flag == 1),
        _stated(touched, items, means),
    )
    return _allocation_rows(items, means, found), _open_rows(items, means, found)


def _allocation_rows(items: _Side, means: _Side, found: Settled) -> pa.Table:
    by = means.key[found.means]
    return pa.table(
        {
            "distributor_id": items.account[found.item],
            "invoice_id": items.key[found.item],
            "payment_id": _keys(by, by > 0),
            "credit_note_id": _keys(by, by < 0),
            "day": _days(np.maximum(means.day[found.means], items.day[found.item])),
            "amount": found.amount,
            "used": found.used,
            "stated": found.stated,
        }
    )


def _open_rows(items: _Side, means: _Side, found: Settled) -> pa.Table:
    parts = []
    for side, left, prefix in ((items, found.open, "invoice"), (means, found.left, "")):
        some = np.flatnonzero(left > 0)
        key, part = side.key[some], left[some]
        is_payment = np.full(len(some), not prefix) & (key > 0)
        kind = np.where(side.flag[some] == 1, "credit", "prepaid") if not prefix else np.full(len(some), prefix)
        letters, back = np.unique(side.currency[some], return_inverse=True)
        currencies = pa.array([_letters(code) for code in letters.tolist()], pa.string())
        columns = {
            "distributor_id": side.account[some],
            "kind": pa.array(kind.tolist(), pa.string()),
            "invoice_id": _keys(key, ~is_payment),
            "payment_id": _keys(key, is_payment),
            "due_on": _days(side.due[some]),
            "amount": part,
            "currency": currencies.take(pa.array(back.reshape(-1))),
            "base_amount": _part(side.base[some], part, side.amount[some]),
            "disputed": pa.array((side.flag[some] == 1) & bool(prefix)),
        }
        parts.append(pa.table(columns))
    return pa.concat_tables(parts)


def allocations_refresh(*, touched: str | None) -> None:
    """Make allocations and open items again: of the distributors in table `touched`, or all of them."""
    where = f" WHERE distributor_id IN (SELECT distributor_id FROM {touched})" if touched else ""
    for table, made in zip((ALLOCATIONS, OPEN_ITEMS), receivables_computed(touched), strict=True):
        run(f"DELETE FROM {table}{where}")
        copy_rows(table, made.combine_chunks().to_batches())


def receivable_standing_sql(*, as_of: date, pairs: str | None = None) -> str:
    """Return the SELECT of every distributor's receivable as of a day, or of those in table `pairs`, in base currency.

    Overdue is what was due before that day.
    """
    only = f" AND t.distributor_id IN (SELECT distributor_id FROM {pairs})" if pairs else ""
    late = f"t.kind = 'invoice' AND t.due_on < {date_sql(as_of)}"

    def total(condition: str) -> str:
        return f"sum(CASE WHEN {condition} THEN t.base_amount ELSE 0 END)"

    is_invoice = "t.kind = 'invoice'"
    return (
        f"WITH items AS (SELECT t.distributor_id, {total(is_invoice)} AS receivable, {total(late)} AS overdue, "
        f"min(CASE WHEN {late} THEN t.due_on END) AS oldest, {total(f'NOT {is_invoice}')} AS prepaid "
        f"FROM {OPEN_ITEMS} t WHERE 1 = 1{only} GROUP BY t.distributor_id), "
        f"ordered AS (SELECT {WHOSE} AS distributor_id, sum(t.base_open_amount) AS total FROM {ORDERS} t {COUNTS} "
        f"WHERE t.superseded_by_id IS NULL AND t.state = 'open'{_only(pairs)} GROUP BY {WHOSE}) "
        "SELECT t.distributor_id, coalesce(i.receivable, 0) AS receivable, coalesce(i.overdue, 0) AS overdue, "
        "i.oldest AS oldest_overdue_on, coalesce(i.prepaid, 0) AS prepaid, coalesce(o.total, 0) AS ordered_open, "
        f"{date_sql(as_of)} AS receivable_as_of FROM {STANDING} t "
        "LEFT JOIN items i ON i.distributor_id = t.distributor_id "
        f"LEFT JOIN ordered o ON o.distributor_id = t.distributor_id WHERE 1 = 1{only}"
    )


def receivable_standings_refresh(*, as_of: date, pairs: str | None = None) -> int:
    """Write the receivables of Standing as of a day where they differ; return how many rows changed."""
    sets = ", ".join(f"{name} = f.{name}" for name in STANDING_COLUMNS)
    differ = " OR ".join(differs_sql(f"t.{name}", f"f.{name}") for name in STANDING_COLUMNS)
    return run(
        f"UPDATE {STANDING} AS t SET {sets} FROM ({receivable_standing_sql(as_of=as_of, pairs=pairs)}) AS f "
        f"WHERE f.distributor_id = t.distributor_id AND ({differ})"
    )


def receivables_refresh(touched: str | None, as_of: date) -> None:
    """Bring allocations, open items and standings in step with the facts, of those touched or of all."""
    allocations_refresh(touched=touched)
    receivable_standings_refresh(as_of=as_of, pairs=touched)
    collect("receivables_moved", touched, as_of)


def foreign_refresh(as_of: date) -> None:
    """Settle anew, once rates have changed, whoever states invoices that may be in another currency."""
    table = f"{STATED}_foreign"
    create_stage(table, [("distributor_id", "bigint")])
    held = f"SELECT DISTINCT {WHOSE} AS account, t.currency FROM {{}} t {COUNTS} WHERE t.superseded_by_id IS NULL"
    stated = " UNION ".join(f"{held.format(one)} AND t.settles <> ''" for one in (PAYMENTS, INVOICES))
    found = run(
        f"INSERT INTO {table} SELECT DISTINCT p.account FROM ({stated}) AS p JOIN ({held.format(INVOICES)}) AS i "
        "ON i.account = p.account AND i.currency <> p.currency"
    )
    if found:
        receivables_refresh(table, as_of)
    drop_stage(table)


def ordered_refresh(touched: str | None, as_of: date) -> None:
    """Bring what is ordered and not invoiced in step with the orders."""
    receivable_standings_refresh(as_of=as_of, pairs=touched)
    collect("receivables_moved", touched, as_of)

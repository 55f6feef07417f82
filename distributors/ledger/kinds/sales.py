"""Sale lines: revisions in batches, with base amounts by the rate of their day."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.database import analyze, create_stage, month_sql, rows, run
from distributors.ledger.batches import batch_issue
from distributors.ledger.fields import RATE_SCALE
from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.models import LineKind, OrderType, SaleLine
from distributors.ledger.parsing import Findings, times_factor, times_rate
from distributors.ledger.rollups import rollups_refresh, standings_refresh
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings

TABLE = SaleLine._meta.db_table
CURRENT = "t.superseded_by_id IS NULL"

FIELDS = (
    Field("external_id", gettext_lazy("line"), required=True, key=True, max_length=80),
    Field("distributor", gettext_lazy("distributor"), required=True, refers="distributor"),
    Field("product", gettext_lazy("product"), required=True, refers="product"),
    Field("day", gettext_lazy("date"), type="date", required=True, past=True),
    Field("kind", gettext_lazy("kind"), type="choice", choices=dict(LineKind.choices), default="sell_in"),
    Field("order_type", gettext_lazy("order type"), type="choice", choices=dict(OrderType.choices), default="regular"),
    Field("quantity", gettext_lazy("quantity"), type="quantity", required=True),
    Field("unit", gettext_lazy("unit"), max_length=20),
    Field("amount", gettext_lazy("net amount"), type="amount", required=True),
    Field("tax", gettext_lazy("tax"), type="amount", default="0"),
    Field("cost", gettext_lazy("cost"), type="amount"),
    Field(
        "currency",
        gettext_lazy("currency"),
        required=True,
        pattern="^[A-Z]{3}$",
        hint=gettext_lazy("Not a currency code of three capital letters."),
    ),
    Field("order_number", gettext_lazy("order"), max_length=60),
    Field("promotion", gettext_lazy("promotion"), max_length=60),
    Field("salesperson", gettext_lazy("salesperson"), max_length=40, refers="person", keep_code=True),
    Field("ship_to", gettext_lazy("ship-to territory"), max_length=40, refers="territory", keep_code=True),
    Field("buyer", gettext_lazy("buyer"), max_length=120),
    Field("serial", gettext_lazy("batch or serial"), max_length=80),
    Field("promised_on", gettext_lazy("promised delivery"), type="date"),
    Field("delivered_on", gettext_lazy("actual delivery"), type="date"),
)
DERIVED = (
    ("base_quantity", "bigint"),
    ("base_amount", "bigint"),
    ("base_tax", "bigint"),
    ("base_cost", "bigint"),
    ("rate_carried", "boolean"),
)
LINE_COLUMNS = tuple(name for name, _type in (*(field.stored for field in FIELDS), *DERIVED))
FIXED = ("external_id", "distributor_id", "day")
COMPARED = tuple(name for name in LINE_COLUMNS if name not in FIXED)

CHECKS = (
    Check(
        "kind",
        gettext_lazy("A return has a negative quantity and amount."),
        "SELECT row, kind AS value FROM {stage} WHERE kind = 'return' AND (amount > 0 OR quantity > 0)",
    ),
    Check(
        "distributor",
        gettext_lazy("A correction keeps the distributor; send a reversal and a new line instead."),
        f"SELECT s.row, s.external_id AS value FROM {{stage}} s JOIN {TABLE} t ON t.source_id = {{source}} "
        f"AND t.external_id = s.external_id AND {CURRENT} WHERE t.distributor_id <> s.distributor_id",
        last=True,
    ),
    Check(
        "day",
        gettext_lazy("A correction keeps the date; send a reversal and a new line instead."),
        f"SELECT s.row, s.external_id AS value FROM {{stage}} s JOIN {TABLE} t ON t.source_id = {{source}} "
        f"AND t.external_id = s.external_id AND {CURRENT} WHERE t.day <> s.day",
        last=True,
    ),
)


def lines_derive(table: pa.Table, around: Surroundings, findings: Findings) -> pa.Table:
    """Add base quantity and base amounts, all half-up to four decimals."""
    rates, carried = _rates(table, around, findings)
    columns = {"base_quantity": _base_quantity(table, around, findings)}
    for name in ("amount", "tax", "cost"):
        units = table[name].combine_chunks()
        columns[f"base_{name}"] = based = _based(units, rates)
        over = pc.and_(pc.and_(units.is_valid(), rates.is_valid()), based.is_null())
        if pc.any(over).as_py():
            findings.mark(over, _rows(table), name, units, _("The amount in base currency is too large."))
    columns["rate_carried"] = carried
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table


def _rows(table: pa.Table) -> pa.Array:
    return table["row"].combine_chunks()


def _rates(table: pa.Table, around: Surroundings, findings: Findings) -> tuple[pa.Array, pa.Array]:
    """Return the rate of each row's currency and day and whether it was carried forward; asked once for each pair."""
    currency, day = table["currency"].combine_chunks(), table["day"].combine_chunks()
    pairs = pc.binary_join_element_wise(currency, day.cast(pa.string()), " ", null_handling="emit_null")
    coded = pairs.dictionary_encode()
    found = [_rate(pair, around) for pair in coded.dictionary.to_pylist()]
    rates = pa.array([one[0] for one in found], pa.int64()).take(coded.indices)
    carried = pc.fill_null(pa.array([one[1] for one in found], pa.bool_()).take(coded.indices), False)
    unknown = pc.fill_null(pa.array([one[2] for one in found], pa.bool_()).take(coded.indices), False)
    findings.mark(
        unknown, _rows(table), "currency", currency, _("This currency is not known: there is no rate for it.")
    )
    absent = pc.and_(pc.and_(rates.is_null(), pairs.is_valid()), pc.invert(unknown))
    findings.mark(
        absent, _rows(table), "currency", pairs, _("There is no rate for this day, nor for the seven days before it.")
    )
    return rates, carried


def _rate(pair: str, around: Surroundings) -> tuple[int | None, bool, bool]:
    """Return (rate, carried forward, currency unknown) for "CUR 2013-01-31"."""
    currency, day = pair.split(" ")
    if currency == around.base_currency:
        return RATE_SCALE, False, False
    found = around.rate_on(currency, date.fromisoformat(day))
    return (*found, False) if found else (None, False, currency not in around.rates)


def _based(units: pa.Array, rates: pa.Array) -> pa.Array:
    """Return amounts in base currency; amounts in it already are taken as they are."""
    foreign = pc.fill_null(pc.not_equal(rates, RATE_SCALE), True)
    if not pc.any(foreign).as_py():
        return units
    places = np.flatnonzero(foreign.to_numpy(zero_copy_only=False))
    chosen = pa.array(places)
    return pc.replace_with_mask(units, foreign, times_rate(units.take(chosen), rates.take(chosen)))


def _base_quantity(table: pa.Table, around: Surroundings, findings: Findings) -> pa.Array:
    """Return the quantity in base units by the product's units; no unit is the base unit."""
    quantity, unit = table["quantity"].combine_chunks(), table["unit"].combine_chunks()
    if not pc.any(pc.not_equal(unit, "")).as_py():
        return quantity
    product = table["product_id"].combine_chunks()
    pairs = pc.binary_join_element_wise(product.cast(pa.string()), unit, " ", null_handling="emit_null")
    coded = pairs.dictionary_encode()
    found = [_factor(pair, around) for pair in coded.dictionary.to_pylist()]
    factors = pa.array(found, pa.int64()).take(coded.indices)
    unknown = pc.and_(factors.is_null(), pairs.is_valid())
    findings.mark(unknown, _rows(table), "unit", unit, _("The product has no such unit."))
    return times_factor(quantity, factors)


def _factor(pair: str, around: Surroundings) -> int | None:
    product, unit = pair.split(" ", 1)
    return around.units.get((int(product), unit)) if unit else 10_000


def lines_publish(stage: Stage, around: Surroundings) -> Counts:
    """Write new and changed lines as revisions of one batch; what is the same already makes no batch."""
    source = around.source_made()
    counts = _match(stage, source.pk)
    if not counts.new and not counts.changed:
        return counts
    batch = batch_issue(stage=stage, source=source, counts=counts)
    if counts.changed:
        run(
            f"UPDATE {TABLE} SET superseded_by_id = {batch} "
            f"WHERE id IN (SELECT prior_id FROM {stage.prior} WHERE changed)"
        )
    _touch(stage, counts)
    names = ", ".join(LINE_COLUMNS)
    mine = ", ".join(f"s.{name}" for name in LINE_COLUMNS)
    revision, joins = "1", ""
    if counts.changed or counts.same:
        revision = "coalesce(t.revision, 0) + 1"
        joins = (
            f"LEFT JOIN {stage.prior} p ON p.row = s.row LEFT JOIN {TABLE} t ON t.id = p.prior_id "
            "WHERE p.row IS NULL OR p.changed"
        )
    run(
        f"INSERT INTO {TABLE} (source_id, batch_id, revision, {names}) "
        f"SELECT {source.pk}, {batch}, {revision}, {mine} FROM {stage.table} s {joins}"
    )
    rollups_refresh(pairs=stage.touched)
    standings_refresh(as_of=around.today, pairs=stage.touched)
    return Counts(counts.new, counts.changed, counts.same, batch)


def _match(stage: Stage, source_id: int) -> Counts:
    if not rows(f"SELECT 1 FROM {TABLE} WHERE source_id = {source_id} LIMIT 1"):
        return Counts(new=stage.count())
    on = f"t.source_id = {source_id} AND t.external_id = s.external_id AND {CURRENT}"
    return stage.match(TABLE, on, [(f"s.{name}", f"t.{name}") for name in COMPARED])


def _touch(stage: Stage, counts: Counts) -> None:
    """Write down which months of which distributors the published rows fall into."""
    create_stage(stage.touched, [("distributor_id", "bigint"), ("month", "date")])
    left_out = ""
    if counts.same:
        left_out = f"WHERE NOT EXISTS (SELECT 1 FROM {stage.prior} p WHERE p.row = s.row AND NOT p.changed)"
    run(
        f"INSERT INTO {stage.touched} (distributor_id, month) "
        f"SELECT DISTINCT s.distributor_id, {month_sql('s.day')} FROM {stage.table} s {left_out}"
    )
    analyze(stage.touched)


def lines_from_dicts(records: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """Return records as columns of text, as a file would give them."""
    names = [field.name for field in FIELDS]
    return {name: ["" if one.get(name) is None else str(one[name]) for one in records] for name in names}


SALES = kind_add(
    Kind(
        name="sales",
        title=gettext_lazy("Sale lines"),
        permission="ledger.add_import",
        order=60,
        fields=FIELDS,
        publish=lines_publish,
        checks=CHECKS,
        derive=lines_derive,
        derived=DERIVED,
        target_unique=True,
    )
)

"""What kinds with amounts share: base amounts by the rate of their day, and quantities in base units."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext_noop as _

from core.sentences import Sentence
from distributors.ledger.fields import RATE_SCALE
from distributors.ledger.findings import Findings
from distributors.ledger.kinds.declaration import Field
from distributors.ledger.parsing import times_factor, times_rate
from distributors.ledger.surroundings import Surroundings

CURRENCY = Field(
    "currency",
    _("currency"),
    required=True,
    pattern="^[A-Z]{3}$",
    hint=_("Not a currency code of three capital letters: write one such as CNY or EUR."),
)


def rows_of(table: pa.Table) -> pa.Array:
    """Return the row numbers of a chunk."""
    return table["row"].combine_chunks()


def with_base(table: pa.Table, names: tuple[str, ...], around: Surroundings, findings: Findings) -> pa.Table:
    """Add `base_<name>` of each amount by the rate of `currency` on `day`, half-up, and `rate_carried`."""
    rates, carried = _rates(table, around, findings)
    for name in names:
        units = table[name].combine_chunks()
        based = _based(units, rates)
        over = pc.and_(pc.and_(units.is_valid(), rates.is_valid()), based.is_null())
        if pc.any(over).as_py():
            findings.mark(
                over,
                rows_of(table),
                name,
                units,
                Sentence(_("The amount in base currency is too large: mend the amount or the rate of its day.")),
            )
        table = table.append_column(f"base_{name}", based)
    return table.append_column("rate_carried", carried)


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
        unknown,
        rows_of(table),
        "currency",
        currency,
        Sentence(_("This currency is not known: bring in exchange rates for it first, or mend the cell.")),
    )
    absent = pc.and_(pc.and_(rates.is_null(), pairs.is_valid()), pc.invert(unknown))
    reason = Sentence(
        _("There is no rate for this day, nor for the seven days before it: bring in exchange rates first.")
    )
    findings.mark(absent, rows_of(table), "currency", pairs, reason)
    return rates, carried


def _rate(pair: str, around: Surroundings) -> tuple[int | None, bool, bool]:
    """Return (rate, carried forward, currency unknown) for "CUR 2013-01-31"."""
    currency, day = pair.split(" ")
    found = around.rate_of(currency, date.fromisoformat(day))
    return (*found, False) if found else (None, False, currency not in around.rates)


def _based(units: pa.Array, rates: pa.Array) -> pa.Array:
    """Return amounts in base currency; amounts in it already are taken as they are."""
    foreign = pc.fill_null(pc.not_equal(rates, RATE_SCALE), True)
    if not pc.any(foreign).as_py():
        return units
    places = np.flatnonzero(foreign.to_numpy(zero_copy_only=False))
    chosen = pa.array(places)
    return pc.replace_with_mask(units, foreign, times_rate(units.take(chosen), rates.take(chosen)))


def base_quantity(table: pa.Table, around: Surroundings, findings: Findings) -> pa.Array:
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
    findings.mark(
        unknown,
        rows_of(table),
        "unit",
        unit,
        Sentence(
            _("The product has no such unit: add the unit to the product, or leave the cell empty for its base unit.")
        ),
    )
    return times_factor(quantity, factors)


def _factor(pair: str, around: Surroundings) -> int | None:
    product, unit = pair.split(" ", 1)
    return around.units.get((int(product), unit)) if unit else 10_000

"""Columns of text become typed columns, all cells of a column at once; what does not fit is named by row."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.money import SCALE
from distributors.ledger import totals
from distributors.ledger.cell_types import HALF_UP, TypedColumn, low_words
from distributors.ledger.fields import RATE_DECIMALS
from distributors.ledger.findings import Findings
from distributors.ledger.kinds.declaration import Field, Kind
from distributors.ledger.mapping import PLACEHOLDER, ColumnPlan, Layer, Profile
from distributors.ledger.reading import Block
from distributors.ledger.surroundings import Surroundings

BASE_MOST = 10**17


def parse_block(block: Block, profile: Profile, kind: Kind, around: Surroundings, findings: Findings) -> pa.Table:
    """Return the block's rows as the stage has them; rows with a finding are left out."""
    parts = [_parse_layer(block, layer, profile, kind, around, findings) for layer in profile.layers]
    return parts[0] if len(parts) == 1 else pa.concat_tables(parts)


def parse_field(
    field: Field, block: Block, layer: Layer, profile: Profile, around: Surroundings, findings: Findings
) -> tuple[pa.Array, pa.Array]:
    """Return the texts that the file gives for a field, and the typed column, null where one was empty or wrong."""
    plan = layer.get(field.name) or ColumnPlan(default=field.default)
    texts = field_texts(plan, block.cells, len(block.rows))
    beside = layer.get("currency")
    currency = None if beside is None else lambda: field_texts(beside, block.cells, len(block.rows))
    column = TypedColumn(field, plan, block.rows, profile, around, findings, currency)
    return texts, column.parse(texts)


def _parse_layer(
    block: Block, layer: Layer, profile: Profile, kind: Kind, around: Surroundings, findings: Findings
) -> pa.Table:
    before, kept = findings.count, len(findings.kept)
    columns: dict[str, pa.Array] = {"row": block.rows}
    for field in kind.fields:
        columns[field.stored[0]] = parse_field(field, block, layer, profile, around, findings)[1]
    table = pa.table(columns)
    table = rows_derived(table, layer, kind, around, findings, kept)
    table = totals.named(block, table, kind, findings, kept)
    return rows_whole(table, kind) if findings.count > before else table


def rows_derived(
    table: pa.Table, layer: Layer, kind: Kind, around: Surroundings, findings: Findings, since: int
) -> pa.Table:
    """Return the rows with what is derived; what follows only from what is wrong with a row already is not told."""
    if kind.derive is None:
        return table
    derived = len(findings.kept)
    table = kind.derive(table, around, findings)
    told = {one.row for one in findings.kept[since:derived]}
    fresh = [one for one in findings.kept[derived:] if one.row not in told]
    findings.count -= len(findings.kept) - derived - len(fresh)
    findings.kept[derived:] = fresh
    findings.rename(derived, {name: plan.shown for name, plan in layer.items() if plan.shown})
    return table


def rows_whole(table: pa.Table, kind: Kind) -> pa.Table:
    """Return the rows in which all stands that is required."""
    names = [field.stored[0] for field in kind.fields if field.required]
    needed = [table[name].is_valid() for name in (*names, *kind.needed)]
    whole = needed[0]
    for one in needed[1:]:
        whole = pc.and_(whole, one)
    return table.filter(whole)


def field_texts(plan: ColumnPlan, cells: dict[str, pa.Array], length: int) -> pa.Array:
    """Return the text of a field: null where there is nothing, and no default either."""
    if plan.template:
        texts = _filled(plan.template, cells, length)
    elif plan.source:
        texts = _cell(cells[plan.source], plan.blank)
    else:
        return pa.array([plan.default or None], pa.string()).take(pa.array(np.zeros(length, np.int64)))
    if plan.values:
        texts = _mapped(texts, plan, cells, length)
    return pc.fill_null(texts, plan.default) if plan.default else texts


def _cell(column: pa.Array, blank: tuple[str, ...] = ()) -> pa.Array:
    texts = pc.utf8_trim_whitespace(column)
    nothing = pc.equal(pc.binary_length(texts), 0)
    for word in blank:
        nothing = pc.or_(nothing, pc.equal(texts, word))
    return pc.if_else(nothing, pa.scalar(None, pa.string()), texts)


def _filled(template: str, cells: dict[str, pa.Array], length: int) -> pa.Array:
    """Return the template with its columns put in; null where one of them is empty."""
    parts: list[Any] = []
    for place, part in enumerate(PLACEHOLDER.split(template)):
        if place % 2:
            parts.append(_cell(cells[part]))
        elif part:
            parts.append(pa.scalar(part))
    if len(parts) == 1:
        return parts[0]
    return pc.binary_join_element_wise(*parts, "", null_handling="emit_null")


def _mapped(texts: pa.Array, plan: ColumnPlan, cells: dict[str, pa.Array], length: int) -> pa.Array:
    """Return each text replaced by what the profile says for it; what it does not name stays or becomes `other`."""
    result = _replaced(texts, texts.is_valid(), plan.other, cells, length) if plan.other else texts
    for given, wanted in plan.values.items():
        result = _replaced(result, pc.fill_null(pc.equal(texts, given), False), wanted, cells, length)
    return result


def _replaced(texts: pa.Array, where: pa.Array, wanted: str, cells: dict[str, pa.Array], length: int) -> pa.Array:
    new = _filled(wanted, cells, length) if PLACEHOLDER.search(wanted) else pa.scalar(wanted or None, pa.string())
    return pc.if_else(where, new, texts)


def times_rate(units: pa.Array, rates: pa.Array) -> pa.Array:
    """Return amounts in ten-thousandths times rates in units of 10^-12, half-up; null beyond 10^13.

    The bound leaves room for sums in 64 bits.
    """
    wide = pa.decimal256(19, 0)
    product = pc.multiply(units.cast(wide), rates.cast(wide))
    scaled = pa.Array.from_buffers(
        pa.decimal256(product.type.precision, RATE_DECIMALS), len(product), product.buffers(), product.null_count
    )
    rounded = pc.round(scaled, 0, HALF_UP).cast(pa.decimal256(39, 0))
    limit = pa.scalar(BASE_MOST).cast(pa.decimal256(39, 0))
    fits = pc.less_equal(pc.abs(rounded), limit)
    return low_words(pc.if_else(fits, rounded, pa.scalar(None, rounded.type)))


def times_factor(units: pa.Array, factors: pa.Array) -> pa.Array:
    """Return quantities times factors, all in ten-thousandths, half-up; null beyond 10^13."""
    return times_rate(units, pc.multiply(factors, pa.scalar(10**RATE_DECIMALS // SCALE, pa.int64())))

"""Rows whose columns stand side by side become records: one for each of these columns in which something stands."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from distributors.ledger import totals
from distributors.ledger.findings import Findings
from distributors.ledger.kinds.declaration import Kind
from distributors.ledger.mapping import Layer, Profile
from distributors.ledger.parsing import field_texts, parse_block, parse_field, rows_derived, rows_whole
from distributors.ledger.reading import Block
from distributors.ledger.staging import PLACE_BITS, ROW_MASK
from distributors.ledger.surroundings import Surroundings


def records_parse(block: Block, profile: Profile, kind: Kind, around: Surroundings, findings: Findings) -> pa.Table:
    """Return the block's records as the stage has them; rows with a finding are left out."""
    if not profile.across:
        return parse_block(block, profile, kind, around, findings)
    return _Beside(block, profile, kind, around).parse(findings)


@dataclass(frozen=True)
class _Beside:
    """One block of a file with columns side by side; what these share is read once."""

    block: Block
    profile: Profile
    kind: Kind
    around: Surroundings

    def parse(self, findings: Findings) -> pa.Table:
        """Return the records, each with the place of its column above the number of its row."""
        before, kept = findings.count, len(findings.kept)
        given = [layer_filled(layer, self.profile.across, self.block) for layer in self.profile.layers]
        anything = _any(given)
        block, given = block_where(self.block, anything), [one.filter(anything) for one in given]
        own = self._own
        first = self.profile.layers[0]
        shared = {
            field.name: parse_field(field, block, first, self.profile, self.around, findings)[1]
            for field in self.kind.fields
            if field.name not in own
        }
        parts = []
        for place, (layer, where) in enumerate(zip(self.profile.layers, given, strict=True)):
            found = Findings(findings.room, None if findings.rows is None else set())
            table = self._of(
                layer, block_where(block, where), {name: one.filter(where) for name, one in shared.items()}, found
            )
            _once(findings, found, kept)
            parts.append(table.set_column(0, "row", pc.add(table["row"], pa.scalar(place << PLACE_BITS, pa.int64()))))
        table = pa.concat_tables(parts)
        plain = table.set_column(0, "row", pc.bit_wise_and(table["row"], ROW_MASK))
        totals.named(block, plain, self.kind, findings, kept)
        return rows_whole(table, self.kind) if findings.count > before else table

    @property
    def _own(self) -> set[str]:
        """Return the fields in which the columns differ."""
        layers = self.profile.layers
        names = dict.fromkeys(name for layer in layers for name in layer)
        return {name for name in names if any(layer.get(name) != layers[0].get(name) for layer in layers)} | {
            self.profile.across
        }

    def _of(self, layer: Layer, cells: Block, shared: Mapping[str, pa.Array], found: Findings) -> pa.Table:
        """Return the records of one column."""
        columns: dict[str, pa.Array] = {"row": cells.rows}
        for field in self.kind.fields:
            one = shared.get(field.name)
            if one is None:
                one = parse_field(field, cells, layer, self.profile, self.around, found)[1]
            columns[field.stored[0]] = one
        table = pa.table(columns)
        return rows_derived(table, layer, self.kind, self.around, found, 0)


def _any(masks: list[pa.Array]) -> pa.Array:
    found = masks[0]
    for one in masks[1:]:
        found = pc.or_(found, one)
    return found


def layer_filled(layer: Layer, into: str, block: Block) -> pa.Array:
    """Return in which rows something stands in the column of a layer."""
    return field_texts(layer[into], block.cells, len(block.rows)).is_valid()


def block_where(block: Block, where: pa.Array) -> Block:
    """Return the rows of a block in which `where` is true."""
    return Block(block.rows.filter(where), {name: column.filter(where) for name, column in block.cells.items()}, [])


def _once(findings: Findings, found: Findings, since: int) -> None:
    """Add what was found of one column to what those before it told, each problem of a row once."""
    known = {(one.row, one.column) for one in findings.kept[since:]}
    fresh = [one for one in found.kept if (one.row, one.column) not in known]
    findings.count += found.count - (len(found.kept) - len(fresh))
    for one in fresh:
        findings.keep(one)
    if findings.rows is not None:
        findings.rows |= found.rows or set()

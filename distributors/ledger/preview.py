"""The first rows of a file as they will be read, with what is wrong in its place."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.money import SCALE, amount_text
from core.sentences import Sentence
from distributors.ledger import totals
from distributors.ledger.across_rows import block_where, layer_filled
from distributors.ledger.fields import RATE_DECIMALS
from distributors.ledger.findings import Findings
from distributors.ledger.kinds.declaration import Field, Kind
from distributors.ledger.mapping import Layer, Profile
from distributors.ledger.parsing import parse_field
from distributors.ledger.reading import Block
from distributors.ledger.sampling import Sample
from distributors.ledger.surroundings import Surroundings

GOOD_SHOWN, WRONG_SHOWN = 8, 8
ACROSS_SHOWN = 24


@dataclass(frozen=True)
class Cell:
    """One field of one row: how it is read, or why it cannot be."""

    text: str
    wrong: str = ""
    number: bool = False


@dataclass
class Part:
    """The rows of one layer: labels of the fields, rows as (number, cells), and what is wrong by field and reason."""

    labels: list[tuple[str, bool]]
    rows: list[tuple[int, list[Cell]]]
    wrong_rows: int = 0
    reasons: list[tuple[str, str, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Preview:
    """What became of the first rows."""

    parts: list[Part]
    count: int

    @property
    def wrong(self) -> int:
        """Return how many of the rows cannot go in."""
        return max((part.wrong_rows for part in self.parts), default=0)


def preview_of(kind: Kind, profile: Profile, sample: Sample, around: Surroundings) -> Preview:
    """Return the rows of the sample as `profile` reads them; every column that it reads must be there."""
    cells = {name: pa.array(_written(name, sample, profile), pa.string()) for name in sample.columns}
    block = Block(pa.array(sample.numbers, pa.int64()), cells, [])
    if profile.across:
        return Preview([_side_by_side(kind, profile, block, around)], sample.count)
    parts = [_part(kind, profile, layer, block, around) for layer in profile.layers]
    return Preview(parts, sample.count)


def _side_by_side(kind: Kind, profile: Profile, block: Block, around: Surroundings) -> Part:
    """Return the records that columns side by side give, those of each row together."""
    parts = [
        _part(kind, profile, layer, block_where(block, layer_filled(layer, profile.across, block)), around)
        for layer in profile.layers
    ]
    rows = sorted((one for part in parts for one in part.rows), key=lambda one: one[0])
    wrong = [one for one in rows if any(cell.wrong for cell in one[1])]
    shown = [one for one in rows if one not in wrong][:ACROSS_SHOWN] + wrong[:ACROSS_SHOWN]
    reasons = dict[tuple[str, str], int]()
    for label, reason, count in (one for part in parts for one in part.reasons):
        reasons[label, reason] = max(count, reasons.get((label, reason), 0))
    most = max((part.wrong_rows for part in parts), default=0)
    told = [(label, reason, count) for (label, reason), count in reasons.items()][:8]
    return Part(parts[0].labels, sorted(shown, key=lambda one: one[0]), most, told)


def _written(name: str, sample: Sample, profile: Profile) -> list[str]:
    """Return the cells of a column as they are read, those that a workbook keeps as numbers with their sign."""
    sign, typed = profile.decimals.get(name, profile.decimal), sample.typed.get(name, [])
    cells = sample.columns[name]
    if sign == "." or not any(typed):
        return cells
    return [cell.replace(".", sign) if own else cell for cell, own in zip(cells, typed, strict=True)]


def _part(kind: Kind, profile: Profile, layer: Layer, block: Block, around: Surroundings) -> Part:
    shown = [one for one in kind.fields if one.name in layer or one.required]
    texts: dict[str, pa.Array] = {}
    wrong: dict[str, dict[int, str]] = {one.name: {} for one in kind.fields}
    columns: dict[str, pa.Array] = {"row": block.rows}
    for one in kind.fields:
        findings = Findings(len(block.rows) + 1)
        given, read = parse_field(one, block, layer, profile, around, findings)
        columns[one.stored[0]] = read
        texts[one.name] = _texts(one, given, read)
        _note(wrong, findings, one.name)
    if kind.derive is not None:
        findings = Findings(4 * len(block.rows) + 1)
        kind.derive(pa.table(columns), around, findings)
        _note(wrong, findings, "")
    bad = {row for found in wrong.values() for row in found}
    _name_totals(wrong, bad, block, shown[0].name)
    reasons = Counter(
        (str(kind.by_name[name].label), reason) for name, found in wrong.items() for reason in found.values()
    )
    numbers = block.rows.to_pylist()
    listed = [place for place, row in enumerate(numbers) if place < GOOD_SHOWN]
    listed += [place for place, row in enumerate(numbers) if row in bad and place >= GOOD_SHOWN][:WRONG_SHOWN]
    rows = [
        (
            numbers[place],
            [
                Cell(texts[one.name][place].as_py(), wrong[one.name].get(numbers[place], ""), _is_number(one))
                for one in shown
            ],
        )
        for place in listed
    ]
    labels = [(_(one.label), _is_number(one)) for one in shown]
    found = [(_(label), reason, count) for (label, reason), count in reasons.most_common(8)]
    return Part(labels, rows, len(bad), found)


def _name_totals(wrong: dict[str, dict[int, str]], bad: set[int], block: Block, first: str) -> None:
    """Say of rows of totals that they are, in place of all else that is wrong with them."""
    for place, row in enumerate(block.rows.to_pylist()):
        if row in bad and totals.total_in([column[place].as_py() for column in block.cells.values()]):
            for found in wrong.values():
                found.pop(row, None)
            wrong[first][row] = str(Sentence(totals.REASON))


def _note(wrong: dict[str, dict[int, str]], findings: Findings, name: str) -> None:
    for finding in findings.kept:
        where = name or (finding.column if finding.column in wrong else next(iter(wrong)))
        wrong[where].setdefault(finding.row, str(finding.reason))


def _is_number(one: Field) -> bool:
    return one.type in {"amount", "quantity", "rate", "integer"}


def _texts(one: Field, given: pa.Array, read: pa.Array) -> pa.Array:
    """Return how the column reads: what was understood, else what stands in the file."""
    raw = given.to_pylist()
    values = read.to_pylist()
    return pa.array([_text(one, text, value) for text, value in zip(raw, values, strict=True)], pa.string())


def _text(one: Field, text: str | None, value: Any) -> str:
    if value is None or one.refers:
        return text or ""
    if one.type == "date":
        return date_format(value, "SHORT_DATE_FORMAT")
    if one.type in {"amount", "quantity"}:
        places = 2 if one.type == "amount" and value % 100 == 0 else 4
        return amount_text(Decimal(value) / SCALE, 0 if value % SCALE == 0 and one.type == "quantity" else places)
    if one.type == "rate":
        return f"{Decimal(value).scaleb(-RATE_DECIMALS).normalize():f}"
    if one.type == "boolean":
        return _("yes") if value else _("no")
    if one.type == "choice" and one.choices:
        return str(one.choices.get(value, value))
    return str(value)

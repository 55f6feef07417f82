"""How the cells of a column are written: its numbers, its days, and by what it names other records."""

import re
from typing import Any

import pyarrow as pa

from distributors.ledger.cell_types import FALSE, TRUE
from distributors.ledger.cells import PLAIN, Column, Style, style_for, swapped
from distributors.ledger.kinds.declaration import Field
from distributors.ledger.meanings import values_meant
from distributors.ledger.sampling import Sample
from distributors.ledger.surroundings import Codes, Surroundings

KNOWN = 0.9
KNOWN_OF = 500
NUMBERS = {"amount", "quantity", "rate", "integer"}
SCALED = (
    (re.compile(r"亿"), 100_000_000),
    (re.compile(r"百万|\bmillions?\b|\bmio\b|\bmn\b", re.IGNORECASE), 1_000_000),
    (re.compile(r"万"), 10_000),
    (re.compile(r"千元|\bthousands?\b|\bt€|\bk€|\bteur\b|\bkeur\b|\bkusd\b|'000|\(000", re.IGNORECASE), 1_000),
)


def columns_of(sample: Sample) -> list[Column]:
    """Return the columns of a sample."""
    return [Column(name, cells, sample.typed.get(name, [])) for name, cells in sample.columns.items()]


def times_in(name: str) -> int:
    """Return what the amounts of a column are in by its name: 10,000 for 万元, 1,000 for thousands, else 1."""
    return next((times for known, times in SCALED if known.search(name)), 1)


class Writing:
    """What the columns of one file tell of how they are written; `usual` is the style of its numbers."""

    def __init__(self, around: Surroundings, usual: Style, columns: list[Column]):
        self.around, self.usual = around, usual
        sure = {form for one in columns if one.days[0] >= KNOWN for form, other in one.readings if not other}
        self.pointed = any(one.has_point for one in columns)
        self.told = {form.removesuffix(" *") for form in sure if swapped(form)}

    def plan(self, field: Field, column: Column) -> dict[str, Any]:
        """Return what the plan of a column says of its cells, days left aside."""
        if field.type in NUMBERS:
            style = self.style(field, column)
            plan: dict[str, Any] = {}
            if style != self.usual and not self.is_open(field, column):
                plan |= {"decimal": style[0], "thousands": style[1]}
            times = times_in(column.name) if field.type == "amount" else 1
            return plan | ({"times": times} if times > 1 else {})
        if field.type in {"choice", "boolean"} or field.refers == "type" or field.name == "currency":
            return self._values(field, column)
        return self._reference(field, column) if field.refers else {}

    def style(self, field: Field, column: Column) -> Style:
        """Return the style of the numbers; where 1.234 may be two things, amounts are thousands and rates are not."""
        either = column.is_either and self.usual == PLAIN and not self._settled(column)
        if either and field.type in {"amount", "rate"}:
            sign = next((one for text in column.filled for one in text if one in ".,"), ".")
            return (sign, "") if field.type == "rate" else (".", ",") if sign == "," else (",", ".")
        return style_for(column, self.usual)

    def is_open(self, field: Field, column: Column) -> bool:
        """Tell whether nothing in the file says if 1.234 is one and a bit or a thousand."""
        return field.type == "quantity" and column.is_either and self.usual == PLAIN and not self._settled(column)

    def _settled(self, column: Column) -> bool:
        """Tell whether another column says that a point stands before decimals, and this one has points."""
        return self.pointed and PLAIN in column.styles

    def forms(self, field: Field, column: Column, *, first: bool = False) -> list[str]:
        """Return the forms in which its days are written, without those that may be meant in two ways."""
        found = []
        for form, other in column.readings:
            sure = self._decided(field, column, form, other, first=first) if other else form
            found += [sure] if sure else []
        return found

    def _decided(self, field: Field, column: Column, form: str, other: str, *, first: bool) -> str:
        """Return which of two forms it is by the other columns, by days that cannot be; nothing where it is open."""
        told = [one for one in (form, other) if one.removesuffix(" *") in self.told]
        if len(told) == 1:
            return told[0]
        if first and column.firsts(form) != column.firsts(other):
            return form if column.firsts(form) else other
        if field.past:
            can = [one for one in (form, other) if all(day <= self.around.today for day in column.read(one))]
            return can[0] if len(can) == 1 else ""
        return ""

    def _values(self, field: Field, column: Column) -> dict[str, Any]:
        values = values_meant(field, column, self.around)
        plain = field.type == "boolean" and all(text.lower() in TRUE | FALSE for text in values)
        found: dict[str, Any] = {}
        if any(text != value for text, value in values.items()) and not plain:
            found["values"] = values
        if field.default and field.type == "choice" and len(values) < len(column.distinct):
            found["other"] = field.default
        if field.refers == "type" and field.default and len(values) < len(column.distinct):
            found["other"] = field.default
        return found

    def known(self, field: Field, column: Column) -> float:
        """Return which share of the cells names records that are there, by code or by name."""
        texts = self._texts(column)
        plan = self._reference(field, column)
        if "digits" in plan:
            return 1.0
        good = _share(self.around.codes(field.refers), texts)
        return max(good, _share(self.around.codes(field.refers, "name"), texts)) if "by" in plan else good

    def _reference(self, field: Field, column: Column) -> dict[str, Any]:
        """Return by what records are named: nothing for their codes as they stand."""
        texts, codes = self._texts(column), self.around.codes(field.refers)
        good = _share(codes, texts)
        if good >= KNOWN or not len(codes.codes) or not column.filled:
            return {}
        if digits := _digits(codes, column.filled[:KNOWN_OF], max(KNOWN, good)):
            return {"digits": digits}
        if self.around.named(field.refers) and _share(self.around.codes(field.refers, "name"), texts) > good:
            return {"by": "name"}
        return {}

    @staticmethod
    def _texts(column: Column) -> pa.Array:
        return pa.array(column.filled[:KNOWN_OF], pa.string())


def _share(codes: Codes, texts: pa.Array) -> float:
    return 1.0 - codes.find(texts).null_count / len(texts) if len(texts) and len(codes.codes) else 0.0


def _digits(codes: Codes, cells: list[str], least: float) -> int:
    """Return to how many digits whole numbers are to be filled up to be codes that are known, 0 where they are none."""
    plain = [text.removesuffix(".0") for text in cells]
    if not all(text.isascii() and text.isdecimal() for text in plain):
        return 0
    widths = sorted({len(code) for code in codes.codes.to_pylist() if code.isdecimal()})
    filled = (pa.array([text.zfill(width) for text in plain], pa.string()) for width in widths)
    return next((width for width, texts in zip(widths, filled, strict=True) if _share(codes, texts) >= least), 0)

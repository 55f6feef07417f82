"""What the cells of a column look like: days in which forms, numbers in which style."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import pyarrow as pa

from distributors.ledger.cell_days import SWAPPED, forms_of, read_date, share_of
from distributors.ledger.cell_numbers import marks_of, number_pattern, tidied
from distributors.ledger.currencies import currencies_of

Style = tuple[str, str]
PLAIN: Style = (".", "")
# The decimal sign and the sign between thousands; of two that fit a column alike the first is taken.
STYLES: tuple[Style, ...] = (PLAIN, (".", ","), (",", "."), (",", ""), (",", " "), (".", " "), (".", "'"), (",", "'"))
LOOKS = re.compile(r"[-+.,' \d]*\d[-+.,' \d]*")
POINT = re.compile(r"\.(\d{1,2}|\d{4,})$")
NUMBERS_SEEN = 500
DAYS_SEEN = 300
GOOD = 0.95
FORMS_MOST = 5
MARKED = 0.8
MOST_DISTINCT = 60


def share(cells: list[str], pattern: str) -> float:
    """Return which share of the cells is wholly of the pattern."""
    known = re.compile(pattern)
    return sum(bool(known.fullmatch(cell)) for cell in cells) / len(cells) if cells else 0.0


@dataclass(frozen=True)
class Column:
    """The cells of one column in the first rows; `typed` are those that a workbook keeps as numbers."""

    name: str
    cells: list[str]
    typed: list[bool] = field(default_factory=list)

    @cached_property
    def filled(self) -> list[str]:
        """Return the cells that are not empty."""
        return [cell for cell in self.cells if cell]

    @property
    def fill(self) -> float:
        """Return the share of cells that are not empty."""
        return len(self.filled) / len(self.cells) if self.cells else 1.0

    @cached_property
    def distinct(self) -> list[str]:
        """Return the different texts, the frequent first."""
        return [text for text, _count in Counter(self.filled).most_common()]

    @property
    def unique(self) -> bool:
        """Tell whether no text stands twice."""
        return len(self.distinct) == len(self.filled)

    @cached_property
    def day_forms(self) -> list[str]:
        """Return the forms in which the most cells are days; two where the cells do not tell day from month."""
        return forms_of(self.distinct[:DAYS_SEEN])

    @cached_property
    def days(self) -> tuple[float, str]:
        """Return which share of the cells is a day, and in which form."""
        form = self.day_forms[0] if self.day_forms else ""
        return (share_of(self.distinct[:DAYS_SEEN], (form,)), form) if form else (0.0, "")

    @cached_property
    def readings(self) -> list[tuple[str, str]]:
        """Return the forms in which its days are written, each with the other one in which they may be meant."""
        found, left = list[tuple[str, str]](), self.distinct[:DAYS_SEEN]
        while left and len(found) < FORMS_MOST and (more := forms_of(left)):
            form = more[0]
            other = swapped(form) if swapped(form) in more else ""
            tells = any(read_date(text, (form,)) != read_date(text, (other,)) for text in left) if other else False
            found.append((form, other if tells else ""))
            left = [text for text in left if read_date(text, (form,)) is None]
        return found

    @cached_property
    def dayish(self) -> float:
        """Return which share of the cells is a day in any form, where rows are written by several hands."""
        forms = tuple(form for pair in self.readings for form in pair if form)
        return share_of(self.distinct[:DAYS_SEEN], forms) if forms else 0.0

    def read(self, *forms: str) -> list[date]:
        """Return its days that are in these forms."""
        days = [read_date(text, forms) for text in self.distinct[:DAYS_SEEN]]
        return [day for day in days if day is not None]

    def firsts(self, form: str) -> bool:
        """Tell whether all its days are the first of a month."""
        return all(day.day == 1 for day in self.read(form))

    @cached_property
    def _texts(self) -> tuple[list[str], int]:
        """Return the cells that are texts, made plain where they are odd, and how many are numbers of their own."""
        typed = self.typed or [False] * len(self.cells)
        pairs = [(cell, own) for cell, own in zip(self.cells, typed, strict=True) if cell][:NUMBERS_SEEN]
        texts = [cell for cell, own in pairs if not own]
        plain = tidied(pa.array(texts, pa.string()), money=True).to_pylist() if texts else []
        return plain, len(pairs) - len(texts)

    def numbers(self, style: Style) -> float:
        """Return which share of the cells is a number in this style."""
        texts, own = self._texts
        known = re.compile(number_pattern(*style))
        good = own + sum(bool(known.search(text)) for text in texts)
        return good / (own + len(texts)) if own or texts else 0.0

    @cached_property
    def styles(self) -> list[Style]:
        """Return the styles in which nearly all cells are numbers, those that need the fewest signs first."""
        return [style for style in STYLES if self.numbers(style) >= GOOD]

    @property
    def is_either(self) -> bool:
        """Tell whether its numbers mean one thing with a decimal sign and another with one between thousands."""
        texts = [text for text in self._texts[0] if not text.isdigit()]
        return bool(texts) and all(re.fullmatch(r"[+-]?\d{1,3}[.,]\d{3}", text) for text in texts)

    @property
    def has_point(self) -> bool:
        """Tell whether a point in it can only be that before decimals."""
        return PLAIN in self.styles and any(POINT.search(text) for text in self._texts[0])

    @cached_property
    def currencies(self) -> list[str]:
        """Return the signs and codes of currencies that stand in its cells, the frequent first; none if few do."""
        cells = self.filled[:NUMBERS_SEEN]
        marks = Counter(marks_of(pa.array(cells, pa.string())).to_pylist())
        found = {mark: count for mark, count in marks.most_common() if currencies_of(mark)}
        return list(found) if sum(found.values()) >= MARKED * len(cells) else []


def swapped(form: str) -> str:
    """Return the form that takes day and month the other way round, nothing where there is none."""
    base, star, rest = form.partition(" *")
    other = SWAPPED.get(base, "")
    return other + star + rest if other else ""


def style_of(columns: Iterable[Column]) -> Style:
    """Return the style in which the most columns are numbers; columns that fit more than one count for each."""
    seen = [column for column in columns if column.styles and any(LOOKS.fullmatch(cell) for cell in column.filled[:20])]
    told = [column for column in seen if not column.is_either and PLAIN not in column.styles]

    def weight(style: Style) -> tuple[int, int]:
        return sum(style in one.styles for one in told), sum(style in one.styles for one in seen)

    return max(STYLES, key=weight)


def style_for(column: Column, usual: Style) -> Style:
    """Return how the numbers of a column are written: as in the whole file where that fits."""
    if usual in column.styles:
        return usual
    return column.styles[0] if column.styles else usual

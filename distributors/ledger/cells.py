"""What the cells of a column look like: days in which form, numbers in which style."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from distributors.ledger.parsing import read_date

DAY_FORMS = (
    (r"\d{4}-\d{1,2}-\d{1,2}", "%Y-%m-%d"),
    (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
    (r"\d{4}\.\d{1,2}\.\d{1,2}", "%Y.%m.%d"),
    (r"\d{4}年\d{1,2}月\d{1,2}日", "%Y年%m月%d日"),
    (r"(19|20)\d{6}", "%Y%m%d"),
    (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y"),
    (r"\d{1,2}/\d{1,2}/\d{4}", "%m/%d/%Y"),
    (r"\d{1,2}-\d{1,2}-\d{4}", "%d-%m-%Y"),
    (r"\d{1,2}/\d{1,2}/\d{2}", "%d/%m/%y"),
    (r"\d{1,2}/\d{1,2}/\d{2}", "%m/%d/%y"),
    (r"\d{4}-\d\d?-\d\d? \d\d?:\d\d:\d\d", "%Y-%m-%d %H:%M:%S"),
    (r"\d{4}-\d\d?-\d\d? \d\d?:\d\d:\d\d\.\d+", "%Y-%m-%d %H:%M:%S.%f"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "%Y-%m-%dT%H:%M:%S"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "%Y-%m-%dT%H:%M:%SZ"),
    (r"\d{4}/\d\d?/\d\d? \d\d?:\d\d", "%Y/%m/%d %H:%M"),
    (r"\d{4}/\d\d?/\d\d? \d\d?:\d\d:\d\d", "%Y/%m/%d %H:%M:%S"),
    (r"\d{1,2}/\d{1,2}/\d{4} \d\d?:\d\d", "%d/%m/%Y %H:%M"),
    (r"\d{1,2}/\d{1,2}/\d{4} \d\d?:\d\d", "%m/%d/%Y %H:%M"),
    (r"\d{1,2}-[A-Za-z]{3}-\d{4}", "%d-%b-%Y"),
    (r"\d{1,2} [A-Za-z]{3} \d{4}", "%d %b %Y"),
    (r"[A-Za-z]{3} \d{1,2}, \d{4}", "%b %d, %Y"),
    (r"\d{4}-\d{1,2}", "%Y-%m"),
    (r"\d{4}/\d{1,2}", "%Y/%m"),
    (r"\d{4}年\d{1,2}月", "%Y年%m月"),
    (r"(19|20)\d{4}", "%Y%m"),
    (r"(19|20)\d{2}", "%Y"),
)
STYLES = {
    (".", ""): r"[+-]?(\d+(\.\d*)?|\.\d+)",
    (".", ","): r"[+-]?\d{1,3}(,\d{3})*(\.\d*)?",
    (",", "."): r"[+-]?\d{1,3}(\.\d{3})*(,\d*)?",
    (",", ""): r"[+-]?\d+(,\d*)?",
    (",", " "): r"[+-]?\d{1,3}( \d{3})*(,\d*)?",
    (".", " "): r"[+-]?\d{1,3}( \d{3})*(\.\d*)?",
    (".", "'"): r"[+-]?\d{1,3}('\d{3})*(\.\d*)?",
}
MOST_DISTINCT = 60


def share(cells: list[str], pattern: str) -> float:
    """Return which share of the cells is wholly of the pattern."""
    known = re.compile(pattern)
    return sum(bool(known.fullmatch(cell)) for cell in cells) / len(cells) if cells else 0.0


@dataclass(frozen=True)
class Column:
    """The cells of one column in the first rows."""

    name: str
    cells: list[str]

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
    def days(self) -> tuple[float, str]:
        """Return which share of the cells is a day, and in which form."""
        texts = self.distinct[:300]
        found = [(self._share_of(texts, pattern, form), form) for pattern, form in DAY_FORMS]
        return max(found, key=lambda one: one[0], default=(0.0, ""))

    @staticmethod
    def _share_of(texts: list[str], pattern: str, form: str) -> float:
        if not texts or (not re.fullmatch(pattern, texts[0]) and share(texts[:20], pattern) < 0.5):
            return 0.0
        known = re.compile(pattern)
        good = sum(bool(known.fullmatch(text)) and read_date(text, (form,)) is not None for text in texts)
        return good / len(texts)

    def firsts(self, form: str) -> bool:
        """Tell whether all its days are the first of a month."""
        days = [read_date(text, (form,)) for text in self.distinct[:300]]
        return all(day is None or day.day == 1 for day in days)

    def numbers(self, style: tuple[str, str]) -> float:
        """Return which share of the cells is a number in this style."""
        return share(self.filled[:500], STYLES[style])


def style_of(columns: Iterable[Column]) -> tuple[str, str]:
    """Return the decimal sign and the sign between thousands in which the most columns are numbers."""
    seen = [column for column in columns if share(column.filled[:500], r"[-+.,' \d]*\d[-+.,' \d]*") > 0.9]
    return max(STYLES, key=lambda style: sum(column.numbers(style) > 0.95 for column in seen), default=(".", ""))

"""Months and quarters in the names of columns, such as 2026-01, Jan, 1月 or Q1."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

NAMES = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
LONG = "january|february|march|april|june|july|august|september|sept|october|november|december"
CHINESE = "一二三四五六七八九十"
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d{3})|(?<![\d.])\d\d(?=\s*年)")
WORD = re.compile(rf"(?<![a-z])({LONG}|{NAMES})(?![a-z])")
SIGN = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])\s*月|(十[一二]?|[一二三四五六七八九])\s*月")
QUARTER = re.compile(r"(?<![a-z\d])(?:q\s*([1-4])|([1-4])\s*q)(?![\da-z])|第?\s*([1-4一二三四])\s*季")
NUMBERED_MONTH = re.compile(r"(?<![a-z\d])[mp]\s*(1[0-2]|0?[1-9])(?!\d)")
PLAIN_MONTH = re.compile(r"1[0-2]|0?[1-9]")
AFTER = re.compile(r"^\W*[mp]?\s*(1[0-2]|0?[1-9])(?:\W+(0?[1-9]|[12]\d|3[01]))?(?!\d)")
BEFORE = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])\W*$")
SHORT_YEAR = re.compile(r"^\W{0,2}(\d\d)(?!\d)|(?<!\d)(\d\d)\W{0,2}$")


@dataclass(frozen=True)
class Span:
    """What the name of a column says: a month or a quarter, its year where it says one, a day where it is one.

    `rest` is what else stands in the name.
    """

    year: int | None
    month: int
    quarter: bool = False
    day: int = 0
    rest: str = ""

    @property
    def place(self) -> tuple[int, int, int]:
        """Return what tells it apart from another one."""
        return self.year or 0, self.month, self.day

    def first(self, year: str) -> str:
        """Return its first day."""
        return f"{year}-{self.month:02d}-01"

    def last(self, year: str) -> str:
        """Return its last day, or its own."""
        if self.day or not year.isdecimal():
            return f"{year}-{self.month:02d}-{self.day or 28:02d}"
        after = date(int(year) + (self.month + 2 if self.quarter else self.month) // 12, 1, 1)
        months = (self.month + 2 if self.quarter else self.month) % 12
        return (after.replace(month=months + 1) - timedelta(days=1)).isoformat()


def span_in(name: str) -> Span | None:
    """Return the month or quarter that the name of a column is, None where it names none."""
    text = unicodedata.normalize("NFKC", name).lower().strip()
    found = YEAR.search(text)
    year = int(found[0]) + (2000 if len(found[0]) == 2 else 0) if found else None
    bare = f"{text[: found.start()]} {text[found.end() :].removeprefix('年')}" if found else text
    if quarter := QUARTER.search(bare):
        sign = next(filter(None, quarter.groups()))
        number = int(sign) if sign.isdecimal() else CHINESE.index(sign) + 1
        return Span(year, 3 * number - 2, quarter=True, rest=_rest(bare, quarter))
    if sign := SIGN.search(bare):
        month = int(sign[1]) if sign[1] else sum(CHINESE.index(one) + 1 for one in sign[2])
        return Span(year, month, rest=_rest(bare, sign))
    if word := WORD.search(bare):
        rest = _rest(bare, word)
        short = SHORT_YEAR.search(rest.strip()) if year is None else None
        if short:
            year, rest = 2000 + int(short[1] or short[2]), rest.replace(short[0].strip(), " ", 1)
        return Span(year, NAMES.split("|").index(word[1][:3]) + 1, rest=rest)
    if numbered := NUMBERED_MONTH.search(bare):
        return Span(year, int(numbered[1]), rest=_rest(bare, numbered))
    return _in_figures(text, found, year) if found else None


def _in_figures(text: str, found: re.Match[str], year: int | None) -> Span | None:
    """Return the month that stands in figures beside a year of four."""
    ahead, behind = text[: found.start()], text[found.end() :]
    if after := AFTER.search(behind):
        return Span(year, int(after[1]), day=int(after[2] or 0), rest=f"{ahead} {behind[after.end() :]}")
    if before := BEFORE.search(ahead):
        return Span(year, int(before[1]), rest=f"{ahead[: before.start()]} {behind}")
    return None


def _rest(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"

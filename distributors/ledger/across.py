"""Columns that stand side by side for one thing, such as a target for each month: recognised by their names."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from distributors.ledger.cells import STYLES, Column
from distributors.ledger.currencies import CODES, SIGNS, currency_meant
from distributors.ledger.kinds.declaration import Kind
from distributors.ledger.kinds.words import words_of
from distributors.ledger.mapping import OPEN_YEAR
from distributors.ledger.meanings import choices_of, value_meant
from distributors.ledger.names import likeness
from distributors.ledger.spans import PLAIN_MONTH, Span, span_in
from distributors.ledger.surroundings import Surroundings
from distributors.ledger.writing import times_in

LEAST_MONTHS, LEAST_OTHERS = 3, 2
NUMBERED, SOME = 0.8, 0.2
ALIKE = 55.0
DATED = re.compile(r"(\d{4}|\?{4})-\d\d-\d\d$")


def year_in(*texts: str) -> int | None:
    """Return the only year that titles name."""
    found = {int(one) for text in texts for one in re.findall(r"(?<!\d)(20\d\d)(?!\d)", text)}
    return found.pop() if len(found) == 1 else None


@dataclass
class Across:
    """Columns side by side: into which field their cells go, and what each name means for other fields."""

    into: str
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    how: dict[str, Any] = field(default_factory=dict)
    default: dict[str, str] = field(default_factory=dict)

    @property
    def frozen(self) -> dict[str, Any]:
        """Return it as a profile has it."""
        return {"into": self.into, **self.how, "columns": self.columns}


def across_found(kind: Kind, columns: list[Column], around: Surroundings, title: str) -> Across | None:
    """Return the columns of a file that stand side by side, None where none do; `title` is what it is called."""
    if kind.across is None:
        return None
    into, by = kind.across
    if kind.by_name[by].type != "date":
        return _of_currencies(kind, into, columns, around)
    return _of_spans(kind, (into, by), columns, around, title)


def _numeric(column: Column, least: float = NUMBERED) -> bool:
    """Tell whether so large a share of the cells is a number, or there are none."""
    return not column.filled or max(column.numbers(style) for style in STYLES) >= least


def _of_currencies(kind: Kind, into: str, columns: list[Column], around: Surroundings) -> Across | None:
    """Return the columns that are called like currencies."""
    names = [one for one in columns if one.name.strip().upper() in CODES or one.name.strip() in SIGNS]
    meant = {one.name: currency_meant(one.name.strip(), around.base_currency) for one in names if _numeric(one)}
    found = {name: {"currency": code} for name, code in meant.items() if code and code != around.base_currency}
    return Across(into, found) if len(found) >= LEAST_OTHERS else None


def _of_spans(
    kind: Kind, fields: tuple[str, str], columns: list[Column], around: Surroundings, title: str
) -> Across | None:
    """Return the columns that are called like months, or else like quarters."""
    into, by = fields
    avoid = words_of(kind.name, into).avoid or "$^"
    called = [(one, span) for one in columns if (span := span_in(one.name))]
    if 2 * sum(_numeric(one) for one, _span in called) < len(called):
        return None
    spans = {one.name: span for one, span in called if _numeric(one, SOME)}
    plain = {one.name: Span(None, int(one.name)) for one in columns if PLAIN_MONTH.fullmatch(one.name)}
    spans = spans or (plain if len({span.month for span in plain.values()}) == 12 else {})
    spans = {name: span for name, span in spans.items() if not re.search(avoid, span.rest)}
    for quarters, least in ((False, LEAST_MONTHS), (True, LEAST_OTHERS)):
        chosen = {name: span for name, span in spans.items() if span.quarter is quarters}
        dated = all(span.year for span in chosen.values())
        if len({span.place for span in chosen.values()}) >= (LEAST_OTHERS if dated else least):
            break
    else:
        return None
    if any(span.quarter for span in chosen.values()) and "period" not in kind.by_name:
        return None
    found = Across(into)
    ends = bool(kind.by_name[by].past)
    years = years_of(list(chosen.values()), year_column(columns), year_in(title))
    for (name, span), year, more in zip(chosen.items(), years, _metrics(kind, chosen, around), strict=True):
        if more is not None:
            found.columns[name] = {by: span.last(year) if ends else span.first(year), **more}
    if any(span.quarter for span in chosen.values()):
        found.default["period"] = "quarter"
    times = times_in(title) if kind.by_name[into].type == "amount" else 1
    found.how |= {"times": times} if times > 1 else {}
    return found


def year_column(columns: Iterable[Column]) -> str:
    """Return the column in which years stand, nothing where none does."""
    names = ["year", "calendar year", "fiscal year", "年", "年度", "年份"]
    found = [one for one in columns if one.filled and all(re.fullmatch(r"20\d\d", text) for text in one.distinct)]
    return next((one.name for one in found if likeness(one.name, names) >= ALIKE), "")


def years_of(spans: list[Span], column: str, said: int | None) -> list[str]:
    """Return the year of each column: of its name, of a column of years, or the one that is said once for all.

    Where the months go on after December the later ones are of the year after.
    """
    found, turned, before = list[str](), 0, 0
    once = len({span.month for span in spans}) == len(spans)
    for span in spans:
        turned += span.month < before and once
        before = span.month
        if span.year is not None:
            found.append(str(span.year))
        elif column:
            found.append(f"{{{column}}}")
        else:
            found.append(str(said + turned) if said else OPEN_YEAR)
    return found


def with_year(columns: Mapping[str, Mapping[str, str]], year: int | None) -> dict[str, dict[str, str]]:
    """Return what columns mean with another year where their names say none; without one it is asked for.

    The first of them is of that year, and where they go on after December the later ones of the year after.
    """
    bare = {name for name in columns if (span := span_in(name)) is None or span.year is None}
    dated = [text for name in bare for text in columns[name].values() if DATED.match(text)]
    first = min((text[:4] for text in dated if text[:4].isdecimal()), default="")
    found = {name: dict(means) for name, means in columns.items()}
    for name in bare:
        for one, text in found[name].items():
            if DATED.match(text):
                later = int(text[:4]) - int(first) if text[:4].isdecimal() else 0
                found[name][one] = f"{year + later if year else OPEN_YEAR}{text[4:]}"
    return found


def year_of(columns: Mapping[str, Mapping[str, str]]) -> str | None:
    """Return the year of columns whose names say none, empty where it is open; None where nobody need be asked."""
    bare = {name for name in columns if (span := span_in(name)) is None or span.year is None}
    years = sorted(text[:4] for name in bare for text in columns[name].values() if DATED.match(text))
    return None if not years else years[0] if years[0].isdecimal() else ""


def _metrics(kind: Kind, spans: dict[str, Span], around: Surroundings) -> list[dict[str, str] | None]:
    """Return what the rest of each name says of what is aimed at; None for columns that repeat the month of another."""
    one = kind.by_name.get("metric")
    seen, found = set[tuple[Any, ...]](), list[dict[str, str] | None]()
    several = len({span.place for span in spans.values()}) < len(spans)
    choices = choices_of(one, around) if one is not None else {}
    for span in spans.values():
        meant = value_meant(span.rest.strip(), choices, "metric") if choices and span.rest.strip() else ""
        key = (span.place, meant if several else "")
        found.append(None if key in seen else {"metric": meant} if meant else {})
        seen.add(key)
    return found

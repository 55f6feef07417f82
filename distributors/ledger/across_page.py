"""Columns that stand side by side, as the page of the columns shows them and sends them back."""

from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.translation import gettext as _

from distributors.ledger.across import with_year, year_of
from distributors.ledger.cell_days import read_date
from distributors.ledger.cell_types import ISO
from distributors.ledger.how_page import scales
from distributors.ledger.kinds.declaration import Kind
from distributors.ledger.mapping import TIMES, across_ordered
from distributors.ledger.meanings import choices_of
from distributors.ledger.surroundings import Surroundings

COLUMNS_MOST = 400


@dataclass(frozen=True)
class Means:
    """What a column stands for in one field."""

    name: str
    value: str
    is_day: bool = False
    choices: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class AcrossCard:
    """The columns side by side: what their cells are, what their names mean, and what is still to be said."""

    into: str
    labels: list[str]
    rows: list[tuple[int, str, list[Means]]]
    year: str | None
    wrong: str = ""
    scales: list[tuple[str, str]] = field(default_factory=list)
    scale: str = "1"

    @classmethod
    def of(cls, kind: Kind, across: dict[str, Any], around: Surroundings) -> Self:
        """Return how a mapping reads them."""
        names = dict.fromkeys(name for means in across["columns"].values() for name in means)
        fields = [kind.by_name[name] for name in names]
        choices = {one.name: list(choices_of(one, around).items()) for one in fields}
        rows = []
        for number, (column, means) in enumerate(across_ordered(across["columns"])):
            shown = []
            for one in fields:
                value = means.get(one.name, "")
                is_day = one.type == "date" and (not value or read_date(value, (ISO,)) is not None)
                shown.append(Means(one.name, value, is_day, choices[one.name]))
            rows.append((number, column, shown))
        into, year = kind.by_name[across["into"]], year_of(across["columns"])
        card = cls(_(into.label), [_(one.label) for one in fields], rows, year)
        if year == "":
            card.wrong = _("the year of the columns")
        if into.type == "amount":
            card.scales, card.scale = scales(), str(across.get("times", 1))
        return card


def across_sent(post: Any, kind: Kind, was: dict[str, Any]) -> dict[str, Any]:
    """Return the columns side by side as the page sent them, nothing where none is left."""
    if "across.name.0" not in post:
        return {"across": was}
    columns: dict[str, dict[str, str]] = {}
    for number in range(COLUMNS_MOST):
        name = post.get(f"across.name.{number}")
        if name is None:
            break
        if f"across.on.{number}" in post and name in was["columns"]:
            sent = {one: post.get(f"across.{number}.{one}", "").strip() for one in kind.by_name}
            columns[name] = {one: text for one, text in sent.items() if text} or was["columns"][name]
    if not columns:
        return {}
    found = {**was, "columns": columns}
    year, known = post.get("across.year", "").strip(), year_of(was["columns"])
    if known is not None and (year != known or not year_of(columns)):
        found["columns"] = with_year(columns, int(year) if _is_year(year) else None)
    times = post.get("across.times", "")
    if times.isdecimal() and int(times) in TIMES:
        found = {name: value for name, value in found.items() if name != "times"}
        found |= {"times": int(times)} if times != "1" else {}
    return {"across": found}


def _is_year(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 1990 <= int(text) <= 2100

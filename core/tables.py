"""One declaration of columns serves the page, its sort links and the exports.

Rows are dictionaries of exactly the columns' values, never model objects: 500 cells cost a few milliseconds.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from core.database import Unindexed
from core.money import amount_text
from core.scope import Reacher, is_hidden

Row = Mapping[str, Any]
MOST_COLUMNS = 20
UNLIKELY = 987654321987654321
NUMBERS = {"BigIntegerField", "IntegerField", "DecimalField", "PositiveIntegerField", "PositiveSmallIntegerField"}


@dataclass(frozen=True)
class Column:
    """One column: `path` is the lookup, `sort` another lookup to order by ("" for none), `sub` a second line.

    `kind` is text, link, number, date, chip, chips (words with commas between), share or growth; `choices` turns
    codes into words, `tone` gives a chip its tone. An `optional` column is shown to whoever chooses it. `fetch` gives
    the values of many rows by their keys, in one call for all of them, where no lookup does. `blank` says of a row what
    stands on the page in place of no value.
    """

    name: str
    label: Any
    path: str = ""
    kind: str = "text"
    sort: str | None = None
    hide: str = ""
    unit: Any = ""
    places: int = 0
    sub: str = ""
    choices: Mapping[Any, Any] | None = None
    tone: Callable[[Any], str] = field(default=lambda _value: "")
    url: Callable[[Row], str] | None = None
    optional: bool = False
    fetch: Callable[[list[Any]], Mapping[Any, Any]] | None = None
    blank: Callable[[Row], Any] | None = None

    @property
    def source(self) -> str:
        """Return the lookup of the value."""
        return self.path or self.name

    @property
    def order(self) -> str:
        """Return the lookup to order by, or nothing."""
        if self.fetch is not None:
            return self.sort or ""
        return self.source if self.sort is None else self.sort

    @property
    def align(self) -> str:
        """Return the side the cells stand on."""
        return "end" if self.kind in {"number", "share", "growth"} else "start"

    def text(self, value: Any) -> str:
        """Return `value` for a reader."""
        if value is None or value == "":
            return ""
        if self.choices is not None:
            return str(self.choices.get(value, value))
        if isinstance(value, Decimal):
            if self.kind == "share":
                return f"{amount_text(value * 100, 1)} %"
            if self.kind == "growth":
                return f"{value * 100:+,.0f} %".replace("-", "\N{MINUS SIGN}")
            return amount_text(value, self.places)
        if isinstance(value, datetime):
            return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT")
        if isinstance(value, date):
            return formats.date_format(value, "SHORT_DATE_FORMAT")
        if isinstance(value, bool):
            return "✓" if value else ""
        if isinstance(value, int) and self.kind == "number":
            return f"{value:,}"
        return str(value)

    def plain(self, value: Any) -> str:
        """Return `value` for a file: words for codes, ISO dates, numbers without separators."""
        if value is None:
            return ""
        if self.choices is not None:
            return str(self.choices.get(value, value))
        if isinstance(value, date | datetime):
            return value.isoformat()
        return f"{value:f}" if isinstance(value, Decimal) else str(value)


@dataclass(frozen=True)
class Total:
    """One sum over the rows of a list, shown while its `column` is; `expression` is the aggregate over the rows.

    One that has nothing to add up is left out where others have.
    """

    name: str
    column: str
    label: Any
    expression: Any
    places: int = 2


@dataclass(frozen=True)
class Listed:
    """Rows that no query gives, for a file of them: tuples of the values of the columns."""

    shown: tuple[Column, ...]
    rows: Iterable[tuple[Any, ...]]


class Table:
    """A list of rows with its columns; subclasses declare `columns`, `default_order` and what is added up.

    Whoever knows that the rows are `few` says so: they are then sorted, where a limit would tempt the planner to walk
    the index of the order past everybody else's rows. Fields that ask for more than the row are columns for a `reader`
    who holds that permission, and for nobody else.
    """

    columns_declared: ClassVar[tuple[Column, ...]] = ()
    default_order: ClassVar[tuple[str, ...]] = ("pk",)
    extra: ClassVar[tuple[str, ...]] = ("pk",)
    totals: ClassVar[tuple[Total, ...]] = ()
    few: bool = False
    selectable: bool = False
    reader: Reacher | None = None

    def __init__(self, queryset: models.QuerySet, params: Mapping[str, Any] | None = None):
        self.queryset = queryset
        self.params = {
            key: value
            for key, value in (params or {}).items()
            if key not in {"page", "older", "newer", "export", "count"}
        }
        self.sort = str(self.params.get("sort", ""))
        self.asked = chosen_columns(params or {})
        if self.asked:
            self.params["columns"] = ",".join(self.asked)

    @classmethod
    def get_columns(cls) -> tuple[Column, ...]:
        """Return all columns that there are, in their usual order."""
        return cls.columns_declared

    @cached_property
    def available(self) -> tuple[Column, ...]:
        """Return the columns whose fields the reader may see."""
        model = self.queryset.model
        return tuple(
            column
            for column in self.get_columns()
            if not any(is_hidden(self.reader, model, lookup) for lookup in (column.source, column.order, column.sub))
        )

    @cached_property
    def shown(self) -> tuple[Column, ...]:
        """Return the columns that were chosen, in the order chosen, else the usual ones.

        The column that leads to the row is always there, and a chosen column is not hidden where it is narrow.
        """
        declared = {column.name: column for column in self.available}
        names = [name for name in self.asked if name in declared]
        if not names:
            return tuple(column for column in declared.values() if not column.optional)
        leading = [name for name, column in declared.items() if column.kind == "link" and name not in names]
        chosen = dict.fromkeys(leading[:1] + names)
        return tuple(replace(declared[name], hide="") for name in list(chosen)[:MOST_COLUMNS])

    @cached_property
    def summed(self) -> tuple[Total, ...]:
        """Return the totals of the columns that are shown."""
        shown = {column.name for column in self.shown}
        return tuple(total for total in self.totals if total.column in shown)

    def ordered(self) -> models.QuerySet:
        """Return the queryset in the asked order, always total: the key breaks ties."""
        name, down = self.sort.lstrip("-"), self.sort.startswith("-")
        column = next((one for one in self.available if one.name == name and one.order), None)
        if column is None:
            terms = [self._term(lookup.lstrip("-"), lookup.startswith("-")) for lookup in self.default_order]
            return self.queryset.order_by(*terms, "pk")
        return self.queryset.order_by(self._term(column.order, down), "pk")

    def _term(self, lookup: str, down: bool) -> Any:
        last, number = _nature(self.queryset.model, lookup)
        expression: Any = Unindexed(F(lookup)) if self.few and number else F(lookup)
        return expression.desc(nulls_last=last or None) if down else expression.asc(nulls_last=last or None)

    def values(self) -> models.QuerySet:
        """Return the ordered rows as dictionaries with just what the columns need."""
        needed = {column.source for column in self.shown if column.fetch is None}
        needed |= {column.sub for column in self.shown if column.sub} | set(self.extra)
        return self.ordered().values(*sorted(needed))

    @property
    def columns(self) -> list[dict[str, Any]]:
        """Return the head: label, side, sort link and state of each column."""
        return [
            {
                "name": column.name,
                "place": place,
                "label": column.label,
                "kind": column.kind,
                "align": column.align,
                "hide": column.hide,
                "unit": column.unit,
                "sort_url": self._sort_url(column) if column.order else None,
                "sort": {column.name: "asc", f"-{column.name}": "desc"}.get(self.sort, ""),
            }
            for place, column in enumerate(self.shown, 2 if self.selectable else 1)
        ]

    def _sort_url(self, column: Column) -> str:
        numeric = column.align == "end"
        first, second = (f"-{column.name}", column.name) if numeric else (column.name, f"-{column.name}")
        return "?" + urlencode({**self.params, "sort": second if self.sort == first else first}, doseq=True)

    def row_url(self, row: Row) -> str:
        """Return where a click on the row leads."""
        return ""

    def render(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        """Return the rows for the page: a URL and a cell for each column."""
        rows = list(rows)
        columns = self.shown
        keys = [row["pk"] for row in rows]
        fetched = {column.name: column.fetch(keys) for column in columns if column.fetch is not None}
        select = _("Select %(name)s") if self.selectable else ""
        rendered = []
        for row in rows:
            url = self.row_url(row)
            cells = []
            for column in columns:
                value = fetched[column.name].get(row["pk"]) if column.fetch else row[column.source]
                cells.append(
                    {
                        "text": str(column.blank(row)) if column.blank and value is None else column.text(value),
                        "kind": column.kind,
                        "align": column.align,
                        "hide": column.hide,
                        "url": column.url(row) if column.url else (url if column.kind == "link" else ""),
                        "chips": str(value).split(", ") if value and column.kind == "chips" else (),
                        "tone": _growth_tone(value) if column.kind == "growth" else column.tone(value),
                        "sub": row[column.sub] if column.sub else "",
                    }
                )
            line = {"url": url, "cells": cells, "pk": row["pk"]}
            rendered.append(line | {"select": select % {"name": _label(cells)}} if select else line)
        return rendered


@cache
def _address(name: str) -> tuple[str, str]:
    before, _key, after = reverse(name, args=[UNLIKELY]).partition(str(UNLIKELY))
    return before, after


def address_of(name: str, key: int) -> str:
    """Return the address of a row's page; the pattern `name` is resolved once for all rows."""
    before, after = _address(name)
    return f"{before}{key}{after}"


def _label(cells: list[dict[str, Any]]) -> str:
    return next((str(cell["text"]) for cell in cells if cell["kind"] == "link"), str(cells[0]["text"]))


def chosen_columns(params: Mapping[str, Any]) -> list[str]:
    """Return the names of columns that a query asks for: one parameter with commas, or several."""
    many = getattr(params, "getlist", None)
    given = many("columns") if many else [params.get("columns", "")]
    return [name for part in given for name in str(part).split(",") if name]


def _nature(model: type[models.Model], lookup: str) -> tuple[bool, bool]:
    """Tell whether ordering by `lookup` may meet nulls, where a plain order would let an index give it, or numbers."""
    fields: Any = model._meta
    null, field = False, None
    for name in lookup.split("__"):
        try:
            field = fields.get_field(name)
        except FieldDoesNotExist:
            return lookup != "pk", False
        null = null or (field.null and not field.auto_created)
        fields = field.related_model._meta if field.is_relation else None
    return null, field is not None and field.get_internal_type() in NUMBERS


def _growth_tone(value: Decimal | None) -> str:
    if not value:
        return ""
    return "up" if value > 0 else "down"


def column_choices(table: Table) -> list[dict[str, Any]]:
    """Return every column for the menu, the shown ones first in their order; the one that leads to the row stays."""
    shown = [column.name for column in table.shown]
    by_name = {column.name: column for column in table.available}
    leading = next((name for name, column in by_name.items() if column.kind == "link"), "")
    names = shown + [name for name in by_name if name not in shown]
    words = {"show": _("Show %(name)s"), "up": _("Move %(name)s up"), "down": _("Move %(name)s down")}
    found = []
    for name in names:
        label = {"name": by_name[name].label}
        said = {key: text % label for key, text in words.items()}
        found.append({"name": name, "label": label["name"], "shown": name in shown, "fixed": name == leading, **said})
    return found

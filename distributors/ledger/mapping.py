"""Mapping profiles: which column of a file becomes which field, written as TOML."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.translation import gettext as _

from core.errors import DomainError
from distributors.ledger.cell_days import SERIAL
from distributors.ledger.kinds.declaration import Kind

ENCODINGS = ("auto", "utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be")
DELIMITERS = (",", ";", "\t", "|")
PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
TOP_KEYS = {
    "kind",
    "name",
    "source",
    "encoding",
    "delimiter",
    "sheet",
    "decimal",
    "thousands",
    "dates",
    "header",
    "header_above",
    "columns",
    "across",
}
COLUMN_KEYS = {
    "from",
    "template",
    "default",
    "values",
    "other",
    "blank",
    "decimal",
    "thousands",
    "dates",
    "by",
    "digits",
    "times",
}
HOW_CELLS = ("decimal", "thousands", "dates", "by", "digits", "times")
ACROSS_HOW = ("decimal", "thousands", "times", "blank")
OPEN_YEAR = "????"
TIMES = (1, 100, 1_000, 10_000, 1_000_000, 100_000_000)
DIGITS_MOST = 40
ABOVE_MOST = 3
TEXTS = {"kind", "name", "source", "encoding", "delimiter", "sheet", "decimal", "thousands"}


class ProfileError(DomainError):
    """A mapping profile is wrong; the message names its key."""

    def __init__(self, key: str, reason: str):
        super().__init__(_("Mapping profile, %(key)s: %(reason)s") % {"key": key, "reason": reason})


@dataclass(frozen=True)
class ColumnPlan:
    """How one field comes out of a row: from one column or a template of several, then values, then the default.

    `values` says what a text becomes, `other` what the texts become that it does not name; without `other` they stay.
    `decimal`, `thousands` and `dates` say how its cells are written where not as in the whole file. `by` is "name"
    where records are named by what they are called and not by their code; `digits` fills the whole numbers that a
    spreadsheet made of codes up with zeros, `times` is what amounts are multiplied by.
    """

    source: str = ""
    template: str = ""
    default: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    other: str = ""
    blank: tuple[str, ...] = ()
    decimal: str = ""
    thousands: str | None = None
    dates: tuple[str, ...] = ()
    by: str = ""
    digits: int = 0
    times: int = 1

    @classmethod
    def from_frozen(cls, one: Mapping[str, Any], default: str) -> Self:
        """Return the plan of a column as a profile has it."""
        return cls(
            source=one.get("from", ""),
            template=one.get("template", ""),
            default=one.get("default", "") or default,
            values=one.get("values", {}),
            other=one.get("other", ""),
            blank=tuple(one.get("blank", ())),
            decimal=one.get("decimal", ""),
            thousands=one.get("thousands"),
            dates=tuple(one.get("dates", ())),
            by=one.get("by", ""),
            digits=one.get("digits", 0),
            times=one.get("times", 1),
        )

    @property
    def reads(self) -> set[str]:
        """Return the columns of the file that the plan needs."""
        texts = [self.template, self.other, *self.values.values()]
        found = {name for text in texts for name in PLACEHOLDER.findall(text)}
        return found | ({self.source} if self.source else set())

    @property
    def shown(self) -> str:
        """Return the column's name for a report."""
        named = PLACEHOLDER.findall(self.template)
        return self.source or (named[0] if len(named) == 1 else self.template)


Layer = Mapping[str, ColumnPlan]


@dataclass(frozen=True)
class Profile:
    """A checked profile; each layer gives one record a row of the file.

    With `across`, the name of a field, the layers are columns side by side that differ in it and in what their names
    mean: a row gives a record for each of them in which something stands.
    """

    kind: str
    name: str
    source: str
    encoding: str
    delimiter: str
    decimal: str
    thousands: str
    dates: tuple[str, ...]
    header: int
    layers: tuple[Layer, ...]
    as_named: bool = False
    sheet: str = ""
    header_above: int = 0
    across: str = ""

    @classmethod
    def from_frozen(cls, frozen: Mapping[str, Any], kind: Kind) -> Self:
        """Return the profile that `profile_read` froze."""
        across = frozen.get("across") or {}
        tables = frozen.get("levels") or [frozen.get("columns") or {}]
        tables = across_tables(tables[0], across) if across else tables
        layers = tuple(
            {name: ColumnPlan.from_frozen(one, kind.by_name[name].default) for name, one in table.items()}
            for table in tables
        )
        return cls(
            kind=kind.name,
            name=frozen.get("name", ""),
            source=frozen.get("source", "erp"),
            encoding=frozen.get("encoding", "auto"),
            delimiter=frozen.get("delimiter", "auto"),
            decimal=frozen.get("decimal", "."),
            thousands=frozen.get("thousands", ""),
            dates=tuple(frozen.get("dates", ["%Y-%m-%d"])),
            header=frozen.get("header", 1),
            layers=layers,
            as_named=not frozen.get("columns") and not frozen.get("levels") and not across,
            sheet=frozen.get("sheet", ""),
            header_above=frozen.get("header_above", 0),
            across=across.get("into", ""),
        )

    @property
    def decimals(self) -> dict[str, str]:
        """Return the decimal sign of each column of the file that has one of its own."""
        plans = [plan for layer in self.layers for plan in layer.values()]
        return {plan.source: plan.decimal for plan in plans if plan.source and plan.decimal}

    def named_as_fields(self, header: list[str], kind: Kind) -> Self:
        """Return the profile that reads columns called like the fields."""
        layer = {name: ColumnPlan(source=name, default=kind.by_name[name].default) for name in header}
        return type(self)(**{**self.__dict__, "layers": (layer,)})


def across_ordered(columns: Mapping[str, Mapping[str, str]]) -> list[tuple[str, Mapping[str, str]]]:
    """Return columns side by side by what they stand for: a database may give them back in another order."""
    return sorted(columns.items(), key=lambda one: (sorted(one[1].items()), one[0]))


def across_tables(table: Mapping[str, Any], across: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a table of columns for each of those that stand side by side."""
    how = {name: value for name, value in across.items() if name in ACROSS_HOW}
    return [
        {
            **table,
            **{
                name: {"template" if PLACEHOLDER.search(text) else "default": text, "dates": ["%Y-%m-%d"]}
                for name, text in means.items()
            },
            across["into"]: {"from": column, **how},
        }
        for column, means in across_ordered(across["columns"])
    ]


def profile_default(kind: Kind) -> dict[str, Any]:
    """Return the profile for files whose columns are called like the fields."""
    return {"kind": kind.name, "name": "", "source": "erp"}


def profile_read(text: str | bytes, kind: Kind) -> dict[str, Any]:
    """Return a TOML profile checked for `kind`, ready to be kept; raise ProfileError naming the key that is wrong."""
    try:
        given = tomllib.loads(text.decode("utf-8") if isinstance(text, bytes) else text)
    except UnicodeDecodeError as error:
        raise ProfileError("-", _("the file is not UTF-8.")) from error
    except tomllib.TOMLDecodeError as error:
        raise ProfileError("-", str(error)) from error
    profile_check(given, kind)
    return given


def profile_check(given: dict[str, Any], kind: Kind) -> None:
    """Raise ProfileError naming the key that is wrong."""
    _check_top(given, kind)
    across = given.get("across")
    if across is not None:
        _check_across(across, given, kind)
    for name, table in _column_tables(given):
        _check_columns(name, table, kind, given_across(across))


def _check_top(given: dict[str, Any], kind: Kind) -> None:
    for key, value in given.items():
        if key not in TOP_KEYS | {"levels"}:
            raise ProfileError(key, _("is not a key of a profile; known are %(keys)s.") % {"keys": _listed(TOP_KEYS)})
        if key in TEXTS and not isinstance(value, str):
            raise ProfileError(key, _("must be text."))
    dates, header = given.get("dates", ["%Y-%m-%d"]), given.get("header", 1)
    thousands, above = given.get("thousands", ""), given.get("header_above", 0)
    rules = (
        ("kind", given.get("kind") == kind.name, _("must be “%(kind)s” for this import.") % {"kind": kind.name}),
        (
            "encoding",
            given.get("encoding", "auto") in ENCODINGS,
            _("must be one of %(choices)s.") % {"choices": _listed(ENCODINGS)},
        ),
        (
            "delimiter",
            given.get("delimiter", "auto") == "auto" or len(given["delimiter"]) == 1,
            _("must be one character or “auto”."),
        ),
        ("decimal", given.get("decimal", ".") in {".", ","}, _("must be “.” or “,”.")),
        (
            "thousands",
            len(thousands) <= 1 and thousands != given.get("decimal", "."),
            _("must be one character other than the decimal sign."),
        ),
        ("dates", _are_forms(dates), _("must be a list of formats such as “%d.%m.%Y”.")),
        (
            "header",
            type(header) is int and 1 <= header <= 100,
            _("must be the number of the row with the column names, from 1."),
        ),
        (
            "header_above",
            type(above) is int and 0 <= above <= ABOVE_MOST and (type(header) is not int or above < header),
            _("must be how many rows above the column names belong to them."),
        ),
        (
            "source",
            re.fullmatch(r"[-\w]{1,40}", given.get("source", "erp")),
            _("must be a short code of letters, digits and dashes."),
        ),
        ("levels", not {"columns", "levels"} <= set(given), _("stands instead of columns, not beside them.")),
    )
    for key, holds, reason in rules:
        if not holds:
            raise ProfileError(key, reason)


def _are_forms(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, str) and ("%" in one or one == SERIAL) for one in value)
    )


def _column_tables(given: dict[str, Any]) -> list[tuple[str, Any]]:
    if "levels" not in given:
        return [("columns", given["columns"])] if "columns" in given else []
    levels = given["levels"]
    if not isinstance(levels, list) or not levels:
        raise ProfileError("levels", _("must be a list of tables: [[levels]]."))
    return [(f"levels[{number}]", level) for number, level in enumerate(levels, 1)]


def given_across(across: Any) -> set[str]:
    """Return the fields that columns side by side give in each record."""
    if not across:
        return set()
    tables = [set(means) for means in across["columns"].values()]
    return {across["into"]} | set.intersection(*tables)


def _check_across(across: Any, given: dict[str, Any], kind: Kind) -> None:
    """Refuse what says wrongly which columns stand side by side."""
    if "levels" in given:
        raise ProfileError("across", _("stands beside columns, not beside levels."))
    if not isinstance(across, dict) or across.get("into") not in kind.by_name:
        fields = _listed(kind.by_name)
        raise ProfileError("across.into", _("is not a field; the fields are %(fields)s.") % {"fields": fields})
    for key, value in across.items():
        if key not in {"into", "columns", *ACROSS_HOW}:
            known = _listed({"into", "columns", *ACROSS_HOW})
            raise ProfileError(f"across.{key}", _("is not known here; known are %(keys)s.") % {"keys": known})
        if key in ACROSS_HOW:
            _check_part(f"across.{key}", key, value)
    columns = across.get("columns")
    if not isinstance(columns, dict) or not columns:
        raise ProfileError("across.columns", _("must name the columns that stand side by side."))
    for column, means in columns.items():
        key = f"across.columns.{column}"
        whole = isinstance(means, dict) and all(isinstance(text, str) and text for text in means.values())
        if not whole or not set(means) <= set(kind.by_name) - {across["into"]}:
            raise ProfileError(key, _('must say what the column means, such as { day = "2026-01-01" }.'))
        if any(OPEN_YEAR in text for text in means.values()):
            raise ProfileError(key, _("lacks the year."))


def _check_columns(where: str, table: Any, kind: Kind, given: set[str]) -> None:
    if not isinstance(table, dict) or not (table or given):
        raise ProfileError(where, _("must be a table with a field of this kind for each key."))
    for name, one in table.items():
        key = f"{where}.{name}"
        if name not in kind.by_name:
            raise ProfileError(key, _("is not a field; the fields are %(fields)s.") % {"fields": _listed(kind.by_name)})
        if not isinstance(one, dict):
            raise ProfileError(key, _('must be a table such as { from = "Column" }.'))
        for part, value in one.items():
            _check_part(f"{key}.{part}", part, value)
        if "from" in one and "template" in one:
            raise ProfileError(f"{key}.template", _("stands instead of from, not beside it."))
        if not {"from", "template", "default"} & set(one):
            raise ProfileError(key, _("needs from, template or default."))
    needed = [one.name for one in kind.fields if one.required and not one.default]
    missing = [name for name in needed if name not in table and name not in given]
    if missing:
        raise ProfileError(f"{where}.{missing[0]}", _("is missing, and the field is required."))


def _check_part(key: str, part: str, value: Any) -> None:
    if part not in COLUMN_KEYS:
        raise ProfileError(key, _("is not known here; known are %(keys)s.") % {"keys": _listed(COLUMN_KEYS)})
    if part in {"from", "template", "default", "other"} and (not isinstance(value, str) or not value):
        raise ProfileError(key, _("must be text."))
    if part == "template" and not PLACEHOLDER.search(value):
        raise ProfileError(key, _("names no column in braces."))
    if part == "values" and not (isinstance(value, dict) and all(isinstance(one, str) for one in value.values())):
        raise ProfileError(key, _("must map text to text."))
    if part == "blank" and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
        raise ProfileError(key, _("must be a list of texts that mean nothing."))
    _check_how(key, part, value)


def _check_how(key: str, part: str, value: Any) -> None:
    """Refuse what says wrongly how the cells of a column are written."""
    rules = {
        "decimal": (value in (".", ","), _("must be “.” or “,”.")),
        "thousands": (isinstance(value, str) and len(value) <= 1, _("must be one character, or empty.")),
        "dates": (_are_forms(value), _("must be a list of formats such as “%d.%m.%Y”.")),
        "by": (value in ("code", "name"), _("must be one of %(choices)s.") % {"choices": "code, name"}),
        "digits": (type(value) is int and 0 <= value <= DIGITS_MOST, _("must be a number of digits.")),
        "times": (
            type(value) is int and value in TIMES,
            _("must be one of %(choices)s.") % {"choices": ", ".join(map(str, TIMES))},
        ),
    }
    holds, reason = rules.get(part, (True, ""))
    if not holds:
        raise ProfileError(key, reason)


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))

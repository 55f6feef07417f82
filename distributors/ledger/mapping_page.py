"""The page on which columns become fields: what it shows of a mapping, and the mapping that it sends back."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from distributors.ledger.across_page import AcrossCard, across_sent
from distributors.ledger.cell_days import read_date
from distributors.ledger.cell_types import ISO
from distributors.ledger.cells import MOST_DISTINCT, style_of
from distributors.ledger.how_page import HowRow, how_sent
from distributors.ledger.kinds.declaration import Field, Kind
from distributors.ledger.kinds.words import words_of
from distributors.ledger.mapping import ABOVE_MOST, ENCODINGS, PLACEHOLDER, Profile, given_across
from distributors.ledger.meanings import choices_of
from distributors.ledger.opening import with_sheet_days
from distributors.ledger.preview import Preview, preview_of
from distributors.ledger.sampling import Sample
from distributors.ledger.surroundings import Surroundings
from distributors.ledger.writing import Writing, columns_of

SEVERAL = "="
EXAMPLES = 3
LEVELS_MOST = 8


@dataclass(frozen=True)
class ValueRow:
    """One text of a column of choices, and what it becomes."""

    number: int
    text: str
    value: str


@dataclass
class FieldRow:
    """One field on the page: what it is, and where it comes from."""

    name: str
    label: str
    prefix: str
    required: bool
    meaning: str
    example: str
    source: str
    template: str
    default: str
    usual: str
    cells: str
    choices: list[tuple[str, str]] = field(default_factory=list)
    values: list[ValueRow] = field(default_factory=list)
    other: str = ""
    wrong: str = ""
    kind: str = ""
    how: HowRow | None = None

    @property
    def is_day(self) -> bool:
        """Tell whether its one value for all rows is chosen from a calendar."""
        return self.kind == "date" and (not self.default or read_date(self.default, (ISO,)) is not None)

    @property
    def is_open(self) -> bool:
        """Tell whether the field is used, or must be."""
        return bool(self.source or self.default or self.required)


def mapping_sent(post: Any, kind: Kind, sample: Sample, was: dict[str, Any], around: Surroundings) -> dict[str, Any]:
    """Return the mapping that the page sent; what the page does not show stays as it was.

    Texts of a column that is newly chosen get the meaning that they seem to have.
    """
    found: dict[str, Any] = {"kind": kind.name}
    found["name"] = post.get("name", was.get("name", "")).strip()[:80]
    found["source"] = post.get("source", was.get("source", "erp")).strip() or "erp"
    if not sample.workbook:
        found["encoding"], found["delimiter"] = post.get("encoding", "auto"), _sign(post.get("delimiter", "auto"))
    elif post.get("sheet"):
        found["sheet"] = post["sheet"]
    header = post.get("header", "1")
    found["header"] = int(header) if header.isdecimal() and 1 <= int(header) <= 100 else 1
    above = post.get("header_above", str(was.get("header_above", 0)))
    found["header_above"] = min(int(above), ABOVE_MOST, found["header"] - 1) if above.isdecimal() else 0
    found["decimal"] = "," if post.get("decimal", was.get("decimal")) == "," else "."
    found["thousands"] = post.get("thousands", was.get("thousands", ""))[:1]
    found["dates"] = was.get("dates") or ["%Y-%m-%d"]
    layers = was.get("levels") or [was.get("columns") or {}]
    tables = [_layer_sent(post, kind, number, layer) for number, layer in enumerate(layers)]
    _meanings_fill(tables, layers, kind, sample, around)
    if was.get("across"):
        found |= across_sent(post, kind, was["across"])
    return found | ({"levels": tables} if was.get("levels") else {"columns": tables[0]})


def _meanings_fill(tables: Any, layers: Any, kind: Kind, sample: Sample, around: Surroundings) -> None:
    """Give newly chosen columns the form that they seem to have, and their texts the meaning."""
    columns = {one.name: one for one in columns_of(sample)}
    writing = Writing(around, style_of(columns.values()), list(columns.values()))
    for one in kind.fields:
        for layer, before in zip(tables, layers, strict=True):
            plan = layer.get(one.name, {})
            column = columns.get(plan.get("from", ""))
            if column is None or "values" in plan or column.name == before.get(one.name, {}).get("from"):
                continue
            said = writing.plan(one, column)
            said.pop("other", None)
            if one.type == "date" and (forms := writing.forms(one, column)):
                said["dates"] = forms
            layer[one.name] = plan | said


def _sign(text: str) -> str:
    return "\t" if text == "tab" else text


def _layer_sent(post: Any, kind: Kind, number: int, was: dict[str, Any]) -> dict[str, Any]:
    layer = {}
    for one in kind.fields:
        prefix = f"{number}.{one.name}."
        before = was.get(one.name, {})
        plan = {name: value for name, value in before.items() if name == "blank"}
        source = post.get(f"{prefix}from", "")
        if source == SEVERAL and PLACEHOLDER.search(post.get(f"{prefix}template", "")):
            plan["template"] = post[f"{prefix}template"]
        elif source and source != SEVERAL:
            plan["from"] = source
        if default := post.get(f"{prefix}default", "").strip():
            plan["default"] = default
        if "from" in plan:
            plan |= _values_sent(post, prefix, before)
            plan |= how_sent(post, prefix, before)
        if {"from", "template", "default"} & set(plan):
            layer[one.name] = plan
    return layer


def _values_sent(post: Any, prefix: str, was: dict[str, Any]) -> dict[str, Any]:
    """Return what the texts of a column become; those of another column than now are gone."""
    source = post[f"{prefix}from"]
    if f"{prefix}of" not in post and was.get("from") == source:
        return {name: was[name] for name in ("values", "other") if name in was}
    if post.get(f"{prefix}of") != source:
        return {}
    values = {}
    for number in range(MOST_DISTINCT):
        text, value = post.get(f"{prefix}text.{number}"), post.get(f"{prefix}value.{number}", "")
        if text is not None and value:
            values[text] = value
    found: dict[str, Any] = {"values": values} if any(text != value for text, value in values.items()) else {}
    if other := post.get(f"{prefix}other", ""):
        found = {"values": values, "other": other}
    return found


class MappingPage:
    """What the page shows for one mapping of one file."""

    def __init__(self, kind: Kind, sample: Sample, mapping: dict[str, Any], around: Surroundings):
        self.kind, self.sample, self.mapping, self.around = kind, sample, mapping, around
        self.columns = {one.name: one for one in columns_of(sample)}
        self.writing = Writing(around, style_of(self.columns.values()), list(self.columns.values()))

    def open_fields(self) -> list[str]:
        """Return the names of the fields for which something is still to be chosen."""
        return self._missing(self.layers(), self.across())

    @staticmethod
    def _missing(layers: list[dict[str, Any]], across: AcrossCard | None) -> list[str]:
        found = [row.label for layer in layers for row in layer["used"] if row.wrong]
        return found + ([across.wrong] if across and across.wrong else [])

    def across(self) -> AcrossCard | None:
        """Return the columns that stand side by side, None where none are read so."""
        return AcrossCard.of(self.kind, self.mapping["across"], self.around) if self.mapping.get("across") else None

    @property
    def unread(self) -> list[str]:
        """Return the columns of the file that no field reads."""
        profile = Profile.from_frozen(self.mapping, self.kind)
        reads = {name for layer in profile.layers for plan in layer.values() for name in plan.reads}
        return [name for name in self.sample.header if name not in reads]

    @property
    def lacking(self) -> list[str]:
        """Return the columns that the mapping reads and the file has not."""
        profile = Profile.from_frozen(self.mapping, self.kind)
        reads = [name for layer in profile.layers for plan in layer.values() for name in sorted(plan.reads)]
        return [name for name in dict.fromkeys(reads) if name not in self.sample.header]

    def layers(self) -> list[dict[str, Any]]:
        """Return the fields of each layer, in two groups: those in use, and the others."""
        tables = self.mapping.get("levels") or [self.mapping.get("columns") or {}]
        beside = given_across(self.mapping.get("across"))
        found = []
        for number, table in enumerate(tables):
            shown = [one for one in self.kind.fields if one.name not in beside]
            rows = [self._row(number, one, table.get(one.name, {})) for one in shown]
            rows.sort(key=lambda row: not row.required)
            used = [row for row in rows if row.is_open]
            found.append({"number": number + 1, "used": used, "others": [row for row in rows if not row.is_open]})
        return found

    def _row(self, number: int, one: Field, plan: dict[str, Any]) -> FieldRow:
        words = words_of(self.kind.name, one.name)
        template = plan.get("template", "")
        source = SEVERAL if template else plan.get("from", "")
        column = self.columns.get(source)
        choices = choices_of(one, self.around)
        how = HowRow.of(one, plan, column, self.mapping, self.writing) if column else None
        row = FieldRow(
            name=one.name,
            label=_(one.label),
            prefix=f"{number}.{one.name}.",
            required=one.required and not one.default,
            meaning=_(words.meaning) if words.meaning else "",
            example=words.example,
            source=source,
            template=template,
            default=plan.get("default", ""),
            usual=choices.get(one.default, one.default) if one.default else "",
            cells=", ".join(column.distinct[:EXAMPLES]) if column else "",
            choices=list(choices.items()),
            other=plan.get("other", ""),
            kind=one.type,
            how=how,
        )
        values = plan.get("values", {})
        if column and (choices or values) and len(column.distinct) <= MOST_DISTINCT:
            texts = list(dict.fromkeys([*column.distinct, *values]))[:MOST_DISTINCT]
            row.values = [ValueRow(place, text, self._value(text, values, choices)) for place, text in enumerate(texts)]
            if any(PLACEHOLDER.search(one.value) for one in row.values):
                # What a text becomes is put together from other columns: that is typed, not chosen.
                row.choices = []
        if row.required and not source and not row.default:
            row.wrong = _("Choose a column, or give one value for all rows.")
        elif source and source != SEVERAL and column is None:
            row.wrong = _("The file has no column “%(name)s”.") % {"name": source}
        elif how and how.question:
            row.wrong = how.question
        return row

    @staticmethod
    def _value(text: str, values: dict[str, str], choices: dict[str, str]) -> str:
        value = values.get(text, text)
        return value if value in choices or text in values else ""

    def preview(self) -> Preview | None:
        """Return the first rows as they will be read, None where columns are missing."""
        if self.lacking or ((across := self.across()) and across.wrong):
            return None
        profile = Profile.from_frozen(self.mapping, self.kind)
        if self.sample.workbook:
            profile = with_sheet_days(profile)
        return preview_of(self.kind, profile, self.sample, self.around)

    def context(self) -> dict[str, Any]:
        """Return what the template needs."""
        layers = self.layers()
        preview = self.preview()
        across = self.across()
        missing = self._missing(layers, across)
        return {
            "layers": layers,
            "across": across,
            "may_across": self.kind.across is not None and not self.mapping.get("levels"),
            "preview": preview,
            "missing": missing,
            "ready": preview is not None and not missing,
            "sample": self.sample,
            "header": self.sample.header,
            "unread": self.unread,
            "settings": self._settings(),
            "encodings": ENCODINGS,
        }

    def _settings(self) -> dict[str, Any]:
        sign = self.mapping.get("delimiter", "auto")
        return {
            "encoding": self.mapping.get("encoding", "auto"),
            "delimiter": "tab" if sign == "\t" else sign,
            "delimiter_found": "tab" if self.sample.delimiter == "\t" else self.sample.delimiter,
            "header": self.sample.header_row,
            "header_above": self.sample.header_above,
            "decimal": self.mapping.get("decimal", "."),
            "thousands": self.mapping.get("thousands", ""),
            "source": self.mapping.get("source", "erp"),
            "name": self.mapping.get("name", ""),
        }

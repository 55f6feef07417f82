"""A mapping proposed for a file that nobody described: from the names of its columns and from what stands in them."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from distributors.ledger.across import Across, across_found
from distributors.ledger.cells import MOST_DISTINCT, PLAIN, Column, share, style_of, swapped
from distributors.ledger.currencies import currency_meant, mark_in_name
from distributors.ledger.kinds.declaration import Field, Kind
from distributors.ledger.kinds.words import Words, words_of
from distributors.ledger.levels import levels_of
from distributors.ledger.mapping import ACROSS_HOW
from distributors.ledger.meanings import choices_of, currencies_meant, value_meant
from distributors.ledger.names import SAME, likeness, parts_of
from distributors.ledger.sampling import Sample
from distributors.ledger.surroundings import Surroundings
from distributors.ledger.writing import KNOWN, NUMBERS, Writing, columns_of

LEAST = 40.0
SURE = 75.0
FITS = 0.5
ISO = "%Y-%m-%d"
# Too loose to tell a column of days from one of numbers.
LOOSE = {"%Y", "%Y%m", "serial"}


def profile_guessed(kind: Kind, sample: Sample, around: Surroundings, called: str = "") -> dict[str, Any]:
    """Return a profile for the file, as `profile_read` would give it; fields that nothing fits are left out.

    `called` is the name of the file.
    """
    return _Guess(kind, sample, around, called).profile()


@dataclass(frozen=True)
class _Match:
    """A column for a field, and how well it fits."""

    field: Field
    column: Column
    score: float


class _Guess:
    def __init__(self, kind: Kind, sample: Sample, around: Surroundings, called: str):
        self.kind, self.sample, self.around = kind, sample, around
        self.title = " ".join(filter(None, (sample.title, sample.sheet, called)))
        self.columns = columns_of(sample)
        self.by_name = {column.name: column for column in self.columns}
        self.style = style_of(self.columns)
        self.forms: list[str] = []
        self.writing = Writing(around, self.style, self.columns)

    def profile(self) -> dict[str, Any]:
        """Return the whole profile."""
        found: dict[str, Any] = {"kind": self.kind.name, "name": "", "source": self.around.source_code}
        layers = levels_of(self.columns) if self.kind.name == "territories" else []
        if layers:
            found["levels"] = layers
        elif across := across_found(self.kind, self.columns, self.around, self.title):
            found |= self._beside(across)
        else:
            found["columns"] = self._layer()
        decimal, thousands = self.style
        found |= {"decimal": decimal, "thousands": thousands} if self.style != PLAIN else {}
        found |= {"header": self.sample.header_row} if self.sample.header_row != 1 else {}
        found |= {"header_above": self.sample.header_above} if self.sample.header_above else {}
        found |= {"sheet": self.sample.sheet} if len(self.sample.sheets) > 1 else {}
        if self.forms and self.forms != [ISO]:
            found["dates"] = self.forms
        return found

    def _beside(self, across: Across) -> dict[str, Any]:
        """Return the columns that stand side by side, and those that they share."""
        beside = [one for one in self.columns if one.name in across.columns]
        self.columns = [one for one in self.columns if one.name not in across.columns]
        for one in beside:
            plan = self.writing.plan(self.kind.by_name[across.into], one)
            across.how |= {name: value for name, value in plan.items() if name in ACROSS_HOW}
        given = {name for means in across.columns.values() for name in means} | {across.into}
        layer = {name: plan for name, plan in self._layer().items() if name not in given}
        for name, code in across.default.items():
            layer.setdefault(name, {"default": code})
        return {"columns": layer, "across": across.frozen}

    def _layer(self) -> dict[str, dict[str, Any]]:
        matches = self._matches()
        chosen = self._chosen(matches)
        layer: dict[str, dict[str, Any]] = {}
        for field in self.kind.fields:
            words = words_of(self.kind.name, field.name)
            match = chosen.get(field.name)
            together = self._together(field, words, chosen)
            if match and match.score >= SURE and not (together and f"{{{match.column.name}}}" in str(together)):
                together = None
            if together:
                layer[field.name] = together
            elif match:
                layer[field.name] = self._plan(match, words)
            elif plan := self._fallback(field, words, chosen):
                layer[field.name] = plan
        return layer

    def _matches(self) -> list[_Match]:
        found = []
        needed = {field.name for field in self.kind.fields if field.required and not field.default}
        ours = needed <= set(self.by_name)
        for field in self.kind.fields:
            names, avoid = self._names(field), words_of(self.kind.name, field.name).avoid
            for column in self.columns:
                if (
                    avoid
                    and column.name != field.name
                    and re.search(avoid, unicodedata.normalize("NFKC", column.name).lower())
                ):
                    continue
                named = likeness(column.name, names)
                score = named * self._fit(field, column) if named else 0.0
                if ours and column.name == field.name:
                    # A file written for this product: what cannot be read is shown in its place.
                    score = max(score, LEAST)
                if score >= LEAST:
                    found.append(_Match(field, column, score))
        return sorted(found, key=lambda match: -match.score)

    def _names(self, field: Field) -> list[str]:
        labels = []
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                labels.append(gettext(field.label))
        listed = words_of(self.kind.name, field.name).listed
        return list(dict.fromkeys([field.name, *listed, *labels]))

    def _chosen(self, matches: list[_Match]) -> dict[str, _Match]:
        """Return the best column of each field, each column once; a required field may share what others have."""
        chosen: dict[str, _Match] = {}
        taken: set[str] = set()
        for match in matches:
            if match.field.name not in chosen and match.column.name not in taken:
                chosen[match.field.name] = match
                taken.add(match.column.name)
        for match in matches:
            if match.field.required and match.field.name not in chosen:
                chosen[match.field.name] = match
        for field in self.kind.fields:
            if field.required and not field.default and field.name not in chosen:
                column = self._by_cells(field, [one for one in self.columns if one.name not in taken])
                if column is not None:
                    chosen[field.name] = _Match(field, column, LEAST)
                    taken.add(column.name)
        return chosen

    def _by_cells(self, field: Field, free: list[Column]) -> Column | None:
        """Return the only column whose cells can be nothing but the field: codes that are known, or days."""
        words = words_of(self.kind.name, field.name)
        if field.refers and field.refers != "type":
            found = [one for one in free if one.filled and self.writing.known(field, one) >= KNOWN]
        elif field.type == "date":
            avoid = words.avoid or "$^"
            found = [one for one in free if one.days[0] >= KNOWN and one.days[1] not in LOOSE]
            found = [one for one in found if self._fit(field, one) and not re.search(avoid, one.name.lower())]
        else:
            found = []
        return found[0] if len(found) == 1 else None

    def _fit(self, field: Field, column: Column) -> float:
        """Return from 0 to 1 how well the cells of a column suit a field."""
        if not column.filled:
            return 0.5
        fit = self._fit_of_type(field, column)
        if fit < FITS:
            return 0.0
        if field.required and not words_of(self.kind.name, field.name).gap:
            fit *= 0.7 + 0.3 * column.fill
        if len(self.kind.key) == 1 and field.key and not column.unique:
            fit *= FITS
        return fit

    def _fit_of_type(self, field: Field, column: Column) -> float:
        words = words_of(self.kind.name, field.name)
        if field.type == "date":
            good, form = column.days
            if words.first and not column.firsts(form):
                return 0.0
            return good if good >= FITS or form in LOOSE else column.dayish
        if field.type in NUMBERS:
            return 1.0 if column.styles else column.numbers(self.style)
        if field.type in {"choice", "boolean"}:
            return self._fit_of_choice(field, column)
        if field.name == "currency":
            meant = currencies_meant(column, self.around) if len(column.distinct) <= MOST_DISTINCT else {}
            return sum(text in meant for text in column.distinct) / len(column.distinct)
        if field.refers:
            return self._fit_of_reference(field, column)
        if field.pattern:
            return share(column.filled[:500], f"(?:{field.pattern}).*")
        # A text that tells nothing apart is seldom a number: a unit price is no unit.
        return 1.0 if field.key or share(column.filled[:500], r"\d+\.\d+") < 0.9 else FITS

    def _fit_of_choice(self, field: Field, column: Column) -> float:
        if len(column.distinct) > MOST_DISTINCT:
            return 0.0
        known = sum(bool(self._value(field, text)) for text in column.distinct)
        return known / len(column.distinct)

    def _fit_of_reference(self, field: Field, column: Column) -> float:
        if not len(self.around.codes(field.refers).codes):
            return 1.0
        good = self.writing.known(field, column)
        if field.refers == "type":
            values = [self._value(field, text) for text in column.distinct[:MOST_DISTINCT]]
            good = max(good, sum(map(bool, values)) / len(values))
        return 0.7 + 0.3 * good

    def _value(self, field: Field, text: str) -> str:
        return value_meant(text, choices_of(field, self.around), field.name)

    def _plan(self, match: _Match, words: Words) -> dict[str, Any]:
        """Return how the field comes out of its column."""
        field, column = match.field, match.column
        plan: dict[str, Any] = {"from": column.name}
        if field.type == "date":
            self._note_forms(plan, field, column, words)
        plan |= self.writing.plan(field, column)
        if words.gap and column.fill < 1:
            plan["default"] = gettext(words.gap)
        return plan

    def _note_forms(self, plan: dict[str, Any], field: Field, column: Column, words: Words) -> None:
        """Note in which forms days are written: for the whole file where no other column contradicts."""
        forms = self.writing.forms(field, column, first=words.first)
        if any(swapped(form) in self.forms for form in forms if swapped(form)):
            plan["dates"] = forms
        else:
            self.forms += [form for form in forms if form not in self.forms]

    def _fallback(self, field: Field, words: Words, chosen: dict[str, _Match]) -> dict[str, Any] | None:
        if words.fallback == "base_currency":
            return self._currency(chosen)
        if words.fallback == "header":
            named = {part for column in self.columns for part in parts_of(column.name)}
            choices = choices_of(field, self.around)
            code = next((code for code in choices if code in named and code != field.default), "")
            return {"default": code} if code else None
        return None

    def _currency(self, chosen: dict[str, _Match]) -> dict[str, Any]:
        """Return the currency of amounts that have no column for it: named above them, beside them, or the base."""
        column = next((chosen[name].column for name in ("amount", "open_amount", "rate") if name in chosen), None)
        base = self.around.base_currency
        if column is None:
            return {"default": base}
        if len(column.currencies) > 1:
            return {"from": column.name, "default": base}
        mark = next(iter(column.currencies), "") or mark_in_name(column.name)
        return {"default": currency_meant(mark, base) or base}

    def _together(self, field: Field, words: Words, chosen: dict[str, _Match]) -> dict[str, Any] | None:
        """Return how the field is put together from several columns, None where they are not there."""
        if words.joined is None:
            return None
        template, parts = words.joined
        others = {one.column.name for one in chosen.values() if one.field.required and one.field is not field}
        found = {part: self._part(names, others) for part, names in parts.items()}
        if "quarter" in parts:
            return self._of_year(found, template)
        if not all(found.values()) or len(set(found.values())) < len(found):
            return None
        if field.key:
            cells = [self.by_name[str(name)].cells for name in found.values()]
            rows = list(zip(*cells, strict=True))
            if len(set(rows)) < len(rows):
                return None
        return {"template": template.format(**{part: f"{{{name}}}" for part, name in found.items()})}

    def _part(self, names: str, others: set[str]) -> str | None:
        """Return the column that is best called one of the names, and feeds no other field that is needed."""
        free = [column for column in self.columns if column.filled and column.name not in others]
        scored = [(likeness(column.name, names.split("|")), column.name) for column in free]
        score, name = max(scored, key=lambda one: one[0], default=(0.0, ""))
        return name if score > LEAST else None

    def _of_year(self, found: dict[str, str | None], template: str) -> dict[str, Any] | None:
        """Return the first day of a month or quarter that stands in columns of their own."""
        year, month, quarter = found["year"], found["month"], found["quarter"]
        if year is None or share(self.by_name[year].filled[:200], r"(19|20)\d\d") < SURE / SAME:
            return None
        if month and month != year and share(self.by_name[month].filled[:200], r"0?[1-9]|1[0-2]") == 1:
            return {"template": template.format(year=f"{{{year}}}", month=f"{{{month}}}")}
        if not quarter or quarter == year:
            return None
        values = {}
        for text in self.by_name[quarter].distinct[:8]:
            if digit := re.search(r"[1-4]", text):
                values[text] = f"{{{year}}}-{3 * int(digit[0]) - 2:02d}-01"
        return {"from": quarter, "values": values} if values else None

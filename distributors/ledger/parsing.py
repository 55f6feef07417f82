"""Columns of text become typed columns, all cells of a column at once; what does not fit is named by row."""

import time
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext_noop as _

from core.money import SCALE
from core.sentences import Sentence
from distributors.ledger.fields import RATE_DECIMALS
from distributors.ledger.findings import Findings
from distributors.ledger.kinds.declaration import Field, Kind
from distributors.ledger.mapping import PLACEHOLDER, ColumnPlan, Layer, Profile
from distributors.ledger.reading import Block
from distributors.ledger.surroundings import Surroundings

MOST_DECIMALS = 20
AMOUNT_DIGITS = 12
RATE_DIGITS = 6
BASE_MOST = 10**17
LONGEST = 36
NUMBER = rf"^[+-]?(\d+(\.\d{{0,{MOST_DECIMALS}}})?|\.\d{{1,{MOST_DECIMALS}}})$"
WHOLE = r"^[+-]?\d{1,18}$"
TRUE = {"true", "t", "yes", "y", "1", "是"}
FALSE = {"false", "f", "no", "n", "0", "否"}
HALF_UP = "half_towards_infinity"


def parse_block(block: Block, profile: Profile, kind: Kind, around: Surroundings, findings: Findings) -> pa.Table:
    """Return the block's rows as the stage has them; rows with a finding are left out."""
    parts = [_parse_layer(block, layer, profile, kind, around, findings) for layer in profile.layers]
    return parts[0] if len(parts) == 1 else pa.concat_tables(parts)


def parse_field(
    field: Field, block: Block, layer: Layer, profile: Profile, around: Surroundings, findings: Findings
) -> tuple[pa.Array, pa.Array]:
    """Return the texts that the file gives for a field, and the typed column, null where one was empty or wrong."""
    plan = layer.get(field.name) or ColumnPlan(default=field.default)
    texts = _texts(plan, block.cells, len(block.rows))
    column = _Column(field, plan.shown or field.name, block.rows, profile, around, findings)
    return texts, column.parse(texts)


def _parse_layer(
    block: Block, layer: Layer, profile: Profile, kind: Kind, around: Surroundings, findings: Findings
) -> pa.Table:
    before = findings.count
    columns: dict[str, pa.Array] = {"row": block.rows}
    for field in kind.fields:
        columns[field.stored[0]] = parse_field(field, block, layer, profile, around, findings)[1]
    table = pa.table(columns)
    if kind.derive is not None:
        table = kind.derive(table, around, findings)
    if findings.count > before:
        needed = [table[field.stored[0]].is_valid() for field in kind.fields if field.required]
        whole = needed[0]
        for one in needed[1:]:
            whole = pc.and_(whole, one)
        table = table.filter(whole)
    return table


def _texts(plan: ColumnPlan, cells: dict[str, pa.Array], length: int) -> pa.Array:
    """Return the text of a field: null where there is nothing, and no default either."""
    if plan.template:
        texts = _filled(plan.template, cells, length)
    elif plan.source:
        texts = _cell(cells[plan.source], plan.blank)
    else:
        return pa.array([plan.default or None], pa.string()).take(pa.array(np.zeros(length, np.int64)))
    if plan.values:
        texts = _mapped(texts, plan, cells, length)
    return pc.fill_null(texts, plan.default) if plan.default else texts


def _cell(column: pa.Array, blank: tuple[str, ...] = ()) -> pa.Array:
    texts = pc.utf8_trim_whitespace(column)
    nothing = pc.equal(pc.binary_length(texts), 0)
    for word in blank:
        nothing = pc.or_(nothing, pc.equal(texts, word))
    return pc.if_else(nothing, pa.scalar(None, pa.string()), texts)


def _filled(template: str, cells: dict[str, pa.Array], length: int) -> pa.Array:
    """Return the template with its columns put in; null where one of them is empty."""
    parts: list[Any] = []
    for place, part in enumerate(PLACEHOLDER.split(template)):
        if place % 2:
            parts.append(_cell(cells[part]))
        elif part:
            parts.append(pa.scalar(part))
    if len(parts) == 1:
        return parts[0]
    return pc.binary_join_element_wise(*parts, "", null_handling="emit_null")


def _mapped(texts: pa.Array, plan: ColumnPlan, cells: dict[str, pa.Array], length: int) -> pa.Array:
    """Return each text replaced by what the profile says for it; what it does not name stays or becomes `other`."""
    result = _replaced(texts, texts.is_valid(), plan.other, cells, length) if plan.other else texts
    for given, wanted in plan.values.items():
        result = _replaced(result, pc.fill_null(pc.equal(texts, given), False), wanted, cells, length)
    return result


def _replaced(texts: pa.Array, where: pa.Array, wanted: str, cells: dict[str, pa.Array], length: int) -> pa.Array:
    new = _filled(wanted, cells, length) if PLACEHOLDER.search(wanted) else pa.scalar(wanted or None, pa.string())
    return pc.if_else(where, new, texts)


def low_words(column: pa.Array) -> pa.Array:
    """Return the integers behind a decimal column whose values fit 64 bits, its scale taken off; nulls stay."""
    words = column.type.bit_width // 64
    values = np.frombuffer(column.buffers()[1], np.int64)[column.offset * words :: words][: len(column)]
    missing = column.is_null().to_numpy(zero_copy_only=False) if column.null_count else None
    return pa.array(values, pa.int64(), mask=missing)


def _units(texts: pa.Array, places: int) -> pa.Array:
    """Return plain numbers as integers of 10^-places, half-up."""
    if (pc.max(pc.binary_length(texts)).as_py() or 0) > LONGEST:
        texts = pc.replace_substring_regex(texts, r"^([+-]?)0+(\d)", r"\1\2")
    narrow = pa.decimal128(20, places)
    if pc.any(pc.match_substring_regex(texts, rf"\.\d{{{places + 1},}}")).as_py():
        exact = texts.cast(pa.decimal128(38, MOST_DECIMALS))
        return low_words(pc.round(exact, places, HALF_UP).cast(narrow))
    return low_words(texts.cast(narrow))


class _Column:
    """One field's texts on their way to their type."""

    def __init__(
        self, field: Field, shown: str, rows: pa.Array, profile: Profile, around: Surroundings, findings: Findings
    ):
        self.field, self.shown, self.rows, self.profile = field, shown, rows, profile
        self.around, self.findings = around, findings

    def parse(self, texts: pa.Array) -> pa.Array:
        """Return the typed column, null where a cell was empty or wrong."""
        field = self.field
        if field.required and texts.null_count:
            self.findings.mark(texts.is_null(), self.rows, self.shown, None, Sentence(_("A value is needed here.")))
        if field.lower:
            texts = pc.utf8_lower(texts)
        parsers: dict[str, Callable[[pa.Array], pa.Array]] = {
            "text": self._text,
            "choice": self._choice,
            "amount": self._number,
            "quantity": self._number,
            "rate": self._number,
            "integer": self._integer,
            "date": self._date,
            "boolean": self._boolean,
        }
        return parsers[field.type](texts)

    def _refuse(self, wrong: pa.Array, texts: pa.Array, reason: Sentence) -> pa.Array:
        """Note the wrong cells and return the texts without them."""
        wrong = pc.fill_null(wrong, False)
        if not pc.any(wrong).as_py():
            return texts
        self.findings.mark(wrong, self.rows, self.shown, texts, reason)
        return pc.if_else(wrong, pa.scalar(None, texts.type), texts)

    def _text(self, texts: pa.Array) -> pa.Array:
        field = self.field
        if field.max_length:
            too_long = pc.greater(pc.utf8_length(texts), field.max_length)
            longer = Sentence(_("Longer than %(most)s characters."), most=field.max_length)
            texts = self._refuse(too_long, texts, longer)
        if field.pattern:
            texts = self._refuse(pc.invert(pc.match_substring_regex(texts, field.pattern)), texts, Sentence(field.hint))
        if field.refers:
            keys = self.around.codes(field.refers).find(texts)
            unknown = pc.and_(keys.is_null(), texts.is_valid())
            reason = Sentence(_("This %(what)s is not known."), what=Sentence(field.label))
            known = self._refuse(unknown, texts, reason)
            if not field.keep_code:
                return keys
            texts = known
        return texts if field.required else pc.fill_null(texts, "")

    def _choice(self, texts: pa.Array) -> pa.Array:
        choices = self.field.choices or {}
        wrong = pc.invert(pc.is_in(texts, value_set=pa.array([str(one) for one in choices], pa.string())))
        reason = Sentence(_("Not one of %(choices)s."), choices=", ".join(str(one) for one in choices))
        texts = self._refuse(pc.and_(wrong, texts.is_valid()), texts, reason)
        return texts if self.field.required else pc.fill_null(texts, "")

    def _number(self, texts: pa.Array) -> pa.Array:
        if self.profile.thousands:
            texts = pc.replace_substring(texts, self.profile.thousands, "")
        reason = Sentence(_("Not a number."))
        if self.profile.decimal != ".":
            texts = self._refuse(pc.match_substring(texts, "."), texts, reason)
            texts = pc.replace_substring(texts, self.profile.decimal, ".")
        texts = self._refuse(pc.invert(pc.match_substring_regex(texts, NUMBER)), texts, reason)
        places, digits = (RATE_DECIMALS, RATE_DIGITS) if self.field.type == "rate" else (4, AMOUNT_DIGITS)
        wide = pc.match_substring_regex(texts, rf"^[+-]?0*[1-9]\d{{{digits},}}")
        return _units(self._refuse(wide, texts, Sentence(_("The number is too large."))), places)

    def _integer(self, texts: pa.Array) -> pa.Array:
        wrong = pc.invert(pc.match_substring_regex(texts, WHOLE))
        return self._refuse(wrong, texts, Sentence(_("Not a whole number."))).cast(pa.int64())

    def _each(self, texts: pa.Array, read: Callable[[str], Any], stored: pa.DataType, reason: Sentence) -> pa.Array:
        """Return the column read by `read`, called once for each different text; None is wrong."""
        coded = texts.dictionary_encode()
        values = pa.array([read(text) for text in coded.dictionary.to_pylist()], stored)
        result = values.take(coded.indices)
        self._refuse(pc.and_(result.is_null(), texts.is_valid()), texts, reason)
        return result

    def _date(self, texts: pa.Array) -> pa.Array:
        formats = self.profile.dates
        reason = Sentence(_("Not a date in the form %(forms)s."), forms=", ".join(formats))
        days = self._each(texts, lambda text: read_date(text, formats), pa.date32(), reason)
        if self.field.past:
            late = pc.greater(days, pa.scalar(self.around.today, pa.date32()))
            return self._refuse_days(late, days)
        return days

    def _refuse_days(self, late: pa.Array, days: pa.Array) -> pa.Array:
        reason = Sentence(_("The date is after today, %(today)s."), today=self.around.today.isoformat())
        return self._refuse(late, days, reason)

    def _boolean(self, texts: pa.Array) -> pa.Array:
        words = dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)
        reason = Sentence(_("Neither yes nor no."))
        return self._each(texts, lambda text: words.get(text.lower()), pa.bool_(), reason)


@lru_cache(maxsize=20_000)
def read_date(text: str, formats: tuple[str, ...]) -> date | None:
    """Return the date that `text` is in one of the formats, or None."""
    for form in formats:
        try:
            parts = time.strptime(text, form)
            return date(parts.tm_year, parts.tm_mon, parts.tm_mday)
        except ValueError:
            continue
    return None


def times_rate(units: pa.Array, rates: pa.Array) -> pa.Array:
    """Return amounts in ten-thousandths times rates in units of 10^-12, half-up; null beyond 10^13.

    The bound leaves room for sums in 64 bits.
    """
    wide = pa.decimal256(19, 0)
    product = pc.multiply(units.cast(wide), rates.cast(wide))
    scaled = pa.Array.from_buffers(
        pa.decimal256(product.type.precision, RATE_DECIMALS), len(product), product.buffers(), product.null_count
    )
    rounded = pc.round(scaled, 0, HALF_UP).cast(pa.decimal256(39, 0))
    limit = pa.scalar(BASE_MOST).cast(pa.decimal256(39, 0))
    fits = pc.less_equal(pc.abs(rounded), limit)
    return low_words(pc.if_else(fits, rounded, pa.scalar(None, rounded.type)))


def times_factor(units: pa.Array, factors: pa.Array) -> pa.Array:
    """Return quantities times factors, all in ten-thousandths, half-up; null beyond 10^13."""
    return times_rate(units, pc.multiply(factors, pa.scalar(10**RATE_DECIMALS // SCALE, pa.int64())))

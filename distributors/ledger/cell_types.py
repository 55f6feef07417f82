"""The cells of one field on their way to their type: texts, choices, numbers, days, yes and no."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils import translation
from django.utils.translation import gettext_noop as _

from core.sentences import Sentence
from distributors.ledger.cell_days import form_example, read_date
from distributors.ledger.cell_numbers import MOST_DECIMALS, marks_of, number_pattern, tidied
from distributors.ledger.currencies import currencies_of
from distributors.ledger.fields import RATE_DECIMALS
from distributors.ledger.findings import Findings
from distributors.ledger.kinds.declaration import Field
from distributors.ledger.mapping import ColumnPlan, Profile
from distributors.ledger.surroundings import Surroundings

AMOUNT_DIGITS = 12
RATE_DIGITS = 6
LONGEST = 36
ISO = "%Y-%m-%d"
WHOLE = r"^[+-]?\d{1,18}$"
TRUE = {"true", "t", "yes", "y", "1", "是"}
FALSE = {"false", "f", "no", "n", "0", "否"}
HALF_UP = "half_towards_infinity"
MARKED_CODE = r"^.*?([A-Z]{3}).*$"
EXAMPLES_SHOWN = 3


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


def listed(choices: Any) -> Sentence:
    """Return choices as a sentence that each reader reads in their language, with the codes behind them."""
    with translation.override(None):
        labels = [(str(code), str(label)) for code, label in choices.items()]
    text = ", ".join(
        f"%(c{place})s" if code.casefold() == label.casefold() else f"%(c{place})s ({code})"
        for place, (code, label) in enumerate(labels)
    )
    return Sentence(text, **{f"c{place}": Sentence(label) for place, (_code, label) in enumerate(labels)})


class TypedColumn:
    """One field's texts on their way to their type; `currency` gives the texts of the currency beside them."""

    def __init__(
        self,
        field: Field,
        plan: ColumnPlan,
        rows: pa.Array,
        profile: Profile,
        around: Surroundings,
        findings: Findings,
        currency: Callable[[], pa.Array] | None = None,
    ):
        self.field, self.plan, self.rows, self.profile = field, plan, rows, profile
        self.around, self.findings, self.currency = around, findings, currency
        self.shown = plan.shown or field.name
        # One day for all rows is given on the page, not as the file writes its days.
        self.dates = (*(plan.dates or profile.dates), *((ISO,) if plan.default else ()))
        self.decimal = plan.decimal or profile.decimal
        thousands = profile.thousands if plan.thousands is None else plan.thousands
        self.thousands = thousands if thousands != self.decimal else ""

    def parse(self, texts: pa.Array) -> pa.Array:
        """Return the typed column, null where a cell was empty or wrong."""
        field = self.field
        if field.required and texts.null_count:
            reason = Sentence(_("A value is needed here: fill the cell in, or give one value for empty cells."))
            self.findings.mark(texts.is_null(), self.rows, self.shown, None, reason)
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
        if self.plan.digits:
            texts = self._code(texts)
        if field.name == "currency":
            texts = self._currency(texts)
        if field.max_length:
            too_long = pc.greater(pc.utf8_length(texts), field.max_length)
            longer = Sentence(_("Longer than %(most)s characters: shorten it."), most=field.max_length)
            texts = self._refuse(too_long, texts, longer)
        if field.pattern:
            texts = self._refuse(pc.invert(pc.match_substring_regex(texts, field.pattern)), texts, Sentence(field.hint))
        if field.refers:
            return self._reference(texts)
        return texts if field.required else pc.fill_null(texts, "")

    def _reference(self, texts: pa.Array) -> pa.Array:
        field, codes = self.field, self.around.codes(self.field.refers, self.plan.by)
        keys = codes.find(texts)
        unknown = pc.and_(keys.is_null(), texts.is_valid())
        text = _("This %(what)s is not known: mend the cell, or bring the %(what)s in first.")
        known = self._refuse(unknown, texts, Sentence(text, what=Sentence(field.label)))
        if not field.keep_code:
            return keys
        if self.plan.by == "name":
            known = codes.spelled.take(pc.index_in(known, value_set=codes.codes))
        return known if field.required else pc.fill_null(known, "")

    def _code(self, texts: pa.Array) -> pa.Array:
        """Return the codes that a spreadsheet made numbers of as they were: without decimals, filled up with zeros."""
        whole = pc.replace_substring_regex(texts, r"^(\d+)\.0+$", r"\1")
        return pc.if_else(pc.match_substring_regex(whole, r"^\d+$"), pc.utf8_lpad(whole, self.plan.digits, "0"), texts)

    @staticmethod
    def _currency(texts: pa.Array) -> pa.Array:
        """Return the codes of currencies; of an amount with a currency beside it, that currency."""
        amounts = pc.match_substring_regex(texts, r"\d")
        if not pc.any(amounts).as_py():
            return texts
        coded = marks_of(texts).dictionary_encode()
        found = [sorted(currencies_of(mark)) for mark in coded.dictionary.to_pylist()]
        codes = pa.array([one[0] if len(one) == 1 else None for one in found], pa.string()).take(coded.indices)
        return pc.if_else(amounts, pc.coalesce(codes, texts), texts)

    def _choice(self, texts: pa.Array) -> pa.Array:
        choices = self.field.choices or {}
        wrong = pc.invert(pc.is_in(texts, value_set=pa.array([str(one) for one in choices], pa.string())))
        text = _("Not one of these: %(choices)s. Choose with the column what this text becomes, or mend the cell.")
        texts = self._refuse(pc.and_(wrong, texts.is_valid()), texts, Sentence(text, choices=listed(choices)))
        return texts if self.field.required else pc.fill_null(texts, "")

    def _number(self, texts: pa.Array) -> pa.Array:
        pattern = number_pattern(self.decimal, self.thousands)
        good = pc.match_substring_regex(texts, pattern)
        if pc.any(pc.invert(good)).as_py():
            texts = self._tidied(texts, pc.fill_null(pc.invert(good), False))
            good = pc.match_substring_regex(texts, pattern)
        text = _("Not a number such as %(example)s: mend the cell, or choose with the column how numbers are written.")
        reason = Sentence(text, example=f"1{self.thousands}234{self.decimal}50")
        texts = self._refuse(pc.invert(good), texts, reason)
        if self.thousands:
            texts = pc.replace_substring(texts, self.thousands, "")
        if self.decimal != ".":
            texts = pc.replace_substring(texts, self.decimal, ".")
        times = self.plan.times
        places, digits = (RATE_DECIMALS, RATE_DIGITS) if self.field.type == "rate" else (4, AMOUNT_DIGITS)
        digits -= len(str(times)) - 1
        wide = pc.match_substring_regex(texts, rf"^[+-]?0*[1-9]\d{{{digits},}}")
        large = Sentence(_("The number is too large: it has more than %(digits)s digits."), digits=digits)
        units = _units(self._refuse(wide, texts, large), places)
        return units if times == 1 else pc.multiply(units, times)

    def _tidied(self, texts: pa.Array, odd: pa.Array) -> pa.Array:
        """Return the texts with odd cells made plain numbers where they are some, in the currency of their row."""
        places = pa.array(np.flatnonzero(odd.to_numpy(zero_copy_only=False)))
        part, money = texts.take(places), self.field.type == "amount"
        plain = tidied(part, money=money)
        # What is no number after all is shown as it stands in the file.
        number = pc.match_substring_regex(plain, number_pattern(self.decimal, self.thousands))
        if money:
            plain = self._refuse_foreign(plain, part, number, places)
        return pc.replace_with_mask(texts, odd, pc.if_else(number, plain, part))

    def _refuse_foreign(self, plain: pa.Array, part: pa.Array, number: pa.Array, places: pa.Array) -> pa.Array:
        """Note the numbers whose currency is not that of their row, and return the others."""
        base = self.around.base_currency
        beside = pa.array([base] * len(part), pa.string())
        if self.currency is not None:
            beside = pc.fill_null(self._currency(self.currency().take(places)), base)
        pairs = pc.binary_join_element_wise(marks_of(part), beside, "\n")
        coded = pairs.dictionary_encode()
        for place, pair in enumerate(coded.dictionary.to_pylist()):
            mark, currency = pair.split("\n", 1)
            meant = currencies_of(mark)
            if meant and currency not in meant:
                wrong = pc.and_(pc.equal(coded.indices, place), number)
                text = _(
                    "The cell is in %(mark)s, its row in %(currency)s: choose the column of the currency, "
                    "or mend one of both."
                )
                reason = Sentence(text, mark=mark, currency=currency)
                self.findings.mark(wrong, self.rows.take(places), self.shown, part, reason)
                plain = pc.if_else(wrong, pa.scalar(None, pa.string()), plain)
        return plain

    def _integer(self, texts: pa.Array) -> pa.Array:
        texts = pc.replace_substring_regex(texts, r"^([+-]?\d+)\.0+$", r"\1")
        wrong = pc.invert(pc.match_substring_regex(texts, WHOLE))
        reason = Sentence(_("Not a whole number: write it with digits only."))
        return self._refuse(wrong, texts, reason).cast(pa.int64())

    def _each(self, texts: pa.Array, read: Callable[[str], Any], stored: pa.DataType, reason: Sentence) -> pa.Array:
        """Return the column read by `read`, called once for each different text; None is wrong."""
        coded = texts.dictionary_encode()
        values = pa.array([read(text) for text in coded.dictionary.to_pylist()], stored)
        result = values.take(coded.indices)
        self._refuse(pc.and_(result.is_null(), texts.is_valid()), texts, reason)
        return result

    def _date(self, texts: pa.Array) -> pa.Array:
        forms = self.dates
        text = _("Not a date such as %(examples)s: mend the cell, or choose with the column how its dates are written.")
        shown = list(dict.fromkeys(map(form_example, forms)))[:EXAMPLES_SHOWN]
        reason = Sentence(text, examples=", ".join(shown))
        days = self._each(texts, lambda text: read_date(text, forms), pa.date32(), reason)
        if self.field.past:
            late = pc.greater(days, pa.scalar(self.around.today, pa.date32()))
            return self._refuse_days(late, days)
        return days

    def _refuse_days(self, late: pa.Array, days: pa.Array) -> pa.Array:
        today = self.around.today.isoformat()
        reason = Sentence(_("The date is after today, %(today)s: mend it, or bring the row in then."), today=today)
        return self._refuse(late, days, reason)

    def _boolean(self, texts: pa.Array) -> pa.Array:
        words = dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)
        reason = Sentence(_("Neither yes nor no: choose with the column what this text becomes, or write one of both."))
        return self._each(texts, lambda text: words.get(text.lower()), pa.bool_(), reason)

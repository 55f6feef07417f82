"""What the page of the columns offers on how the cells of a column are written, and what it sends back."""

from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.translation import gettext as _

from distributors.ledger.cell_days import ANY_TIME, DAY_FORMS, SERIAL, form_example, read_date
from distributors.ledger.cells import STYLES, Column, Style
from distributors.ledger.kinds.declaration import Field
from distributors.ledger.mapping import DIGITS_MOST, HOW_CELLS, TIMES
from distributors.ledger.writing import NUMBERS, Writing

BETWEEN = "|"


@dataclass
class HowRow:
    """The choices for one column: forms of days, styles of numbers, what amounts are in, by what records are named."""

    forms: list[tuple[str, str]] = field(default_factory=list)
    form: str = ""
    styles: list[tuple[str, str]] = field(default_factory=list)
    style: str = ""
    scales: list[tuple[str, str]] = field(default_factory=list)
    scale: str = "1"
    names: list[tuple[str, str]] = field(default_factory=list)
    name: str = ""
    question: str = ""

    @classmethod
    def of(
        cls, one: Field, plan: dict[str, Any], column: Column, mapping: dict[str, Any], writing: Writing
    ) -> Self | None:
        """Return the choices for the column of a field, None where there are none."""
        if one.type == "date":
            return cls()._with_days(plan, column, mapping)
        if one.type in NUMBERS:
            return cls()._with_numbers(one, plan, column, mapping, writing)
        if one.refers and writing.around.named(one.refers):
            return cls()._with_names(plan)
        return None

    def _with_days(self, plan: dict[str, Any], column: Column, mapping: dict[str, Any]) -> Self:
        whole = mapping.get("dates") or ["%Y-%m-%d"]
        self.form = BETWEEN.join(plan.get("dates", []))
        seen = [form for pair in column.readings for form in pair if form]
        timed = any(form.endswith(ANY_TIME) for form in seen)
        listed = [form + (ANY_TIME if timed and form != SERIAL else "") for _pattern, form in DAY_FORMS]
        # Where each row is dated by another hand, what is asked of one form leaves the others as they are.
        sure = [form for form, other in column.readings if not other]
        pairs = [pair for pair in column.readings if all(pair)]
        together = [BETWEEN.join([*sure, form]) for pair in pairs for form in pair] if sure else []
        forms = list(dict.fromkeys([*([self.form] if self.form else []), *together, *seen, *listed]))
        shown = ", ".join(form_example(form) for form in whole)
        self.forms = [("", _("%(example)s, as the whole file") % {"example": shown})]
        self.forms += [(form, ", ".join(map(form_example, form.split(BETWEEN)))) for form in forms]
        taken = tuple(plan.get("dates") or whole)
        for form, other in column.readings:
            if other and not {form, other, *map(_bare, (form, other))} & set(taken):
                self.question = self._question(column, form, other)
        return self

    @staticmethod
    def _question(column: Column, form: str, other: str) -> str:
        text = next(text for text in column.distinct if read_date(text, (form,)) != read_date(text, (other,)))
        one, two = (read_date(text, (each,)) for each in (form, other))
        said = _("%(text)s may be %(one)s or %(two)s: choose below how the dates are written.")
        return said % {"text": text, "one": one and one.isoformat(), "two": two and two.isoformat()}

    def _with_numbers(
        self, one: Field, plan: dict[str, Any], column: Column, mapping: dict[str, Any], writing: Writing
    ) -> Self:
        usual = (mapping.get("decimal", "."), mapping.get("thousands", ""))
        if "decimal" in plan or plan.get("thousands") is not None:
            self.style = "".join((plan.get("decimal", usual[0]), plan.get("thousands", usual[1])))
        self.styles = [("", _("%(example)s, as the whole file") % {"example": _number(usual)})]
        self.styles += [("".join(style), _number(style)) for style in STYLES]
        if one.type == "amount":
            self.scales = scales()
            self.scale = str(plan.get("times", 1))
        if not self.style and usual == STYLES[0] and writing.is_open(one, column):
            text = next(text for text in column.filled if not text.isdigit())
            said = _(
                "%(text)s may be a thousand and more or a number with decimals: choose below how numbers are written."
            )
            self.question = said % {"text": text}
        return self

    def _with_names(self, plan: dict[str, Any]) -> Self:
        digits = plan.get("digits", 0)
        self.names = [("", _("their code")), ("name", _("their name"))]
        if digits:
            said = _("their code, filled up with zeros to %(digits)s digits") % {"digits": digits}
            self.names.append((str(digits), said))
        self.name = plan.get("by", "") if not digits else str(digits)
        return self


def scales() -> list[tuple[str, str]]:
    """Return in what amounts may be written, each with its word."""
    words = {1: _("as they stand"), 100: _("hundreds"), 1_000: _("thousands"), 10_000: _("ten thousands (万)")}
    words |= {1_000_000: _("millions"), 100_000_000: _("hundred millions (亿)")}
    return [(str(times), words[times]) for times in TIMES]


def _bare(form: str) -> str:
    return form.removesuffix(ANY_TIME)


def _number(style: Style) -> str:
    decimal, thousands = style
    return f"1{thousands}234{decimal}50"


def how_sent(post: Any, prefix: str, was: dict[str, Any]) -> dict[str, Any]:
    """Return what the page says of how the cells of a column are written; what it does not show stays as it was."""
    if was.get("from") != post[f"{prefix}from"]:
        return {}
    plan = {name: was[name] for name in HOW_CELLS if name in was}
    if (form := post.get(f"{prefix}dates")) is not None:
        plan.pop("dates", None)
        forms = [one for one in form.split(BETWEEN) if "%" in one or one == SERIAL]
        plan |= {"dates": forms} if forms else {}
    if (style := post.get(f"{prefix}style")) is not None:
        plan = {name: value for name, value in plan.items() if name not in {"decimal", "thousands"}}
        known = {"".join(one): one for one in STYLES}.get(style)
        plan |= {"decimal": known[0], "thousands": known[1]} if known else {}
    if (times := post.get(f"{prefix}times")) is not None:
        plan.pop("times", None)
        plan |= {"times": int(times)} if times.isdecimal() and int(times) in TIMES and times != "1" else {}
    if (name := post.get(f"{prefix}by")) is not None:
        plan = {key: value for key, value in plan.items() if key not in {"by", "digits"}}
        plan |= {"by": "name"} if name == "name" else {}
        plan |= {"digits": int(name)} if name.isdecimal() and 0 < int(name) <= DIGITS_MOST else {}
    return plan

"""Exact amounts: four decimals kept as ten-thousandths in a 64-bit integer, `Decimal` in Python, never float."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Func
from django.utils.translation import gettext_lazy as _

SCALE = 10_000
STEP = Decimal("0.0001")
LIMIT = Decimal(2**63 - 1) / SCALE


def to_units(value: Decimal | int | str) -> int:
    """Return `value` in ten-thousandths, rounded half-up; raise ValueError when it is not a finite amount that fits."""
    try:
        amount = Decimal(value)
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is not an amount") from error
    if not amount.is_finite() or abs(amount) > LIMIT:
        raise ValueError(f"{value!r} is out of range")
    return int(amount.quantize(STEP, ROUND_HALF_UP).scaleb(4))


def from_units(units: int | Decimal | float) -> Decimal:
    """Return the amount that `units` ten-thousandths make."""
    if isinstance(units, int):
        return Decimal(units).scaleb(-4)
    return Decimal(units).quantize(Decimal(1), ROUND_HALF_UP).scaleb(-4)


def cents(amount: Decimal) -> Decimal:
    """Round `amount` half-up to the cent."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


class AmountField(forms.DecimalField):
    """The input of an amount, shown without the zeros behind its last digit."""

    def prepare_value(self, value: Any) -> Any:
        """Return what the input shows."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class MoneyField(models.Field):
    """An amount with four decimals on a big integer.

    It derives from `Field`: on a `BigIntegerField`, `F() + Decimal` would silently add ten-thousandths. Here mixed
    arithmetic raises `FieldError`; sums and differences go through `plus` and `minus`.
    """

    description = _("Amount with four decimals")

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def db_type(self, connection: Any) -> str:
        return "bigint"

    def rel_db_type(self, connection: Any) -> str:
        return "bigint"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else from_units(value)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        if isinstance(value, float):
            raise ValidationError(_("Amounts are never floats."), code="float")
        try:
            return from_units(to_units(value))
        except ValueError as error:
            raise ValidationError(_("Enter an amount."), code="invalid") from error

    def get_prep_value(self, value: Any) -> int | None:
        value = super().get_prep_value(value)
        if value is None:
            return None
        if isinstance(value, float):
            raise TypeError("Amounts are never floats.")
        return to_units(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": AmountField, "decimal_places": 4, "max_digits": 18, **kwargs})


class QuantityField(MoneyField):
    """A quantity with four decimals on a big integer."""

    description = _("Quantity with four decimals")


def _same_kind(*expressions: Any) -> Any:
    return [models.F(name) if isinstance(name, str) else name for name in expressions]


def plus(*expressions: Any) -> Func:
    """Return the sum of money expressions or field names."""
    return Func(*_same_kind(*expressions), template="(%(expressions)s)", arg_joiner=" + ", output_field=MoneyField())


def minus(left: Any, right: Any) -> Func:
    """Return the difference of two money expressions or field names."""
    return Func(*_same_kind(left, right), template="(%(expressions)s)", arg_joiner=" - ", output_field=MoneyField())


def negated(expression: Any) -> Func:
    """Return a money expression or field with the other sign."""
    return Func(*_same_kind(expression), template="(-%(expressions)s)", output_field=MoneyField())


def amount_text(value: Decimal | None, places: int = 0) -> str:
    """Return `value` for a reader: half-up to `places`, thousands apart (the same in English and Chinese)."""
    if value is None:
        return ""
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded:,}".replace("-", "\N{MINUS SIGN}")


def short_text(value: Decimal | None, language: str) -> str:
    """Return `value` abbreviated to three or four figures: k and M, or 万 and 亿 for Chinese readers."""
    if value is None:
        return ""
    steps = ((10**8, "亿"), (10**4, "万")) if language.startswith("zh") else ((10**6, "M"), (10**3, "k"))
    for size, unit in steps:
        if abs(value) >= size:
            scaled = value / size
            places = 0 if abs(scaled) >= 100 else 1
            return f"{amount_text(scaled, places)} {unit}"
    return amount_text(value)

"""Exchange rates: twelve decimals kept exactly."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

RATE_DECIMALS = 12
RATE_SCALE = 10**RATE_DECIMALS


def rate_from_units(units: int) -> Decimal:
    """Return the rate that is stored as so many units."""
    return Decimal(units).scaleb(-RATE_DECIMALS)


class RateField(models.Field):
    """A positive factor with twelve decimals on a 64-bit integer, `Decimal` in Python; at most nine million."""

    def get_internal_type(self) -> str:
        return "BigIntegerField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else rate_from_units(value)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(value)
        except (InvalidOperation, TypeError) as error:
            raise ValidationError(_("Enter a rate."), code="invalid") from error

    def get_prep_value(self, value: Any) -> int | None:
        value = super().get_prep_value(value)
        if value is None:
            return None
        step = Decimal(1).scaleb(-RATE_DECIMALS)
        return int(Decimal(value).quantize(step, ROUND_HALF_UP).scaleb(RATE_DECIMALS))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value if prepared else self.get_prep_value(value)

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": forms.DecimalField, "decimal_places": 12, "max_digits": 19, **kwargs})

"""The few filters that templates need."""

from decimal import Decimal
from typing import Any

from django import template

from core.money import amount_text

register = template.Library()


@register.filter
def amount(value: Decimal | None, places: int = 0) -> str:
    """Return an amount with thousands apart."""
    return amount_text(value, places)


@register.filter
def share(value: Any, places: int = 1) -> str:
    """Return a share as percent."""
    return "" if value is None else f"{amount_text(Decimal(value) * 100, places)} %"


@register.filter
def signed_share(value: Any, places: int = 1) -> str:
    """Return a change as percent with its sign."""
    if value is None:
        return ""
    text = amount_text(Decimal(value) * 100, places)
    return f"{text} %" if text.startswith("\N{MINUS SIGN}") else f"+{text} %"

"""The few filters that templates need."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cache
from html import escape
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

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


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return a sign of the sprite, hidden from readers of the screen."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', _sprite(), name)


@cache
def _sprite() -> str:
    return static("img/icons.svg")


@register.filter
def cells(row: Mapping[str, Any]) -> SafeString:
    """Return the cells of a table's row, each escaped: as tags of a template they took half of a list's time."""
    found = "".join(map(_cell, row["cells"]))
    return mark_safe(f"{_picker(row)}{found}" if "select" in row else found)  # noqa: S308  every part is escaped


def _picker(row: Mapping[str, Any]) -> str:
    field = f'<input type="checkbox" name="pk" value="{row["pk"]:d}" form="bulk" data-select'
    return f'<td class="pick">{field} aria-label="{escape(row["select"])}"></td>'


@register.filter
def options(groups: Iterable[tuple[Any, list[Mapping[str, Any]], int]]) -> SafeString:
    """Return the options of a select, each escaped: a template for each of hundreds took a quarter of a list's time."""
    found = []
    for name, choices, _index in groups:
        lines = "".join(map(_option, choices))
        found.append(f'<optgroup label="{escape(str(name))}">{lines}</optgroup>' if name else lines)
    return mark_safe("".join(found))  # noqa: S308  every part is escaped


def _option(choice: Mapping[str, Any]) -> str:
    given = {name: value for name, value in choice["attrs"].items() if value is not False}
    attrs = "".join(f" {name}" if value is True else f' {name}="{escape(str(value))}"' for name, value in given.items())
    return f'<option value="{escape(str(choice["value"]))}"{attrs}>{escape(str(choice["label"]))}</option>'


def _cell(cell: Mapping[str, Any]) -> str:
    text, tone, sub = escape(str(cell["text"])), escape(cell.get("tone", "")), cell.get("sub")
    if cell.get("url"):
        text = f'<a href="{escape(cell["url"])}">{text}</a>'
    elif cell.get("kind") == "chip":
        text = f'<span class="chip {tone}">{text}</span>' if text else ""
    elif cell.get("chips"):
        text = "".join(f'<span class="chip">{escape(chip)}</span> ' for chip in cell["chips"])
    elif tone:
        text = f'<span class="t-{tone}">{text}</span>'
    return f"<td>{text}<small>{escape(str(sub))}</small></td>" if sub else f"<td>{text}</td>"

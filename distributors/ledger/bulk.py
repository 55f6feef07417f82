"""Rows that programs send in bulk: read as the texts that a file would give, refused whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from rest_framework.exceptions import ValidationError

from core.api import RowsRefused

MAX_LINES = 5000
PLAIN_DIGITS = 40


@dataclass(frozen=True)
class BulkForm:
    """How a kind is sent: the name of the list, its fields, which field of the kind a name means, which are flags."""

    listed: str
    names: frozenset[str]
    columns: Mapping[str, str]
    flags: frozenset[str] = frozenset()


def bulk_rows(data: Any, form: BulkForm) -> tuple[str, list[dict[str, str]]]:
    """Return the source and the rows of a bulk body as text; raise ValidationError or RowsRefused."""
    fields: dict[str, list[str]] = {}
    source, lines = (data.get("source"), data.get(form.listed)) if isinstance(data, dict) else (None, None)
    if not isinstance(source, str) or not 1 <= len(source) <= 40 or _bad_text(source):
        fields["source"] = [_("Name the code of a source.")]
    if not isinstance(lines, list) or not 1 <= len(lines) <= MAX_LINES:
        fields[form.listed] = [_("Send a list of 1 to %(most)s lines.") % {"most": MAX_LINES}]
    if isinstance(data, dict):
        fields |= {str(name): [_("There is no such field.")] for name in data if name not in {"source", form.listed}}
    if fields or source is None or lines is None:
        raise ValidationError(fields)
    problems: list[dict[str, Any]] = []
    rows = [_row(number, line, form, problems) for number, line in enumerate(lines, 1)]
    if problems:
        message = ngettext(
            "%(count)s value cannot be read; nothing was changed.",
            "%(count)s values cannot be read; nothing was changed.",
            len(problems),
        )
        raise RowsRefused(message % {"count": len(problems)}, problems)
    return source, rows


def _row(number: int, line: Any, form: BulkForm, problems: list[dict[str, Any]]) -> dict[str, str]:
    if not isinstance(line, dict):
        problems.append({"row": number, "column": "", "value": "", "reason": _("A line is an object.")})
        return {}
    row: dict[str, str] = {}
    for name, value in line.items():
        if name not in form.names:
            known = ", ".join(sorted(form.names))
            reason = _("There is no such field; the fields are %(fields)s.") % {"fields": known}
        elif isinstance(value, list | dict) or (isinstance(value, bool) and name not in form.flags):
            reason = _("Send a text, a number or null.")
        elif isinstance(value, str) and _bad_text(value):
            reason = _("This is not text: it holds characters that no text has.")
        else:
            row[form.columns.get(name, name)] = _text(value)
            continue
        shown = str(name).encode(errors="replace").decode()[:80]
        problems.append({"row": number, "column": shown, "value": "", "reason": reason})
    return row


def renamed(problem: dict[str, Any], form: BulkForm) -> dict[str, Any]:
    """Return a problem with the column as the API calls it."""
    names = {column: name for name, column in form.columns.items()}
    return {**problem, "column": names.get(problem["column"], problem["column"])}


def _bad_text(value: str) -> bool:
    try:
        return b"\x00" in value.encode()
    except UnicodeEncodeError:
        return True


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "yes", False: "no"}[value]
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < PLAIN_DIGITS:
        return format(value, "f")
    return str(value)

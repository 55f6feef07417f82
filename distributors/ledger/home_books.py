"""What finance keeps an eye on, on Home: which months are open, and what came in last."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.roles import Role
from core.periods import month_of, month_shift
from distributors.ledger.books import month_name
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.models import Import, PeriodLock
from distributors.ledger.tables import STATE_TONES

SHOWN = 5


def books_and_imports(user: Any, as_of: date) -> list[dict[str, Any]]:
    """Return the state of the books as a tile and the last imports as a list, for finance."""
    if user.role != Role.FINANCE:
        return []
    moved = PeriodLock.objects.visible_to(user).order_by("-number").first()
    last = list(Import.objects.visible_to(user).exclude(state=Import.State.DRAFT).order_by("-pk")[:SHOWN])
    return [{"kpis": [_books(moved, as_of)], "lists": [_imports(last)] if last else []}]


def _books(moved: PeriodLock | None, as_of: date) -> dict[str, Any]:
    """Return the tile: how many months that are over are still open, and when the line was moved last."""
    kpi = {"order": 28, "label": _("Books open from"), "url": reverse("ledger:books")}
    if moved is None:
        return {**kpi, "value": "–", "detail": _("no month is closed yet")}
    running = month_of(as_of)
    behind = (running.year - moved.first_open.year) * 12 + running.month - moved.first_open.month
    words = {
        "when": date_format(moved.created_at, "SHORT_DATE_FORMAT"),
        "month": month_name(month_shift(moved.first_open, -1)),
        "count": behind,
    }
    said = _("opened again on %(when)s") % words
    if not moved.reopened:
        said = _("%(month)s was closed on %(when)s") % words
    over = _("months that are over and open: %(count)s") % words
    return {
        **kpi,
        "value": month_name(moved.first_open),
        "detail": f"{said}; {over}",
        "tone": "w" if behind > 1 else "",
    }


def _imports(last: list[Import]) -> dict[str, Any]:
    heads = [
        (_("File"), "start", ""),
        (_("Kind"), "start", "sm"),
        (_("State"), "start", ""),
        (_("Rows"), "end", ""),
        (_("Problems"), "end", "sm"),
        (_("Uploaded"), "start", "sm"),
    ]
    return {
        "order": 6,
        "title": _("What came in last"),
        "url": reverse("ledger:import-list"),
        "action": _("All imports"),
        "table": {
            "columns": [{"label": label, "align": align, "kind": "text", "hide": hide} for label, align, hide in heads],
            "rows": [_row(one) for one in last],
        },
    }


def _row(one: Import) -> dict[str, Any]:
    url = one.get_absolute_url()
    cells = [
        _cell(one.filename, url=url),
        _cell(str(kind_of(one.kind).title)),
        _cell(one.get_state_display(), kind="chip", tone=STATE_TONES.get(Import.State(one.state), "")),
        _cell(f"{one.rows_read:,}"),
        _cell(f"{one.problems_count:,}"),
        _cell(date_format(one.created_at, "SHORT_DATETIME_FORMAT")),
    ]
    return {"url": url, "cells": cells}


def _cell(text: str, url: str = "", kind: str = "text", tone: str = "") -> dict[str, Any]:
    return {"text": text, "kind": kind, "url": url, "tone": tone, "sub": ""}

"""What an administrator keeps in order, on Home: each with its number and the rows that make it."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from distributors.ledger.admin_state import DAYS, admin_state


def quality_lists(user: Any, as_of: date, unowned: int) -> list[dict[str, Any]]:
    """Return the list of what lacks something or went wrong, none where nothing did."""
    since = as_of - DAYS
    counts = admin_state(user, as_of)
    last = f"since={since.isoformat()}"
    rows = [
        (_("Distributors without owner"), unowned, f"{reverse('profiles:distributor-list')}?cover=none"),
        (_("People without a territory"), counts["people"], f"{reverse('accounts:user-list')}?reach=none"),
        (_("Days without an exchange rate, last 5 weeks"), counts["rates"], reverse("ledger:rate-missing")),
        (_("Jobs that failed, last 14 days"), counts["failed"], f"{reverse('core:job-list')}?state=failed&{last}"),
        (
            _("Files that were refused, last 14 days"),
            counts["refused"],
            f"{reverse('ledger:import-list')}?state=refused&{last}",
        ),
        (_("Files of the drop folder nobody has explained"), counts["unknown"], reverse("ledger:droprule-list")),
    ]
    found = [row for row in rows if row[1]]
    return [_list(found)] if found else []


def _list(rows: list[tuple[str, int, str]]) -> dict[str, Any]:
    columns = [
        {"label": _("What lacks something"), "align": "start", "kind": "text", "hide": ""},
        {"label": _("Number"), "align": "end", "kind": "text", "hide": ""},
    ]
    return {
        "order": 8,
        "title": _("To be put in order"),
        "table": {
            "columns": columns,
            "rows": [{"url": url, "cells": [_cell(text, url), _cell(f"{count:,}", url)]} for text, count, url in rows],
        },
    }


def _cell(text: str, url: str) -> dict[str, Any]:
    return {"text": text, "kind": "text", "url": url, "tone": "", "sub": ""}

"""The append-only trail: who, what, before and after, from where."""

import json
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

import pyarrow as pa
from django.db import models
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core import clock
from core.database import copy_rows
from core.models import AuditEvent

AT_ONCE = 2000
COLUMNS = pa.schema(
    [("at", pa.timestamp("us")), ("actor_id", pa.int64())]
    + [(name, pa.string()) for name in ("origin", "verb", "target_type", "target_id", "target_text")]
    + [(name, pa.string()) for name in ("before", "after", "note")]
)

_words: dict[str, Any] = {
    "personal.read": _("personal fields read"),
    "personal.exported": _("personal fields exported"),
    "view.saved": _("view kept"),
    "view.changed": _("view changed"),
    "view.deleted": _("view deleted"),
    "need.snoozed": _("put aside"),
    "need.woken": _("taken back"),
    "job.cancelled": _("job cancelled"),
    "schedule.paused": _("schedule paused"),
    "schedule.resumed": _("schedule resumed"),
    "schedule.run": _("run out of turn"),
}
_records: dict[str, Any] = {
    "core.Company": _("company"),
    "core.Job": _("job"),
    "core.SavedView": _("view"),
    "core.Schedule": _("schedule"),
}


_pages: dict[str, str] = {}


def pages_add(pages: Mapping[str, str]) -> None:
    """Say at which addresses, by URL name, kinds of records stand that the trail leads to, by their labels."""
    _pages.update(pages)


def page_of(label: str, pk: str) -> str:
    """Return the address of a record that the trail leads to, nothing where its kind has none."""
    return reverse(_pages[label], args=[pk]) if label in _pages else ""


def words_add(words: Mapping[str, Any]) -> None:
    """Say in words what the verbs of an app mean, for the pages that show the trail."""
    _words.update(words)


def words_of(verb: str) -> str:
    """Return a verb in words, or as it is."""
    return str(_words.get(verb, verb))


def verbs() -> list[tuple[str, str]]:
    """Return the verbs that have words, in the order of the words."""
    return sorted(((verb, str(words)) for verb, words in _words.items()), key=lambda pair: pair[1])


def records_add(words: Mapping[str, Any]) -> None:
    """Say in words what kinds of records an app changes, by their labels."""
    _records.update(words)


def record_word(label: str) -> str:
    """Return a kind of record in words, or its label."""
    return str(_records.get(label, label))


def record_words() -> list[tuple[str, str]]:
    """Return the kinds of records that have words, in the order of the words."""
    return sorted(((label, capfirst(str(words))) for label, words in _records.items()), key=lambda pair: pair[1])


def _called(target: models.Model) -> str:
    """Return what a record is called in the trail, for good: its `trail_text` where its name may have to go one day."""
    return str(getattr(target, "trail_text", target))[:200]


def record(
    *,
    actor: Any,
    verb: str,
    target: models.Model,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    note: str = "",
    on_behalf_of: Any = None,
) -> AuditEvent:
    """Write one audit row in the caller's transaction.

    `actor` is None when the product itself acts, and `on_behalf_of` the absent person for whom a delegate acts; where
    the actor came from (address, token or job) is on `actor.origin`, set when the request or the job began.
    """
    return AuditEvent.objects.create(
        actor=actor if actor is not None and actor.pk else None,
        origin=getattr(actor, "origin", "") or "",
        verb=verb,
        target_type=target._meta.label,
        target_id=str(target.pk),
        target_text=_called(target),
        before=before or {},
        after=after or {},
        note=note,
        on_behalf_of=on_behalf_of,
    )


def record_export(*, actor: Any, model: type[models.Model], text: str, query: str) -> None:
    """Write one audit row for a file of many rows with personal fields: of which list, and what was asked of it."""
    AuditEvent.objects.create(
        actor=actor,
        origin=getattr(actor, "origin", "") or "",
        verb="personal.exported",
        target_type=model._meta.label,
        target_text=text[:200],
        after={"query": query} if query else {},
    )


def record_many(
    *,
    actor: Any,
    verb: str,
    entries: Iterable[tuple[models.Model, dict[str, Any], dict[str, Any]]],
    note: str = "",
) -> None:
    """Write one audit row for each (target, before, after), in the caller's transaction, thousands at a time."""
    shared = {
        "at": clock.instant().replace(tzinfo=None),
        "actor_id": actor.pk if actor is not None else None,
        "origin": getattr(actor, "origin", "") or "",
        "verb": verb,
        "note": note,
    }
    rows = (
        {
            **shared,
            "target_type": target._meta.label,
            "target_id": str(target.pk),
            "target_text": _called(target),
            "before": json.dumps(before),
            "after": json.dumps(after),
        }
        for target, before, after in entries
    )
    while part := list(islice(rows, AT_ONCE)):
        copy_rows(AuditEvent._meta.db_table, [pa.Table.from_pylist(part, COLUMNS)])


def changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the two sides of what differs, as text; nothing is an empty text."""
    keys = [key for key in after if before.get(key) != after[key]]
    return {key: _text(before.get(key)) for key in keys}, {key: _text(after[key]) for key in keys}


def _text(value: Any) -> str:
    return "" if value is None else str(value)

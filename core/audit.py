"""The append-only trail: who, what, before and after, from where."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from core.models import AuditEvent

_words: dict[str, Any] = {}


def words_add(words: Mapping[str, Any]) -> None:
    """Say in words what the verbs of an app mean, for the pages that show the trail."""
    _words.update(words)


def words_of(verb: str) -> str:
    """Return a verb in words, or as it is."""
    return str(_words.get(verb, verb))


def record(
    *,
    actor: Any,
    verb: str,
    target: models.Model,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    note: str = "",
) -> AuditEvent:
    """Write one audit row in the caller's transaction.

    `actor` is None when the product itself acts; where the actor came from (address, token or job) is on
    `actor.origin`, set when the request or the job began.
    """
    return AuditEvent.objects.create(
        actor=actor if actor is not None and actor.pk else None,
        origin=getattr(actor, "origin", "") or "",
        verb=verb,
        target_type=target._meta.label,
        target_id=str(target.pk),
        target_text=str(target)[:200],
        before=before or {},
        after=after or {},
        note=note,
    )


def record_many(
    *,
    actor: Any,
    verb: str,
    entries: Iterable[tuple[models.Model, dict[str, Any], dict[str, Any]]],
    note: str = "",
) -> None:
    """Write one audit row for each (target, before, after), in the caller's transaction and in few statements."""
    AuditEvent.objects.bulk_create(
        (
            AuditEvent(
                actor=actor if actor is not None and actor.pk else None,
                origin=getattr(actor, "origin", "") or "",
                verb=verb,
                target_type=target._meta.label,
                target_id=str(target.pk),
                target_text=str(target)[:200],
                before=before,
                after=after,
                note=note,
            )
            for target, before, after in entries
        ),
        batch_size=1000,
    )


def changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the two sides of what differs, as text."""
    keys = [key for key in after if before.get(key) != after[key]]
    return {key: str(before.get(key, "")) for key in keys}, {key: str(after[key]) for key in keys}

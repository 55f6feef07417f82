"""Optimistic saves: a row changes only where nobody changed it since it was opened."""

from typing import Any

from django.db.models import F, QuerySet

from core import clock
from core.errors import StaleVersion


def version_write(rows: QuerySet[Any], version: int | None, *, actor: Any, **fields: Any) -> None:
    """Change the one row of `rows`, count its version on and stamp it; raise StaleVersion where it left `version`.

    Check and write are one UPDATE. `version` None, of an interface that shows none, takes the row as it is.
    """
    stamp = {"version": F("version") + 1, "updated_by": actor if actor.pk else None, "updated_at": clock.instant()}
    at = rows if version is None else rows.filter(version=version)
    if not at.update(**fields, **stamp):
        raise StaleVersion

"""State machines as data: a table of allowed moves and one function that makes them."""

from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from core import audit, clock
from core.errors import TransitionRefused


@dataclass(frozen=True)
class Move:
    """A named move from any of `sources` to `target`."""

    name: str
    sources: frozenset[str]
    target: str
    label: Any = ""


def move(name: str, sources: set[str], target: str, label: Any = "") -> Move:
    """Return a move."""
    return Move(name, frozenset(sources), target, label)


@transaction.atomic
def apply_move(
    instance: models.Model,
    step: Move,
    *,
    actor: Any,
    field: str = "state",
    note: str = "",
    on_behalf_of: Any = None,
    **changes: Any,
) -> None:
    """Make `step` if the row is still in the state `instance` was loaded in; raise TransitionRefused otherwise.

    The check and the write are one UPDATE, so of two people who press at once one wins, on PostgreSQL and on SQLite.
    """
    before = getattr(instance, field)
    if any(one.name == "updated_at" for one in instance._meta.fields):
        changes["updated_at"] = clock.instant()
    rows = type(instance)._base_manager.filter(pk=instance.pk, **{field: before})
    if before not in step.sources or not rows.update(**{field: step.target}, **changes):
        raise TransitionRefused(
            _("“%(name)s” is not possible from “%(state)s”; the page may be out of date.")
            % {"name": step.label or step.name, "state": _state_text(instance, field)}
        )
    instance.refresh_from_db()
    audit.record(
        actor=actor,
        verb=step.name,
        target=instance,
        before={field: before},
        after={field: step.target},
        note=note,
        on_behalf_of=on_behalf_of,
    )


def _state_text(instance: models.Model, field: str) -> str:
    shown = getattr(instance, f"get_{field}_display", None)
    return str(shown() if shown else getattr(instance, field))

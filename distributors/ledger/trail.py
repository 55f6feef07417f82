"""What an import writes into the audit trail record by record, as a form would: read and written in chunks."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core import audit
from core.database import row_chunks
from core.money import from_units
from distributors.ledger.fields import rate_from_units
from distributors.ledger.staging import Stage

CHUNK = 2000

Sides = tuple[dict[str, str], dict[str, str]]
Extra = Callable[[list[int]], Mapping[int, Sides]]


@dataclass(frozen=True)
class Traced:
    """One field: its name in the trail, the SQL of what it becomes and of what it was, and its type in the stage."""

    name: str
    now: str
    was: str = "NULL"
    type: str = "text"

    def text(self, value: Any) -> str:
        """Return a value as the trail keeps it."""
        if value is None:
            return ""
        if self.type == "amount":
            return str(from_units(int(value)))
        if self.type == "rate":
            return f"{rate_from_units(int(value)).normalize():f}"
        return str(bool(value)) if self.type == "boolean" else str(value)


@dataclass(frozen=True)
class Trail:
    """How records of `model` are followed: `called` are the columns of `t` that its name is made of.

    `joins` are tables that the expressions of `fields` need beside the stage `s` and the target `t`.
    """

    model: Any
    called: tuple[str, ...]
    fields: tuple[Traced, ...]
    joins: str = ""

    def changed(self, stage: Stage, verb: str, extra: Extra | None = None) -> None:
        """Write what becomes of the rows that `prior` marks as changed, before it does; `extra` adds to both sides."""
        known = f"{stage.prior} p JOIN {stage.table} s ON s.row = p.row JOIN {self._table} t ON t.id = p.prior_id"
        columns = [sql for one in self.fields for sql in (one.was, one.now)]
        for part in self._rows(columns, f"{known} AND p.changed"):
            more = extra([row[0] for row in part]) if extra else {}
            entries = (self._change(row, *more.get(row[0], ({}, {}))) for row in part)
            written = ((target, before, after) for target, before, after in entries if after)
            audit.record_many(actor=stage.actor, verb=verb, entries=written, note=stage.note)

    def created(self, stage: Stage, verb: str, on: str) -> None:
        """Write what was given of the rows that `prior` does not have, once they are in the target by `on`."""
        new = f"NOT EXISTS (SELECT 1 FROM {stage.prior} p WHERE p.row = s.row)"
        source = f"{stage.table} s JOIN {self._table} t ON {on} AND {new}"
        for part in self._rows([one.now for one in self.fields], source):
            entries = (self._creation(row) for row in part)
            audit.record_many(actor=stage.actor, verb=verb, entries=entries, note=stage.note)

    @property
    def _table(self) -> str:
        return str(self.model._meta.db_table)

    def _rows(self, columns: Iterable[str], source: str) -> Iterator[list[tuple[Any, ...]]]:
        listed = ", ".join(["t.id", *(f"t.{name}" for name in self.called), *columns])
        return row_chunks(f"SELECT {listed} FROM {source} {self.joins}", CHUNK)

    def _creation(self, row: tuple[Any, ...]) -> tuple[Any, dict[str, str], dict[str, str]]:
        given = {name: text for name, text in self._texts(row[1 + len(self.called) :]).items() if text}
        return self._target(row, {}), {}, given

    def _change(
        self, row: tuple[Any, ...], more_was: dict[str, str], more_now: dict[str, str]
    ) -> tuple[Any, dict[str, str], dict[str, str]]:
        sides = row[1 + len(self.called) :]
        was, now = self._texts(sides[::2]), self._texts(sides[1::2])
        return self._target(row, now), *audit.changes(was | more_was, now | more_now)

    def _texts(self, values: tuple[Any, ...]) -> dict[str, str]:
        return {one.name: one.text(value) for one, value in zip(self.fields, values, strict=True)}

    def _target(self, row: tuple[Any, ...], now: Mapping[str, str]) -> Any:
        """Return the record as far as its name needs, by what it is called from now on."""
        called = {name: now.get(name, value) for name, value in zip(self.called, row[1:], strict=False)}
        return self.model(pk=row[0], **called)

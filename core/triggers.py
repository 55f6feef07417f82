"""The registry of database triggers: what SQLite lacks as a constraint, and what no constraint can say.

Django's table rebuild on SQLite drops triggers, so they are installed again after every migrate; a system check
asserts that they are there; only the test flush lifts them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection

from core.database import is_postgres, rows, run

APPEND_ONLY = ("core.AuditEvent",)

# Name -> table and statement, of what PostgreSQL has as a constraint.
_sqlite: dict[str, tuple[str, str]] = {}


def sqlite_trigger_add(name: str, table: str, statement: str) -> None:
    """Register a trigger that stands on SQLite for a constraint that only PostgreSQL knows."""
    _sqlite[name] = (table, statement)


def _append_only() -> dict[str, tuple[str, str]]:
    tables = [apps.get_model(label)._meta.db_table for label in APPEND_ONLY]
    return {f"{table}_{verb}": (table, _refusal(table, verb)) for table in tables for verb in ("update", "delete")}


def _refusal(table: str, verb: str) -> str:
    """Return the statement of the trigger that refuses every change of a table."""
    head = f'CREATE TRIGGER "{table}_{verb}" BEFORE {verb.upper()} ON "{table}" '
    if is_postgres():
        return head + "FOR EACH ROW EXECUTE FUNCTION qudao_append_only()"
    return head + f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"


def _expected() -> dict[str, tuple[str, str]]:
    return _append_only() if is_postgres() else _append_only() | _sqlite


def _present() -> set[str]:
    if is_postgres():
        found = rows("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    else:
        found = rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return {name for (name,) in found}


def missing() -> set[str]:
    """Return the names of registered triggers that the database does not have, for tables that exist."""
    tables, present = set(connection.introspection.table_names()), _present()
    return {name for name, (table, _text) in _expected().items() if name not in present and table in tables}


def install() -> None:
    """Create every registered trigger that is missing."""
    absent = missing()
    if absent and is_postgres():
        run(
            "CREATE OR REPLACE FUNCTION qudao_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'rows of %% are never changed', TG_TABLE_NAME; END $$".replace("%%", "%")
        )
    expected = _expected()
    for name in sorted(absent):
        run(expected[name][1])


def install_after_migrate(**_kwargs: Any) -> None:
    """Install the triggers once all tables are there."""
    install()


@contextmanager
def lifted() -> Iterator[None]:
    """Drop the triggers that refuse every change for the test flush, and put them back."""
    expected = _append_only()
    for name in sorted(set(expected) & _present()):
        run(f'DROP TRIGGER "{name}"' + (f' ON "{expected[name][0]}"' if is_postgres() else ""))
    try:
        yield
    finally:
        install()

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


def _tables() -> list[str]:
    return [apps.get_model(label)._meta.db_table for label in APPEND_ONLY]


def _expected() -> set[str]:
    return {f"{table}_{verb}" for table in _tables() for verb in ("update", "delete")}


def _present() -> set[str]:
    if is_postgres():
        found = rows("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    else:
        found = rows("SELECT name FROM sqlite_master WHERE type = 'trigger'")
    return {name for (name,) in found}


def missing() -> set[str]:
    """Return the names of registered triggers that the database does not have, for tables that exist."""
    tables = set(connection.introspection.table_names())
    return {name for name in _expected() - _present() if name.rsplit("_", 1)[0] in tables}


def install() -> None:
    """Create every registered trigger that is missing."""
    absent = missing()
    if absent and is_postgres():
        run(
            "CREATE OR REPLACE FUNCTION qudao_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'rows of %% are never changed', TG_TABLE_NAME; END $$".replace("%%", "%")
        )
    for name in sorted(absent):
        table, verb = name.rsplit("_", 1)
        if is_postgres():
            run(
                f'CREATE TRIGGER "{name}" BEFORE {verb.upper()} ON "{table}" '
                "FOR EACH ROW EXECUTE FUNCTION qudao_append_only()"
            )
        else:
            run(
                f'CREATE TRIGGER "{name}" BEFORE {verb.upper()} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are never changed'); END"
            )


def install_after_migrate(**_kwargs: Any) -> None:
    """Install the triggers once all tables are there."""
    install()


@contextmanager
def lifted() -> Iterator[None]:
    """Drop the triggers for the test flush and put them back."""
    for name in sorted(_expected() & _present()):
        run(f'DROP TRIGGER "{name}"' + (f' ON "{name.rsplit("_", 1)[0]}"' if is_postgres() else ""))
    try:
        yield
    finally:
        install()

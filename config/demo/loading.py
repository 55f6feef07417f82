"""A large load into an empty table: its indexes and keys are built once, behind it."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.database import is_postgres, rows, run


@contextmanager
def indexes_later(table: str) -> Iterator[None]:
    """Take the indexes and unique keys of `table` off and put them back at the end, where that pays (PostgreSQL)."""
    if not is_postgres():
        yield
        return
    constraints = rows(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE conrelid = %s::regclass AND contype IN ('p', 'u')",
        [table],
    )
    indexes = rows(
        "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "WHERE i.indrelid = %s::regclass "
        "AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u'))",
        [table],
    )
    for name, _definition in constraints:
        run(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    for name, _definition in indexes:
        run(f'DROP INDEX "{name}"')
    yield
    run("SET LOCAL maintenance_work_mem = '256MB'")
    for name, definition in constraints:
        run(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')
    for _name, definition in indexes:
        run(definition)

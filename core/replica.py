"""The copy of the database from which reports are read, where there is one.

It lags behind, so nothing that is read to be written looks at it: what asks for `report_rows` in a transaction, or
where there is no copy, reads where it writes.
"""

from typing import Any

from django.db import connection, connections
from django.db.models import QuerySet

REPORTS = "reports"


class ReportRouter:
    """Writes to the one database whatever was read from its copy, and migrates nothing else."""

    def db_for_write(self, _model: Any, **_hints: Any) -> str:
        """Return the one database."""
        return "default"

    def allow_relation(self, _one: Any, _other: Any, **_hints: Any) -> bool:
        """Let rows of the copy go with those of the database: they are the same."""
        return True

    def allow_migrate(self, db: str, _app_label: str, **_hints: Any) -> bool:
        """Leave the copy to the database that makes it."""
        return db != REPORTS


def report_rows(rows: QuerySet) -> QuerySet:
    """Return rows so that they are read from the copy, where there is one and nothing is being written."""
    if REPORTS not in list(connections) or connection.in_atomic_block:
        return rows
    return rows.using(REPORTS)

"""Rows from columns: fills what is not given with the model's own defaults and loads them in one go."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

import numpy as np
import pyarrow as pa
from django.core.management.color import no_style
from django.db import connection, models

from core import clock
from core.database import copy_rows, run
from core.money import MoneyField

CHUNK = 50_000


def next_pk(model: type[models.Model]) -> int:
    """Return the first free key."""
    return (model._base_manager.aggregate(last=models.Max("pk"))["last"] or 0) + 1


def keys(model: type[models.Model], count: int) -> np.ndarray:
    """Return the next `count` keys."""
    return np.arange(count, dtype=np.int64) + next_pk(model)


def rows_write(model: type[models.Model], columns: Mapping[str, Any], count: int) -> None:
    """Append `count` rows to the model's table; `columns` maps attribute names to arrays or to one value for all."""
    table = rows_table(model, columns, count)
    copy_rows(model._meta.db_table, (table.slice(start, CHUNK) for start in range(0, count, CHUNK)))


def rows_table(model: type[models.Model], columns: Mapping[str, Any], count: int) -> pa.Table:
    """Return the Arrow table of all columns that the model's table needs."""
    fields = [
        field
        for field in model._meta.concrete_fields
        if not field.generated and not (field.primary_key and field.attname not in columns)
    ]
    unknown = set(columns) - {field.attname for field in fields}
    if unknown:
        raise KeyError(f"{model._meta.label} has no {', '.join(sorted(unknown))}")
    return pa.table({field.column: _column(field, columns, count) for field in fields})


def _column(field: models.Field, columns: Mapping[str, Any], count: int) -> Any:
    if field.attname in columns:
        given = columns[field.attname]
        if isinstance(given, pa.Array | pa.ChunkedArray):
            return given
        if isinstance(given, np.ndarray | list):
            return pa.array(given, from_pandas=True)
        return pa.repeat(pa.scalar(given), count)
    return pa.repeat(_default(field), count)


def _default(field: models.Field) -> pa.Scalar:
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        return pa.scalar(timestamp())
    if field.has_default():
        value = field.get_default()
        return pa.scalar(field.get_prep_value(value) if isinstance(field, MoneyField) else value)
    if field.null:
        return pa.scalar(None, pa.string())
    if isinstance(field, models.CharField | models.TextField):
        return pa.scalar("")
    raise KeyError(f"{field} needs a value")


def timestamp() -> str:
    """Return this moment as both databases read it."""
    return clock.instant().astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def sequences_reset(*tables: type[models.Model]) -> None:
    """Let the database's own numbering go on after keys that were written by us."""
    for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
        run(statement)

"""Where PostgreSQL and SQLite differ: the one module that asks which of them it is."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pa_csv
from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction
from django.db.models import Case, Count, Func, IntegerField, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan

COUNTED, BEYOND = "counted_rows", "counted_beyond"


def is_postgres() -> bool:
    """Tell whether the default database is PostgreSQL."""
    return connection.vendor == "postgresql"


def lock(*names: str) -> None:
    """Hold exclusive locks of these names until the transaction ends.

    Whoever needs several asks for all of them here, at once: they are always taken in the order of their names, so that
    no two wait for each other. On SQLite every writing transaction is IMMEDIATE and therefore alone already.
    """
    if is_postgres():
        with connection.cursor() as cursor:
            for name in sorted(set(names)):
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])


def quoted(names: Iterable[str]) -> str:
    """Return column names quoted and joined for SQL."""
    return ", ".join(connection.ops.quote_name(name) for name in names)


def copy_rows(table: str, batches: Iterable[pa.RecordBatch | pa.Table]) -> int:
    """Append Arrow batches to `table`, columns by name, the fastest way the database has; return the rows written.

    Nulls stay nulls and empty texts stay empty. Dates are written as ISO text, integers as they are.
    """
    written = 0
    with connection.cursor() as cursor:
        for batch in batches:
            names = batch.schema.names
            if is_postgres():
                buffer = io.BytesIO()
                pa_csv.write_csv(batch, buffer, pa_csv.WriteOptions(include_header=False))
                buffer.seek(0)
                cursor.copy_expert(
                    f"COPY {quoted([table])} ({quoted(names)}) FROM STDIN WITH (FORMAT csv, NULL '')", buffer, 1 << 20
                )
            else:
                marks = ", ".join(["?"] * len(names))
                cursor.connection.executemany(
                    f"INSERT INTO {quoted([table])} ({quoted(names)}) VALUES ({marks})",
                    zip(*(_plain(batch.column(index)) for index in range(len(names))), strict=True),
                )
            written += batch.num_rows
    return written


def _plain(column: pa.Array | pa.ChunkedArray) -> list[Any]:
    if pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
        column = column.cast(pa.string())
    plain: list[Any] = column.to_pylist()
    return plain


def create_stage(table: str, columns: Sequence[tuple[str, str]], *, key: str | None = None) -> None:
    """Create an unlogged work table, dropping one of that name; types are `text`, `bigint`, `date`, `boolean`."""
    body = ", ".join(f"{connection.ops.quote_name(name)} {kind}" for name, kind in columns)
    if key:
        body += f", PRIMARY KEY ({quoted([key])})"
    drop_stage(table)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE {'UNLOGGED ' if is_postgres() else ''}TABLE {quoted([table])} ({body})")


def drop_stage(table: str) -> None:
    """Drop a work table where it exists."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {quoted([table])}")


def stage_exists(table: str) -> bool:
    """Tell whether the work table is there."""
    with connection.cursor() as cursor:
        return table in connection.introspection.table_names(cursor)


def hashed_sql(text: str) -> str:
    """Return SQL for a value that differs where texts differ, cheap to sort: a 64-bit hash on PostgreSQL."""
    return f"hashtextextended({text}, 0)" if is_postgres() else text


@dataclass(frozen=True)
class Grouping:
    """A table that takes sums by `keys`: its columns are the keys, then those of the sums."""

    table: str
    keys: tuple[str, ...]


def insert_grouped(source: str, sums: Mapping[str, str], fine: Grouping, coarse: Grouping) -> None:
    """Insert sums over `source` into two tables, the coarse keys being the first of the fine ones.

    PostgreSQL sorts once for both; SQLite reads twice.
    """
    names = quoted(sums)
    values = ", ".join(f"{expression} AS {quoted([name])}" for name, expression in sums.items())
    if not is_postgres():
        for one in (fine, coarse):
            keys = quoted(one.keys)
            summed = f"SELECT {keys}, {values} FROM ({source}) AS x GROUP BY {keys}"
            run(f"INSERT INTO {one.table} ({keys}, {names}) {summed}")
        return
    last = quoted(fine.keys[len(coarse.keys) :])
    keys, more = quoted(coarse.keys), quoted(fine.keys)
    run(
        f"WITH rolled AS MATERIALIZED (SELECT {more}, {values}, grouping({last}) AS level FROM ({source}) AS x "
        f"GROUP BY GROUPING SETS (({more}), ({keys}))), "
        f"fine AS (INSERT INTO {fine.table} ({more}, {names}) SELECT {more}, {names} FROM rolled WHERE level = 0) "
        f"INSERT INTO {coarse.table} ({keys}, {names}) SELECT {keys}, {names} FROM rolled WHERE level > 0"
    )


@contextmanager
def tuned() -> Iterator[None]:
    """Let the statements inside sort and hash in more memory, until the transaction ends."""
    if is_postgres() and connection.in_atomic_block:
        run("SET LOCAL work_mem = '128MB'")
    yield


@contextmanager
def read_through(using: str = "default") -> Iterator[None]:
    """Let a long read of a database inside hand out its first rows before it has the last.

    PostgreSQL does so only within a transaction; SQLite does anyway, and its transactions keep writers waiting.
    """
    if not is_postgres():
        yield
        return
    with transaction.atomic(using=using):
        yield


def stages() -> list[str]:
    """Return the names of all work tables."""
    with connection.cursor() as cursor:
        return [name for name in connection.introspection.table_names(cursor) if name.startswith("stage_")]


def analyze(table: str, *columns: str) -> None:
    """Refresh the planner's statistics of `table` after a bulk load; PostgreSQL can do with those of some `columns`."""
    some = f" ({quoted(columns)})" if columns and is_postgres() else ""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {quoted([table])}{some}")


def month_sql(column: str) -> str:
    """Return SQL for the first day of the month of a date column."""
    return f"date_trunc('month', {column}::timestamp)::date" if is_postgres() else f"date({column}, 'start of month')"


def next_month_sql(column: str) -> str:
    """Return SQL for the first day of the month after a first of month."""
    return f"({column} + interval '1 month')::date" if is_postgres() else f"date({column}, '+1 month')"


def byte_order_sql(column: str) -> str:
    """Return a text column so that it sorts by its bytes, the same on both databases."""
    return f'{column} COLLATE "C"' if is_postgres() else column


def letters_sql(column: str) -> str:
    """Return SQL for a text of three capital letters as a whole number, eight bits for each."""
    letter = "ascii" if is_postgres() else "unicode"
    first, second, third = (f"{letter}(substr({column}, {place}, 1))" for place in (1, 2, 3))
    return f"CAST({first} * 65536 + {second} * 256 + {third} AS bigint)"


def date_sql(day: date) -> str:
    """Return a date as SQL."""
    return f"DATE '{day.isoformat()}'" if is_postgres() else f"'{day.isoformat()}'"


def differs_sql(left: str, right: str) -> str:
    """Return SQL that tells whether two values differ, nulls being equal to each other."""
    return f"({left} IS {'DISTINCT FROM' if is_postgres() else 'NOT'} {right})"


def days_between_sql(later: str, earlier: str) -> str:
    """Return SQL for the whole days from one date column to another."""
    return f"({later} - {earlier})" if is_postgres() else f"CAST(julianday({later}) - julianday({earlier}) AS integer)"


class Unindexed(Func):
    """A number as it is, in a form that no index orders."""

    template = "+%(expressions)s"
    arity = 1


class DaysAfter(Func):
    """The date that lies the second number of days after the first date; null where either is."""

    output_field = models.DateField()
    arity = 2

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" + ", **extra)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="date(%(expressions)s || ' days')", arg_joiner=", '+' || ", **extra
        )


def begins_with(field: str, beginning: str) -> Q:
    """Return the condition that a text begins so, in the form that an index answers."""
    if is_postgres():
        return Q(**{f"{field}__startswith": beginning})
    return Q(**{f"{field}__gte": beginning, f"{field}__lt": f"{beginning}\U0010ffff"})


def estimated_count(queryset: models.QuerySet, exact_up_to: int = 10_000, *, bounded: bool = False) -> tuple[int, bool]:
    """Return (count, estimated): exact up to `exact_up_to`, beyond that the planner's estimate on PostgreSQL.

    The planner is asked whatever the size, so that a list costs the same queries everywhere. SQLite has no estimate:
    it counts everything, or where that is `bounded` says `exact_up_to`.
    """
    if not is_postgres():
        if not bounded:
            return queryset.count(), False
        head = queryset.order_by()[: exact_up_to + 1].count()
        return min(head, exact_up_to), head > exact_up_to
    planned = planned_rows(queryset)
    head = queryset.order_by()[: exact_up_to + 1].count()
    return (head, False) if head <= exact_up_to else (max(planned, exact_up_to), True)


SUMMED = 2_000  # adding ten thousand rows up takes longer than the rest of a list


@dataclass(frozen=True)
class Tally:
    """How many rows there are, whether that is estimated, and the sums over them: none over very many."""

    count: int
    estimated: bool
    sums: Mapping[str, Any]


def tallied(
    queryset: models.QuerySet, sums: Mapping[str, Any], *, exact: bool = False, exact_up_to: int = 10_000
) -> Tally:
    """Return the count as `estimated_count` does, and with it, in the same statement, the aggregates `sums`.

    More than SUMMED rows are only counted: where PostgreSQL's planner expects so many, and where it erred, for what
    the words of a search match is hard to foresee.
    """
    rows = queryset.order_by()
    if exact or not is_postgres():
        found = rows.aggregate(**{COUNTED: Count("*")}, **sums)
        return Tally(found.pop(COUNTED), False, found)
    planned = planned_rows(queryset)
    if planned > SUMMED or not sums:
        count = rows[: exact_up_to + 1].count()
        found = rows.aggregate(**sums) if count <= SUMMED and sums else {}
    else:
        found = rows[: SUMMED + 1].aggregate(**{COUNTED: Count("*"), BEYOND: _beyond(rows, exact_up_to)}, **sums)
        count, beyond = found.pop(COUNTED), found.pop(BEYOND)
        count, found = (count, found) if beyond is None else (beyond, {})
    return Tally(max(planned, exact_up_to), True, {}) if count > exact_up_to else Tally(count, False, found)


def _beyond(rows: models.QuerySet, exact_up_to: int) -> Any:
    """Return, as an aggregate, how many rows there are where they are more than SUMMED; it is not asked for else."""
    try:
        sql, params = rows[: exact_up_to + 1].values("pk").query.sql_with_params()
    except EmptyResultSet:  # Django knows already that nothing can match
        sql, params = "SELECT 1 WHERE 1 = 0", ()
    counted = RawSQL(f"(SELECT count(*) FROM ({sql}) AS counted)", params, IntegerField())  # noqa: S611
    return Case(When(GreaterThan(Count("*"), SUMMED), then=counted), output_field=IntegerField())


def planned_rows(queryset: models.QuerySet) -> int:
    """Return how many rows PostgreSQL's planner expects."""
    return _plan_rows(queryset.order_by().values("pk").explain(format="json"))


def _plan_rows(plan: str) -> int:
    import json

    # There is no plan where Django knows already that nothing can match.
    return int(json.loads(plan)[0]["Plan"]["Plan Rows"]) if plan else 0


def rows(sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Run one SELECT and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def row_chunks(sql: str, size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Run one SELECT and yield its rows, at most `size` at a time; what is written meanwhile does not show."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(sql)
        while found := cursor.fetchmany(size):
            yield found


def run(sql: str, params: Sequence[Any] | dict[str, Any] | None = None) -> int:
    """Run one statement and return the number of rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def integer_columns(sql: str, params: Sequence[Any], count: int) -> npt.NDArray[np.int64]:
    """Run one SELECT of `count` columns, all `bigint` and never null, and return them as rows of an int64 matrix.

    On PostgreSQL the rows come as a binary COPY, whose layout is then the same for each row: 3 M rows in a second.
    """
    if not is_postgres():
        return np.array(rows(sql, params), dtype=np.int64).reshape(-1, count).T
    head, tail = 19, 2
    layout = [("fields", ">i2")] + [(f"{side}{place}", kind) for place in range(count) for side, kind in _BINARY]
    buffer = io.BytesIO()
    with connection.cursor() as cursor:
        query = cursor.mogrify(sql, params).decode()
        cursor.copy_expert(f"COPY ({query}) TO STDOUT WITH (FORMAT binary)", buffer)
    packed = np.frombuffer(buffer.getbuffer()[head:-tail], dtype=np.dtype(layout))
    if len(packed) and any((packed[f"size{place}"] != 8).any() for place in range(count)):
        raise TypeError("every column must be a bigint without nulls")
    return np.array([packed[f"value{place}"] for place in range(count)], dtype=np.int64)


_BINARY = (("size", ">i4"), ("value", ">i8"))


def count_of(rows: QuerySet) -> Coalesce:
    """Return how many `rows` there are as a value of another query, so that several counts are one question."""
    counted = rows.order_by().values(nothing=Value(1)).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)

"""Exports of a list: streamed, a chunk of values at a time, safe to open in a spreadsheet."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from core.tables import Column, Table

CHUNK = 5000
RISKY = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    def write(self, row: str) -> str:
        return row


def safe_cell(value: Any) -> str:
    """Return `value` as text that a spreadsheet does not run as a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(RISKY) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def csv_lines(table: Table) -> Iterator[str]:
    """Return the CSV of a table: a byte order mark for spreadsheets, the head, then chunks of rows.

    Head and words are taken in the reader's language now: the lines are read when the request is over.
    """
    columns = [_in_words(column) for column in table.get_columns()]
    head = [f"{column.label} ({column.unit})" if column.unit else str(column.label) for column in columns]
    return _lines(columns, head, table.ordered().values_list(*[column.source for column in columns]))


def _in_words(column: Column) -> Column:
    words = None if column.choices is None else {code: str(word) for code, word in column.choices.items()}
    return replace(column, label=str(column.label), unit=str(column.unit), choices=words)


def _lines(columns: list[Column], head: list[str], rows: QuerySet) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow(head)
    lines: list[str] = []
    for row in rows.iterator(chunk_size=CHUNK):
        cells = [safe_cell(column.plain(value)) for column, value in zip(columns, row, strict=True)]
        lines.append(writer.writerow(cells))
        if len(lines) >= 500:
            yield "".join(lines)
            lines.clear()
    yield "".join(lines)


def csv_response(table: Table, filename: str) -> StreamingHttpResponse:
    """Return the table as a CSV download that starts at once and holds no more than a chunk in memory."""
    response = StreamingHttpResponse(csv_lines(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}.csv"'
    return response

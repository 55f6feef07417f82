"""Exports of a list: streamed, a chunk of values at a time, safe to open in a spreadsheet."""

import csv
from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse

from core.tables import Table

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
    """Yield the CSV of a table: a byte order mark for spreadsheets, the head, then chunks of rows."""
    columns = table.get_columns()
    writer = csv.writer(_Echo())
    yield "\ufeff" + writer.writerow([f"{c.label} ({c.unit})" if c.unit else str(c.label) for c in columns])
    rows = table.ordered().values_list(*[column.source for column in columns]).iterator(chunk_size=CHUNK)
    lines: list[str] = []
    for row in rows:
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

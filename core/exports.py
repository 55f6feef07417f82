"""Exports of a list: CSV streamed, XLSX in constant memory, both safe to open in a spreadsheet."""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any

from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from core.database import read_through
from core.errors import DomainError
from core.tables import Column, Listed, Table

CHUNK = 5000
AT_ONCE = 500
# The full-width forms start a formula in spreadsheets of East Asia.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
XLSX_ROWS = 1_048_576 - 1
XLSX_AT_ONCE = 100_000
XLSX_CELL = 32_767
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NOT_IN_CELLS = dict.fromkeys(code for code in range(32) if chr(code) not in "\t\n\r")

Told = Callable[[int], None]


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


def _head(columns: tuple[Column, ...]) -> list[str]:
    return [safe_cell(f"{column.label} ({column.unit})" if column.unit else str(column.label)) for column in columns]


def _parts(table: Table | Listed, columns: tuple[Column, ...]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the values of the columns, some hundred rows at a time, read through a cursor of the server."""
    if isinstance(table, Listed):
        given = iter(table.rows)
        while part := list(islice(given, AT_ONCE)):
            yield part
        return
    looked_up = [column.source for column in columns if column.fetch is None]
    found = table.ordered().values_list("pk", *looked_up).iterator(chunk_size=CHUNK)
    while part := list(islice(found, AT_ONCE)):
        if len(looked_up) == len(columns):
            yield [row[1:] for row in part]
            continue
        keys = [row[0] for row in part]
        fetched = {column.name: column.fetch(keys) for column in columns if column.fetch is not None}
        yield [_with_fetched(columns, row, fetched) for row in part]


def _with_fetched(columns: tuple[Column, ...], row: tuple[Any, ...], fetched: dict[str, Any]) -> tuple[Any, ...]:
    rest = iter(row[1:])
    return tuple(fetched[column.name].get(row[0]) if column.fetch else next(rest) for column in columns)


def _writer(column: Column) -> Callable[[Any], str]:
    """Return what makes the safe text of a column's values; words for codes are made once."""
    if column.choices is None:
        return _text
    words: dict[Any, str] = {}

    def word(value: Any) -> str:
        if value not in words:
            words[value] = safe_cell(column.plain(value))
        return words[value]

    return word


def _text(value: Any) -> str:
    return _TEXTS.get(type(value), str)(value)


def _same(text: Callable[[Any], str], values: tuple[Any, ...]) -> Callable[[Any], str]:
    """Return what makes the texts of values that are all of one type, without asking for each of them."""
    if text is not _text:
        return text
    kinds = set(map(type, values))
    return _TEXTS.get(kinds.pop(), str) if len(kinds) == 1 else text


_TEXTS: dict[type, Callable[[Any], str]] = {
    str: lambda value: safe_cell(value) if value.startswith(RISKY) else value,
    type(None): lambda _value: "",
    Decimal: "{:f}".format,
    date: date.isoformat,
    datetime: datetime.isoformat,
    dict: lambda value: json.dumps(value, ensure_ascii=False),
}


def csv_lines(table: Table | Listed) -> Iterator[str]:
    """Return the CSV of a table: a byte order mark for spreadsheets, the head, then chunks of rows.

    All of it speaks the reader's language as it is now: the lines are read when the request is over.
    """
    return _lines(table, table.shown, _head(table.shown), get_language())


def _lines(table: Table | Listed, columns: tuple[Column, ...], head: list[str], language: str | None) -> Iterator[str]:
    texts = [_writer(column) for column in columns]
    yield "\ufeff" + _csv_text([head])
    with nullcontext() if isinstance(table, Listed) else read_through(table.queryset.db):
        for part in _parts(table, columns):
            with translation.override(language):
                cells = [
                    map(_same(text, values), values)
                    for text, values in zip(texts, zip(*part, strict=True), strict=True)
                ]
                lines = _csv_text(zip(*cells, strict=True))
            yield lines


def _csv_text(rows: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()


def csv_response(table: Table | Listed, filename: str) -> StreamingHttpResponse:
    """Return the table as a CSV download that starts at once and holds no more than a chunk in memory."""
    response = StreamingHttpResponse(csv_lines(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}.csv"'
    return response


def xlsx_refuse(count: int) -> None:
    """Raise DomainError where so many rows do not fit a sheet."""
    if count > XLSX_ROWS:
        raise DomainError(
            _("%(count)s rows do not fit an XLSX sheet, which holds %(most)s. Filter the list, or export it as CSV.")
            % {"count": f"{count:,}", "most": f"{XLSX_ROWS:,}"}
        )


def xlsx_write(table: Table | Listed, target: IO[bytes], told: Told = lambda _done: None) -> int:
    """Write the table as an XLSX sheet, row by row in constant memory, and return the number of rows.

    Numbers and dates stay such; every text is written as a text, and one that would start a formula is neutralised.
    """
    options = {"constant_memory": True, "tmpdir": str(settings.FILE_UPLOAD_TEMP_DIR), "strings_to_formulas": False}
    book = Workbook(target, {**options, "strings_to_urls": False, "strings_to_numbers": False})
    sheet, columns = book.add_worksheet(), table.shown
    formats = [book.add_format({"num_format": _number_format(column)}) for column in columns]
    for place, label in enumerate(_head(columns)):
        sheet.set_column(place, place, max(10, min(40, len(label) + 4)))
        sheet.write_string(0, place, label, book.add_format({"bold": True}))
    sheet.freeze_panes(1, 0)
    texts = [_writer(column) for column in columns]
    line = 0
    for part in _parts(table, columns):
        for row in part:
            line += 1
            for place, value in enumerate(row):
                _xlsx_cell(sheet, line, place, columns[place], value, texts[place], formats[place])
        xlsx_refuse(line)
        told(line)
    book.close()
    return line


def _number_format(column: Column) -> str:
    if column.kind == "date":
        return "yyyy-mm-dd"
    if column.kind in {"share", "growth"}:
        return "0.0%"
    return "#,##0" + ("." + "0" * column.places if column.places else "")


def _xlsx_cell(sheet: Any, line: int, place: int, column: Column, value: Any, text: Any, shape: Any) -> None:
    if value is None or value == "":
        return
    if column.choices is None and isinstance(value, int | Decimal) and not isinstance(value, bool):
        sheet.write_number(line, place, value, shape)
    elif column.choices is None and isinstance(value, datetime):
        sheet.write_datetime(line, place, timezone.localtime(value).replace(tzinfo=None), shape)
    elif column.choices is None and isinstance(value, date):
        sheet.write_datetime(line, place, value, shape)
    else:
        sheet.write_string(line, place, text(value).translate(NOT_IN_CELLS)[:XLSX_CELL])


def xlsx_response(table: Table | Listed, filename: str) -> FileResponse:
    """Return the table as an XLSX download, for lists of up to `XLSX_AT_ONCE` rows; larger ones are a job."""
    target = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115  closed by the response
    xlsx_write(table, target)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=f"{filename}.xlsx", content_type=XLSX_TYPE)

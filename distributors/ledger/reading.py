"""Files as blocks of text columns: every row keeps its number, and what cannot be read is named by row."""

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.csv as pa_csv
from django.utils.translation import gettext as _

from core.errors import DomainError
from distributors.ledger.mapping import DELIMITERS

BLOCK = 4 << 20
LINE_LIMIT = 1 << 20
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Unreadable(DomainError):
    """The file cannot be read from this row on."""

    def __init__(self, row: int, column: str, value: str, reason: str):
        super().__init__(reason)
        self.row, self.column, self.value, self.reason = row, column, value, reason


class Undecodable(Unreadable):
    """A byte is none of the encoding."""


@dataclass(frozen=True)
class Survey:
    """What a first pass over the bytes found: how they are encoded, and how many lines there are."""

    encoding: str
    lines: int


def survey(path: Path, encoding: str) -> Survey:
    """Pass over the whole file once; raise Unreadable at the first byte that the encoding cannot hold."""
    with path.open("rb") as file:
        head = file.read(4)
    marked = next((name for mark, name in MARKS if head.startswith(mark)), "")
    if encoding == "auto":
        if marked:
            return _decode(path, marked)
        try:
            return _decode(path, "utf-8")
        except Undecodable:
            return _decode(path, "gb18030")
    if encoding == "utf-8" and marked == "utf-8-sig":
        encoding = marked
    return _decode(path, encoding)


def _decode(path: Path, encoding: str) -> Survey:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, tail = 0, 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            try:
                text = decoder.decode(block)
            except UnicodeError as error:
                row = lines + 1 + block[: getattr(error, "start", 0)].count(b"\n")
                raise Undecodable(
                    row, "", "", _("The bytes of this row are not %(encoding)s.") % {"encoding": encoding}
                ) from error
            if "\0" in text:
                row = lines + 1 + text[: text.index("\0")].count("\n")
                raise Unreadable(row, "", "\\0", _("This row holds a NUL byte: the file is damaged, or not text."))
            tail = _longest(text, tail, lines)
            lines += text.count("\n")
        try:
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            raise Undecodable(
                lines + 1,
                "",
                "",
                _("The file ends in the middle of a %(encoding)s character.") % {"encoding": encoding},
            ) from error
    return Survey(encoding, lines)


def _longest(text: str, tail: int, lines: int) -> int:
    """Return the length of the unfinished last line; raise Unreadable for a line beyond the limit."""
    start, row = 0, lines + 1
    while len(text) - start + tail > LINE_LIMIT:
        end = text.find("\n", start)
        length = (len(text) if end < 0 else end) - start + tail
        if length > LINE_LIMIT:
            raise Unreadable(
                row,
                "",
                text[start : start + 60],
                _("This row is longer than %(limit)s characters.") % {"limit": f"{LINE_LIMIT:,}"},
            )
        if end < 0:
            break
        start, tail, row = end + 1, 0, row + 1
    last = text.rfind("\n")
    return len(text) - last - 1 if last >= 0 else tail + len(text)


@dataclass(frozen=True)
class Block:
    """Rows that follow each other: their numbers as a spreadsheet shows them, and their cells by column."""

    rows: pa.Array
    cells: dict[str, pa.Array]
    crooked: list[tuple[int, int]]


class Reader:
    """Reads a surveyed file block by block; rows whose number of cells is wrong come apart as `crooked`."""

    def __init__(self, path: Path, encoding: str, delimiter: str, header_row: int):
        self.path, self.encoding, self.given_delimiter, self.header_row = path, encoding, delimiter, header_row
        self.delimiter = delimiter
        self.header: list[str] = []
        self.row = 0

    def __enter__(self) -> "Reader":
        self.file: IO[str] = self.path.open(encoding=self.encoding, newline="")
        self._read_header()
        return self

    def __exit__(self, *_error: object) -> None:
        self.file.close()

    def _read_header(self) -> None:
        for _number in range(self.header_row - 1):
            self.file.readline()
        line = self.file.readline()
        self.row = self.header_row
        if not line.strip():
            raise Unreadable(self.header_row, "", "", _("There are no column names in this row."))
        if self.given_delimiter == "auto":
            self.delimiter = max(DELIMITERS, key=line.count)
        try:
            names = next(csv.reader([line], delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            raise Unreadable(self.row, "", line[:60], _("The quotes of this row do not close.")) from error
        self.header = [name.strip() for name in names]
        twice = next((name for name in self.header if self.header.count(name) > 1), None)
        if twice is not None:
            raise Unreadable(self.row, twice, twice, _("Two columns have this name."))

    def blocks(self) -> Iterator[Block]:
        """Yield the rows after the header, some ten thousands at a time, always cut at the same places."""
        while text := self.file.read(BLOCK) + self.file.readline():
            block = self._plain(text) or self._quoted(text)
            yield block

    def _plain(self, text: str) -> Block | None:
        """Return the block by the fast parser, or None where quotes or empty lines need the careful one."""
        if '"' in text or "\n\n" in text or "\n\r" in text or text[0] in "\r\n" or "\r\r" in text:
            return None
        try:
            table = pa_csv.read_csv(
                io.BytesIO(text.encode("utf-8")),
                read_options=pa_csv.ReadOptions(
                    column_names=self.header, use_threads=False, block_size=max(4 * len(text) + 16, 1 << 16)
                ),
                parse_options=pa_csv.ParseOptions(delimiter=self.delimiter, quote_char=False, ignore_empty_lines=False),
                convert_options=pa_csv.ConvertOptions(
                    column_types=dict.fromkeys(self.header, pa.string()), strings_can_be_null=False
                ),
            )
        except pa.ArrowInvalid:
            return None
        numbers = pa.array(range(self.row + 1, self.row + 1 + table.num_rows), pa.int64())
        self.row += table.num_rows
        return Block(numbers, {name: _whole(table[name]) for name in self.header}, [])

    def _quoted(self, text: str) -> Block:
        waiting = deque(io.StringIO(text, newline=""))
        reader = csv.reader(self._lines(waiting), delimiter=self.delimiter, strict=True)
        width = len(self.header)
        numbers: list[int] = []
        rows: list[list[str]] = []
        crooked: list[tuple[int, int]] = []
        while waiting:
            self.row += 1
            try:
                row = next(reader)
            except csv.Error as error:
                raise Unreadable(
                    self.row, "", "", _("The quotes of this row do not close, or it is cut off.")
                ) from error
            if len(row) == width:
                numbers.append(self.row)
                rows.append(row)
            elif row:
                crooked.append((self.row, len(row)))
        columns = zip(*rows, strict=True) if rows else [()] * width
        cells = {name: pa.array(column, pa.string()) for name, column in zip(self.header, columns, strict=True)}
        return Block(pa.array(numbers, pa.int64()), cells, crooked)

    def _lines(self, waiting: deque[str]) -> Iterator[str]:
        while line := waiting.popleft() if waiting else self.file.readline():
            yield line


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)

"""Files as blocks of text columns: every row keeps its number, and what cannot be read is named by row."""

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from django.utils.translation import gettext_noop as _

from core.errors import DomainError
from core.sentences import Sentence
from distributors.ledger.findings import Finding
from distributors.ledger.mapping import DELIMITERS

BLOCK = 4 << 20
LINE_LIMIT = 1 << 20
_QUOTE = ord('"')
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class Unreadable(DomainError):
    """The file cannot be read from this row on; `findings` say why."""

    def __init__(self, *findings: Finding):
        super().__init__(findings[0].reason)
        self.findings = findings

    @classmethod
    def at(cls, row: int, reason: Sentence, *, column: str = "", value: str = "") -> Self:
        """Return the refusal for one reason."""
        return cls(Finding(row, column, value, reason))


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
        head = file.read(8)
    marked = next((name for mark, name in MARKS if head.startswith(mark)), "")
    if encoding == "auto":
        if marked or (marked := unmarked_utf16(head)):
            return _decode(path, marked)
        try:
            return _decode(path, "utf-8")
        except Undecodable:
            return _decode(path, "gb18030")
    if encoding == "utf-8" and marked == "utf-8-sig":
        encoding = marked
    return _decode(path, encoding)


def unmarked_utf16(head: bytes) -> str:
    """Return which UTF-16 the first bytes are, by the zeros between plain letters; nothing where they are not."""
    odd, even = head[1::2], head[0::2]
    if len(head) < 4 or head.count(0) < 2:
        return ""
    return "utf-16-le" if not any(odd) and all(even) else "utf-16-be" if not any(even) and all(odd) else ""


def _decode(path: Path, encoding: str) -> Survey:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, tail = 0, 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            try:
                text = decoder.decode(block)
            except UnicodeError as error:
                row = lines + 1 + block[: getattr(error, "start", 0)].count(b"\n")
                reason = Sentence(_("The bytes of this row are not %(encoding)s."), encoding=encoding)
                raise Undecodable.at(row, reason) from error
            if "\0" in text:
                row = lines + 1 + text[: text.index("\0")].count("\n")
                reason = Sentence(_("This row holds a NUL byte: the file is damaged, or not text."))
                raise Unreadable.at(row, reason, value="\\0")
            tail = _longest(text, tail, lines)
            lines += text.count("\n")
        try:
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            reason = Sentence(_("The file ends in the middle of a %(encoding)s character."), encoding=encoding)
            raise Undecodable.at(lines + 1, reason) from error
    return Survey(encoding, lines)


def _longest(text: str, tail: int, lines: int) -> int:
    """Return the length of the unfinished last line; raise Unreadable for a line beyond the limit."""
    start, row = 0, lines + 1
    while len(text) - start + tail > LINE_LIMIT:
        end = text.find("\n", start)
        length = (len(text) if end < 0 else end) - start + tail
        if length > LINE_LIMIT:
            reason = Sentence(_("This row is longer than %(limit)s characters."), limit=f"{LINE_LIMIT:,}")
            raise Unreadable.at(row, reason, value=text[start : start + 60])
        if end < 0:
            break
        start, tail, row = end + 1, 0, row + 1
    last = text.rfind("\n")
    return len(text) - last - 1 if last >= 0 else tail + len(text)


@dataclass(frozen=True)
class Block:
    """Rows that follow each other: their numbers as a spreadsheet shows them, and their cells by column.

    `crooked` are those with another number of cells than there are columns.
    """

    rows: pa.Array
    cells: dict[str, pa.Array]
    crooked: list[tuple[int, list[str]]]


def quotes_are_plain(data: bytes, delimiter: str) -> bool:
    """Tell whether every quote opens a cell, closes one, or is doubled inside one.

    Elsewhere the fast parser is lenient; the careful one names the row.
    """
    around = np.frombuffer(b"\n" + data + b"\n", np.uint8)
    places = np.flatnonzero(around == _QUOTE)
    if len(places) % 2:
        return False
    opens, closes = places[0::2], places[1::2]
    doubled = closes[:-1] + 1 == opens[1:]
    edges = np.frombuffer(f"{delimiter}\r\n".encode(), np.uint8)
    opened = np.isin(around[opens - 1], edges)
    closed = np.isin(around[closes + 1], edges)
    return bool((opened | np.append(False, doubled)).all() and (closed | np.append(doubled, False)).all())


def header_names(names: list[str], row: int) -> list[str]:
    """Return the names of columns, one without a name by its number; raise Unreadable where two have one name."""
    header = [name.strip() or f"#{number}" for number, name in enumerate(names, 1)]
    if not any(name.strip() for name in names):
        raise Unreadable.at(row, Sentence(_("There are no column names in this row.")))
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise Unreadable.at(row, Sentence(_("Two columns have this name.")), column=twice, value=twice)
    return header


class Reader:
    """Reads a surveyed file block by block; rows whose number of cells is wrong come apart as `crooked`."""

    def __init__(self, path: Path, encoding: str, delimiter: str, header_row: int, lines: int = 0):
        self.path, self.encoding, self.given_delimiter, self.header_row = path, encoding, delimiter, header_row
        self.delimiter, self.lines = delimiter, lines
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
            raise Unreadable.at(self.header_row, Sentence(_("There are no column names in this row.")))
        if self.given_delimiter == "auto":
            self.delimiter = max(DELIMITERS, key=line.count)
        try:
            names = next(csv.reader([line], delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            reason = Sentence(_("The quotes of this row do not close."))
            raise Unreadable.at(self.row, reason, value=line[:60]) from error
        self.header = header_names(names, self.row)

    def blocks(self) -> Iterator[Block]:
        """Yield the rows after the header, some ten thousands at a time, always cut at the same places."""
        while text := self.file.read(BLOCK) + self.file.readline():
            block = self._plain(text) or self._quoted(text)
            yield block

    def _plain(self, text: str) -> Block | None:
        """Return the block by the fast parser, or None where odd quotes or empty lines need the careful one."""
        if "\n\n" in text or "\n\r" in text or text[0] in "\r\n" or "\r\r" in text:
            return None
        data, quoted = text.encode("utf-8"), '"' in text
        if quoted and not quotes_are_plain(data, self.delimiter):
            return None
        try:
            table = pa_csv.read_csv(
                io.BytesIO(data),
                read_options=pa_csv.ReadOptions(
                    column_names=self.header, use_threads=False, block_size=max(4 * len(text) + 16, 1 << 16)
                ),
                parse_options=pa_csv.ParseOptions(
                    delimiter=self.delimiter,
                    quote_char='"' if quoted else False,
                    newlines_in_values=quoted,
                    ignore_empty_lines=False,
                ),
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
        crooked: list[tuple[int, list[str]]] = []
        while waiting:
            self.row += 1
            try:
                row = next(reader)
            except csv.Error as error:
                reason = Sentence(_("The quotes of this row do not close, or it is cut off."))
                raise Unreadable.at(self.row, reason) from error
            if len(row) == width:
                numbers.append(self.row)
                rows.append(row)
            elif row:
                crooked.append((self.row, row))
        columns = zip(*rows, strict=True) if rows else [()] * width
        cells = {name: pa.array(column, pa.string()) for name, column in zip(self.header, columns, strict=True)}
        return Block(pa.array(numbers, pa.int64()), cells, crooked)

    def _lines(self, waiting: deque[str]) -> Iterator[str]:
        while line := waiting.popleft() if waiting else self.file.readline():
            yield line


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)

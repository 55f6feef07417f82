"""Files as blocks of text columns: every row keeps its number, and what cannot be read is named by row."""

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from django.utils.translation import gettext_noop as _

from core.errors import DomainError
from core.sentences import Sentence
from distributors.ledger.findings import Finding
from distributors.ledger.mapping import DELIMITERS

BLOCK = 4 << 20
LINE_LIMIT = 1 << 20
HEADER_LINES = 30
BREAKS = re.compile(r"\s*[\r\n]+\s*")
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
                reason = Sentence(
                    _(
                        "The bytes of this row are not %(encoding)s: choose another encoding, or save the "
                        "file as UTF-8."
                    ),
                    encoding=encoding,
                )
                raise Undecodable.at(row, reason) from error
            if "\0" in text:
                row = lines + 1 + text[: text.index("\0")].count("\n")
                reason = Sentence(
                    _("This row holds a NUL byte: the file is damaged, or not text. Save it again as CSV or XLSX.")
                )
                raise Unreadable.at(row, reason, value="\\0")
            tail = _longest(text, tail, lines)
            lines += text.count("\n")
        try:
            decoder.decode(b"", final=True)
        except UnicodeError as error:
            reason = Sentence(
                _("The file ends in the middle of a %(encoding)s character: it is cut off; save or send it again."),
                encoding=encoding,
            )
            raise Undecodable.at(lines + 1, reason) from error
    return Survey(encoding, lines)


def _longest(text: str, tail: int, lines: int) -> int:
    """Return the length of the unfinished last line; raise Unreadable for a line beyond the limit."""
    start, row = 0, lines + 1
    while len(text) - start + tail > LINE_LIMIT:
        end = text.find("\n", start)
        length = (len(text) if end < 0 else end) - start + tail
        if length > LINE_LIMIT:
            reason = Sentence(
                _("This row is longer than %(limit)s characters: shorten it, or look for a quote that does not close."),
                limit=f"{LINE_LIMIT:,}",
            )
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


def header_names(names: list[str], row: int, *, numbered: bool = False) -> list[str]:
    """Return the names of columns, one without a name by its number.

    Where two have one name the second is called "Name (2)" if `numbered`; else raise Unreadable.
    """
    header = [BREAKS.sub(" ", name.strip()) or f"#{number}" for number, name in enumerate(names, 1)]
    if not any(name.strip() for name in names):
        raise Unreadable.at(
            row, Sentence(_("There are no column names in this row: choose the row in which they stand."))
        )
    if numbered:
        return _numbered(header)
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        reason = Sentence(_("Two columns have this name: give one of them another name."))
        raise Unreadable.at(row, reason, column=twice, value=twice)
    return header


def _numbered(header: list[str]) -> list[str]:
    found: dict[str, None] = {}
    for name in header:
        number, free = 2, name
        while free in found:
            free, number = f"{name} ({number})", number + 1
        found[free] = None
    return list(found)


def header_joined(above: list[list[str]], names: list[str]) -> list[str]:
    """Return names of columns with those of the rows above put before them, which hold for several columns each."""
    parts: list[list[str]] = [[] for _name in names]
    for row in above:
        last = ""
        for place, part in enumerate(parts):
            last = (row[place].strip() if place < len(row) else "") or last
            part.append(last)
    for part, name in zip(parts, names, strict=True):
        part.append(name.strip())
    return [" ".join(dict.fromkeys(filter(None, part))) for part in parts]


def rows_filled(block: Block) -> Block:
    """Return the block without the rows in which every cell is empty."""
    blank = None
    for column in block.cells.values():
        empty = pc.equal(pc.binary_length(column), 0)
        blank = empty if blank is None else pc.and_(blank, empty)
        if not pc.any(blank).as_py():
            return block
    kept = pc.invert(blank)
    cells = {name: column.filter(kept) for name, column in block.cells.items()}
    return Block(block.rows.filter(kept), cells, block.crooked)


class Reader:
    """Reads a surveyed file block by block; rows whose number of cells is wrong come apart as `crooked`.

    `above` rows over that of the names belong to them; two columns of one name are told apart where `numbered`.
    """

    def __init__(
        self,
        path: Path,
        encoding: str,
        delimiter: str,
        header_row: int,
        lines: int = 0,
        *,
        above: int = 0,
        numbered: bool = False,
    ):
        self.path, self.encoding, self.given_delimiter, self.header_row = path, encoding, delimiter, header_row
        self.delimiter, self.lines, self.above, self.numbered = delimiter, lines, above, numbered
        self.header: list[str] = []
        self.row = 0

    def __enter__(self) -> "Reader":
        self.file: IO[str] = self.path.open(encoding=self.encoding, newline="")
        self._read_header()
        return self

    def __exit__(self, *_error: object) -> None:
        self.file.close()

    def _read_header(self) -> None:
        for _number in range(self.header_row - 1 - self.above):
            self.file.readline()
        above = [self._record() for _number in range(self.above)]
        line = self._record()
        self.row = self.header_row
        if not line.strip():
            raise Unreadable.at(
                self.header_row,
                Sentence(_("There are no column names in this row: choose the row in which they stand.")),
            )
        if self.given_delimiter == "auto":
            self.delimiter = max(DELIMITERS, key=line.count)
        names = self._cells(line)
        if above:
            names = header_joined([self._cells(one) if one.strip() else [] for one in above], names)
        self.header = header_names(names, self.row, numbered=self.numbered)

    def _record(self) -> str:
        """Return the next line, with those behind it while a quote of it is open."""
        line = self.file.readline()
        for _number in range(HEADER_LINES):
            if line.count('"') % 2 == 0 or not (more := self.file.readline()):
                break
            line += more
        return line

    def _cells(self, line: str) -> list[str]:
        try:
            return next(csv.reader(io.StringIO(line, newline=""), delimiter=self.delimiter, strict=True))
        except csv.Error as error:
            reason = Sentence(_("The quotes of this row do not close: add the missing one, or save the file as XLSX."))
            raise Unreadable.at(self.header_row, reason, value=line[:60]) from error

    def blocks(self) -> Iterator[Block]:
        """Yield the rows after the header, some ten thousands at a time, always cut at the same places."""
        while text := self.file.read(BLOCK) + self.file.readline():
            yield rows_filled(self._plain(text) or self._quoted(text))

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
                reason = Sentence(
                    _("The quotes of this row do not close, or it is cut off: mend the row, or save the file again.")
                )
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

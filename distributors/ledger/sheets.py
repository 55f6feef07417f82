"""Workbooks (XLSX) as blocks of text columns, read row by row: numbers plain, days as YYYY-MM-DD."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import pyarrow as pa
from django.conf import settings
from django.utils.translation import gettext_noop as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.sentences import Sentence
from distributors.ledger.reading import LINE_LIMIT, Block, Unreadable, header_joined, header_names

MAGIC = b"PK\x03\x04"
PARTS_MOST = 5000
RATIO_MOST = 200
RATIO_FROM = 32 << 20
STRINGS_MOST = 256 << 20
ROWS_MOST = 1_048_576
COLUMNS_MOST = 1000
BLOCK_ROWS = 10_000
FORMATS_BUILT_IN = 164
ZEROS = re.compile("0{2,}")
DAMAGED = (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, OSError, EOFError)


def workbook_check(path: Path) -> None:
    """Raise Unreadable unless the ZIP file is a plain workbook that is not too large unpacked."""
    try:
        with zipfile.ZipFile(path) as packed:
            parts = packed.infolist()
    except zipfile.BadZipFile as error:
        raise Unreadable.at(0, Sentence(_("The workbook is damaged; save it again."))) from error
    _refuse_bomb(path, parts)
    names = {one.filename for one in parts}
    if any(name.endswith("vbaProject.bin") for name in names):
        raise Unreadable.at(0, Sentence(_("The workbook holds macros; save it as XLSX without them.")))
    if any(one.flag_bits & 1 for one in parts):
        raise Unreadable.at(0, Sentence(_("The file is locked with a password; save it without one.")))
    if "xl/workbook.xml" not in names:
        raise Unreadable.at(0, Sentence(_("This is an archive or a document, no table; save it as XLSX or CSV.")))


def _refuse_bomb(path: Path, parts: list[zipfile.ZipInfo]) -> None:
    """Refuse what unpacks to far more than it is; reading stops at the sizes that are named here."""
    unpacked = sum(one.file_size for one in parts)
    strings = max((one.file_size for one in parts if one.filename.endswith("sharedStrings.xml")), default=0)
    swollen = unpacked > RATIO_FROM and unpacked > RATIO_MOST * path.stat().st_size
    if len(parts) > PARTS_MOST or swollen or unpacked > settings.IMPORT_MAX_BYTES or strings > STRINGS_MOST:
        reason = Sentence(
            _("The workbook unpacks to %(size)s MiB, too much to be read; save it as CSV."), size=unpacked >> 20
        )
        raise Unreadable.at(0, reason)


class SheetReader:
    """Reads a sheet of a workbook block by block, as `Reader` reads a file of text.

    `decimal` is the sign to write, `decimals` that of the columns that have one of their own.
    """

    def __init__(
        self,
        path: Path,
        sheet: str,
        header_row: int,
        decimal: str = ".",
        *,
        decimals: Mapping[str, str] | None = None,
        above: int = 0,
        numbered: bool = False,
    ):
        self.path, self.sheet, self.header_row, self.decimal = path, sheet, header_row, decimal
        self.decimals, self.above, self.numbered = decimals or {}, above, numbered
        self.header: list[str] = []
        self.row = header_row

    def __enter__(self) -> "SheetReader":
        workbook_check(self.path)
        # A path without the ending of a workbook is refused, a file is not; stored files have no ending.
        self.file = self.path.open("rb")
        try:
            self.book = load_workbook(self.file, read_only=True, data_only=True, keep_links=False)
        except DAMAGED as error:
            self.file.close()
            raise Unreadable.at(0, Sentence(_("The workbook is damaged; save it again."))) from error
        self.all_sheets: list[str] = [one.title for one in self.book.worksheets]
        seen = [one.title for one in self.book.worksheets if one.sheet_state == "visible"]
        self.sheets = seen or self.all_sheets
        self.zeros = _zeros(self.book)
        if self.header_row:
            self._read_header()
        return self

    def _read_header(self) -> None:
        head = list(islice(self._texts(self.header_row - self.above, COLUMNS_MOST), self.above + 1))
        names = head[self.above] if len(head) > self.above else []
        if self.above and any(names):
            width = max(len(row) for row in head)
            names = header_joined(head[: self.above], names + [""] * (width - len(names)))
        while names and not names[-1]:
            names.pop()
        self.header = header_names(names, self.header_row, numbered=self.numbered)

    def __exit__(self, *_error: object) -> None:
        self.book.close()
        self.file.close()

    @property
    def lines(self) -> int:
        """Return how many rows the sheet says that it has."""
        return min(int(self._chosen().max_row or 0), ROWS_MOST)

    def _chosen(self) -> Any:
        if not self.sheets:
            raise Unreadable.at(
                0, Sentence(_("The workbook has no sheet with cells: save the table in it as a sheet."))
            )
        if self.sheet and self.sheet not in self.all_sheets:
            found = ", ".join(self.sheets)
            reason = Sentence(
                _("The workbook has no sheet “%(sheet)s”; it has %(found)s: choose one of these."),
                sheet=self.sheet,
                found=found,
            )
            raise Unreadable.at(0, reason)
        return self.book[self.sheet or self.sheets[0]]

    def _rows(self, first: int, width: int) -> Iterator[list[Any]]:
        """Yield the rows of the sheet as values; numbers that are shown with zeros in front as the texts shown."""
        sheet = self._chosen()
        plain = not self.zeros
        try:
            for row in sheet.iter_rows(min_row=first, max_row=ROWS_MOST, max_col=width, values_only=plain):
                yield list(row) if plain else [self._shown(cell) for cell in row]
        except (zipfile.BadZipFile, ParseError, KeyError, ValueError, EOFError) as error:
            raise Unreadable.at(
                self.row, Sentence(_("The workbook is damaged after this row; save it again."))
            ) from error

    def _shown(self, cell: Any) -> Any:
        value = cell.value
        if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value) >= 0:
            digits = self.zeros.get(getattr(cell, "_style_id", 0), 0)
            return f"{int(value):0{digits}d}" if digits else value
        return value

    def _texts(self, first: int, width: int) -> Iterator[list[str]]:
        """Yield the rows of the sheet as texts."""
        signs = [self.decimals.get(name, self.decimal) for name in self.header]
        for row in self._rows(first, width):
            if len(signs) < len(row):
                signs += [self.decimal] * (len(row) - len(signs))
            yield [cell_text(value, sign) for value, sign in zip(row, signs, strict=False)]

    def head(self, count: int, width: int = COLUMNS_MOST) -> list[list[str]]:
        """Return the first rows of the sheet."""
        return list(islice(self._texts(1, width), count))

    def head_values(self, count: int, width: int = COLUMNS_MOST) -> list[list[Any]]:
        """Return the first rows of the sheet as the values of their cells."""
        return list(islice(self._rows(1, width), count))

    def blocks(self, rows: int = BLOCK_ROWS) -> Iterator[Block]:
        """Yield the rows after the header, always cut at the same places; empty rows are left out."""
        width = len(self.header)
        ahead = self._texts(self.header_row + 1, width)
        while part := list(islice(ahead, rows)):
            numbers, kept = [], []
            for row in part:
                self.row += 1
                if any(row):
                    self._refuse_long(row)
                    numbers.append(self.row)
                    kept.append(row)
            columns = zip(*kept, strict=True) if kept else [()] * width
            cells = {name: pa.array(column, pa.string()) for name, column in zip(self.header, columns, strict=True)}
            yield Block(pa.array(numbers, pa.int64()), cells, [])

    def _refuse_long(self, row: list[str]) -> None:
        if sum(map(len, row)) > LINE_LIMIT:
            reason = Sentence(
                _("This row is longer than %(limit)s characters: shorten it, or look for a quote that does not close."),
                limit=f"{LINE_LIMIT:,}",
            )
            raise Unreadable.at(self.row, reason)


def _zeros(book: Any) -> dict[int, int]:
    """Return the styles of a workbook that show numbers filled up with zeros, such as 000000, and how many digits."""
    custom, found = book._number_formats, dict[int, int]()
    for place, style in enumerate(book._cell_styles):
        number = style.numFmtId - FORMATS_BUILT_IN
        form = custom[number] if 0 <= number < len(custom) else ""
        if ZEROS.fullmatch(form):
            found[place] = len(form)
    return found


def cell_text(value: Any, decimal: str) -> str:
    """Return the value of a cell as a text: numbers plain and with fifteen digits as a spreadsheet shows them."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\0", "").replace("_x000D_", "").strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float):
        text = f"{Decimal(format(value, '.15g')):f}"
        return text.replace(".", decimal)
    return str(value)

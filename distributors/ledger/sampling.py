"""The beginning of a file, for the page on which its columns are named: read in a moment, whatever its size."""

import codecs
import csv
import io
import re
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop as _

from core.sentences import Sentence
from distributors.ledger.mapping import DELIMITERS
from distributors.ledger.opening import is_workbook
from distributors.ledger.reading import MARKS, Unreadable, header_names, unmarked_utf16
from distributors.ledger.sheets import COLUMNS_MOST, SheetReader

HEAD_BYTES = 2 << 20
HEAD_ROWS = 30
SAMPLE_ROWS = 2000
PLAIN_VALUE = re.compile(r"[-+]?[\d.,/: -]*\d[\d.,/: -]*")


@dataclass(frozen=True)
class Sample:
    """What the beginning of a file shows: how it is to be read, the names of its columns, and their first cells."""

    workbook: bool
    encoding: str
    delimiter: str
    sheet: str
    sheets: list[str]
    header_row: int
    header: list[str]
    columns: dict[str, list[str]]
    numbers: list[int] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Return how many rows were looked at."""
        return len(self.numbers)


def sample_of(path: Path, settings: dict[str, Any]) -> Sample:
    """Return the beginning of the file; what `settings`, a profile, leave open is recognised. Raise Unreadable."""
    if is_workbook(path):
        return _of_workbook(path, settings)
    encoding, text = _beginning(path, settings.get("encoding", "auto"))
    delimiter = settings.get("delimiter", "auto")
    if delimiter == "auto":
        delimiter = _delimiter(text)
    rows = _rows(text, delimiter)
    row = settings.get("header") or _header_row(rows)
    return _sampled(rows, row, workbook=False, encoding=encoding, delimiter=delimiter, sheet="", sheets=[])


def _of_workbook(path: Path, settings: dict[str, Any]) -> Sample:
    with SheetReader(path, settings.get("sheet", ""), 0) as reader:
        sheet = settings.get("sheet", "")
        heads: dict[str, list[list[str]]] = {}
        for name in [sheet] if sheet else reader.sheets:
            reader.sheet = name
            heads[name] = reader.head(HEAD_ROWS)
        sheet = max(heads, key=lambda name: _weight(heads[name]), default="")
        reader.sheet = sheet
        row = settings.get("header") or _header_row(heads.get(sheet, []))
        head = heads.get(sheet, [])
        width = max((len(one) for one in map(_trimmed, head)), default=0)
        rows = reader.head(SAMPLE_ROWS + row, max(width, 1))
        sheets = reader.sheets
    return _sampled(rows, row, workbook=True, encoding="", delimiter="", sheet=sheet, sheets=sheets)


def _trimmed(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row = row[:-1]
    return row


def _weight(rows: list[list[str]]) -> int:
    return sum(bool(cell) for row in rows for cell in row)


def _sampled(rows: list[list[str]], row: int, **how: Any) -> Sample:
    if row > len(rows) or not any(cell.strip() for cell in rows[row - 1]):
        raise Unreadable.at(row, Sentence(_("There are no column names in this row.")))
    header = header_names(_trimmed([cell.strip() for cell in rows[row - 1]]), row)[:COLUMNS_MOST]
    body = [(number, one) for number, one in enumerate(rows[row : row + SAMPLE_ROWS], row + 1) if any(one)]
    width = len(header)
    padded = [(one + [""] * width)[:width] for _number, one in body]
    columns = {name: [one[place].strip() for one in padded] for place, name in enumerate(header)}
    return Sample(header_row=row, header=header, columns=columns, numbers=[number for number, _one in body], **how)


def _beginning(path: Path, encoding: str) -> tuple[str, str]:
    """Return the encoding and the text of the first whole lines."""
    with path.open("rb") as file:
        data = file.read(HEAD_BYTES)
    found = next((name for mark, name in MARKS if data.startswith(mark)), "") or unmarked_utf16(data[:8])
    names = [encoding] if encoding != "auto" else [found] if found else ["utf-8", "gb18030"]
    whole = len(data) < HEAD_BYTES
    for name in names:
        try:
            text = codecs.getincrementaldecoder(name)().decode(data, final=whole)
        except UnicodeError:
            continue
        if "\0" in text:
            raise Unreadable.at(0, Sentence(_("The file holds NUL bytes: it is damaged, or not text.")))
        return name, text if whole else text[: text.rfind("\n") + 1] or text
    raise Unreadable.at(0, Sentence(_("The bytes of this file are not %(encoding)s."), encoding=", ".join(names)))


def _delimiter(text: str) -> str:
    """Return the sign that cuts the first lines into the most cells, as often in each."""
    lines = [line for line in islice(io.StringIO(text), HEAD_ROWS) if line.strip()]

    def weight(sign: str) -> float:
        counts = sorted(line.count(sign) for line in lines)
        return counts[len(counts) // 2] if counts else 0

    return max(DELIMITERS, key=weight)


def _rows(text: str, delimiter: str) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return list(islice(reader, SAMPLE_ROWS + HEAD_ROWS))
    except csv.Error as error:
        raise Unreadable.at(reader.line_num, Sentence(_("The quotes of this row do not close."))) from error


def _header_row(rows: list[list[str]]) -> int:
    """Return the first row that is as wide as the others and holds names instead of values."""
    head = rows[:HEAD_ROWS]
    widths = [sum(bool(cell.strip()) for cell in row) for row in head]
    widest = max(widths, default=0)
    for number, (row, width) in enumerate(zip(head, widths, strict=True), 1):
        cells = [cell.strip() for cell in row if cell.strip()]
        named = sum(not PLAIN_VALUE.fullmatch(cell) for cell in cells)
        if width and width >= 0.6 * widest and named >= 0.8 * width and len(set(cells)) == len(cells):
            return number
    return next((number for number, width in enumerate(widths, 1) if width), 1)

"""The beginning of a file, for the page on which its columns are named: read in a moment, whatever its size."""

import codecs
import csv
import io
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_noop as _

from core.sentences import Sentence
from distributors.ledger.header_rows import header_row
from distributors.ledger.mapping import DELIMITERS
from distributors.ledger.opening import is_workbook
from distributors.ledger.reading import MARKS, Unreadable, header_joined, header_names, unmarked_utf16
from distributors.ledger.sheets import COLUMNS_MOST, SheetReader, cell_text

HEAD_BYTES = 2 << 20
HEAD_ROWS = 30
SAMPLE_ROWS = 2000


@dataclass(frozen=True)
class Sample:
    """What the beginning of a file shows: how it is to be read, the names of its columns, and their first cells.

    `typed` tells which cells of a workbook are numbers of their own, with a decimal point in `columns`; `title` is what
    stands above the names.
    """

    workbook: bool
    encoding: str
    delimiter: str
    sheet: str
    sheets: list[str]
    header_row: int
    header: list[str]
    columns: dict[str, list[str]]
    numbers: list[int] = field(default_factory=list)
    header_above: int = 0
    typed: dict[str, list[bool]] = field(default_factory=dict)
    title: str = ""

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
    row, above = header_found(rows, settings)
    how = {"encoding": encoding, "delimiter": delimiter, "sheet": "", "sheets": []}
    return _sampled(rows, row, above, workbook=False, **how)


def _of_workbook(path: Path, settings: dict[str, Any]) -> Sample:
    with SheetReader(path, settings.get("sheet", ""), 0) as reader:
        sheet = settings.get("sheet", "")
        heads: dict[str, list[list[str]]] = {}
        for name in [sheet] if sheet else reader.sheets:
            reader.sheet = name
            heads[name] = reader.head(HEAD_ROWS)
        sheet = max(heads, key=lambda name: _weight(heads[name]), default="")
        reader.sheet = sheet
        head = heads.get(sheet, [])
        row, above = header_found(head, settings)
        width = max((len(one) for one in map(_trimmed, head)), default=0)
        values = reader.head_values(SAMPLE_ROWS + row, max(width, 1))
        sheets = reader.sheets
    rows = [[cell_text(value, ".") for value in one] for one in values]
    numbers = [[isinstance(value, int | float) and not isinstance(value, bool) for value in one] for one in values]
    how = {"encoding": "", "delimiter": "", "sheet": sheet, "sheets": sheets}
    return _sampled(rows, row, above, workbook=True, numbers=numbers, **how)


def header_found(rows: list[list[str]], settings: dict[str, Any]) -> tuple[int, int]:
    """Return the row of the column names and how many rows above belong to them, as given or as recognised."""
    if given := settings.get("header"):
        return given, min(settings.get("header_above", 0), given - 1)
    return header_row(rows[:HEAD_ROWS])


def _trimmed(row: list[str]) -> list[str]:
    while row and not row[-1]:
        row = row[:-1]
    return row


def _weight(rows: list[list[str]]) -> int:
    return sum(bool(cell) for row in rows for cell in row)


def _sampled(
    rows: list[list[str]], row: int, above: int, numbers: list[list[bool]] | None = None, **how: Any
) -> Sample:
    if row > len(rows) or not any(cell.strip() for cell in rows[row - 1]):
        raise Unreadable.at(
            row, Sentence(_("There are no column names in this row: choose the row in which they stand."))
        )
    width = max(len(_trimmed([cell.strip() for cell in one])) for one in rows[row - 1 - above : row])
    names = (rows[row - 1] + [""] * width)[:width]
    if above:
        names = header_joined(rows[row - 1 - above : row - 1], names)
    header = header_names(names, row, numbered=True)[:COLUMNS_MOST]
    body = [(number, one) for number, one in enumerate(rows[row : row + SAMPLE_ROWS], row + 1) if any(one)]
    width = len(header)
    padded = [(one + [""] * width)[:width] for _number, one in body]
    columns = {name: [one[place].strip() for one in padded] for place, name in enumerate(header)}
    typed = {}
    if numbers is not None:
        kept = [(numbers[number - 1] + [False] * width)[:width] for number, _one in body]
        typed = {name: [one[place] for one in kept] for place, name in enumerate(header)}
    return Sample(
        header_row=row,
        header=header,
        columns=columns,
        numbers=[number for number, _one in body],
        header_above=above,
        typed=typed,
        title=" ".join(cell for one in rows[: row - 1 - above] for cell in one if cell),
        **how,
    )


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
            raise Unreadable.at(
                0, Sentence(_("The file holds NUL bytes: it is damaged, or not text. Save it again as CSV or XLSX."))
            )
        return name, text if whole else text[: text.rfind("\n") + 1] or text
    raise Unreadable.at(
        0,
        Sentence(
            _("The bytes of this file are not %(encoding)s: choose another encoding, or save it as UTF-8."),
            encoding=", ".join(names),
        ),
    )


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
        raise Unreadable.at(
            reader.line_num,
            Sentence(_("The quotes of this row do not close: add the missing one, or save the file as XLSX.")),
        ) from error

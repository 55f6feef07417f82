"""Which of the first rows of a file holds the names of its columns: below titles, in one row or in two."""

import re

from distributors.ledger.reading import header_joined
from distributors.ledger.spans import span_in

VALUE = re.compile(r"[^\w]*[-+(]?[\d.,/:'年月日 -]*\d[\d.,/:'年月日T) -]*[^\w]*")
WIDE, NAMED = 0.6, 0.8
MONTHS = 3
ROWS_AFTER = 8


def header_row(rows: list[list[str]]) -> tuple[int, int]:
    """Return the number of the row of names, and how many rows above it belong to it: none or one.

    It is the first row that is as wide as the others and holds names instead of values. Names stand in two rows where
    the upper ones hold for several columns each, as merged cells do, and are needed to tell the lower ones apart or to
    name all of them.
    """
    head = [[cell.strip() for cell in row] for row in rows]
    # Rows of a workbook come filled up with empty cells, over which the last name of a group would go on.
    width = max(map(_width, head), default=0)
    head = [row[:width] for row in head]
    widest = max((_count(row) for row in head), default=0)
    spare = 0
    for number, row in enumerate(head, 1):
        filled = _count(row)
        if not filled or filled < WIDE * widest or _names(row) < NAMED * filled:
            continue
        if _goes_on(head, number):
            return number + 1, 1
        if _is_under(head, number):
            return number, 1
        if len(set(filter(None, row))) == filled:
            return number, 0
        spare = spare or number
    return spare or next((number for number, row in enumerate(head, 1) if any(row)), 1), 0


def _count(row: list[str]) -> int:
    return sum(map(bool, row))


def _names(row: list[str]) -> int:
    """Return how many cells name something; several different months side by side are names too."""
    values = [cell for cell in row if cell and VALUE.fullmatch(cell)]
    spans = [span.place for cell in values if (span := span_in(cell)) and span.day < 2]
    months = len(spans) if len(spans) >= MONTHS and len(set(spans)) * 2 >= len(spans) else 0
    return _count(row) - len(values) + months


def _goes_on(head: list[list[str]], number: int) -> bool:
    """Tell whether the row below names the columns that this one leaves open, and no data."""
    row, below = head[number - 1], head[number] if number < len(head) else []
    if not any(below) or _names(below) < _count(below):
        return False
    width = max(_width(row), _width(below))
    pairs = [(_at(row, place), _at(below, place)) for place in range(width)]
    gaps = [not upper for upper, _lower in pairs]
    if not any(gaps) or any(not upper and not lower for upper, lower in pairs):
        return False
    # Cells merged downwards leave the row below empty, cells merged sideways are followed by a gap.
    downwards = any(upper and not lower for upper, lower in pairs)
    grouped = all(gaps[place + 1 : place + 2] == [True] for place, pair in enumerate(pairs) if all(pair))
    differs = _differs(below, head[number + 1 : number + 1 + ROWS_AFTER])
    return (differs and (grouped or downwards)) or (grouped and downwards)


def _width(row: list[str]) -> int:
    return max((place for place, cell in enumerate(row, 1) if cell), default=0)


def _at(row: list[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _is_under(head: list[list[str]], number: int) -> bool:
    """Tell whether the row above names groups of columns without which the names of this one are not whole."""
    row, above = head[number - 1], head[number - 2] if number > 1 else []
    if _count(above) < 2 or _names(above) < _count(above):
        return False
    filled = list(filter(None, row))
    lacking = any(cell and not under for cell, under in zip(above, row, strict=False))
    if len(set(filled)) == len(filled) and not lacking:
        return False
    whole = header_joined([above], row)
    return len(set(whole)) == len(whole) and all(whole[: len(row)])


def _differs(below: list[str], after: list[list[str]]) -> bool:
    """Tell whether a row of texts stands above numbers or days, as names do."""
    for place, cell in enumerate(below):
        values = [row[place] for row in after if place < len(row) and row[place]]
        if cell and values and sum(bool(VALUE.fullmatch(one)) for one in values) > len(values) / 2:
            return True
    return False

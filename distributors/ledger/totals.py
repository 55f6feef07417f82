"""Rows of totals, which reports put below or between their rows: told as what they are."""

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext_noop as _

from core.sentences import Sentence
from distributors.ledger.findings import Finding, Findings
from distributors.ledger.kinds.declaration import Kind
from distributors.ledger.reading import Block

WORDS = [
    *("total", "totals", "grand total", "sub total", "subtotal", "sub-total", "sum", "summe", "gesamt", "gesamtsumme"),
    *("total general", "合计", "总计", "小计", "累计", "总和", "共计", "本页合计", "本页小计", "本月合计", "本年累计"),
]
TOTAL = re.compile(rf"\W*(?:{'|'.join(map(re.escape, WORDS))})\W*", re.IGNORECASE)
FORMS = {form for word in WORDS for form in (word, word.upper(), word.title(), word.capitalize())}
EXACT = pa.array([f"{form}{end}" for form in sorted(FORMS) for end in ("", ":", "：")], pa.string())
REASON = _("This is a row of totals: take it out of the file, or let “Find the good rows” leave it out.")


def total_in(cells: list[str]) -> tuple[int, str] | None:
    """Return place and text of the cell that names a row a total, None where none does."""
    filled = [(place, cell.strip()) for place, cell in enumerate(cells) if cell and cell.strip()]
    totals = [(place, text) for place, text in filled if TOTAL.fullmatch(_close(text))]
    if totals and (totals[0] == filled[0] or 2 * len(filled) <= len(cells)):
        return totals[0]
    return None


def _close(text: str) -> str:
    return text if text.isascii() else re.sub(r"\s+", "", text)


def named(block: Block, table: pa.Table, kind: Kind, findings: Findings, since: int) -> pa.Table:
    """Say of rows of totals what they are, in place of what else is wrong with them; return the table as it was.

    `since` is where what was found in this block begins. Rows that could go in are asked for their key alone.
    """
    rows = {one.row for one in findings.kept[since:]} | _keyed(table, kind)
    for row in sorted(rows):
        found = _found(block, row)
        if found is not None:
            already = any(one.row == row and one.reason.text == REASON for one in findings.kept)
            findings.forget(row, since)
            if not already:
                findings.add(Finding(row, *found, Sentence(REASON)))
    return table


def _keyed(table: pa.Table, kind: Kind) -> set[int]:
    """Return the rows whose key is the word for a total."""
    found: set[int] = set()
    for one in kind.key:
        if one.type == "text" and not one.refers:
            where = pc.is_in(table[one.name], value_set=EXACT)
            if pc.any(where).as_py():
                found |= set(table["row"].filter(where).to_pylist())
    return found


def _found(block: Block, row: int) -> tuple[str, str] | None:
    place = int(np.searchsorted(block.rows.to_numpy(), row))
    if place >= len(block.rows) or block.rows[place].as_py() != row:
        return None
    cells: list[Any] = [column[place].as_py() or "" for column in block.cells.values()]
    total = total_in(cells)
    return (list(block.cells)[total[0]], total[1]) if total else None

"""Small files to begin with: the columns of a kind and two rows, made from its declaration."""

import csv
import io
import re

from distributors.ledger.kinds.declaration import Field, Kind
from distributors.ledger.kinds.words import words_of

ROWS = 2


def example_lines(kind: Kind) -> str:
    """Return a CSV with a byte order mark for spreadsheets: the names of the fields and two rows."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(one.name for one in kind.fields)
    for number in range(ROWS):
        writer.writerow(_cell(kind, one, number) for one in kind.fields)
    return f"\ufeff{target.getvalue()}"


def _cell(kind: Kind, one: Field, number: int) -> str:
    example = words_of(kind.name, one.name).example
    return _next(example) if number and one.key and one.type == "text" and not one.refers else example


def _next(example: str) -> str:
    """Return another key of the same make: its last number and one more, or its first word and 2."""
    found = re.search(r"(\d+)(?=\D*$)", example)
    if found:
        return f"{example[: found.start()]}{int(found[1]) + 1:0{len(found[1])}d}{example[found.end() :]}"
    return re.sub(r"^([\w.-]+)", r"\g<1>2", example)

"""What is wrong with a file: by row, column and value, with the reason as a sentence for readers of any language."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from core.sentences import Sentence

KEPT = {"column": 80, "value": 200}


@dataclass(frozen=True)
class Finding:
    """Why one row of a file cannot go in, or the whole file where `row` is 0; long texts are cut to what is kept."""

    row: int
    column: str
    value: str
    reason: Sentence

    def __post_init__(self) -> None:
        for name, most in KEPT.items():
            object.__setattr__(self, name, getattr(self, name)[:most])


class Findings:
    """Counts every finding and keeps the first of them; with `rows`, the numbers of all rows that have one."""

    def __init__(self, room: int, rows: set[int] | None = None):
        self.room, self.count, self.kept, self.rows = room, 0, list[Finding](), rows

    def add(self, finding: Finding) -> None:
        """Count one finding, and keep it where there is room."""
        self.count += 1
        if self.rows is not None:
            self.rows.add(finding.row)
        self.keep(finding)

    @property
    def left(self) -> int:
        """Return how many more findings there is room for."""
        return max(0, self.room - len(self.kept))

    def keep(self, finding: Finding) -> None:
        """Keep one finding that is counted already, where there is room."""
        if self.left:
            self.kept.append(finding)

    def mark(self, wrong: pa.Array, rows: pa.Array, column: str, values: pa.Array | None, reason: Sentence) -> None:
        """Note each row where `wrong` is true, with the value that stands there."""
        places = np.flatnonzero(wrong.to_numpy(zero_copy_only=False))
        for place in places[: self.left].tolist():
            value = "" if values is None else values[place].as_py()
            self.kept.append(Finding(rows[place].as_py(), column, str(value or ""), reason))
        if self.rows is not None and len(places):
            self.rows.update(rows.take(pa.array(places)).to_pylist())
        self.count += len(places)

    def rename(self, since: int, shown: Mapping[str, str]) -> None:
        """Call the columns of what was kept from `since` on as the file calls them."""
        self.kept[since:] = [replace(one, column=shown.get(one.column, one.column)) for one in self.kept[since:]]

    def forget(self, row: int, since: int) -> None:
        """Take back what was kept of a row from `since` on; its number stays among those of wrong rows."""
        left = [one for one in self.kept[since:] if one.row != row]
        self.count -= len(self.kept) - since - len(left)
        self.kept[since:] = left

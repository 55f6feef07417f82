"""What is owed by how long it is overdue: not due, 1-30, 31-60, 61-90, over 90 days (handbook, section 7).

Amounts are whole ten-thousandths, one row an open item.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

EDGES = (0, 30, 60, 90)


@dataclass(frozen=True)
class AgeTotals:
    """The receivable by age: not due, then up to each edge, then beyond the last; they add up to `total`."""

    amounts: tuple[int, ...]
    total: int
    overdue: int


def aged(days: Ints, amounts: Ints, edges: Sequence[int] = EDGES) -> AgeTotals:
    """Return open amounts by the days they are overdue; zero and less is not due. Refuses edges that do not rise."""
    if any(not before < after for before, after in pairwise(edges)):
        raise ValueError("The edges of ages must rise.")
    place = np.searchsorted(np.array(edges, dtype=np.int64), days, side="left")
    sums = [sum(amounts[place == one].tolist()) for one in range(len(edges) + 1)]
    return AgeTotals(tuple(sums), sum(sums), sum(sums[1:]))

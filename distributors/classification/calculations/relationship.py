"""The relationship grade of a quarter and of a year (handbook, section 6).

Ratings are 1 to 5. Three are given by people against written anchors, two are computed. Scores are 0 to 100 in
hundredths, so that a quarter's score is exact; the year's is rounded half-up in `year_score`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Letters = npt.NDArray[np.str_]

MISSING = -1
RATED = ("familiarity", "closeness", "support")
COMPUTED = ("complaints", "overdue")
PARTS = (*RATED, *COMPUTED)
GRADES = ("A", "B", "C", "D")
_GRADES = np.array([*GRADES, ""])
_WHOLE = 100


@dataclass(frozen=True)
class RelationshipPolicy:
    """Weights of the parts in per cent, in the order of `PARTS`, and cuts of the grades in hundredths of a point.

    `complaints` are the most complaints per 100 order lines, in hundredths, that still give 5, 4, 3 and 2;
    `overdue` the largest overdue share of the receivable, in parts of 10,000.
    """

    weights: tuple[int, ...] = (15, 20, 30, 15, 20)
    cuts: tuple[int, ...] = (8_000, 7_000, 5_000)
    complaints: tuple[int, ...] = (0, 50, 100, 200)
    overdue: tuple[int, ...] = (0, 500, 1_500, 3_000)
    latest_counts: int = field(default=2)

    def __post_init__(self) -> None:
        """Refuses weights that do not add up to 100, cuts that do not fall and steps that do not rise."""
        if len(self.weights) != len(PARTS) or any(one < 0 for one in self.weights) or sum(self.weights) != _WHOLE:
            raise ValueError("The weights of the five parts are not below zero and add up to 100.")
        if len(self.cuts) != 3 or not 10_000 >= self.cuts[0] > self.cuts[1] > self.cuts[2] > 0:
            raise ValueError("The cuts of the grades must fall.")
        for steps in (self.complaints, self.overdue):
            if len(steps) != 4 or steps[0] < 0 or any(not low < high for low, high in pairwise(steps)):
                raise ValueError("The steps of a computed part must rise.")
        if self.latest_counts < 1:
            raise ValueError("The latest quarter counts at least once.")


def complaint_points(*, complaints: Ints, lines: Ints, policy: RelationshipPolicy) -> Ints:
    """Rate complaints per 100 order lines, 5 for the fewest; MISSING where there are no lines."""
    return _points(complaints * 10_000, lines, policy.complaints)


def overdue_points(*, overdue: Ints, receivable: Ints, policy: RelationshipPolicy) -> Ints:
    """Rate the overdue share of the receivable, 5 for none; nothing receivable is nothing overdue."""
    points = _points(overdue * 10_000, np.maximum(receivable, 1), policy.overdue)
    return np.where(receivable > 0, points, 5)


def _points(part: Ints, whole: Ints, steps: Sequence[int]) -> Ints:
    """Give 5 less one point for each step that part / whole exceeds: compared as products, and so exactly."""
    beyond = np.sum([part > step * whole for step in steps], axis=0, dtype=np.int64)
    return np.where(whole > 0, 5 - beyond, MISSING)


def quarter_scores(*, ratings: Sequence[Ints], traded: npt.NDArray[np.bool_], policy: RelationshipPolicy) -> Ints:
    """Score a quarter from the ratings of its five parts: 25 x (weighted mean - 1), in hundredths.

    MISSING without trade in the quarter, and where a part is not rated.
    """
    rows = np.array(ratings, dtype=np.int64)
    if rows.shape[0] != len(PARTS):
        raise ValueError("A quarter has five parts.")
    given = rows[rows != MISSING]
    if given.size and not (given.min() >= 1 and given.max() <= 5):
        raise ValueError("Ratings lie between 1 and 5.")
    complete = traded & np.all(rows != MISSING, axis=0)
    mean = np.sum(rows * np.array(policy.weights)[:, None], axis=0, dtype=np.int64)
    return np.where(complete, 25 * (mean - _WHOLE), MISSING)


def year_scores(*, quarters: Sequence[Ints], policy: RelationshipPolicy) -> Ints:
    """Score a year: the mean of its rated quarters, oldest first, the latest rated one counted twice, half-up."""
    rows = np.array(quarters, dtype=np.int64)
    rated = rows != MISSING
    latest = rows.shape[0] - 1 - np.argmax(rated[::-1], axis=0)
    weight = rated.astype(np.int64)
    weight[latest, np.arange(rows.shape[1])] *= policy.latest_counts
    total = weight.sum(axis=0)
    held = np.sum(np.where(rated, rows, 0) * weight, axis=0, dtype=np.int64)
    safe = np.maximum(total, 1)
    return np.where(total > 0, (2 * held + safe) // (2 * safe), MISSING)


def relationship_grades(*, score: Ints, policy: RelationshipPolicy) -> Letters:
    """Give the grade of each score, '' where there is none."""
    below = np.sum([score < cut for cut in policy.cuts], axis=0, dtype=np.int64)
    return np.asarray(_GRADES[np.where(score == MISSING, len(GRADES), below)])

"""The 5C card: from evidence over criteria to a score, a grade and the confidence in them (handbook, section 7).

Everything is whole: scores in hundredths (0 to 10,000), weights in parts of 10,000. Rounding is half-up and stands in
`_share` and in `scaled`: a criterion is rounded to the hundredth, and the score is made of what is shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Letters = npt.NDArray[np.str_]

WHOLE = 10_000
BEST = 10_000
MISSING = -1
GRADES = ("AAA", "AA", "A", "BBB", "BB", "C", "D")
_NAMES = np.array([*GRADES, ""])
_FINE = 1_000_000


@dataclass(frozen=True)
class Scale:
    """Points (value, score 0 to 100) between which a value is scored in straight lines; flat beyond both ends."""

    points: tuple[tuple[Decimal, Decimal], ...]

    def __post_init__(self) -> None:
        """Refuses fewer than two points, values that do not rise, and scores outside 0 to 100."""
        if len(self.points) < 2:
            raise ValueError("A scale needs two points.")
        values = [value for value, _score in self.points]
        if any(not before < after for before, after in pairwise(values)):
            raise ValueError("The values of a scale must rise.")
        if any(not 0 <= score <= 100 for _value, score in self.points):
            raise ValueError("Scores lie between 0 and 100.")


def scaled(values: Floats, scale: Scale) -> Ints:
    """Return the scores of values on a scale, in hundredths; MISSING where a value is not a number."""
    at = [float(value) for value, _score in scale.points]
    score = [float(score) for _value, score in scale.points]
    fine = np.rint(np.interp(np.nan_to_num(values), at, score) * _FINE).astype(np.int64)
    return np.where(np.isnan(values), MISSING, (fine + 5_000) // 10_000)


@dataclass(frozen=True)
class Weights:
    """The weights of the criteria, and of the sub-criteria within each of them, in parts of 10,000."""

    criteria: tuple[int, ...]
    within: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        """Refuses weights below zero and weights that do not add up to 10,000 on either level."""
        if len(self.criteria) != len(self.within):
            raise ValueError("Each criterion needs its sub-criteria.")
        for level in (self.criteria, *self.within):
            if any(weight < 0 for weight in level):
                raise ValueError("Weights are not below zero.")
            if sum(level) != WHOLE:
                raise ValueError("Weights must add up to 1.")


@dataclass(frozen=True)
class Cuts:
    """From which score, in hundredths, each grade but the last holds; below which confidence it is provisional."""

    grades: tuple[int, ...] = (9_000, 8_000, 7_000, 6_000, 5_000, 4_000)
    confidence: int = 6_000

    def __post_init__(self) -> None:
        """Refuses a wrong number of cuts, and cuts that do not fall."""
        if len(self.grades) != len(GRADES) - 1:
            raise ValueError("There is one cut fewer than grades.")
        if any(not above > below for above, below in pairwise(self.grades)):
            raise ValueError("The cuts of the grades must fall.")
        if not 0 <= self.grades[-1] <= self.grades[0] <= BEST or not 0 <= self.confidence <= WHOLE:
            raise ValueError("Cuts lie between 0 and 100.")


@dataclass(frozen=True, eq=False)
class Scored:
    """The cards of many distributors: columns in the order given, `criteria` a row for each criterion.

    MISSING stands where there is no evidence; the grade is then empty, the confidence is the share of weight with
    evidence.
    """

    criteria: Ints
    score: Ints
    confidence: Ints
    grade: Letters
    provisional: Flags


def score_cards(subs: Sequence[Ints], weights: Weights, cuts: Cuts) -> Scored:
    """Score cards from the scores of their sub-criteria: for each criterion a matrix [sub-criterion, distributor].

    A missing sub-criterion shares its weight within its criterion, a criterion without any shares its among the others.
    """
    criteria = np.array([_share(rows, within)[0] for rows, within in zip(subs, weights.within, strict=True)])
    score, _held = _share(criteria, weights.criteria)
    levels = zip(subs, weights.within, weights.criteria, strict=True)
    held = [whole * _share(rows, within)[1] for rows, within, whole in levels]
    confidence = np.asarray(np.sum(held, axis=0, dtype=np.int64) // WHOLE)
    return Scored(
        criteria=criteria,
        score=score,
        confidence=confidence,
        grade=grades_of(score, cuts),
        provisional=(score != MISSING) & (confidence < cuts.confidence),
    )


def grades_of(score: Ints, cuts: Cuts) -> Letters:
    """Return the grade of each score, '' where there is none."""
    below = np.sum([score < cut for cut in cuts.grades], axis=0, dtype=np.int64)
    return np.asarray(_NAMES[np.where(score == MISSING, len(GRADES), below)])


def _share(rows: Ints, weights: Sequence[int]) -> tuple[Ints, Ints]:
    """Return the weighted mean of what is there, half-up, MISSING where nothing is, and the weight that is there."""
    weight = np.array(weights, dtype=np.int64)[:, None]
    there = rows != MISSING
    held = np.asarray(np.sum(np.where(there, weight, 0), axis=0, dtype=np.int64))
    total = np.sum(np.where(there, rows, 0) * weight, axis=0, dtype=np.int64)
    safe = np.maximum(held, 1)
    return np.where(held > 0, (2 * total + safe) // (2 * safe), MISSING), held


def hundredths(score: int) -> Decimal | None:
    """Return a score for a reader, None where it is missing."""
    return None if score == MISSING else Decimal(score).scaleb(-2)


def column(values: Sequence[Any]) -> Floats:
    """Return values as a column, None as not a number."""
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)

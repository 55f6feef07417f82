"""The integrated class: effect, relationship and credit in one score, with floors and caps (handbook, section 6).

Scores are whole hundredths, 0 to 10,000; MISSING where there is none. Rounding is half-up, once for the effect and
once for the score.
"""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Letters = npt.NDArray[np.str_]
Flags = npt.NDArray[np.bool_]

MISSING = -1
_BEST = 10_000


class Integrated(StrEnum):
    """The classes, the best first; NURTURE is that of the new."""

    STRATEGIC = "strategic"
    KEY = "key"
    GROWTH = "growth"
    MAINTAIN = "maintain"
    REVIEW = "review"
    NURTURE = "nurture"


CLASSES = tuple(Integrated)
_NAMES = np.array([*CLASSES, ""])
_NOWHERE = len(CLASSES)


class Bound(StrEnum):
    """What kept a class below the one that its score reaches."""

    NONE = ""
    ABC = "abc"
    CREDIT = "credit"
    DIVERSION = "diversion"


BOUNDS = tuple(Bound)


@dataclass(frozen=True)
class IntegratedPolicy:
    """Weights of effect, relationship and credit in per cent, cuts of the classes, and the bands of the effect.

    `bands` are the lowest and the highest effect of A, B and C, in hundredths.
    """

    weights: tuple[int, int, int] = (50, 25, 25)
    cuts: tuple[int, int, int, int] = (8_200, 7_000, 5_800, 4_500)
    bands: tuple[tuple[int, int], ...] = ((8_500, 10_000), (6_500, 8_400), (2_000, 6_400))

    def __post_init__(self) -> None:
        """Refuses weights that do not add up to 100, cuts that do not fall and bands that overlap."""
        if any(one < 0 for one in self.weights) or self.weights[0] <= 0 or sum(self.weights) != 100:
            raise ValueError("The weights are not below zero, that of the effect is above it, and they add up to 100.")
        if any(not above > below for above, below in pairwise((_BEST + 1, *self.cuts, -1))):
            raise ValueError("The cuts of the classes must fall, between 100 and 0.")
        edges = [edge for low, high in reversed(self.bands) for edge in (low, high)]
        if len(self.bands) != 3 or edges[0] < 0 or edges[-1] > _BEST or any(a > b for a, b in pairwise(edges)):
            raise ValueError("The bands of A, B and C must not overlap, between 0 and 100.")


@dataclass(frozen=True, eq=False)
class IntegratedResult:
    """The classes of one population, columns in the order given.

    `bound` holds positions in `BOUNDS`; `provisional` marks where a part was missing and shared its weight.
    """

    effect: Ints
    score: Ints
    klass: Letters
    provisional: Flags
    bound: npt.NDArray[np.uint8]


def effect_scores(*, abc: Letters, rank: Ints, policy: IntegratedPolicy) -> Ints:
    """Score the effect: the band of the ABC class, interpolated by rank inside it; MISSING for N and no class.

    The best rank of a class has the top of its band, the last one the bottom; one alone has the top, equal ranks the
    same.
    """
    effect = np.full(rank.size, MISSING, dtype=np.int64)
    for letter, (low, high) in zip("ABC", policy.bands, strict=True):
        mine = np.flatnonzero(abc == letter)
        if not mine.size:
            continue
        first, last = int(rank[mine].min()), int(rank[mine].max())
        spread = max(last - first, 1)
        effect[mine] = high - (2 * (high - low) * (rank[mine] - first) + spread - 1) // (2 * spread)
    return effect


def integrated_classes(
    *,
    abc: Letters,
    effect: Ints,
    relationship: Ints,
    credit: Ints,
    credit_d: Flags,
    diversion: Flags,
    policy: IntegratedPolicy,
) -> IntegratedResult:
    """Class a population by effect, relationship and credit score; N is nurture, without an effect there is none.

    Strategic needs A and key A or B; credit grade D caps at maintain, an open diversion penalty at growth.
    """
    parts = np.array([effect, relationship, credit], dtype=np.int64)
    there = parts != MISSING
    weight = np.array(policy.weights)[:, None]
    held = np.maximum(np.sum(np.where(there, weight, 0), axis=0, dtype=np.int64), 1)
    total = np.sum(np.where(there, parts, 0) * weight, axis=0, dtype=np.int64)
    known = effect != MISSING
    score = np.where(known, (2 * total + held) // (2 * held), MISSING)
    reached = np.sum([score < cut for cut in policy.cuts], axis=0, dtype=np.int64)
    place, bound = reached.copy(), np.zeros(score.size, dtype=np.uint8)
    for code, floor in (
        (Bound.ABC, np.where(abc == "A", 0, np.where(abc == "B", 1, 2))),
        (Bound.DIVERSION, np.where(diversion, 2, 0)),
        (Bound.CREDIT, np.where(credit_d, 3, 0)),
    ):
        lowered = floor > place
        place = np.where(lowered, floor, place)
        bound = np.where(lowered & known, BOUNDS.index(code), bound).astype(np.uint8)
    place = np.where(known, place, np.where(abc == "N", CLASSES.index(Integrated.NURTURE), _NOWHERE))
    return IntegratedResult(
        effect=effect,
        score=score,
        klass=np.asarray(_NAMES[place]),
        provisional=known & ~np.all(there | (weight == 0), axis=0),
        bound=bound,
    )

"""The class in force as a fold over raw month-end classes, and the movement between two dates (handbook, section 6).

Columns hold one row a distributor: classes as one letter ('' outside the population), amounts in ten-thousandths.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from distributors.classification.calculations.abc import CLASSES, AbcPolicy, Amounts, Flags, Letters


class Cause(StrEnum):
    """Why an effective class moved at a month-end."""

    ENTERED = "entered"
    NEW = "new"
    CLEAR = "clear"
    HELD = "held"


@dataclass(frozen=True)
class MonthEnd:
    """The raw class of one distributor at a month-end, with the figures that decided it ('' where not classified)."""

    klass: str
    basis: int
    cumulative: int
    total: int


@dataclass(frozen=True)
class Effective:
    """The class in force at a month-end, what moved it (if it moved), and the class it takes next if the raw holds."""

    klass: str
    cause: Cause | None
    pending: str


@dataclass(frozen=True, eq=False)
class Movements:
    """Counts by class in the order of `CLASSES`: rows before, columns after; who joined and who left apart."""

    matrix: Amounts
    joined: Amounts
    left: Amounts

    @property
    def improved(self) -> int:
        """Counts moves to a better class among A, B and C."""
        return int(np.tril(self.matrix[:3, :3], -1).sum())

    @property
    def worsened(self) -> int:
        """Counts moves to a worse class among A, B and C."""
        return int(np.triu(self.matrix[:3, :3], 1).sum())

    @property
    def unchanged(self) -> int:
        """Counts those in the same class before and after, N included."""
        return int(np.trace(self.matrix))


def clear_of_cut(
    *, previous_effective: Letters, raw: Letters, basis: Amounts, cumulative: Amounts, total: int, policy: AbcPolicy
) -> Flags:
    """Flags who passed the cut into the raw class by more than the margin, seen from the class in force.

    Falling, the share must exceed the raw class's upper cut plus the margin (of two cuts crossed, the far one); rising,
    it must lie below the raw class's lower cut less the margin. Zero and negative fall clearly. The share is the one
    that decides: `cumulative`, less one's own `basis` where the policy puts the crossing one above.
    """
    own = np.maximum(basis, 0) if policy.crossing_above else np.zeros_like(cumulative)
    measure = cumulative - own
    falling, rising = previous_effective < raw, previous_effective > raw
    clear: Flags = falling & (raw == "C") & (basis <= 0)
    for upper, lower, cut in (("A", "B", policy.cut_a), ("B", "C", policy.cut_b)):
        beyond = floor((Fraction(cut) + Fraction(policy.dynamics_margin)) * total)
        within = ceil((Fraction(cut) - Fraction(policy.dynamics_margin)) * total)
        clear |= falling & (raw == lower) & (measure > beyond)
        clear |= rising & (raw == upper) & (measure < within)
    return clear & np.isin(previous_effective, CLASSES[:3])


def next_effective(*, previous_effective: Letters, previous_raw: Letters, raw: Letters, clear: Flags) -> Letters:
    """Takes the effective classes one month-end on; '' stands for a month-end outside the population.

    `previous_raw` holds the raw classes of the month-end before, or of several as rows, oldest first: one row fewer
    than the policy's `dynamics_periods`. N and '' are entered and left at once.
    """
    held = np.all(np.atleast_2d(previous_raw) == raw, axis=0)
    unsettled = ~(np.isin(previous_effective, CLASSES[:3]) & np.isin(raw, CLASSES[:3]))
    return np.where(unsettled | clear | held, raw, previous_effective)


def pending_class(*, effective: Letters, previous_raw: Letters, raw: Letters) -> Letters:
    """Gives the class each one takes at the next month-end if its raw class stays, '' where nothing would change.

    `previous_raw` is that of the step which made `effective`.
    """
    held = np.all(np.atleast_2d(previous_raw)[1:] == raw, axis=0)
    return np.where((raw != effective) & held, raw, "")


def effective_classes(
    *, raw: Letters, basis: Amounts, cumulative: Amounts, totals: Sequence[int], policy: AbcPolicy
) -> Letters:
    """Replays `next_effective` over month-ends: every column [months, distributors], totals one a month."""
    effective = np.full_like(raw, "")
    none = np.full((policy.dynamics_periods - 1, raw.shape[1]), "", dtype=raw.dtype)
    known = np.concatenate((none, raw))
    before: Letters = np.full(raw.shape[1], "", dtype=raw.dtype)
    for month, total in enumerate(totals):
        clear = clear_of_cut(
            previous_effective=before,
            raw=raw[month],
            basis=basis[month],
            cumulative=cumulative[month],
            total=total,
            policy=policy,
        )
        previous_raw = known[month : month + policy.dynamics_periods - 1]
        before = next_effective(previous_effective=before, previous_raw=previous_raw, raw=raw[month], clear=clear)
        effective[month] = before
    return effective


def fold(*, history: Sequence[MonthEnd], policy: AbcPolicy) -> tuple[Effective, ...]:
    """Folds the raw month-ends of one distributor, oldest first and without holes, into its classes in force."""
    steps: list[Effective] = []
    klass, streak, raw = "", 0, ""
    for month in history:
        streak = streak + 1 if month.klass == raw else 1
        raw = month.klass
        cause = _cause(klass, month, streak, policy)
        klass = raw if cause else klass
        about_to = raw != klass and streak + 1 >= policy.dynamics_periods
        steps.append(Effective(klass=klass, cause=cause, pending=raw if about_to else ""))
    return tuple(steps)


def _cause(klass: str, month: MonthEnd, streak: int, policy: AbcPolicy) -> Cause | None:
    """Finds why the class in force gives way to the raw class of a month-end, None where it stays."""
    if month.klass == klass:
        return None
    if "" in (klass, month.klass):
        return Cause.ENTERED
    if "N" in (klass, month.klass):
        return Cause.NEW
    if _passes(klass, month, policy):
        return Cause.CLEAR
    return Cause.HELD if streak >= policy.dynamics_periods else None


def _passes(klass: str, month: MonthEnd, policy: AbcPolicy) -> bool:
    """Says whether one distributor is as clear of the cut as `clear_of_cut` asks, in exact fractions."""
    if month.basis <= 0:
        return month.klass == "C"
    share = Fraction(month.cumulative - (month.basis if policy.crossing_above else 0), month.total)
    if month.klass > klass:
        return share - Fraction(policy.cut_a if month.klass == "B" else policy.cut_b) > policy.dynamics_margin
    return Fraction(policy.cut_a if month.klass == "A" else policy.cut_b) - share > policy.dynamics_margin


def movements(*, before: Letters, after: Letters) -> Movements:
    """Counts the moves between two class columns of the same distributors, '' where one is absent."""
    counts = np.bincount(_class_codes(before) * 5 + _class_codes(after), minlength=25).reshape(5, 5)
    return Movements(matrix=counts[:4, :4], joined=counts[4, :4], left=counts[:4, 4])


def _class_codes(klass: Letters) -> npt.NDArray[np.int64]:
    """Gives 0 to 3 in the order of `CLASSES` and 4 for ''; refuses any other letter."""
    codes = np.full(klass.shape, -1, dtype=np.int64)
    for code, letter in enumerate((*CLASSES, "")):
        codes[klass == letter] = code
    if (codes < 0).any():
        raise ValueError("A class is one of A, B, C and N, or empty.")
    return codes

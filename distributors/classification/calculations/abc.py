"""The ABC class of distributors by value: ranks, classes, the working behind them and the curve (handbook, section 6).

Amounts are whole ten-thousandths on int64 columns, one row a distributor; no class is decided by a rounded figure.
Shares are for display: whole millionths, rounded half-up in `_millionths`. A class is one letter; '' stands for none.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor

import numpy as np
import numpy.typing as npt

Amounts = npt.NDArray[np.int64]
Months = npt.NDArray[np.signedinteger]
Letters = npt.NDArray[np.str_]
Flags = npt.NDArray[np.bool_]

CLASSES = ("A", "B", "C", "N")
_LETTERS = np.array(CLASSES)
_MILLION = 1_000_000
_LARGEST_SUM = 2**62


class Rule(StrEnum):
    """The rule that decided a class; `AbcResult.rule` holds positions in `RULES`."""

    LARGEST = "largest"
    WITHIN_A = "within_a"
    WITHIN_B = "within_b"
    BEYOND = "beyond"
    TIE = "tie"
    NOT_POSITIVE = "not_positive"
    NEW = "new"
    NEVER_ORDERED = "never_ordered"
    NEVER_ORDERED_LATE = "never_ordered_late"


RULES = tuple(Rule)
_CODE = {rule: place for place, rule in enumerate(RULES)}


@dataclass(frozen=True)
class AbcPolicy:
    """The settings of an ABC class; refuses with `ValueError` what could not classify."""

    cut_a: Decimal = Decimal("0.70")
    cut_b: Decimal = Decimal("0.90")
    crossing_above: bool = False
    window_months: int = 12
    new_months: int = 3
    annualise: bool = False
    dynamics_margin: Decimal = Decimal("0.02")
    dynamics_periods: int = 2

    def __post_init__(self) -> None:
        """Refuses cuts out of order, a window shorter than the time of being new, and shares that are not decimals."""
        for share in (self.cut_a, self.cut_b, self.dynamics_margin):
            if not isinstance(share, Decimal) or not share.is_finite():
                raise ValueError("Cuts and margin must be decimal numbers.")
        if not 0 < self.cut_a < self.cut_b <= 1:
            raise ValueError("The cuts must rise: above 0, A below B, B at most 1.")
        if not 0 <= self.dynamics_margin < 1:
            raise ValueError("The margin must be at least 0 and below 1.")
        if not 0 <= self.new_months <= self.window_months or self.window_months < 1:
            raise ValueError("The window must have at least one month and be no shorter than the time of being new.")
        if self.dynamics_periods < 1:
            raise ValueError("A class must hold for at least one month-end.")


@dataclass(frozen=True, eq=False)
class AbcResult:
    """The classes of one population, columns in the order given.

    `basis` is what was ranked (annualised where the policy says so). `cumulative` is the sum of all larger positive
    bases plus one's own: equal values show the same figure, the one that decided; zero and negative show the total.
    N has rank, share and cumulative 0. `total` is the sum of the ranked positive bases, `ranked` counts the ranked.
    """

    policy: AbcPolicy
    klass: Letters
    rank: npt.NDArray[np.int32]
    rule: npt.NDArray[np.uint8]
    basis: Amounts
    share: Amounts
    cumulative: Amounts
    cumulative_share: Amounts
    total: int
    ranked: int
    short_history: Flags
    annualised: bool


@dataclass(frozen=True)
class Working:
    """How one distributor came to its class; amounts in ten-thousandths, shares rounded half-up to six decimals.

    `tied` counts the ranked with the same basis, itself included. `crosses` marks one the policy's switch lifted over
    the cut it crosses. `gap` is the least more of basis that reaches `next_class`, all others staying as they are.
    """

    klass: str
    rule: Rule
    rank: int
    ranked: int
    tied: int
    basis: int
    total: int
    share: Decimal
    cumulative: int
    cumulative_share: Decimal
    cut_a: Decimal
    cut_b: Decimal
    crosses: bool
    short_history: bool
    annualised: bool
    next_class: str
    gap: int | None


@dataclass(frozen=True, eq=False)
class Pareto:
    """Points of the curve from (0, 0), each the first `position` of the ranked; shares of both axes in millionths.

    `klass` is the class of the distributor at the position, '' at the origin; `borders` the last position of a class.
    """

    position: Amounts
    distributors: Amounts
    cumulative: Amounts
    share: Amounts
    klass: Letters
    borders: dict[str, int]
    total: int


def full_months_since(*, days: npt.NDArray[np.datetime64], as_of: date) -> npt.NDArray[np.int16]:
    """Counts full months from each day to as-of, -1 for NaT and 0 for later days; the last day of a month ends it."""
    days = np.asarray(days, dtype="datetime64[D]")
    month = days.astype("datetime64[M]")
    reached = 31 if (as_of + timedelta(days=1)).day == 1 else as_of.day
    late = (days - month).astype(np.int64) + 1 > reached
    months = (np.datetime64(as_of, "M") - month).astype(np.int64) - late
    return np.where(np.isnat(days), -1, np.maximum(months, 0)).astype(np.int16)


def abc_classes(
    *, basis: Amounts, months_since_first: Months, months_since_start: Months, policy: AbcPolicy
) -> AbcResult:
    """Classifies a population by basis; months are full months, -1 for never ordered and for a start not known.

    Never ordered is N until the policy's months after the start, then C; with no start known it is C. A positive basis
    without a first sale is proof of trade and is ranked. Raises `ValueError` on columns it cannot rank exactly.
    """
    basis, first, start = _columns(basis, months_since_first, months_since_start, policy)
    never = (first < 0) & (basis <= 0)
    new = (first >= 0) & (first < policy.new_months)
    waiting = never & (start >= 0) & (start < policy.new_months)
    short = (first >= policy.new_months) & (first < policy.window_months)
    if policy.annualise:
        basis = _annualised(basis, np.where(short & (first > 0), first, policy.window_months), policy.window_months)
    ranked = np.flatnonzero(~(new | waiting))
    codes = np.full(basis.size, 3, dtype=np.uint8)
    rule = np.where(new, _CODE[Rule.NEW], _CODE[Rule.NEVER_ORDERED]).astype(np.uint8)
    rank = np.zeros(basis.size, dtype=np.int32)
    cumulative = np.zeros(basis.size, dtype=np.int64)
    codes[ranked], rule[ranked], rank[ranked], cumulative[ranked], total = _places(basis[ranked], policy)
    rule[never & ~waiting] = _CODE[Rule.NEVER_ORDERED_LATE]
    own = np.where(rank > 0, np.maximum(basis, 0), 0)
    return AbcResult(
        policy=policy,
        klass=_LETTERS[codes],
        rank=rank,
        rule=rule,
        basis=basis,
        share=_millionths(own, total),
        cumulative=cumulative,
        cumulative_share=_millionths(cumulative, total),
        total=total,
        ranked=ranked.size,
        short_history=short,
        annualised=policy.annualise,
    )


def _columns(basis: Amounts, first: Months, start: Months, policy: AbcPolicy) -> tuple[Amounts, Amounts, Amounts]:
    """Refuses columns that differ in length, are not whole numbers, or whose sums could leave 64 bits."""
    columns = [np.asarray(column) for column in (basis, first, start)]
    if any(column.ndim != 1 or column.size != columns[0].size for column in columns):
        raise ValueError("Basis and months must be columns of the same length.")
    if any(column.size and column.dtype.kind != "i" for column in columns):
        raise ValueError("Basis and months must be whole numbers: amounts in ten-thousandths, months in full months.")
    amounts, since_first, since_start = (column.astype(np.int64) for column in columns)
    if amounts.size and min(since_first.min(), since_start.min()) < -1:
        raise ValueError("Months must be 0 or more, or -1 where there is no date.")
    factor = 2 * policy.window_months if policy.annualise else 1
    largest = max(int(amounts.max()), -int(amounts.min())) if amounts.size else 0
    if float(np.maximum(amounts, 0).sum(dtype=np.float64)) * factor >= _LARGEST_SUM or largest * factor >= _LARGEST_SUM:
        raise ValueError("The amounts are too large to be added exactly.")
    return amounts, since_first, since_start


def _annualised(basis: Amounts, months: Amounts, window: int) -> Amounts:
    """Scales each basis from its months to the window, half-up (away from zero)."""
    scaled: Amounts = np.sign(basis) * ((2 * window * np.abs(basis) + months) // (2 * months))
    return scaled


def _limit(cut: Decimal, total: int, policy: AbcPolicy) -> int:
    """Finds the largest measure inside a cut: at most the cut, or short of it where the crossing one goes above."""
    exact = Fraction(cut) * total
    return ceil(exact) - 1 if policy.crossing_above else floor(exact)


def _codes(measure: Amounts, total: int, policy: AbcPolicy) -> npt.NDArray[np.uint8]:
    """Gives 0, 1, 2 for A, B, C by the measure: the cumulative, less one's own where the crossing one goes above."""
    within_b = np.where(measure <= _limit(policy.cut_b, total, policy), 1, 2)
    return np.where(measure <= _limit(policy.cut_a, total, policy), 0, within_b).astype(np.uint8)


def _places(
    basis: Amounts, policy: AbcPolicy
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8], npt.NDArray[np.int32], Amounts, int]:
    """Ranks a population that is all ranked: class codes, rule codes, ranks, deciding cumulatives and the total."""
    order = np.argsort(basis)[::-1]
    value = basis[order]
    positive = np.maximum(value, 0)
    running = np.cumsum(positive)
    total = int(running[-1]) if value.size else 0
    heads = np.flatnonzero(np.diff(value, prepend=value[:1] + 1))
    sizes = np.diff(heads, append=value.size)
    head, tail = np.repeat(heads, sizes), np.repeat(heads + sizes - 1, sizes)
    own = positive if policy.crossing_above else np.zeros_like(positive)
    codes = _codes(running[head] - own, total, policy)
    rule = codes + np.uint8(_CODE[Rule.WITHIN_A])
    rule[codes < _codes(running[tail] - own, total, policy)] = _CODE[Rule.TIE]
    rule[(head == 0) & (codes > 0)] = _CODE[Rule.LARGEST]
    codes[head == 0] = 0
    codes[value <= 0] = 2
    rule[value <= 0] = _CODE[Rule.NOT_POSITIVE]
    back = np.empty_like(order)
    back[order] = np.arange(order.size)
    return codes[back], rule[back], (head[back] + 1).astype(np.int32), running[head][back], total


def _millionths(part: Amounts, total: int) -> Amounts:
    """Gives each part of the total in whole millionths, half-up; zeros where the total is zero."""
    if total <= 0:
        return np.zeros_like(part)
    if total >= 2**60:
        exact = [(2 * _MILLION * int(one) + total) // (2 * total) for one in part]
        return np.array(exact, dtype=np.int64)
    share, rest = np.divmod(part.astype(np.uint64), np.uint64(total))
    for _digit in range(6):
        digit, rest = np.divmod(rest * np.uint64(10), np.uint64(total))
        share = share * np.uint64(10) + digit
    return (share + (2 * rest >= total)).astype(np.int64)


def explain(*, result: AbcResult, index: int) -> Working:
    """Explains the class of the distributor at `index` of a result."""
    policy, total = result.policy, result.total
    basis, klass, rank = int(result.basis[index]), str(result.klass[index]), int(result.rank[index])
    ranked = result.basis[result.rank > 0]
    cumulative = int(result.cumulative[index])
    cut = {"A": policy.cut_a, "B": policy.cut_b}.get(klass, Decimal(1))
    gap = gap_to_better(ranked=ranked, basis=basis, policy=policy) if rank else None
    return Working(
        klass=klass,
        rule=RULES[result.rule[index]],
        rank=rank,
        ranked=result.ranked,
        tied=int(np.count_nonzero(ranked == basis)) if rank else 0,
        basis=basis,
        total=total,
        share=Decimal(int(result.share[index])) / _MILLION,
        cumulative=cumulative,
        cumulative_share=Decimal(int(result.cumulative_share[index])) / _MILLION,
        cut_a=policy.cut_a,
        cut_b=policy.cut_b,
        crosses=policy.crossing_above and cumulative > Fraction(cut) * total,
        short_history=bool(result.short_history[index]),
        annualised=result.annualised,
        next_class=gap[0] if gap else "",
        gap=gap[1] if gap else None,
    )


def gap_to_better(*, ranked: Amounts, basis: int, policy: AbcPolicy) -> tuple[str, int] | None:
    """Finds the better class in reach of one of the ranked and the least more of basis that takes it there, exactly.

    None for A and for a basis that is not among the ranked. The others stay as they are; the total grows along.
    """
    ranked = np.sort(ranked)
    place = int(np.searchsorted(ranked, basis))
    if place == ranked.size or ranked[place] != basis:
        return None
    others = np.delete(ranked, place)
    others = others[others > 0]
    below = np.concatenate(([0], np.cumsum(others)))
    rest = int(below[-1])

    def code(value: int) -> int:
        above = rest - int(below[np.searchsorted(others, value, side="right")])
        total, measure = rest + value, above if policy.crossing_above else above + value
        if value <= 0:
            return 2
        if above == 0 or measure <= _limit(policy.cut_a, total, policy):
            return 0
        return 1 if measure <= _limit(policy.cut_b, total, policy) else 2

    present = code(basis)
    if present == 0:
        return None
    # One's own share counting, more basis helps only by drawing level with another; not counting, every bit helps.
    least = max(basis + 1, 1)
    steps: Sequence[int] = range(least, int(others[-1]) + 1) if others.size else [least]
    if not policy.crossing_above:
        steps = [least] * (basis <= 0) + np.unique(others[others > basis]).tolist()
    value = steps[bisect_left(steps, True, key=lambda step: code(step) < present)]
    return CLASSES[code(value)], value - basis


def pareto(*, basis: Amounts, klass: Letters, points: int = 200) -> Pareto:
    """Draws the cumulative share of basis over that of the ranked, largest first, in at most `points` points.

    N and '' are left out; negative bases count as zero. The borders of the classes are always among the points.
    """
    if points < 5:
        raise ValueError("A Pareto curve needs at least five points.")
    kept = np.isin(klass, CLASSES[:3])
    order = np.lexsort((klass[kept], -basis[kept]))
    letters = klass[kept][order]
    running = np.concatenate(([0], np.cumsum(np.maximum(basis[kept][order], 0))))
    count, total = letters.size, int(running[-1])
    borders = {one: int(np.flatnonzero(letters == one)[-1]) + 1 for one in CLASSES[:3] if one in letters}
    spread = np.arange(points - 3, dtype=np.int64) * count // (points - 4)
    position = np.unique(np.concatenate((spread, [0, *borders.values()]))).astype(np.int64)
    return Pareto(
        position=position,
        distributors=_millionths(position, count),
        cumulative=running[position],
        share=_millionths(running[position], total),
        klass=np.concatenate(([""], letters))[position],
        borders=borders,
        total=total,
    )

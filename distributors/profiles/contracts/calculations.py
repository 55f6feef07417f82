"""Arithmetic of contracts: a yearly target over its months to the cent, and when two coverages overlap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Claim:
    """A territory, by its path, with all below it; a product line, "" for all of them; and the days."""

    path: str
    line: str
    first: date = date.min
    last: date | None = None


def target_split(total: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """Return `total` in parts like `weights`, to the cent and adding up; evenly where no weight is above zero.

    Each part is rounded down, and the cents that are left go to the parts that lost most, the earlier of equals first.
    What a total has beyond its cents stays with the last part.
    """
    weights = [max(weight, Decimal(0)) for weight in weights]
    if not any(weights):
        weights = [Decimal(1)] * len(weights)
    whole = total.quantize(CENT, ROUND_FLOOR)
    exact = [whole * weight / sum(weights) for weight in weights]
    parts = [part.quantize(CENT, ROUND_FLOOR) for part in exact]
    left = int((whole - sum(parts)) / CENT)
    losers = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in losers[:left]:
        parts[place] += CENT
    parts[-1] += total - whole
    return parts


def overlaps(one: Claim, other: Claim) -> bool:
    """Tell whether two claims meet in territory, product line and time."""
    lies = one.path.startswith(other.path) or other.path.startswith(one.path)
    same = not one.line or not other.line or one.line == other.line
    return lies and same and days_meet(one, other)


def days_meet(one: Claim, other: Claim) -> bool:
    """Tell whether two claims have a day in common."""
    return (other.last is None or one.first <= other.last) and (one.last is None or other.first <= one.last)


def threshold_of(days: int, steps: Sequence[int]) -> int | None:
    """Return the smallest of `steps` that is not below `days`, None before the first and after the end."""
    return min((step for step in steps if 0 <= days <= step), default=None)

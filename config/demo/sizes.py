"""How large a demo is."""

from dataclasses import dataclass

MONTHS = 36
DISTRIBUTORS_PER_REP = 120
DEMO_REPS = 26


@dataclass(frozen=True)
class Size:
    """Counts of one size; the channel keeps its proportions at every size."""

    name: str
    distributors: int
    lines: int
    products: int
    districts: int = 0
    closes: int = 13

    @property
    def scale(self) -> float:
        """Return how many times larger than the demo the channel is."""
        return self.distributors / 300

    @property
    def reps(self) -> int:
        """Return how many regional reps cover the distributors."""
        return max(DEMO_REPS, self.distributors // DISTRIBUTORS_PER_REP)

    @property
    def duplicates(self) -> int:
        """Return how many of the lines are booked twice."""
        return self.lines // 5000

    @property
    def yearly_sales(self) -> int:
        """Return the manufacturer's sales of the last year before returns, in whole CNY."""
        return 630_000_000 * self.lines // 60_000


SIZES = {
    "demo": Size("demo", 300, 60_000, 120),
    "region": Size("region", 1_000, 100_000, 300),
    "group": Size("group", 100_000, 10_000_000, 1_000, districts=12, closes=3),
}


def apportion(total: int, weights: list[float]) -> list[int]:
    """Split `total` into whole parts in proportion to `weights`, largest remainders first; the parts sum to it."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(value) for value in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts

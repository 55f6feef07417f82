"""What is hidden in the data for finders to find, chosen on purpose and written down."""

import json
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.demo.channel import Channel
from config.demo.rhythm import PREBUY

SILENT, GAPS, NEVER = 6, 3, 2  # of 300 distributors
SILENT_FACTOR = 2.7
MOVED_NOTED = 200
CLASS_MOVES = 5  # of each kind
CUTS = ((0.70, "A", "B"), (0.90, "B", "C"))


@dataclass(frozen=True)
class Plant:
    """One thing hidden: what, with whom, when, and who should find it."""

    kind: str
    what: str
    who: str
    when: str
    finder: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Planted:
    """Everything hidden in one demo."""

    size: str
    seed: int
    first_day: date
    last_day: date
    plants: list[Plant] = field(default_factory=list)

    def add(self, kind: str, what: str, who: str, when: Any, finder: str, **facts: Any) -> None:
        """Write one down."""
        self.plants.append(Plant(kind, what, who, str(when), finder, facts))

    def counts(self) -> dict[str, int]:
        """Return how many of each kind there are."""
        found: dict[str, int] = {}
        for plant in self.plants:
            found[plant.kind] = found.get(plant.kind, 0) + 1
        return found

    def write(self, path: Path) -> None:
        """Keep the list beside the data."""
        body = {
            "size": self.size,
            "seed": self.seed,
            "first_day": str(self.first_day),
            "last_day": str(self.last_day),
            "planted": [asdict(plant) for plant in self.plants],
        }
        path.write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")


def silence_plan(
    channel: Channel, orders_a_month: NDArray[np.float64], rng: np.random.Generator, last: date
) -> list[int]:
    """Let some steady buyers stop ordering, longer ago than twice their usual gap; return who."""
    steady = (channel.state == "active") & (channel.since > 0) & (channel.since < last.toordinal() - 400)
    steady &= (channel.trend > -0.2) & (orders_a_month > np.quantile(orders_a_month[orders_a_month > 0], 0.55))
    count = max(SILENT, channel.size // 1000)
    chosen = rng.permutation(np.flatnonzero(steady))[:count]
    for index in chosen:
        gap = 30.4 / orders_a_month[index]
        channel.stops[index] = last.toordinal() - max(18, int(np.ceil(gap * SILENT_FACTOR)) + 3)
    return sorted(int(index) for index in chosen)


def gaps_plan(channel: Channel, orders_a_month: NDArray[np.float64], rng: np.random.Generator) -> list[tuple[int, int]]:
    """Lose a month of some steady buyers' lines, as a forgotten upload does; return (who, month)."""
    steady = np.flatnonzero(
        (channel.state == "active") & (orders_a_month > 2) & (channel.since < channel.since.max() - 1100)
    )
    chosen = rng.permutation(steady)[: max(GAPS, channel.size // 1000)]
    found = [(int(index), int(rng.integers(8, 30))) for index in sorted(chosen)]
    channel.gaps.update(found)
    return found


def never_plan(channel: Channel, rng: np.random.Generator, last: date) -> list[int]:
    """Let some approved newcomers never have ordered; return who."""
    young = np.flatnonzero((channel.state == "active") & (channel.since > last.toordinal() - 700) & (channel.tier == 1))
    chosen = rng.permutation(young)[:NEVER]
    for place, index in enumerate(chosen):
        channel.since[index] = last.toordinal() - (40 + 80 * place)
        channel.weight[index] = 0.0
    return sorted(int(index) for index in chosen)


def plants_note(channel: Channel, reps: list[str], planted: Planted, months: list[date]) -> None:
    """Write down what was hidden in the plan of the channel."""
    for who in channel.hidden["silent"]:
        since = date.fromordinal(int(channel.stops[who]))
        planted.add(
            "silent", "A steady buyer stopped ordering", channel.code[who], since, "silent: twice the usual gap"
        )
    for who in channel.hidden["never"]:
        since = date.fromordinal(int(channel.since[who]))
        planted.add("never_ordered", "Active, but never ordered", channel.code[who], since, "class N, then C")
    for who, month in channel.hidden["gaps"]:
        planted.add("gap", "A month of lines is missing", channel.code[who], months[month], "missing months")
    for double, survivor in channel.merged.items():
        survived = channel.code[survivor]
        planted.add("merged", "Two cards of one company", channel.code[double], "", "duplicates", survivor=survived)
    for who in np.flatnonzero(channel.moved_in >= 0)[:MOVED_NOTED]:
        planted.add(
            "moved_owner",
            "Another rep took over",
            channel.code[who],
            months[channel.moved_in[who]],
            "owner as was",
            before=reps[channel.rep_before[who]],
            after=reps[channel.rep[who]],
        )
    for month in months:
        if month.month == 3:
            planted.add(
                "prebuy", "Pulled forward before a price rise", "*", month, "month against index", factor=PREBUY
            )


def cumulative(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cumulative share of each value from the largest down."""
    order = np.argsort(-values, kind="stable")
    share = np.empty(len(values))
    positive = np.clip(values[order], 0, None)
    share[order] = np.cumsum(positive) / max(positive.sum(), 1)
    return share


def class_moves_plan(
    ranked: NDArray[np.bool_], actual: NDArray[np.float64], expected: NDArray[np.float64], month: int
) -> dict[int, float]:
    """Choose who crosses a cut for the first time at the end of `month`, and what each must buy in it for that.

    `actual` holds sales by distributor and month up to the month before, `expected` the sales expected in it.
    """
    members = np.flatnonzero(ranked)
    sales, coming = actual[members], expected[members]
    before = [cumulative(sales[:, month - 12 - back : month - back].sum(axis=1)) for back in (0, 1, 2)]
    kept = sales[:, month - 11 : month].sum(axis=1)
    after = cumulative(kept + coming)
    values = np.sort(kept + coming)[::-1]
    ends = np.cumsum(values) / values.sum()
    moves: dict[int, float] = {}
    for cut, _upper, _lower in CUTS:
        for side, near, target in ((-1, cut - 0.16, cut + 0.010), (1, cut + 0.13, cut - 0.010)):
            aimed = float(values[min(int(np.searchsorted(ends, target)), len(values) - 1)])
            stood = [(min(near, cut) < share) & (share < max(near, cut)) for share in (*before, after)]
            wanted = aimed - kept
            fits = (
                (wanted < coming * 0.8) & (wanted > coming * 0.03)
                if side < 0
                else ((wanted > coming * 1.15) & (wanted < coming * 7))
            )
            chosen = np.flatnonzero(np.logical_and.reduce(stood) & fits)
            chosen = chosen[np.argsort(-kept[chosen])][:CLASS_MOVES]
            moves |= {int(members[index]): float(wanted[index]) for index in chosen}
    return moves


def class_moves_found(
    ranked: NDArray[np.bool_], actual: NDArray[np.float64], month: int, chosen: dict[int, float]
) -> list[tuple[int, str, str]]:
    """Return those of the chosen that did cross at the end of `month`: (who, class before, class now)."""
    members = np.flatnonzero(ranked)
    sales = actual[members]
    shares = [cumulative(sales[:, month - 11 - back : month + 1 - back].sum(axis=1)) for back in (2, 1, 0)]
    place = {int(member): index for index, member in enumerate(members)}
    found = []
    for who in sorted(chosen):
        older, old, new = (_class(float(share[place[who]])) for share in shares)
        margin = min(abs(float(shares[2][place[who]]) - cut) for cut, _upper, _lower in CUTS)
        if older == old != new and margin < 0.02:
            found.append((who, old, new))
    return found


def _class(share: float) -> str:
    return "A" if share <= CUTS[0][0] else "B" if share <= CUTS[1][0] else "C"

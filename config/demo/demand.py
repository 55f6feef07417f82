"""Who orders when: each distributor's steady rhythm of orders, bent by season, trend and quarter-ends."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from config.demo.channel import Channel, month_dates
from config.demo.planted import class_moves_plan
from config.demo.rhythm import Month, month_rhythm
from config.demo.sizes import MONTHS, Size, apportion

LINES_PER_ORDER = 2.5
LINES_SPREAD = (0.34, 0.28, 0.17, 0.10, 0.06, 0.05)
JITTER = 0.3
FREQUENCY = 0.45  # how the number of orders follows sales: a hundred times the sales, eight times the orders
GROWTH_FROM = 24  # the month at which trends stand at one


@dataclass
class Orders:
    """The orders of one month in the order of their days; `lines` counts each order's lines."""

    who: NDArray[np.int64]
    day: NDArray[np.int64]
    lines: NDArray[np.int64]


@dataclass
class Demand:
    """Expected sales and orders of every distributor and month; `actual` fills as the months are made."""

    channel: Channel
    size: Size
    first: date
    last: date
    months: list[Month]
    value: NDArray[np.float64]
    rate: NDArray[np.float64]
    lines: list[int] = field(default_factory=list)
    moves: dict[int, float] = field(default_factory=dict)
    actual: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    running: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    def present(self, month: int) -> NDArray[np.bool_]:
        """Return who trades in a month."""
        start = self.months[month].first.toordinal()
        end = start + self.months[month].days
        found = (self.channel.since > 0) & (self.channel.since < end) & (self.channel.stops >= start)
        lost = [index for index, when in self.channel.gaps.items() if when == month]
        found[lost] = False
        return found & (self.channel.weight > 0)

    def growth(self, month: int) -> NDArray[np.float64]:
        """Return how far each distributor's trend has come."""
        return np.exp(self.channel.trend * (month - GROWTH_FROM) / 12)

    def sales(self, month: int) -> NDArray[np.float64]:
        """Return expected net sales of a month in cents."""
        return self.value * self.months[month].level * self.growth(month) * self.present(month)

    def orders_expected(self, month: int) -> NDArray[np.float64]:
        """Return the expected number of orders of a whole month."""
        level = self.months[month].level ** 0.5
        return self.rate * level * np.sqrt(self.growth(month)) * self.present(month)

    def elapsed(self, month: int) -> float:
        """Return the share of a month's orders that falls before the end of the data."""
        days = (self.last - self.months[month].first).days + 1
        return float(self.months[month].orders[: max(0, days)].sum())


def demand_plan(channel: Channel, size: Size, first: date, last: date) -> Demand:
    """Return the demand, scaled to the size's yearly sales and number of lines."""
    months = [month_rhythm(month) for month in month_dates(first)]
    share = channel.weight / max(channel.weight.max(), 1e-12)
    floor = 0.12 * np.mean(share[share > 0] ** FREQUENCY)
    rate = np.where(share > 0, np.maximum(share**FREQUENCY, floor), 0)
    demand = Demand(channel, size, first, last, months, channel.weight.copy(), rate)
    demand_scale(demand)
    demand.actual = np.zeros((channel.size, MONTHS))
    demand.running = channel.phase.copy()
    return demand


def demand_scale(demand: Demand) -> None:
    """Scale values to the yearly sales of tier 1 and rates to the number of lines."""
    seller = demand.channel.tier == 1
    year = sum(demand.sales(month)[seller].sum() for month in range(MONTHS - 13, MONTHS - 1))
    demand.value *= demand.size.yearly_sales * 100 / year
    expected = [demand.orders_expected(month).sum() * demand.elapsed(month) for month in range(MONTHS)]
    scale = demand.size.lines / LINES_PER_ORDER / sum(expected)
    demand.rate *= scale
    demand.lines = apportion(demand.size.lines - demand.size.duplicates, expected)


def moves_plan(demand: Demand, month: int) -> None:
    """Decide, with all earlier months made, who crosses a class cut at the end of `month`."""
    demand.moves = class_moves_plan(ranked(demand, month), demand.actual, demand.sales(month), month)


def ranked(demand: Demand, month: int) -> NDArray[np.bool_]:
    """Return who of tier 1 is ranked at the end of `month`: still with us, and first sold to three months ago."""
    old = (demand.actual[:, : month - 2] != 0).any(axis=1)
    double = np.isin(np.arange(demand.channel.size), list(demand.channel.merged))
    return (demand.channel.tier == 1) & (demand.channel.state != "ended") & ~double & old


def orders_make(demand: Demand, month: int, rng: np.random.Generator) -> Orders:
    """Return the orders of a month: each distributor's run on at their own pace, with a little unrest."""
    rhythm = demand.months[month]
    expected = demand.orders_expected(month)
    start = demand.running
    demand.running = start + expected
    counts = (np.floor(demand.running) - np.floor(start)).astype(np.int64)
    who = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(who)) - np.repeat(np.cumsum(counts) - counts, counts)
    place = (np.floor(start)[who] + 1 + within - start[who]) / expected[who]
    place = np.clip(place + rng.uniform(-JITTER, JITTER, len(who)) / np.maximum(expected[who], 1), 0, 0.999999)
    day = np.searchsorted(np.cumsum(rhythm.orders), place, side="right").clip(0, rhythm.days - 1)
    ordinal = day + rhythm.first.toordinal()
    inside = (ordinal >= demand.channel.since[who]) & (ordinal <= demand.channel.stops[who])
    inside &= ordinal <= demand.last.toordinal()
    order = np.argsort(day[inside], kind="stable")
    who, day = who[inside][order], day[inside][order]
    return Orders(who, day, _lines(len(who), demand.lines[month], rng))


def _lines(orders: int, total: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return how many lines each order has; they sum to `total` where the orders allow it."""
    counts = rng.choice(np.arange(1, len(LINES_SPREAD) + 1), orders, p=LINES_SPREAD)
    while (missing := total - int(counts.sum())) != 0:
        able = np.arange(orders) if missing > 0 else np.flatnonzero(counts > 1)
        if not len(able):
            break
        chosen = rng.permutation(able)[: abs(missing)]
        counts[chosen] += 1 if missing > 0 else -1
    return counts


def usual_orders(demand: Demand) -> NDArray[np.float64]:
    """Return each distributor's orders a month at the end of the data."""
    return demand.rate * np.sqrt(demand.growth(MONTHS - 1)) * (demand.channel.weight > 0)

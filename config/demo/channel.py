"""Who the distributors are: types, states, places, owners, size and trend, all as arrays of one plan."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from config.demo.people import Tree
from config.demo.sizes import MONTHS, Size, apportion
from core.periods import month_shift

# (home, type, tier): how many of 300
CELLS = {
    (True, "general", 1): 12, (True, "authorised", 1): 70, (True, "ordinary", 1): 44, (True, "ordinary", 2): 60,
    (True, "value_added", 1): 14, (True, "value_added", 2): 6, (True, "retailer", 1): 10, (True, "retailer", 2): 6,
    (True, "online", 1): 12, (False, "general", 1): 6, (False, "authorised", 1): 24, (False, "ordinary", 1): 18,
    (False, "ordinary", 2): 18,
}  # fmt: skip
STATES = {"active": 246, "watch": 16, "exiting": 8, "ended": 10, "review": 12, "prospect": 8}
SETTLED = ("general",)  # types that are all active
TYPE_LEVEL = {"general": 2.2, "authorised": 0.9, "value_added": 0.3, "online": 0.5, "retailer": 0.2, "ordinary": 0.0}
SKEW = 1.75  # the spread of logarithms at which the largest fifth sells four fifths
GIANT, GIANTS_KEPT = 1.8, 0.6  # nobody is so large that the rest do not matter
CURRENCIES = ("CNY", "USD", "EUR")
TIER2_SHARE = 0.22
NEW_SHARE = 0.22
MOVED_SHARE = 0.05


@dataclass
class Channel:
    """The plan: one element a distributor. Days are proleptic ordinals, months count from the first of the data."""

    home: NDArray[np.bool_]
    kind: NDArray[np.str_]
    tier: NDArray[np.int64]
    state: NDArray[np.str_]
    leaf: NDArray[np.int64]
    rep: NDArray[np.int64]
    rep_before: NDArray[np.int64]
    moved_in: NDArray[np.int64]
    since: NDArray[np.int64]
    stops: NDArray[np.int64]
    weight: NDArray[np.float64]
    trend: NDArray[np.float64]
    discount: NDArray[np.float64]
    phase: NDArray[np.float64]
    parent: NDArray[np.int64]
    currency: NDArray[np.int64]
    merged: dict[int, int] = field(default_factory=dict)
    gaps: dict[int, int] = field(default_factory=dict)
    hidden: dict[str, list] = field(default_factory=dict)
    pk: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    code: list[str] = field(default_factory=list)
    names: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Return how many distributors there are."""
        return len(self.tier)


def channel_plan(size: Size, tree: Tree, rng: np.random.Generator, first: date, last: date) -> Channel:
    """Return the plan of the whole channel for data from `first` to `last`."""
    home, kind, tier = _cells(size, rng)
    count = len(tier)
    state = _states(kind, rng)
    leaf = _places(home, tree, rng)
    rep = np.array([place.rep for place in tree.leaves])[leaf]
    since = _starts(state, rng, first, last)
    stops = np.full(count, date.max.toordinal())
    ended = state == "ended"
    stops[ended] = last.toordinal() - rng.integers(60, 540, ended.sum())
    channel = Channel(
        home, kind, tier, state, leaf, rep, rep.copy(), np.full(count, -1), since, stops,
        _weights(kind, tier, state, rng), _trends(state, rng), rng.uniform(0.71, 0.79, count), rng.random(count),
        _parents(tier, state, leaf, tree, rng), _currencies(leaf, tree),
    )  # fmt: skip
    _owners_move(channel, tree, rng)
    _pair_merge(channel, rng)
    return channel


def _cells(size: Size, rng: np.random.Generator) -> tuple[NDArray[np.bool_], NDArray[np.str_], NDArray[np.int64]]:
    counts = apportion(size.distributors, list(map(float, CELLS.values())))
    cells = list(CELLS)
    which = rng.permutation(np.repeat(np.arange(len(cells)), counts))
    return (
        np.array([cell[0] for cell in cells])[which],
        np.array([cell[1] for cell in cells])[which],
        np.array([cell[2] for cell in cells])[which],
    )


def _states(kind: NDArray[np.str_], rng: np.random.Generator) -> NDArray[np.str_]:
    counts = apportion(len(kind), list(map(float, STATES.values())))
    state = np.full(len(kind), "active", dtype="<U8")
    free = rng.permutation(np.flatnonzero(~np.isin(kind, SETTLED)))
    start = 0
    for name, count in zip(STATES, counts, strict=True):
        if name != "active":
            state[free[start : start + count]] = name
            start += count
    return state


def _places(home: NDArray[np.bool_], tree: Tree, rng: np.random.Generator) -> NDArray[np.int64]:
    weights = np.array([leaf.weight for leaf in tree.leaves])
    inside = np.array([leaf.region.home for leaf in tree.leaves])
    leaf = np.empty(len(home), dtype=np.int64)
    for side in (True, False):
        share = np.where(inside == side, weights, 0)
        leaf[home == side] = rng.choice(len(weights), (home == side).sum(), p=share / share.sum())
    return leaf


def _starts(state: NDArray[np.str_], rng: np.random.Generator, first: date, last: date) -> NDArray[np.int64]:
    """Return the first day of cooperation; 0 for those who have none yet."""
    count = len(state)
    old = first.toordinal() - rng.integers(30, 5000, count)
    new = last.toordinal() - rng.integers(20, (last - first).days - 40, count)
    young = (rng.random(count) < NEW_SHARE) & (state == "active")
    return np.where(np.isin(state, ("prospect", "review")), 0, np.where(young, new, old))


def _weights(
    kind: NDArray[np.str_], tier: NDArray[np.int64], state: NDArray[np.str_], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return yearly sales as shares, skewed alike among tier 1 and tier 2; who does not trade yet has none."""
    level = np.array([TYPE_LEVEL[name] for name in kind]) + rng.normal(0, 1.0, len(kind))
    weight = np.zeros(len(kind))
    trades = ~np.isin(state, ("prospect", "review"))
    for depth, share in ((1, 1.0), (2, TIER2_SHARE)):
        members = np.flatnonzero((tier == depth) & trades)
        ranked = members[np.argsort(level[members])]
        place = (np.arange(len(ranked)) + 0.5) / len(ranked)
        normal = np.array([NormalDist().inv_cdf(float(p)) for p in place])
        normal = np.where(normal > GIANT, GIANT + (normal - GIANT) * GIANTS_KEPT, np.maximum(normal, -2.4))
        skewed = np.exp(SKEW * normal)
        weight[ranked] = share * skewed / skewed.sum()
    return weight


def _trends(state: NDArray[np.str_], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the yearly growth as a logarithm."""
    trend = rng.normal(0.05, 0.12, len(state))
    jump = rng.random(len(state))
    trend = np.where(jump < 0.04, -0.45, np.where(jump > 0.95, 0.40, trend))
    return np.where(state == "watch", -0.30, np.where(state == "exiting", -0.70, trend))


def _parents(
    tier: NDArray[np.int64], state: NDArray[np.str_], leaf: NDArray[np.int64], tree: Tree, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return for each tier 2 an active tier 1 of the same province where there is one, else of the same side."""
    provinces = {
        code: number for number, code in enumerate(dict.fromkeys(place.province.code for place in tree.leaves))
    }
    province = np.array([provinces[place.province.code] for place in tree.leaves])[leaf]
    side = np.array([place.region.home for place in tree.leaves])[leaf]
    parent = np.full(len(tier), -1)
    sellers = np.flatnonzero((tier == 1) & (state == "active"))
    for number in range(len(provinces)):
        buyers = np.flatnonzero((tier == 2) & (province == number))
        near = sellers[province[sellers] == number]
        if len(buyers):
            near = near if len(near) else sellers[side[sellers] == side[buyers[0]]]
            parent[buyers] = rng.choice(near, len(buyers))
    return parent


def _currencies(leaf: NDArray[np.int64], tree: Tree) -> NDArray[np.int64]:
    return np.array([CURRENCIES.index(place.province.currency) for place in tree.leaves])[leaf]


def _owners_move(channel: Channel, tree: Tree, rng: np.random.Generator) -> None:
    """Give some distributors another owner before a month of the data, a colleague of the same region."""
    region = np.array([leaf.region.code for leaf in tree.leaves])
    colleagues = {code: sorted({leaf.rep for leaf in tree.leaves if leaf.region.code == code}) for code in set(region)}
    moved = rng.permutation(np.flatnonzero(channel.weight > 0))[: round(channel.size * MOVED_SHARE)]
    for index in sorted(moved):
        others = [rep for rep in colleagues[region[channel.leaf[index]]] if rep != channel.rep[index]]
        if others:
            channel.rep_before[index] = others[int(rng.integers(len(others)))]
            channel.moved_in[index] = int(rng.integers(6, MONTHS - 2))


def _pair_merge(channel: Channel, rng: np.random.Generator) -> None:
    """Let one ended distributor turn out to be the same company as an active one."""
    for double in np.flatnonzero((channel.state == "ended") & (channel.tier == 1) & channel.home):
        alike = (channel.state == "active") & (channel.tier == 1) & channel.home
        survivors = np.flatnonzero(alike & (channel.kind == channel.kind[double]) & (channel.moved_in < 0))
        if len(survivors):
            survivor = int(rng.choice(survivors))
            channel.leaf[double] = channel.leaf[survivor]
            channel.rep[double] = channel.rep_before[double] = channel.rep[survivor]
            channel.moved_in[double] = -1
            channel.merged[int(double)] = survivor
            return


def day_of(ordinal: int) -> date:
    """Return the date of an ordinal."""
    return date.fromordinal(int(ordinal))


def month_dates(first: date) -> list[date]:
    """Return the first days of the months of the data."""
    return [month_shift(first, step) for step in range(MONTHS)]


def yesterday(today: date) -> date:
    """Return the last day of the data."""
    return today - timedelta(days=1)

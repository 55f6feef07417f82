"""Which payment settles which invoice: what is stated first, then the oldest by due date, for whole columns at once.

Amounts are whole ten-thousandths of a currency. Cumulated amounts of means and of items are laid beside each other,
and where their intervals overlap, one settles the other; so nothing is settled twice and nothing is lost.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
# Sums up to here fit 64 bits with room for one more; beyond, numbers of any size are used, which are slow and exact.
SAFE = float(2**61)
WHOLE = -1
UNKNOWN = -1


@dataclass(frozen=True)
class Items:
    """Invoices: whose, in which currency, how much, and their place by due date and number."""

    account: Ints
    currency: Ints
    amount: Ints
    order: Ints


@dataclass(frozen=True)
class Means:
    """Payments and credit notes: the same, in the order of their date and number.

    What `free` means do not settle as stated goes to the oldest items; the others, prepayments, keep it.
    """

    account: Ints
    currency: Ints
    amount: Ints
    order: Ints
    free: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Stated:
    """What means state that they settle: places in `Means` and `Items`, the latter UNKNOWN while it has not come.

    `amount` is in the currency of the means, or WHOLE for as much as they have. One unit of the means' currency is
    worth `rate` / `item_rate` of the item's; the two are equal where there is one currency.
    """

    means: Ints
    item: Ints
    place: Ints
    amount: Ints
    rate: Ints
    item_rate: Ints


@dataclass(frozen=True)
class Settled:
    """The result: who settles what, `amount` in the item's currency and `used` in that of the means.

    `open` is what is left of each item, `left` what is left of the means.
    """

    means: Ints
    item: Ints
    amount: Ints
    used: Ints
    stated: npt.NDArray[np.bool_]
    open: Ints
    left: Ints


def allocate(items: Items, means: Means, stated: Stated) -> Settled:
    """Return what settles what, as stated and then by age, within one account and currency.

    What is stated for an item that has not come waits for it. What is stated and more than the item has open goes to
    the oldest, in another currency as well as in the same.
    """
    first, waiting = _as_stated(items, means, stated)
    used, settled = _sums(first[0], first[3], len(means.amount)), _sums(first[1], first[2], len(items.amount))
    free = np.where(means.free, means.amount - used - waiting, 0)
    second = _by_age(items, items.amount - settled, means, free)
    joined = [np.concatenate(pair) for pair in zip(first, second, strict=True)]
    return Settled(
        means=joined[0],
        item=joined[1],
        amount=joined[2],
        used=joined[3],
        stated=np.arange(len(joined[0])) < len(first[0]),
        open=items.amount - _sums(joined[1], joined[2], len(items.amount)),
        left=means.amount - _sums(joined[0], joined[3], len(means.amount)),
    )


def _sums(places: Ints, amounts: Ints, count: int) -> Ints:
    total = np.zeros(count, np.int64)
    np.add.at(total, places, amounts)
    return total


def _roomy(*amounts: Ints) -> type:
    """Return the type in which the amounts can be summed."""
    return np.int64 if sum(float(one.sum(dtype=float)) for one in amounts) < SAFE else object


def _before(amounts: Ints, groups: Ints) -> npt.NDArray:
    """Return the sum of what stands before each amount in its group; equal groups stand together."""
    before = np.cumsum(amounts.astype(_roomy(amounts))) - amounts
    starts = np.flatnonzero(np.concatenate([np.ones(len(groups[:1]), np.bool_), groups[1:] != groups[:-1]]))
    return before - np.repeat(before[starts], np.diff(np.append(starts, len(groups))))


def _half_up(amounts: Ints, factor: Ints, divisor: Ints) -> Ints:
    """Return amounts times factor by divisor, half-up, exact whatever the size between."""
    wide, by = amounts.astype(object) * factor, divisor.astype(object)
    return np.array((2 * wide + by) // (2 * by), dtype=np.int64)


def _as_stated(items: Items, means: Means, stated: Stated) -> tuple[tuple[Ints, Ints, Ints, Ints], Ints]:
    """Return (means, item, amount, used) of what is settled as stated, and what of each means waits for its item."""
    nothing = np.array([], np.int64)
    if not len(stated.means):
        return (nothing, nothing, nothing, nothing), np.zeros(len(means.amount), np.int64)
    by_place = np.lexsort((stated.place, stated.means))
    one, item = stated.means[by_place], stated.item[by_place]
    whole = means.amount[one]
    asked = np.where(stated.amount[by_place] == WHOLE, whole, stated.amount[by_place])
    asked = np.array(np.clip(whole - _before(asked, one), 0, asked), np.int64)
    known = item != UNKNOWN
    waiting = _sums(one[~known], asked[~known], len(means.amount))
    chosen = np.flatnonzero(known)
    chosen = chosen[np.lexsort((means.order[one[chosen]], item[chosen]))]
    one, item, asked = one[chosen], item[chosen], asked[chosen]
    rate, item_rate = stated.rate[by_place][chosen], stated.item_rate[by_place][chosen]
    foreign = np.flatnonzero(rate != item_rate)
    wanted = asked.copy()
    wanted[foreign] = _half_up(asked[foreign], rate[foreign], item_rate[foreign])
    amount = np.array(np.clip(items.amount[item] - _before(wanted, item), 0, wanted), np.int64)
    used = np.where(amount == wanted, asked, amount)
    cut = foreign[amount[foreign] < wanted[foreign]]
    # What a foreign payment gives is never nothing for something.
    back = np.maximum(1, _half_up(amount[cut], item_rate[cut], rate[cut]))
    used[cut] = np.minimum(asked[cut], back)
    settles = amount > 0
    return (one[settles], item[settles], amount[settles], used[settles]), waiting


def _by_age(items: Items, open_amounts: Ints, means: Means, free: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Return (means, item, amount, used) of what the free means settle, the oldest items first."""
    currencies = int(max(items.currency.max(initial=0), means.currency.max(initial=0))) + 1
    item_group, means_group = items.account * currencies + items.currency, means.account * currencies + means.currency
    by_due = np.lexsort((items.order, item_group))
    by_due = by_due[open_amounts[by_due] > 0]
    by_day = np.lexsort((means.order, means_group))
    by_day = by_day[free[by_day] > 0]
    kind = _roomy(open_amounts, free)
    groups = np.union1d(item_group[by_due], means_group[by_day])
    sizes = []
    for places, group, amounts in ((by_due, item_group, open_amounts), (by_day, means_group, free)):
        total: npt.NDArray = np.zeros(len(groups), kind)
        np.add.at(total, np.searchsorted(groups, group[places]), amounts[places].astype(kind))
        sizes.append(total)
    widest = np.maximum(*sizes)
    begins = np.cumsum(widest) - widest
    spans = []
    for places, group, amounts in ((by_due, item_group, open_amounts), (by_day, means_group, free)):
        start = _before(amounts[places], group[places]) + begins[np.searchsorted(groups, group[places])]
        spans.append((start, start + amounts[places]))
    return _overlaps(by_day, by_due, spans[1], spans[0])


def _overlaps(
    by_day: Ints, by_due: Ints, means: tuple[npt.NDArray, npt.NDArray], items: tuple[npt.NDArray, npt.NDArray]
) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the places and lengths where spans of means and of items overlap; spans of each side never do."""
    edges = np.unique(np.concatenate([*means, *items]))
    first, length = edges[:-1], np.diff(edges)
    found = []
    for start, end in (means, items):
        place = np.searchsorted(end, first, side="right")
        inside = place < len(end)
        inside[inside] = start[place[inside]] <= first[inside]
        found.append((place, inside))
    both = found[0][1] & found[1][1]
    amount = np.array(length[both], np.int64)
    return by_day[found[0][0][both]], by_due[found[1][0][both]], amount, amount

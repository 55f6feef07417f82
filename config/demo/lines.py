"""The sale lines of one month as columns: what was ordered, at which price, in which currency."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from config.demo.catalogue import IN_SEASON, LINES, RATE_UNIT, Catalogue
from config.demo.channel import Channel
from config.demo.demand import LINES_PER_ORDER, Demand, Orders
from distributors.ledger.models import OrderType

ORDER_TYPES = (OrderType.REGULAR, OrderType.PROMOTION, OrderType.SPECIAL, OrderType.SAMPLE)
ORDER_TYPE_SHARES = (0.885, 0.08, 0.025, 0.01)
PRICE_FACTOR = (1.0, 0.95, 0.90, 0.0)
GIFT = len(ORDER_TYPES)
GIFT_SHARE = 0.015
SPREAD = 0.6
PRICE_RISE = 0.03
VAT = 13
UNITS_A_CENT = 100


@dataclass
class Lines:
    """Columns of equal length; amounts and quantities in ten-thousandths, `type` an index of the order types."""

    who: NDArray[np.int64]
    day: NDArray[np.int64]
    order: NDArray[np.int64]
    product: NDArray[np.int64]
    type: NDArray[np.int64]
    returned: NDArray[np.bool_]
    cartons: NDArray[np.bool_]
    quantity: NDArray[np.int64]
    base_quantity: NDArray[np.int64]
    price: NDArray[np.int64]
    unit_cost: NDArray[np.int64]
    currency: NDArray[np.int64]
    rate: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Return the number of lines."""
        return len(self.who)

    @property
    def amount(self) -> NDArray[np.int64]:
        """Return net amounts in the line's currency."""
        return self.base_quantity * self.price * UNITS_A_CENT

    @property
    def tax(self) -> NDArray[np.int64]:
        """Return the tax: 13 % at home, rounded half-up to the cent."""
        cents = np.abs(self.base_quantity * self.price)
        return np.where(self.currency == 0, np.sign(self.base_quantity) * ((cents * VAT + 50) // 100), 0) * UNITS_A_CENT

    @property
    def cost(self) -> NDArray[np.int64]:
        """Return the cost in the line's currency."""
        return self.base_quantity * self.unit_cost * UNITS_A_CENT

    def in_base(self, amount: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return amounts in the base currency, half-up to four decimals, away from zero for returns."""
        return np.sign(amount) * ((np.abs(amount) * self.rate + RATE_UNIT // 2) // RATE_UNIT)

    def take(self, chosen: NDArray[np.int64]) -> "Lines":
        """Return a copy of the chosen lines."""
        return Lines(**{name: column[chosen].copy() for name, column in vars(self).items()})


def lines_make(
    demand: Demand,
    month: int,
    orders: Orders,
    catalogue: Catalogue,
    rates: NDArray[np.int64],
    rng: np.random.Generator,
) -> Lines:
    """Return the lines of a month's orders; `rates` holds a row for each currency and a column for each day of it."""
    order = np.repeat(np.arange(len(orders.who)), orders.lines)
    who, day = orders.who[order], orders.day[order]
    channel = demand.channel
    product = _products(channel, catalogue, demand, month, who, rng)
    kind = rng.choice(len(ORDER_TYPES), len(orders.who), p=ORDER_TYPE_SHARES)[order]
    kind[(rng.random(len(who)) < GIFT_SHARE) & (kind == 0)] = GIFT
    rises = sum(later.first.month == 3 for later in demand.months[month:-1])
    level = (1 + PRICE_RISE) ** -rises
    home_price = _prices(catalogue.price[product] * level, channel.discount[who], kind, rng)
    target = _targets(demand, month, who, day, rng)
    pieces = np.maximum(1, np.floor(target / np.maximum(home_price, 10) + rng.random(len(who)))).astype(np.int64)
    pieces[kind >= GIFT - 1] = 1 + (rng.random((kind >= GIFT - 1).sum()) < 0.3)
    carton = catalogue.carton[product]
    cartons = (carton > 1) & (pieces >= 2 * carton) & (rng.random(len(who)) < 0.4)
    quantity = np.where(cartons, pieces // carton, pieces)
    returned = (kind == 0) & (rng.random(len(who)) < demand.months[month].returns)
    sign = np.where(returned, -1, 1)
    currency = channel.currency[who]
    opening = rates[currency, 0]
    free = np.isin(kind, (GIFT, ORDER_TYPES.index(OrderType.SAMPLE)))
    price = np.maximum(1, np.rint(home_price * RATE_UNIT / opening)).astype(np.int64)
    unit_cost = np.maximum(1, np.rint(catalogue.cost[product] * level * RATE_UNIT / opening)).astype(np.int64)
    return Lines(
        who, day, order, product, kind, returned, cartons, sign * quantity,
        sign * np.where(cartons, quantity * carton, pieces), np.where(free, 0, price), unit_cost, currency,
        rates[currency, day],
    )  # fmt: skip


def _products(
    channel: Channel,
    catalogue: Catalogue,
    demand: Demand,
    month: int,
    who: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Return a product for each line: the product line by share and season, the product by popularity."""
    number = demand.months[month].first.month
    line = np.empty(len(who), dtype=np.int64)
    for home in (True, False):
        members = channel.home[who] == home
        line[members] = np.searchsorted(np.cumsum(line_shares(month, number, home)), rng.random(members.sum()))
    line = line.clip(0, len(LINES) - 1)
    product = np.empty(len(who), dtype=np.int64)
    chance = rng.random(len(who))
    for index, popular in enumerate(catalogue.popularity):
        members = line == index
        found = np.searchsorted(popular, chance[members]).clip(0, len(popular) - 1)
        product[members] = catalogue.first[index] + found
    return product


def line_shares(month: int, number: int, home: bool) -> NDArray[np.float64]:
    """Return each product line's share of value in a month of the data that is `number` in the year."""
    shares = []
    for line in LINES:
        season = line.season if home or line.season_abroad is None else line.season_abroad
        peak = IN_SEASON if number in season else 1.0
        yearly = (len(season) * IN_SEASON + 12 - len(season)) / 12
        shares.append(0.0 if line.launched is not None and month < line.launched else line.share * peak / yearly)
    found = np.array(shares)
    return found / found.sum()


def _prices(
    listed: NDArray[Any], discount: NDArray[np.float64], kind: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return unit prices in cents of CNY: the buyer's share of list, lower on promotion, in steps of ten cents."""
    factor = np.array([*PRICE_FACTOR, 0.0])[kind]
    factor = np.where(factor == 0, 1.0, factor)
    exact = listed * (discount + rng.uniform(-0.008, 0.008, len(listed))) * factor
    return np.maximum(10, np.rint(exact / 10) * 10).astype(np.int64)


def _targets(
    demand: Demand, month: int, who: NDArray[np.int64], day: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the value each line aims at, in cents of CNY, so that a distributor's lines add up to their demand."""
    rhythm = demand.months[month]
    expected = np.maximum(demand.orders_expected(month), 1e-9) * LINES_PER_ORDER
    weight = np.divide(rhythm.value, rhythm.orders, out=np.ones(rhythm.days), where=rhythm.orders > 0)
    noise = np.exp(rng.normal(0, SPREAD, len(who)) - SPREAD**2 / 2)
    target = (demand.sales(month) / expected)[who] * weight[day] * noise
    for index, wanted in demand.moves.items():
        mine = who == index
        if mine.any():
            target[mine] *= wanted / target[mine].sum()
    return target

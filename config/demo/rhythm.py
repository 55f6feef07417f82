"""How sales move through the year: month index, Spring Festival, pre-buy, quarter-ends, week-ends."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from core.periods import month_shift

MONTH_INDEX = (0.75, 0.55, 1.30, 1.20, 1.10, 1.00, 1.05, 1.05, 1.05, 0.95, 0.95, 1.05)
FESTIVAL_MOVES = 0.20
PREBUY, AFTER_PREBUY = 1.40, 0.70
QUARTER_END_DAYS, QUARTER_END_SHARE = 5, 0.28
ORDERS_FOLLOW = 0.55  # of the quarter-end's share in value, how much shows in the number of orders
SATURDAY, SUNDAY, FESTIVAL = 0.7, 0.35, 0.05
RETURNS, RETURNS_AFTER_QUARTER = 0.015, 0.035

SPRING_FESTIVALS = {
    2010: "02-14", 2011: "02-03", 2012: "01-23", 2013: "02-10", 2014: "01-31", 2015: "02-19", 2016: "02-08",
    2017: "01-28", 2018: "02-16", 2019: "02-05", 2020: "01-25", 2021: "02-12", 2022: "02-01", 2023: "01-22",
    2024: "02-10", 2025: "01-29", 2026: "02-17", 2027: "02-06", 2028: "01-26", 2029: "02-13", 2030: "02-03",
    2031: "01-23", 2032: "02-11", 2033: "01-31", 2034: "02-19", 2035: "02-08",
}  # fmt: skip


@dataclass(frozen=True)
class Month:
    """One month: its level, and for each day the share of its value and of its orders."""

    first: date
    days: int
    level: float
    value: NDArray[np.float64]
    orders: NDArray[np.float64]
    returns: float


def spring_festival(year: int) -> date:
    """Return the first day of the Spring Festival; outside the table the middle of its range."""
    return date.fromisoformat(f"{year}-{SPRING_FESTIVALS.get(year, '02-05')}")


def month_level(month: date) -> float:
    """Return the index of a month: season, Spring Festival, and the pre-buy before March's price rise."""
    level = MONTH_INDEX[month.month - 1]
    if month.month <= 2:
        festival = spring_festival(month.year)
        january, february = MONTH_INDEX[:2]
        moved = 0.0
        if festival.month == 1:
            moved = FESTIVAL_MOVES * january
        elif festival.day >= 8:
            moved = -FESTIVAL_MOVES * february
        level += moved if month.month == 2 else -moved
    return level * {3: PREBUY, 4: AFTER_PREBUY}.get(month.month, 1.0)


def month_rhythm(month: date) -> Month:
    """Return the rhythm of one month."""
    days = calendar.monthrange(month.year, month.month)[1]
    even = np.array([_day_weight(month + timedelta(days=day)) for day in range(days)])
    even /= even.sum()
    value = orders = even
    if month.month % 3 == 0:
        share = (
            QUARTER_END_SHARE * sum(month_level(month_shift(month, -back)) for back in range(3)) / month_level(month)
        )
        value = _with_end(even, share)
        orders = _with_end(even, share * ORDERS_FOLLOW)
    returns = RETURNS_AFTER_QUARTER if month.month % 3 == 1 else RETURNS
    return Month(month, days, month_level(month), value, orders, returns)


def _with_end(weights: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Return the weights scaled so that the last days carry `share` of the month."""
    end = np.arange(len(weights)) >= len(weights) - QUARTER_END_DAYS
    return np.where(end, weights * share / weights[end].sum(), weights * (1 - share) / weights[~end].sum())


def _day_weight(day: date) -> float:
    if 0 <= (day - spring_festival(day.year)).days < 7:
        return FESTIVAL
    return {5: SATURDAY, 6: SUNDAY}.get(day.weekday(), 1.0)

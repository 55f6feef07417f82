"""From what was read to the value and the score of each sub-criterion."""

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from distributors.credit.calculations.five_c import MISSING, scaled
from distributors.credit.cards.inputs import UNKNOWN, Ints
from distributors.credit.cards.items import ENTERED, RULES, WITHIN, Item

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MOST = 1e9  # what a ratio to nothing counts as


def values_of(columns: Mapping[str, Ints], plan_turns: Fraction) -> dict[Item, Floats]:
    """Return the measured value of each sub-criterion that is not entered; not a number where it is missing."""
    debt, equity = _known(columns["liabilities"]), _known(columns["equity"])
    return {
        Item.PUNCTUALITY: _ratio(columns["on_time"], columns["invoiced"]),
        Item.BREACHES: _known(columns["breach_count"]),
        Item.TREND: _growth(columns["sales"], columns["sales_before"]),
        Item.TURNS: _turns(columns["sales"], columns["stock"], plan_turns),
        Item.MARGIN: _known(columns["operating_margin"]) / 10_000,
        Item.REGISTERED: _known(columns["capital_base"]) / 10_000,
        Item.DEBT: _debt(debt, equity),
        Item.CURRENT: _covered(columns["current_assets"], columns["current_liabilities"]),
        Item.PREMISES: _known(columns["own_premises"]),
        Item.COVERAGE: _coverage(columns["security"], columns["exposure"]),
        Item.DEMAND: _growth(columns["demand_now"], columns["demand_before"]),
    }


def scores_of(columns: Mapping[str, Ints], plan_turns: Fraction) -> dict[Item, Ints]:
    """Return the score of each sub-criterion in hundredths, MISSING where there is nothing to go by."""
    found = {
        item: scaled(values, rule.scale)
        for item, values in values_of(columns, plan_turns).items()
        if (rule := RULES[item]).scale is not None
    }
    for item in ENTERED:
        entered = columns[item.value]
        found[item] = np.where(entered == UNKNOWN, MISSING, entered * 100)
    return found


def by_criterion(scores: Mapping[Item, Ints]) -> list[Ints]:
    """Return for each criterion the matrix of its sub-criteria, as the calculation takes them."""
    return [np.array([scores[item] for item in items]) for items in WITHIN.values()]


def _known(column: Ints) -> Floats:
    return np.where(column == UNKNOWN, np.nan, column.astype(np.float64))


def _ratio(part: Ints, whole: Ints) -> Floats:
    """Return part / whole where both are known and the whole is above zero."""
    known = (part != UNKNOWN) & (whole != UNKNOWN) & (whole > 0)
    return np.where(known, part / np.where(known, whole, 1), np.nan)


def _growth(now: Ints, before: Ints) -> Floats:
    return _ratio(now, before) - 1


def _turns(sales: Ints, stock: Ints, plan_turns: Fraction) -> Floats:
    return _ratio(np.where(sales == UNKNOWN, UNKNOWN, np.maximum(sales, 0)), stock) / float(plan_turns)


def _debt(debt: Floats, equity: Floats) -> Floats:
    """Return debt over debt and equity; all and more of it where the debt has eaten the equity up."""
    known, total = ~np.isnan(debt) & ~np.isnan(equity), np.nan_to_num(debt) + np.nan_to_num(equity)
    eaten = known & (total <= 0)
    return np.where(known & ~eaten, np.nan_to_num(debt) / np.where(total > 0, total, 1), np.where(eaten, 1.0, np.nan))


def _covered(assets: Ints, owed: Ints) -> Floats:
    """Return current assets over current liabilities; as much as counts where nothing is owed."""
    known = (assets != UNKNOWN) & (owed != UNKNOWN)
    return np.where(known & (owed == 0), MOST, _ratio(assets, owed))


def _coverage(security: Ints, exposure: Ints) -> Floats:
    """Return security over exposure: none counts as zero, and without an exposure there is nothing to cover."""
    held = np.where(security == UNKNOWN, 0, security)
    asked = (exposure != UNKNOWN) & (exposure > 0)
    free = ~asked & (held > 0)
    return np.where(free, 1.0, _ratio(held, np.where(asked, exposure, UNKNOWN)))

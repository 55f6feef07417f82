"""The groups 5, 3 and 2 by volume, and how a resource is spread over them, plan against fact (handbook, section 6).

Quantities and amounts are whole ten-thousandths on int64 columns. The groups follow the rule of the ABC class with
cuts of their own; a resource is divided by the plan's shares, in whole ten-thousandths that add up to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from distributors.classification.calculations.abc import (
    CLASSES,
    AbcPolicy,
    AbcResult,
    Amounts,
    Letters,
    Months,
    abc_classes,
)

GROUPS = ("5", "3", "2")
NONE = "N"
ALL = (*GROUPS, NONE)
CUT_FIVE, CUT_THREE = Decimal("0.50"), Decimal("0.80")
PLAN = (Decimal("0.50"), Decimal("0.30"), Decimal("0.20"))
_NAMES = np.array(ALL)
_TENTH = Decimal("0.001")


@dataclass(frozen=True)
class Fit:
    """What one group should have of a resource and what it has; `ratio` is fact over plan, None without a plan."""

    group: str
    members: int
    plan_share: Decimal
    plan: int
    fact: int
    fact_share: Decimal | None
    ratio: Decimal | None

    @property
    def gap(self) -> int:
        """Return how much more the group has than the plan gives it: negative where it has less."""
        return self.fact - self.plan


def volume_policy(
    *, cut_five: Decimal = CUT_FIVE, cut_three: Decimal = CUT_THREE, like: AbcPolicy | None = None
) -> AbcPolicy:
    """Return the policy of the groups: the cuts by volume, everything else as the ABC class has it."""
    base = like or AbcPolicy()
    return AbcPolicy(
        cut_a=cut_five,
        cut_b=cut_three,
        crossing_above=base.crossing_above,
        window_months=base.window_months,
        new_months=base.new_months,
        annualise=base.annualise,
    )


def volume_groups(
    *, quantity: Amounts, months_since_first: Months, months_since_start: Months, policy: AbcPolicy
) -> tuple[Letters, AbcResult]:
    """Group a population by yearly quantity in base units: '5', '3', '2' and 'N', and the ranking behind them."""
    found = abc_classes(
        basis=quantity, months_since_first=months_since_first, months_since_start=months_since_start, policy=policy
    )
    return groups_of(found.klass), found


def groups_of(klass: Letters) -> Letters:
    """Return the groups that stand for the letters of a ranking."""
    return np.asarray(_NAMES[np.searchsorted(CLASSES, klass)])


def resource_fit(
    *, facts: Mapping[str, int], members: Mapping[str, int], plan: Sequence[Decimal] = PLAN
) -> tuple[Fit, ...]:
    """Compare what each group has of a resource with its planned share of the whole; refuses shares not adding up to 1.

    What those in no group have is part of the whole, and stands in a last row without a plan where there is any.
    """
    if len(plan) != len(GROUPS) or any(share < 0 for share in plan) or sum(plan) != 1:
        raise ValueError("The shares of the groups are not below zero and add up to 1.")
    total = sum(facts.values())
    planned = _divided(total, plan)
    rows = [
        _fit(group, members.get(group, 0), share, part, facts.get(group, 0), total)
        for group, share, part in zip(GROUPS, plan, planned, strict=True)
    ]
    if facts.get(NONE):
        rows.append(_fit(NONE, members.get(NONE, 0), Decimal(0), 0, facts[NONE], total))
    return tuple(rows)


def _fit(group: str, members: int, share: Decimal, plan: int, fact: int, total: int) -> Fit:
    return Fit(
        group=group,
        members=members,
        plan_share=share,
        plan=plan,
        fact=fact,
        fact_share=_ratio(fact, total),
        ratio=_ratio(fact, plan),
    )


def _divided(total: int, shares: Sequence[Decimal]) -> list[int]:
    """Divide a whole by shares: each rounded half-up, the first takes what rounding leaves."""
    parts = [int((total * share).to_integral_value(ROUND_HALF_UP)) for share in shares]
    return [parts[0] + total - sum(parts), *parts[1:]]


def _ratio(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / Decimal(whole)).quantize(_TENTH, ROUND_HALF_UP) if whole else None

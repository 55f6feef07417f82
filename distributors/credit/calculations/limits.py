"""Exposure, the recommended limit with its arithmetic, headroom, and what puts an account on hold (section 7).

Amounts are whole ten-thousandths of the base currency; factors and haircuts are whole hundredths. Everything is exact:
the only rounding is the last one, down to full thousands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

UNIT = 10_000
MONTH_DAYS = 30


class Cover(StrEnum):
    """What secures a receivable."""

    DEPOSIT = "deposit"
    GUARANTEE = "guarantee"
    INSURANCE = "insurance"
    PROPERTY = "property"
    PERSONAL = "personal"


@dataclass(frozen=True)
class LimitRules:
    """What a recommended limit and a hold are made of; refuses what could not decide."""

    factors: Mapping[str, int] = field(
        default_factory=lambda: {"AAA": 200, "AA": 160, "A": 130, "BBB": 100, "BB": 60, "C": 30, "D": 0}
    )
    haircuts: Mapping[str, int] = field(
        default_factory=lambda: {
            Cover.DEPOSIT: 100,
            Cover.GUARANTEE: 95,
            Cover.INSURANCE: 85,
            Cover.PROPERTY: 50,
            Cover.PERSONAL: 10,
        }
    )
    turns_good: int = 110
    turns_near: int = 100
    turns_poor: int = 80
    turns_within: int = 20
    step: int = 1_000 * UNIT
    hold_least: int = 1_000 * UNIT
    hold_share: int = 1

    def __post_init__(self) -> None:
        """Refuses factors and haircuts below zero, haircuts above the whole, and a step that is none."""
        if any(factor < 0 for factor in self.factors.values()):
            raise ValueError("Factors are not below zero.")
        if any(not 0 <= haircut <= 100 for haircut in self.haircuts.values()):
            raise ValueError("What counts of a security lies between 0 and 100 %.")
        if min(self.turns_good, self.turns_near, self.turns_poor) < 0 or not 0 <= self.turns_within <= 100:
            raise ValueError("Factors of turns are not below zero.")
        if self.step < 1 or self.hold_least < 0 or not 0 <= self.hold_share <= 100:
            raise ValueError("Step and thresholds must be amounts.")


@dataclass(frozen=True)
class Exposure:
    """What is at stake with one distributor: the parts, and their sum."""

    receivable: int
    ordered: int
    prepaid: int
    acceptances: int
    reserved: int = 0

    @property
    def total(self) -> int:
        """Return open receivable + ordered not invoiced - prepayments + acceptances not due + what is reserved."""
        return self.receivable + self.ordered - self.prepaid + self.acceptances + self.reserved

    def headroom(self, limit: int) -> int:
        """Return what is left of a limit; of a distributor that pays before delivery the limit is zero."""
        return limit - self.total


def counted(securities: Iterable[tuple[str, int]], rules: LimitRules) -> int:
    """Return what securities, pairs of kind and value, are worth after their haircut, to the ten-thousandth below."""
    return sum(value * rules.haircuts[kind] // 100 for kind, value in securities)


@dataclass(frozen=True)
class LimitWorking:
    """How a recommended limit came about; monthly amounts to the ten-thousandth below, factors in hundredths."""

    half_year: int
    season: int
    monthly: int
    by_season: bool
    terms_days: int
    grade: str
    factor: int
    turns_factor: int
    security: int
    unsecured: int
    recommended: int


def turns_factor(*, turns: Fraction | None, plan: Fraction | None, rules: LimitRules) -> int:
    """Return the factor of stock turns against their plan; without either, that of being near it."""
    if turns is None or not plan:
        return rules.turns_near
    if turns >= plan:
        return rules.turns_good
    return rules.turns_near if turns * 100 >= plan * (100 - rules.turns_within) else rules.turns_poor


def recommended_limit(
    *, half_year: int, season: int, terms_days: int, grade: str, turns_factor: int, security: int, rules: LimitRules
) -> LimitWorking:
    """Return the recommended limit with its arithmetic.

    `half_year` is the sell-in of the last six full months, `season` that of last year's months of the coming quarter;
    both sums, none below zero counts. Without a grade nothing is lent but on security.
    """
    if terms_days < 0 or security < 0:
        raise ValueError("Terms and securities are not below zero.")
    six, three = Fraction(max(half_year, 0), 6), Fraction(max(season, 0), 3)
    monthly = max(six, three)
    factor = rules.factors[grade] if grade else 0
    unsecured = monthly * terms_days / MONTH_DAYS * factor / 100 * turns_factor / 100
    return LimitWorking(
        half_year=int(six),
        season=int(three),
        monthly=int(monthly),
        by_season=three > six,
        terms_days=terms_days,
        grade=grade,
        factor=factor,
        turns_factor=turns_factor,
        security=security,
        unsecured=int(unsecured),
        recommended=int((unsecured + security) // rules.step) * rules.step,
    )


class Reason(StrEnum):
    """Why an account is, or would be, on hold."""

    OVERDUE = "overdue"
    OVER_LIMIT = "over_limit"
    NO_LIMIT = "no_limit"
    NOT_PREPAID = "not_prepaid"
    ON_HOLD = "on_hold"


def overdue_least(limit: int, rules: LimitRules) -> int:
    """Return the amount above which one overdue item puts an account on hold."""
    return max(rules.hold_least, limit * rules.hold_share // 100)


def hold_reasons(*, largest_late: int, exposure: int, limit: int | None, rules: LimitRules) -> list[Reason]:
    """Return why an account belongs on hold; `largest_late` is the largest undisputed item overdue beyond grace.

    Without a limit, because none was decided or because the distributor pays before delivery, only lateness counts.
    """
    reasons = []
    if largest_late > overdue_least(limit or 0, rules):
        reasons.append(Reason.OVERDUE)
    if limit is not None and exposure > limit:
        reasons.append(Reason.OVER_LIMIT)
    return reasons


@dataclass(frozen=True)
class Verdict:
    """The answer to one more order: why not, and what is left after it where it is approved, else now."""

    reasons: tuple[Reason, ...]
    exposure: int
    headroom: int

    @property
    def approved(self) -> bool:
        """Tell whether the order may go."""
        return not self.reasons


def check(*, amount: int, exposure: Exposure, limit: int | None, prepaid: bool, held: bool) -> Verdict:
    """Decide on an order of `amount` above zero: within the limit, or within what is paid before delivery."""
    if amount <= 0:
        raise ValueError("An order has an amount above zero.")
    left = exposure.headroom(0 if prepaid else limit or 0)
    reasons = [Reason.ON_HOLD] if held else []
    if not prepaid and limit is None:
        reasons.append(Reason.NO_LIMIT)
    elif amount > left:
        reasons.append(Reason.NOT_PREPAID if prepaid else Reason.OVER_LIMIT)
    return Verdict(tuple(reasons), exposure.total, left if reasons else left - amount)

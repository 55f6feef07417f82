"""The criteria of the credit card and their sub-criteria: where each comes from, its usual weight, how it is scored."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from django.db import models
from django.utils.translation import gettext_lazy as _

from distributors.credit.calculations.five_c import Scale


class Criterion(models.TextChoices):
    """The five criteria."""

    CHARACTER = "character", _("character")
    CAPACITY = "capacity", _("capacity")
    CAPITAL = "capital", _("capital")
    COLLATERAL = "collateral", _("collateral")
    CONDITIONS = "conditions", _("conditions")


class Item(models.TextChoices):
    """The sub-criteria."""

    PUNCTUALITY = "punctuality", _("payment punctuality")
    BREACHES = "breaches", _("contract breaches")
    REFERENCES = "references", _("references")
    LITIGATION = "litigation", _("litigation")
    TREND = "trend", _("sales trend")
    TURNS = "turns", _("inventory turns against plan")
    MARGIN = "margin", _("operating margin stated")
    MANAGEMENT = "management", _("management")
    REGISTERED = "registered", _("registered capital")
    DEBT = "debt", _("debt ratio")
    CURRENT = "current", _("current ratio")
    PREMISES = "premises", _("own premises")
    COVERAGE = "coverage", _("security over exposure")
    GUARANTOR = "guarantor", _("guarantor strength")
    DEMAND = "demand", _("territory demand trend")
    OUTLOOK = "outlook", _("industry outlook")
    CONCENTRATION = "concentration", _("concentration on one customer")
    COUNTRY = "country", _("currency and country risk")


class Source(Enum):
    """Where a sub-criterion comes from: what is computed, or follows from accounts, cannot be typed in."""

    LEDGER = "ledger"
    ACCOUNTS = "accounts"
    ENTERED = "entered"


@dataclass(frozen=True)
class Rule:
    """One sub-criterion: its criterion, source, usual weight within it in parts of 10,000, and scale."""

    criterion: Criterion
    source: Source
    weight: int
    scale: Scale | None = None


def _scale(*points: tuple[str, int]) -> Scale:
    return Scale(tuple((Decimal(value), Decimal(score)) for value, score in points))


_GROWTH = _scale(("-0.30", 0), ("0", 60), ("0.15", 80), ("0.30", 100))

CRITERIA: dict[Criterion, int] = {
    Criterion.CHARACTER: 3_000,
    Criterion.CAPACITY: 2_500,
    Criterion.CAPITAL: 2_000,
    Criterion.COLLATERAL: 1_500,
    Criterion.CONDITIONS: 1_000,
}
RULES: dict[Item, Rule] = {
    Item.PUNCTUALITY: Rule(Criterion.CHARACTER, Source.LEDGER, 5_000, _scale(("0", 0), ("1", 100))),
    Item.BREACHES: Rule(Criterion.CHARACTER, Source.LEDGER, 2_000, _scale(("0", 100), ("1", 60), ("2", 30), ("3", 0))),
    Item.REFERENCES: Rule(Criterion.CHARACTER, Source.ENTERED, 1_500),
    Item.LITIGATION: Rule(Criterion.CHARACTER, Source.ENTERED, 1_500),
    Item.TREND: Rule(Criterion.CAPACITY, Source.LEDGER, 3_500, _GROWTH),
    Item.TURNS: Rule(Criterion.CAPACITY, Source.LEDGER, 2_500, _scale(("0.5", 0), ("1", 80), ("1.3", 100))),
    Item.MARGIN: Rule(
        Criterion.CAPACITY, Source.ACCOUNTS, 2_000, _scale(("-0.05", 0), ("0", 30), ("0.05", 70), ("0.10", 100))
    ),
    Item.MANAGEMENT: Rule(Criterion.CAPACITY, Source.ENTERED, 2_000),
    Item.REGISTERED: Rule(
        Criterion.CAPITAL,
        Source.ACCOUNTS,
        2_500,
        _scale(("0", 0), ("500000", 40), ("1000000", 60), ("5000000", 80), ("20000000", 100)),
    ),
    Item.DEBT: Rule(
        Criterion.CAPITAL, Source.ACCOUNTS, 3_000, _scale(("0.3", 100), ("0.5", 80), ("0.7", 50), ("0.9", 0))
    ),
    Item.CURRENT: Rule(
        Criterion.CAPITAL, Source.ACCOUNTS, 2_500, _scale(("0.5", 0), ("1", 50), ("1.5", 80), ("2", 100))
    ),
    Item.PREMISES: Rule(Criterion.CAPITAL, Source.ACCOUNTS, 2_000, _scale(("0", 40), ("1", 100))),
    Item.COVERAGE: Rule(Criterion.COLLATERAL, Source.LEDGER, 7_000, _scale(("0", 0), ("0.5", 60), ("1", 100))),
    Item.GUARANTOR: Rule(Criterion.COLLATERAL, Source.ENTERED, 3_000),
    Item.DEMAND: Rule(Criterion.CONDITIONS, Source.LEDGER, 4_000, _GROWTH),
    Item.OUTLOOK: Rule(Criterion.CONDITIONS, Source.ENTERED, 2_000),
    Item.CONCENTRATION: Rule(Criterion.CONDITIONS, Source.ENTERED, 2_000),
    Item.COUNTRY: Rule(Criterion.CONDITIONS, Source.ENTERED, 2_000),
}
WITHIN: dict[Criterion, tuple[Item, ...]] = {
    one: tuple(item for item, rule in RULES.items() if rule.criterion == one) for one in CRITERIA
}
ENTERED: tuple[Item, ...] = tuple(item for item, rule in RULES.items() if rule.source is Source.ENTERED)
ENTERED_CHOICES = [(item.value, item.label) for item in ENTERED]

OVERALL = "criteria"
# The levels at which weights add up to 1: the criteria, and the sub-criteria within each of them.
LEVELS: dict[str, tuple[str, ...]] = {
    OVERALL: tuple(one.value for one in CRITERIA),
    **{one.value: tuple(item.value for item in items) for one, items in WITHIN.items()},
}


def level_label(level: str) -> str:
    """Return what a level of weights is called."""
    return str(_("the five criteria") if level == OVERALL else Criterion(level).label)


def name_label(name: str) -> str:
    """Return what a criterion or a sub-criterion is called."""
    return str(Criterion(name).label if name in Criterion.values else Item(name).label)

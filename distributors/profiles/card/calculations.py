"""How complete a card is, by points that add up to a hundred, and our share in what a distributor could sell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

WHOLE = 100
TENTH = Decimal("0.001")

# Group -> the points of each of its fields.
POINTS: dict[str, dict[str, int]] = {
    "identity": {
        "short_name": 1,
        "registration_number": 4,
        "tax_number": 4,
        "legal_representative": 2,
        "founded_on": 2,
        "registered_capital": 2,
        "phone": 2,
        "language": 1,
        "time_zone": 1,
        "currency": 1,
    },
    "places": {
        "registered_address": 4,
        "shipping_address": 3,
        "outlets": 4,
        "warehouse": 2,
        "showroom": 1,
        "vehicles": 1,
    },
    "organisation": {
        "turnover": 4,
        "staff": 2,
        "sales_staff": 2,
        "people": 2,
        "decider": 3,
        "house_rules": 2,
        "settlement_procedure": 2,
    },
    "business": {"lines_carried": 4, "brands": 5, "wallet": 6, "main_customers": 4},
    "cooperation": {
        "cooperation_since": 2,
        "first_contact_on": 2,
        "opened_by": 1,
        "opened_with": 1,
        "delivery_windows": 2,
        "settlement_method": 3,
        "settlement_days": 2,
        "invoice_kind": 2,
        "settlement_contact": 2,
        "contract": 3,
    },
    "files": {"licence": 4, "tax_certificate": 3, "photo": 2},
}
FIELDS: dict[str, int] = {name: points for group in POINTS.values() for name, points in group.items()}


@dataclass(frozen=True)
class GroupShare:
    """A group of the card: the points it has of those it could have, and the fields that are missing."""

    name: str
    reached: int
    possible: int
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Completeness:
    """How complete a card is in per cent, by groups; `missing` are all fields, those with most points first."""

    percent: int
    groups: tuple[GroupShare, ...]
    missing: tuple[str, ...]


def completeness(present: Mapping[str, bool]) -> Completeness:
    """Return how complete a card is of which these fields are filled in: the points of those, of a hundred."""
    groups = tuple(_group(name, fields, present) for name, fields in POINTS.items())
    missing = [name for group in groups for name in group.missing]
    missing.sort(key=lambda name: -FIELDS[name])
    return Completeness(sum(group.reached for group in groups), groups, tuple(missing))


def _group(name: str, fields: Mapping[str, int], present: Mapping[str, bool]) -> GroupShare:
    missing = tuple(field for field in fields if not present.get(field))
    possible = sum(fields.values())
    return GroupShare(name, possible - sum(fields[field] for field in missing), possible, missing)


def wallet_share(ours: Decimal, wallet: Decimal | None) -> Decimal | None:
    """Return our share in what a distributor could sell, to a tenth of a per cent; None without a wallet above zero."""
    if wallet is None or wallet <= 0:
        return None
    return (ours / wallet).quantize(TENTH, ROUND_HALF_UP)


def shares_left(shares: Iterable[Decimal]) -> Decimal:
    """Return what is left of a hundred per cent beside `shares`: negative where they are more than all."""
    return WHOLE - sum(shares, Decimal(0))

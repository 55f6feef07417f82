"""Reads of contracts: those of a distributor, those that end soon, what they add to pages around them."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf

from core.contributors import collect
from core.money import amount_text
from core.periods import month_of, month_shift, months_between
from core.scope import visibility
from distributors.profiles.contracts.models import MONTHS, SIGNED, Contract, ContractMonth, ContractState, Coverage

STEPS = (30, 60, 90)
NAME = Coalesce(NullIf("distributor__short_name", Value("")), "distributor__legal_name")
MOST_MONTHS = 10 * MONTHS
TargetEntry = tuple[Any, list[tuple[date, Decimal]], str]
TONES = {"draft": "w", "in_force": "g", "terminated": "b"}


def ending(rows: QuerySet[Contract], as_of: date, days: int = STEPS[-1]) -> QuerySet[Contract]:
    """Keep the contracts in force that end within `days` and that no signed version follows."""
    after = Contract.objects.filter(number=OuterRef("number"), edition__gt=OuterRef("edition"), state__in=SIGNED)
    soon = rows.filter(state=ContractState.IN_FORCE, ends_on__gte=as_of, ends_on__lte=as_of + timedelta(days=days))
    return soon.filter(~Exists(after))


def ending_for(user: Any, as_of: date) -> Any:
    """Return the contracts that end soon for who renews them, and for the owner of the distributor.

    `renews` tells whether the user may make the next version.
    """
    condition = visibility(Contract, user, "change")
    renews: Any = Value(False)
    if condition is not None:
        renews = Case(When(condition, then=Value(True)), default=Value(False)) if condition else Value(True)
    mine = Q(distributor__owner=user.pk)
    rows = ending(Contract.objects.visible_to(user), as_of)
    if condition is None:
        rows = rows.filter(mine)
    elif condition:
        rows = rows.filter(mine | condition)
    return rows.annotate(renews=renews, name=NAME).order_by("ends_on", "pk")


def contracts_of(distributor_pk: int, user: Any) -> list[dict[str, Any]]:
    """Return the contracts of a card, and of those merged into it: the latest first, each with its coverage."""
    rows = (
        Contract.objects.visible_to(user)
        .filter(Q(distributor=distributor_pk) | Q(distributor__merged_into=distributor_pk))
        .order_by("-valid_from", "number", "-edition")
    )
    contracts = list(rows)
    covered = coverage_by_contract([one.pk for one in contracts])
    return [
        {
            "contract": one,
            "coverage": covered.get(one.pk, []),
            "tone": TONES.get(one.state, ""),
            "target": amount_text(one.yearly_target, 0),
        }
        for one in contracts
    ]


def coverage_by_contract(keys: Sequence[int]) -> dict[int, list[Coverage]]:
    """Return the rows of coverage of contracts, by their keys."""
    found: dict[int, list[Coverage]] = {}
    for row in Coverage.objects.filter(contract__in=keys).select_related("territory"):
        found.setdefault(row.contract_id, []).append(row)
    return found


def coverage_text(keys: Sequence[int]) -> dict[int, str]:
    """Return what contracts cover, in one line each."""
    return {key: "; ".join(str(row) for row in rows) for key, rows in coverage_by_contract(keys).items()}


def year_before(distributor: int, first: date) -> list[Decimal]:
    """Return the net sales of the twelve months before the one of `first`, in their order, as the ledger tells them."""
    start = month_shift(month_of(first), -MONTHS)
    sold: dict[date, Decimal] = {}
    for month, amount in collect("contract_year_before", distributor, start, month_of(first)):
        sold[month] = sold.get(month, Decimal(0)) + amount
    return [sold.get(month_shift(start, place), Decimal(0)) for place in range(MONTHS)]


def months_listed(keys: Sequence[int]) -> dict[int, list[str]]:
    """Return the parts of the yearly targets of contracts, by their keys."""
    found: dict[int, list[str]] = {}
    rows = ContractMonth.objects.filter(contract__in=keys).order_by("contract", "place")
    for key, value in rows.values_list("contract_id", "value"):
        found.setdefault(key, []).append(f"{value:f}")
    return found


def target_entry(contract: Contract, parts: Sequence[Decimal]) -> TargetEntry:
    """Return the distributor, the months with their targets, and the reason that a contract gives for them.

    A contract of several years repeats its year, one without an end sets one.
    """
    first = month_of(contract.valid_from)
    last = month_of(contract.ends_on) if contract.ends_on else month_shift(first, MONTHS - 1)
    count = min(months_between(first, last) + 1, MOST_MONTHS)
    months = [(month_shift(first, place), parts[place % MONTHS]) for place in range(count)]
    # In no language: asked again by a reader of another one, it is the same reason.
    return contract.distributor, months, f"contract {contract.number} version {contract.edition}"

"""Contracts that a file brings: their coverage as one text, and many new ones written at once."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.models import User
from core import audit, clock
from core.contributors import collect
from distributors.profiles.card.presence import completeness_write
from distributors.profiles.contracts.calculations import target_split
from distributors.profiles.contracts.exclusivity import exclusivity_hold
from distributors.profiles.contracts.models import MONTHS, Contract, ContractMonth, ContractState, Coverage
from distributors.profiles.contracts.selectors import target_entry
from distributors.profiles.models import Distributor

CHUNK = 1000
PARTS = re.compile(r"[;；\n]")
Part = tuple[str, str, bool]


@dataclass(frozen=True)
class Brought:
    """A contract as a file gives it: `fields` by their names, `rows` of coverage with territory, line, exclusive."""

    number: str
    distributor_id: int
    fields: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]


def coverage_read(text: str, *, exclusive: bool = False) -> list[Part]:
    """Return code of the territory, product line and exclusivity of each part of a text such as "EAST*;SH=Pumps"."""
    found: list[Part] = []
    for part in filter(None, (one.strip() for one in PARTS.split(text.replace("＊", "*").replace("＝", "=")))):
        code, _sign, line = part.rstrip("* ").partition("=")
        found.append((code.strip(), line.strip(), exclusive or part.endswith("*")))
    return found


@transaction.atomic
def contracts_bring(*, actor: User | None, contracts: Sequence[Brought], note: str) -> None:
    """Write contracts that are new, as drafts, or in force where a day of signature is given.

    What may refuse one was asked before, under the same locks; exclusivity is the database's, too.
    """
    exclusivity_hold("batch")
    for start in range(0, len(contracts), CHUNK):
        _bring(actor, contracts[start : start + CHUNK], note)


def _bring(actor: User | None, part: Sequence[Brought], note: str) -> None:
    made = Contract.objects.bulk_create(_contract(actor, one) for one in part)
    named = Distributor.objects.in_bulk({one.distributor_id for one in made})
    pairs = list(zip(made, part, strict=True))
    Coverage.objects.bulk_create(_cover(contract, row) for contract, one in pairs for row in one.rows)
    months: dict[int, Sequence[Decimal]] = {}
    for contract in made:
        contract.distributor = named[contract.distributor_id]
        if contract.yearly_target is not None:
            months[contract.pk] = target_split(contract.yearly_target, [Decimal(1)] * MONTHS)
    ContractMonth.objects.bulk_create(
        ContractMonth(contract_id=pk, place=place, value=value)
        for pk, values in months.items()
        for place, value in enumerate(values, 1)
    )
    audit.record_many(
        actor=actor, verb="contract.created", entries=[(one, {}, _told(brought)) for one, brought in pairs], note=note
    )
    signed = [one for one in made if one.state == ContractState.IN_FORCE]
    moved = {"state": str(ContractState.DRAFT)}, {"state": str(ContractState.IN_FORCE)}
    audit.record_many(actor=actor, verb="contract.signed", entries=[(one, *moved) for one in signed], note=note)
    collect("contract_targets", actor, [target_entry(one, months[one.pk]) for one in signed if one.pk in months], note)
    completeness_write(distributors=[one.distributor_id for one in signed])


def _contract(actor: User | None, one: Brought) -> Contract:
    signed = one.fields.get("signed_on") is not None
    return Contract(
        number=one.number,
        distributor_id=one.distributor_id,
        state=ContractState.IN_FORCE if signed else ContractState.DRAFT,
        ends_on=one.fields.get("valid_to"),
        created_by=actor,
        updated_by=actor,
        **one.fields,
    )


def _cover(contract: Contract, row: Mapping[str, Any]) -> Coverage:
    runs = contract.ends_on is None or contract.ends_on >= clock.today()
    return Coverage(
        contract=contract,
        territory_path=row["territory"].path,
        starts_on=contract.valid_from,
        ends_on=contract.ends_on,
        binding=bool(row["exclusive"]) and runs and contract.state == ContractState.IN_FORCE,
        **row,
    )


def _told(one: Brought) -> dict[str, str]:
    covered = "; ".join(
        f"{Coverage(territory=row['territory'], line=row['line'])}{' *' if row['exclusive'] else ''}"
        for row in one.rows
    )
    _old, new = audit.changes({}, {**one.fields, "number": one.number, "coverage": covered})
    return {name: text for name, text in new.items() if text}

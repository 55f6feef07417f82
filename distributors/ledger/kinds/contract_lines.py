"""The rows of a file of contracts, typed, and what each of them does to the contracts that are there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_noop as _

from accounts.models import Territory
from core.database import rows
from core.money import from_units
from core.sentences import Sentence
from distributors.ledger.staging import Stage
from distributors.profiles.contracts.bringing import Part, coverage_read
from distributors.profiles.contracts.models import SIGNED, Contract, ContractState

CHUNK = 1000
Row = tuple[int, str, bool]
Reason = tuple[str, Sentence]


@dataclass(frozen=True)
class Line:
    """One row of a file: the contract, the values that the file gives, and the parts of its coverage."""

    row: int
    number: str
    distributor: int
    values: Mapping[str, Any]
    parts: tuple[Part, ...] | None

    @property
    def signed(self) -> bool:
        """Tell whether the file says on which day it was signed."""
        return self.values.get("signed_on") is not None


def lines_of(stage: Stage) -> list[Line]:
    """Return the rows of the stage, with only the fields that the file gives."""
    plain = [one for one in stage.kind.fields if one.name in stage.mapped - {"number", "distributor", "exclusive"}]
    names = ["row", "number", "distributor_id", "exclusive", *(one.name for one in plain)]
    found = []
    for row, number, distributor, exclusive, *cells in rows(
        f"SELECT {', '.join(names)} FROM {stage.table} ORDER BY row"
    ):
        values = {one.name: _value(one.type, cell) for one, cell in zip(plain, cells, strict=True)}
        text = values.pop("coverage", None)
        parts = None if text is None else tuple(coverage_read(text, exclusive=bool(exclusive)))
        found.append(Line(row, number, distributor, values, parts))
    return found


def _value(kind: str, cell: Any) -> Any:
    if kind == "amount":
        return None if cell is None else from_units(int(cell))
    if kind == "date":
        return date.fromisoformat(cell) if isinstance(cell, str) else cell
    return cell if kind == "integer" else cell or ""


def _chunks(texts: set[str]) -> Iterator[list[str]]:
    listed = sorted(texts)
    return (listed[start : start + CHUNK] for start in range(0, len(listed), CHUNK))


class Known:
    """The contracts and territories that the rows of a file name, read for all of them at once."""

    def __init__(self, lines: Iterable[Line]):
        self.lines = list(lines)

    @cached_property
    def versions(self) -> dict[str, list[Contract]]:
        """Return the versions of the contracts by their numbers in small letters, the latest first."""
        found: dict[str, list[Contract]] = {}
        for part in _chunks({line.number for line in self.lines}):
            low = [number.lower() for number in part]
            rows_of = Contract.objects.annotate(low=Lower("number")).filter(Q(number__in=part) | Q(low__in=low))
            for one in rows_of.order_by("-edition").prefetch_related("coverage__territory", "months"):
                found.setdefault(one.number.lower(), []).append(one)
        return found

    @cached_property
    def territories(self) -> dict[str, Territory]:
        """Return the territories that are covered, by their codes."""
        codes = {code for line in self.lines for code, _line, _exclusive in line.parts or ()}
        found: dict[str, Territory] = {}
        for part in _chunks(codes):
            found |= {one.code: one for one in Territory.objects.filter(code__in=part)}
        return found

    def latest(self, line: Line) -> Contract | None:
        """Return the last version of the contract that a row is about, None for a new one."""
        return next(iter(self.versions.get(line.number.lower(), ())), None)

    def same(self, line: Line) -> bool:
        """Tell whether a row says nothing new: its draft, or one of the signed versions, is so already."""
        held = [one for one in self.versions.get(line.number.lower(), ()) if one.state != ContractState.WITHDRAWN]
        return any(self.differing(line, one) is None for one in held)

    def differing(self, line: Line, contract: Contract) -> str | None:
        """Return the first field in which a row differs from a version, None where it does not.

        A file that does not say when a contract was signed says nothing about it.
        """
        if (contract.number, contract.distributor_id) != (line.number, line.distributor):
            return "number"
        for name, value in line.values.items():
            if value != getattr(contract, name) and not (name == "signed_on" and value is None):
                return name
        held = {(row.territory_id, row.line, row.exclusive) for row in contract.coverage.all()}
        return "coverage" if line.parts is not None and held != self.rows(line) else None

    def rows(self, line: Line) -> set[Row]:
        """Return the coverage of a row as keys of territories, lines and exclusivity."""
        parts = ((self.territories.get(code), name, exclusive) for code, name, exclusive in line.parts or ())
        return {(place.pk, name, exclusive) for place, name, exclusive in parts if place}

    def refusal(self, line: Line) -> Reason | None:
        """Return the column and the reason for which the contract that is there refuses a row."""
        latest = self.latest(line)
        if latest is None or self.same(line):
            return None
        if (latest.number, latest.distributor_id) != (line.number, line.distributor):
            return "number", Sentence(_("Another contract has the number “%(number)s”."), number=latest.number)
        if latest.state == ContractState.WITHDRAWN:
            return "number", Sentence(_("The draft with this number was withdrawn: write another number."))
        if latest.state in SIGNED:
            field = self.differing(line, latest) or "number"
            return field, Sentence(_("What is signed does not change; make a new version of the contract."))
        return None

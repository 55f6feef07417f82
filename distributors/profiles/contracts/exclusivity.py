"""Exclusivity: no two binding coverages overlap in territory, product line and time.

The database refuses it (an exclusion constraint on PostgreSQL, triggers on SQLite); here it is asked before, under the
lock of the territories, so that the refusal can name the other contract.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_noop

from accounts.models import STEP, Territory
from core import clock
from core.database import lock
from core.errors import DomainError
from core.scope import in_subtree
from core.sentences import Sentence
from core.triggers import sqlite_trigger_add
from distributors.profiles.contracts.calculations import Claim, overlaps
from distributors.profiles.contracts.models import Contract, Coverage

MOST_NAMED = 20

COVERAGE_SQLITE = """
CREATE TRIGGER "{name}" AFTER {verb} ON "profiles_coverage" WHEN NEW.binding
BEGIN SELECT RAISE(ABORT, 'exclusive coverage overlaps') WHERE EXISTS (
    SELECT 1 FROM "profiles_coverage" AS other
    WHERE other.binding AND other.id <> NEW.id
    AND (other.line = '' OR NEW.line = '' OR other.line = NEW.line)
    AND (other.territory_path = substr(NEW.territory_path, 1, length(other.territory_path))
         OR NEW.territory_path = substr(other.territory_path, 1, length(NEW.territory_path)))
    AND other.starts_on <= coalesce(NEW.ends_on, '9999-12-31')
    AND NEW.starts_on <= coalesce(other.ends_on, '9999-12-31')); END"""
VERSIONS_SQLITE = """
CREATE TRIGGER "{name}" AFTER {verb} ON "profiles_contract"
WHEN NEW.state IN ('in_force', 'ended', 'terminated')
BEGIN SELECT RAISE(ABORT, 'versions of a contract overlap') WHERE EXISTS (
    SELECT 1 FROM "profiles_contract" AS other
    WHERE other.number = NEW.number AND other.id <> NEW.id
    AND other.state IN ('in_force', 'ended', 'terminated')
    AND other.valid_from <= coalesce(NEW.ends_on, '9999-12-31')
    AND NEW.valid_from <= coalesce(other.ends_on, '9999-12-31')); END"""


def triggers_add() -> None:
    """Register what SQLite lacks: PostgreSQL has both as exclusion constraints, by the migration of the tables."""
    for table, statement in (("profiles_coverage", COVERAGE_SQLITE), ("profiles_contract", VERSIONS_SQLITE)):
        for verb in ("insert", "update"):
            name = f"{table}_apart_{verb}"
            sqlite_trigger_add(name, table, statement.format(name=name, verb=verb.upper()))


def exclusivity_hold(*also: str) -> None:
    """Hold what exclusivity is asked under until the transaction ends: of two who save at once, one comes after.

    It rests on the tree as it is; whoever needs other locks beside names them here.
    """
    lock("territory", *also)


def coverage_release(*, as_of: date) -> int:
    """Let what ended before `as_of` bind no more; return how many rows."""
    return int(Coverage.objects.filter(binding=True, ends_on__lt=as_of).update(binding=False))


def clash_refuse(*, claims: Iterable[Claim], number: str, actor: Any) -> None:
    """Raise DomainError where exclusive claims of the contract `number` meet each other, or those of another one."""
    claims = list(claims)
    for one, other in combinations(claims, 2):
        if overlaps(one, other):
            raise DomainError(Sentence(gettext_noop("Two exclusive rows of this contract overlap.")), "coverage")
    met = _met(Coverage.objects.exclude(contract__number=number), claims).first()
    if met is not None:
        raise DomainError(clash_sentence(met, actor), "coverage")


def _met(rows: QuerySet[Coverage], claims: Iterable[Claim]) -> QuerySet[Coverage]:
    """Return the binding rows that meet one of the claims."""
    condition = Q(pk__in=[])
    for claim in claims:
        above = [claim.path[:end] for end in range(STEP, len(claim.path) + 1, STEP)]
        place = Q(territory_path__in=above) | in_subtree("territory_path", claim.path)
        lines = Q(line__in=["", claim.line]) if claim.line else Q()
        until = Q(starts_on__lte=claim.last) if claim.last else Q()
        condition |= place & lines & until & (Q(ends_on=None) | Q(ends_on__gte=claim.first))
    related = rows.filter(condition, binding=True).select_related("contract__distributor", "territory")
    return related.order_by("territory_path", "pk")


def clash_sentence(met: Coverage, actor: Any) -> Sentence:
    """Return the sentence that names what stands in the way, its distributor only to who sees that contract."""
    seen = actor is not None and Contract.objects.visible_to(actor).filter(pk=met.contract_id).exists()
    whose = f"{met.contract} ({met.contract.distributor})" if seen else str(met.contract)
    texts = {"where": str(met.territory), "line": met.line, "contract": whose}
    if not met.line:
        del texts["line"]
        text = gettext_noop("“%(where)s” is exclusive by contract %(contract)s, for all product lines, %(days)s.")
    else:
        text = gettext_noop("“%(where)s” is exclusive by contract %(contract)s, for “%(line)s”, %(days)s.")
    return Sentence(text, **texts, days=_days(met.starts_on, met.ends_on))


def _days(first: date, last: date | None) -> Sentence:
    begin = date_format(first, "DATE_FORMAT")
    if last is None:
        return Sentence(gettext_noop("from %(first)s until further notice"), first=begin)
    return Sentence(gettext_noop("from %(first)s to %(last)s"), first=begin, last=date_format(last, "DATE_FORMAT"))


def close_clashes(territory: Territory, day: date) -> Iterator[Sentence]:
    """Yield why a territory cannot close on `day`: contracts that give rights in it itself still run then.

    What was agreed changes by a contract, never by the tree: rights are read as they were on the day of a sale.
    """
    rows = Coverage.objects.filter(territory=territory, contract__in=Contract.objects.not_over(day))
    running = rows.select_related("contract")
    named = sorted({str(row.contract) for row in running[:MOST_NAMED]})
    if named:
        text = gettext_noop(
            "“%(name)s” is covered by %(contracts)s: end each of them before that day, or sign a version that covers "
            "another territory."
        )
        yield Sentence(text, name=str(territory), contracts=", ".join(named))


def closed_refuse(rows: Iterable[Coverage]) -> None:
    """Raise DomainError where one of the rows names a territory that is closed."""
    for row in rows:
        if row.territory.closed_on:
            raise DomainError(Sentence(gettext_noop("“%(name)s” is closed."), name=str(row.territory)), "coverage")


def move_clashes(territory: Territory, after: Territory | None, day: date) -> Iterator[Sentence]:
    """Yield what would overlap once `territory` lies within `after` from `day` on, naming both contracts.

    Only rows of the territory that moves, with all below, can newly meet rows of those above its new place.
    """
    if after is None:
        return
    if day <= clock.today():
        coverage_release(as_of=clock.today())
    moved = Coverage.objects.filter(in_subtree("territory_path", territory.path), binding=True)
    path = Territory.objects.get(pk=after.pk).path
    above = [path[:end] for end in range(STEP, len(path) + 1, STEP)]
    there = Coverage.objects.filter(territory_path__in=above, binding=True)
    met = list(there.select_related("contract", "territory"))
    for one in moved.select_related("contract", "territory"):
        for other in met:
            # Once moved, the one row lies within the other.
            begins = one.starts_on if day <= clock.today() else max(one.starts_on, day)
            first = Claim(path, one.line, begins, one.ends_on)
            if overlaps(first, Claim(path, other.line, other.starts_on, other.ends_on)):
                text = gettext_noop(
                    "“%(one)s” is exclusive by contract %(mine)s and “%(other)s” by contract %(theirs)s: "
                    "after the move they would overlap."
                )
                yield Sentence(
                    text,
                    one=str(one.territory),
                    mine=str(one.contract),
                    other=str(other.territory),
                    theirs=str(other.contract),
                )

"""The rules in force, and who may decide on a request under them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Any

from accounts.absences import represented_by
from accounts.models import User
from accounts.roles import Role
from core import clock
from core.company import company
from core.money import to_units
from core.scope import visibility
from distributors.credit.calculations.limits import LimitRules
from distributors.credit.limits.figures import Account, account_of
from distributors.credit.limits.models import CreditLimit, LimitKind, LimitPolicy, LimitState
from distributors.credit.limits.rates import local_day, zone_of


def policy_now() -> LimitPolicy:
    """Return the version that holds: the last one, and as delivered where none was ever written."""
    return LimitPolicy.objects.order_by("-number").first() or LimitPolicy(number=1)


def rules_of(policy: LimitPolicy) -> LimitRules:
    """Return what a version says, as the calculation takes it."""
    return LimitRules(hold_least=to_units(policy.hold_least), hold_share=policy.hold_share)


class Level(IntEnum):
    """Who must approve an amount: a sales manager or finance, finance, or two persons, one of them of finance."""

    MANAGER = 1
    FINANCE = 2
    TWO = 3


def level_of(total: Decimal, policy: LimitPolicy) -> Level:
    """Return who must approve a limit that makes up `total` in the base currency, increases included."""
    if total > policy.second_from:
        return Level.TWO
    return Level.MANAGER if total <= policy.manager_most else Level.FINANCE


@dataclass(frozen=True)
class Decider:
    """Whether someone may decide on a request, in whose place where it is not in their own name, and else why not."""

    allowed: bool
    on_behalf_of: User | None = None
    refusal: str = ""


OWN, SECOND, ABOVE, NOBODY = "own", "second", "above", "nobody"


def decider(request: CreditLimit, user: Any, level: Level, day: date) -> Decider:
    """Return whether `user` may decide on a request on a day, in their own name or for someone absent.

    Nobody decides on their own request, nor for the one who made it, and of two persons each decides once.
    """
    refusal = NOBODY
    if user.pk == request.requested_by_id:
        return Decider(False, refusal=OWN)
    if user.pk is not None and user.pk == request.first_by_id:
        return Decider(False, refusal=SECOND)
    for person in (user, *represented_by(user, day)):
        if not _reaches(person, request):
            continue
        if person.pk == request.requested_by_id:
            refusal = OWN
        elif person.pk in (request.first_by_id, request.first_for_id) and person.pk is not None:
            refusal = SECOND
        elif not _suffices(person, request, level):
            refusal = ABOVE
        else:
            return Decider(True, None if person is user else person)
    return Decider(False, refusal=refusal)


def _suffices(person: Any, request: CreditLimit, level: Level) -> bool:
    """Tell whether a role decides at a level: of two persons one is of finance."""
    if level == Level.MANAGER or person.role == Role.FINANCE:
        return True
    first = request.first_for or request.first_by
    return level == Level.TWO and (first is None or first.role == Role.FINANCE)


def _reaches(person: Any, request: CreditLimit) -> bool:
    condition = visibility(CreditLimit, person, "approve")
    return condition is not None and CreditLimit.objects.filter(condition, pk=request.pk).exists()


def account_now(distributor: Any, policy: LimitPolicy) -> Account:
    """Return the account of a distributor as it is now, where the distributor is."""
    firm = company()
    day = local_day(zone_of(distributor.time_zone, firm))
    return account_of(distributor.pk, day, clock.now(), policy, firm.base_currency)


def total_of(request: CreditLimit, base: Decimal) -> Decimal:
    """Return the most that a distributor may owe on any day of a request once it is approved, in the base currency.

    What is approved already counts on the days it holds, also where they lie ahead, so that several small requests
    are judged as what they come to.
    """
    rows = CreditLimit.objects.filter(
        distributor=request.distributor_id,
        state=LimitState.APPROVED,
        starts_on__lte=request.ends_on,
        ends_on__gte=request.starts_on,
    ).exclude(pk=request.pk)
    others = list(rows.order_by("starts_on", "pk"))
    days = {max(one.starts_on, request.starts_on) for one in others} | {request.starts_on}
    return max(base + _others_on(day, others, request) for day in days)


def _others_on(day: date, others: list[CreditLimit], request: CreditLimit) -> Decimal:
    """Return what the approved limits add to a request on a day: increases, and to an increase the limit."""
    holding = [one for one in others if one.holds_on(day)]
    more = sum((one.base_amount for one in holding if one.kind == LimitKind.TEMPORARY), Decimal(0))
    regular = [one.base_amount for one in holding if one.kind == LimitKind.REGULAR]
    return more + (regular[-1] if regular and request.kind == LimitKind.TEMPORARY else Decimal(0))

"""The recommended limit of a distributor with its working, from the ledger, the grade and the securities."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from core import clock
from core.company import company
from core.money import from_units, to_units
from core.periods import full_months, month_shift
from distributors.credit.calculations.limits import LimitWorking, counted, recommended_limit, turns_factor
from distributors.credit.limits.models import LimitPolicy, Security
from distributors.credit.limits.rules import rules_of
from distributors.ledger.models import LineKind, MonthlySales
from distributors.profiles.models import Contract, Cooperation, Distributor

HALF_YEAR, QUARTER = 6, 3


@dataclass(frozen=True)
class Recommended:
    """A recommendation: its working, the amount, and what it lacks: nothing, "grade" or "terms"."""

    working: LimitWorking
    lacks: str = ""

    @property
    def amount(self) -> Decimal:
        """Return the amount."""
        return from_units(self.working.recommended)

    def kept(self) -> dict[str, Any]:
        """Return the working as it is kept with a request; amounts in ten-thousandths."""
        return {**asdict(self.working), "lacks": self.lacks}


def terms_of(distributor: Distributor) -> tuple[str, int | None]:
    """Return how a distributor settles and in how many days; of the card, else of the contract in force."""
    found = Cooperation.objects.filter(distributor=distributor.pk).values_list("settlement_method", "settlement_days")
    method, days = found.first() or ("", None)
    if days is None:
        rows = Contract.objects.holding_on(clock.today()).filter(distributor=distributor.pk).exclude(credit_days=None)
        days = rows.order_by("-valid_from").values_list("credit_days", flat=True).first()
    return method, days


def securities_in_force(distributor_id: int, day: date) -> list[Security]:
    """Return the securities that hold on a day."""
    rows = Security.objects.filter(distributor=distributor_id, released_on=None, starts_on__lte=day)
    return list(rows.filter(Q(expires_on=None) | Q(expires_on__gte=day)))


def worth_of(security: Security, policy: LimitPolicy) -> int:
    """Return what counts of a security, in ten-thousandths."""
    value = to_units(security.base_amount)
    if security.counts is not None:
        return value * security.counts // 100
    return counted([(security.kind, value)], rules_of(policy))


def counts_of(security: Security, policy: LimitPolicy) -> int:
    """Return which share of a security counts, in percent."""
    return rules_of(policy).haircuts[security.kind] if security.counts is None else int(security.counts)


def recommendation(distributor: Distributor, policy: LimitPolicy, day: date) -> Recommended:
    """Return the recommended limit of a distributor as of a day, with tax as credit counts."""
    _method, days = terms_of(distributor)
    grade = str(getattr(distributor.standing, "credit_grade", "") or "")
    rules = rules_of(policy)
    working = recommended_limit(
        half_year=_sold(distributor.pk, set(full_months(day, HALF_YEAR).months)),
        season=_sold(distributor.pk, coming_quarter(day)),
        terms_days=days or 0,
        grade=grade,
        turns_factor=turns_factor(turns=None, plan=None, rules=rules),
        security=sum(worth_of(one, policy) for one in securities_in_force(distributor.pk, day)),
        rules=rules,
    )
    return Recommended(working, "grade" if not grade else "terms" if days is None else "")


def coming_quarter(day: date) -> set[date]:
    """Return last year's months of the fiscal quarter that follows the one of a day."""
    fiscal = company().fiscal
    first = fiscal.named_month(fiscal.quarter(day).end)
    return {month_shift(first, step - 12) for step in range(QUARTER)}


def _sold(distributor_id: int, months: set[date]) -> int:
    rows = MonthlySales.objects.filter(distributor=distributor_id, kind=LineKind.SELL_IN, month__in=months)
    found = rows.aggregate(net=Sum("amount"), tax=Sum("tax"))
    return to_units(found["net"] or 0) + to_units(found["tax"] or 0)

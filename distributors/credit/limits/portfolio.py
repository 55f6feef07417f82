"""The portfolio: exposure by grade and territory, how concentrated it is, and how far limits are used."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, FloatField, Q, QuerySet, Sum
from django.db.models.functions import Cast

from accounts.models import Territory
from distributors.profiles.models import Distributor

LARGEST = 50
GRADES = ("AAA", "AA", "A", "BBB", "BB", "C", "D", "")
USES = ((0.0, 0.5), (0.5, 0.8), (0.8, 1.0), (1.0, None))
ZERO = Decimal(0)


@dataclass(frozen=True)
class Group:
    """Distributors of one grade or territory: how many, what they owe in all, what they may owe, how many stop."""

    name: str
    key: Any
    count: int
    exposure: Decimal
    limit: Decimal
    held: int


@dataclass(frozen=True)
class Portfolio:
    """The accounts in reach with an exposure or a limit."""

    total: Group
    grades: list[Group]
    territories: list[Group]
    largest: list[tuple[int, str, Decimal]]
    uses: list[tuple[int, Decimal]]


def accounts(user: Any) -> Any:
    """Return the distributors in reach that have an exposure above zero or a limit."""
    rows = Distributor.objects.visible_to(user).filter(standing__isnull=False)
    return rows.filter(Q(standing__exposure__gt=0) | Q(standing__credit_limit__isnull=False))


SUMS: dict[str, Any] = {
    "n": Count("pk"),
    "owed": Sum("standing__exposure", filter=Q(standing__exposure__gt=0)),
    "most": Sum("standing__credit_limit"),
    "stops": Count("pk", filter=Q(standing__on_hold=True)),
}


def _group(name: str, key: Any, row: dict[str, Any]) -> Group:
    return Group(name, key, row["n"], row["owed"] or ZERO, row["most"] or ZERO, row["stops"])


def portfolio_of(user: Any) -> Portfolio:
    """Return the portfolio of a user in five questions."""
    rows = accounts(user).order_by()
    by_grade = {row["standing__credit_grade"]: row for row in rows.values("standing__credit_grade").annotate(**SUMS)}
    places = {row["territory"]: row for row in rows.values("territory").annotate(**SUMS)}
    names = dict(Territory.objects.filter(pk__in=places).values_list("pk", "name"))
    territories = [_group(names.get(key, ""), key, row) for key, row in places.items()]
    named = accounts(user).named().filter(standing__exposure__gt=0).order_by("-standing__exposure", "pk")
    return Portfolio(
        total=_group("", None, rows.aggregate(**SUMS)),
        grades=[_group(grade, grade, by_grade[grade]) for grade in GRADES if grade in by_grade],
        territories=sorted(territories, key=lambda one: (-one.exposure, one.name)),
        largest=list(named.values_list("pk", "name", "standing__exposure")[:LARGEST]),
        uses=_uses(rows),
    )


def _uses(rows: QuerySet) -> list[tuple[int, Decimal]]:
    """Return how many limits are used to which part, and the exposure under them."""
    used = Cast("standing__exposure", FloatField()) / Cast("standing__credit_limit", FloatField())
    asked: dict[str, Any] = {}
    for place, (least, most) in enumerate(USES):
        within = Q(used__gt=least) if place else Q()
        within &= Q() if most is None else Q(used__lte=most)
        asked |= {
            f"n{place}": Count("pk", filter=within),
            f"owed{place}": Sum("standing__exposure", filter=within),
        }
    found = rows.filter(standing__credit_limit__gt=0).annotate(used=used).aggregate(**asked)
    return [(found[f"n{place}"], found[f"owed{place}"] or ZERO) for place in range(len(USES))]

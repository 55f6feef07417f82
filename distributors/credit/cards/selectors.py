"""Reads over credit cards: one card with what it rests on, its history, and grades by territory."""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import numpy as np
from django.db.models import Count, Q

from distributors.credit.calculations.five_c import hundredths
from distributors.credit.cards.inputs import FIGURES, UNKNOWN, Ints, first_year
from distributors.credit.cards.items import RULES, WITHIN, Criterion, Item, Source
from distributors.credit.cards.measures import values_of
from distributors.credit.cards.models import Accounts, CreditReview, CreditScore, Evidence, GradeEvent, ScoreRun
from distributors.profiles.models import Distributor

HISTORY = 24
STORED = {
    "invoiced": 4,
    "on_time": 4,
    "sales": 4,
    "sales_before": 4,
    "stock": 4,
    "security": 4,
    "exposure": 4,
    "demand_now": 4,
    "demand_before": 4,
    "capital_base": 4,
    "breach_count": 0,
}


@dataclass(frozen=True)
class Part:
    """One sub-criterion of a card: its weight within the criterion in parts of 10,000, its value and score.

    `value` is None for what is entered or missing; `evidence` is what it rests on, also where that has expired.
    """

    item: Item
    source: Source
    weight: int
    value: float | None
    score: Any
    evidence: Evidence | Accounts | None
    expired: bool


@dataclass(frozen=True)
class Branch:
    """One criterion of a card with its sub-criteria."""

    criterion: Criterion
    weight: int
    score: Any
    parts: list[Part]


@dataclass(frozen=True)
class CreditCard:
    """The card of one distributor in one run, with its accounts."""

    row: CreditScore
    run: ScoreRun
    branches: list[Branch]
    accounts: Accounts | None
    accounts_expired: bool


def current_run() -> ScoreRun | None:
    """Return the run whose cards are in force."""
    found: ScoreRun | None = ScoreRun.objects.filter(monthly=False).select_related("policy").first()
    return found


def card_of(*, user: Any, distributor: Distributor, run: int | None = None) -> CreditCard | None:
    """Return the card of a visible distributor in the current run, or in another one by its key; None where none."""
    rows = CreditScore.objects.visible_to(user).filter(distributor=distributor).select_related("run__policy")
    wanted = rows.filter(run=run) if run is not None else rows.filter(run__monthly=False)
    row = wanted.first()
    if row is None:
        return None
    evidence = evidence_at(user, distributor, row.as_of, row.scored_at)
    accounts = accounts_at(user, distributor, row.as_of, row.scored_at)
    expired = accounts is not None and accounts.year < first_year(row.as_of, row.run.policy.accounts_months)
    values = _values(row, None if expired else accounts)
    branches = [
        Branch(
            criterion,
            getattr(row.run.policy, criterion.value),
            getattr(row, criterion.value),
            [_part(row, item, values, evidence.get(item.value), accounts, expired) for item in items],
        )
        for criterion, items in WITHIN.items()
    ]
    return CreditCard(row, row.run, branches, accounts, expired)


def _part(
    row: CreditScore,
    item: Item,
    values: dict[Item, float | None],
    evidence: Evidence | None,
    accounts: Accounts | None,
    accounts_expired: bool,
) -> Part:
    source = RULES[item].source
    rests = evidence if source is Source.ENTERED else accounts if source is Source.ACCOUNTS else None
    expired = (
        accounts_expired
        if source is Source.ACCOUNTS
        else evidence is not None and source is Source.ENTERED and evidence.expires_on < row.as_of
    )
    return Part(
        item,
        source,
        getattr(row.run.policy, item.value),
        values.get(item),
        getattr(row, item.value),
        rests,
        expired,
    )


def _family(distributor: Distributor) -> Q:
    return Q(distributor=distributor) | Q(distributor__merged_into=distributor)


def _known(as_of: date, moment: datetime) -> Q:
    """Return the condition of what was recorded at a moment and reviewed by a day."""
    there = Q(withdrawn_at=None) | Q(withdrawn_at__gt=moment)
    return there & Q(reviewed_on__lte=as_of, created_at__lte=moment)


def evidence_at(user: Any, distributor: Distributor, as_of: date, moment: datetime) -> dict[str, Evidence]:
    """Return the latest evidence by sub-criterion as it counted at a moment, also where it has expired."""
    rows = Evidence.objects.visible_to(user).filter(_family(distributor), _known(as_of, moment))
    found: dict[str, Evidence] = {}
    for row in rows.select_related("created_by").order_by("-reviewed_on", "-pk"):
        found.setdefault(row.item, row)
    return found


def accounts_at(user: Any, distributor: Distributor, as_of: date, moment: datetime) -> Accounts | None:
    """Return the last accounts as they counted at a moment, also where they are too old."""
    rows = Accounts.objects.visible_to(user).filter(_family(distributor), _known(as_of, moment))
    found: Accounts | None = rows.select_related("created_by").order_by("-year", "-pk").first()
    return found


def _values(row: CreditScore, accounts: Accounts | None) -> dict[Item, float | None]:
    """Return the measured values of a card, by the calculation that scored it."""
    columns = {name: _one(getattr(row, name), places) for name, places in STORED.items()}
    columns |= {name: _one(getattr(accounts, name, None), 4) for name in FIGURES}
    columns["operating_margin"] = _one(getattr(accounts, "operating_margin", None), 2)
    own = getattr(accounts, "own_premises", None)
    columns["own_premises"] = _one(None if own is None else int(own), 0)
    found = values_of(columns, Fraction(row.run.policy.plan_turns))
    return {item: None if np.isnan(one[0]) else float(one[0]) for item, one in found.items()}


def _one(value: Any, places: int) -> Ints:
    return np.array([UNKNOWN if value is None else int(value * 10**places)], dtype=np.int64)


def history_of(user: Any, distributor: Distributor) -> list[CreditScore]:
    """Return the cards of the month-ends, the latest first."""
    rows = CreditScore.objects.visible_to(user).filter(distributor=distributor, run__monthly=True)
    return list(rows.select_related("run").order_by("-run__as_of")[:HISTORY])


def events_of(user: Any, distributor: Distributor) -> list[GradeEvent]:
    """Return the changes of grade, the latest first."""
    return list(GradeEvent.objects.visible_to(user).filter(distributor=distributor).exclude(before="")[:HISTORY])


def last_review(user: Any, distributor: Distributor) -> CreditReview | None:
    """Return the last review of a card."""
    rows = CreditReview.objects.visible_to(user).filter(distributor=distributor)
    found: CreditReview | None = rows.select_related("created_by").first()
    return found


def evidence_of(user: Any, distributor: Distributor) -> list[Evidence]:
    """Return everything that was entered of a distributor, the latest first."""
    rows = Evidence.objects.visible_to(user).filter(_family(distributor))
    return list(rows.select_related("created_by", "withdrawn_by")[:200])


def accounts_of(user: Any, distributor: Distributor) -> list[Accounts]:
    """Return the accounts of each year as they are now, the last first."""
    found: dict[int, Accounts] = {}
    rows = Accounts.objects.visible_to(user).filter(_family(distributor), withdrawn_at=None)
    for row in rows.select_related("created_by")[:100]:
        found.setdefault(row.year, row)
    return list(found.values())


def median_of(run: ScoreRun, path: str) -> tuple[str, list[Any]] | None:
    """Return the nearest territory path whose medians are told, with those of the five criteria."""
    while path:
        found = run.medians.get(path, [])
        if any(one is not None for one in found):
            return path, [None if one is None else hundredths(one) for one in found]
        path = path[:-4]
    return None


def grades_by_territory(user: Any) -> dict[str, dict[str, int]]:
    """Return how many visible distributors have which grade, by the path of their territory; '' where none yet."""
    rows = (
        Distributor.objects.visible_to(user)
        .filter(merged_into=None, standing__credit_as_of__isnull=False)
        .order_by()
        .values_list("territory_path", "standing__credit_grade")
        .annotate(n=Count("pk"))
    )
    found: dict[str, dict[str, int]] = {}
    for path, grade, count in rows:
        found.setdefault(path, {})[grade] = count
    return found

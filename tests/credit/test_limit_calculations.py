"""Limits, holds, checks and days outstanding: by hand, by the published figure, and by what always holds."""

import json
import os
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributors.credit.calculations.dso import Dso, dso
from distributors.credit.calculations.limits import (
    UNIT,
    Cover,
    Exposure,
    LimitRules,
    Reason,
    check,
    counted,
    hold_reasons,
    overdue_least,
    recommended_limit,
    turns_factor,
)
from distributors.ledger.ageing import BUCKETS
from distributors.ledger.calculations.ageing import EDGES, aged

SHARED = Path(os.environ.get("QUDAO_SHARED", Path(__file__).parents[2].parent / "shared"))
RULES = LimitRules()
amounts = st.integers(0, 10**9).map(lambda whole: whole * UNIT)


def limit_of(**given: Any) -> Any:
    usual = {"half_year": 0, "season": 0, "terms_days": 45, "grade": "A", "turns_factor": 100, "security": 0}
    return recommended_limit(**{**usual, **given}, rules=RULES)


def test_the_limit_of_the_documentation() -> None:
    security = counted([(Cover.DEPOSIT, 50_000 * UNIT), (Cover.PROPERTY, 300_000 * UNIT)], RULES)
    found = limit_of(half_year=1_260_000 * UNIT, season=720_000 * UNIT, turns_factor=110, security=security)
    assert (found.half_year, found.season) == (210_000 * UNIT, 240_000 * UNIT)
    assert (found.monthly, found.by_season) == (240_000 * UNIT, True)
    assert found.unsecured == 514_800 * UNIT
    assert found.security == 200_000 * UNIT
    assert found.recommended == 714_000 * UNIT


def test_a_limit_that_comes_out_even_is_not_rounded_down_by_a_step() -> None:
    assert limit_of(half_year=6_000 * UNIT, terms_days=30, grade="BBB").recommended == 1_000 * UNIT
    assert limit_of(half_year=7_000 * UNIT, terms_days=30, grade="BBB", security=0).recommended == 1_000 * UNIT
    third = limit_of(half_year=40_000 * UNIT, terms_days=45, grade="BBB")
    assert third.recommended == 10_000 * UNIT


@pytest.mark.parametrize("grade", ["", "D"])
def test_nothing_is_lent_to_the_last_grade_or_without_a_grade_but_on_security(grade: str) -> None:
    found = limit_of(half_year=6_000_000 * UNIT, grade=grade, security=50_500 * UNIT)
    assert found.recommended == 50_000 * UNIT


def test_months_of_returns_lend_nothing() -> None:
    assert limit_of(half_year=-900_000 * UNIT, season=-1).recommended == 0


@pytest.mark.parametrize(
    ("turns", "factor"),
    [(None, 100), (Fraction(6), 110), (Fraction(5), 100), (Fraction(24, 5), 100), (Fraction(4), 80)],
)
def test_stock_that_turns_slower_than_planned_lowers_the_limit(turns: Fraction | None, factor: int) -> None:
    assert turns_factor(turns=turns, plan=Fraction(6), rules=RULES) == factor


def test_without_a_plan_the_turns_do_not_matter() -> None:
    assert turns_factor(turns=Fraction(1), plan=None, rules=RULES) == 100


def test_each_kind_of_security_counts_with_its_haircut() -> None:
    worth = {kind: counted([(kind, 1_000 * UNIT)], RULES) // UNIT for kind in Cover}
    assert worth == {"deposit": 1_000, "guarantee": 950, "insurance": 850, "property": 500, "personal": 100}


@pytest.mark.parametrize(
    "made",
    [
        lambda: LimitRules(factors={"A": -1}),
        lambda: LimitRules(haircuts={"deposit": 101}),
        lambda: LimitRules(turns_poor=-1),
        lambda: LimitRules(step=0),
        lambda: limit_of(terms_days=-1),
        lambda: limit_of(security=-1),
        lambda: check(amount=0, exposure=Exposure(0, 0, 0, 0), limit=1, prepaid=False, held=False),
        lambda: dso(receivable=1, not_due=1, credit_sales=1, days=0),
        lambda: aged(np.array([1]), np.array([1]), edges=(0, 0)),
    ],
)
def test_what_cannot_be_decided_is_refused(made: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        made()


def test_exposure_adds_orders_and_acceptances_and_takes_off_prepayments() -> None:
    found = Exposure(receivable=400, ordered=120, prepaid=70, acceptances=200, reserved=50)
    assert (found.total, found.headroom(1_000), found.headroom(600)) == (700, 300, -100)


@pytest.mark.parametrize(
    ("late", "exposure", "limit", "reasons"),
    [
        (0, 100_000, 100_000, []),
        (0, 100_001, 100_000, [Reason.OVER_LIMIT]),
        (1_000, 0, 50_000, []),
        (1_001, 0, 50_000, [Reason.OVERDUE]),
        (2_000, 0, 200_000, []),
        (2_001, 200_001, 200_000, [Reason.OVERDUE, Reason.OVER_LIMIT]),
        (1_001, 10**6, None, [Reason.OVERDUE]),
        (0, 10**6, None, []),
    ],
)
def test_an_account_is_held_for_lateness_above_the_threshold_and_for_exposure_above_the_limit(
    late: int, exposure: int, limit: int | None, reasons: list[Reason]
) -> None:
    units = None if limit is None else limit * UNIT
    assert hold_reasons(largest_late=late * UNIT, exposure=exposure * UNIT, limit=units, rules=RULES) == reasons


def test_one_per_cent_of_a_large_limit_is_the_threshold_of_lateness() -> None:
    assert overdue_least(500_000 * UNIT, RULES) == 5_000 * UNIT
    assert overdue_least(0, RULES) == 1_000 * UNIT


@given(amounts, amounts, amounts, amounts, st.one_of(st.none(), amounts), amounts, st.booleans(), st.booleans())
def test_headroom_is_never_below_zero_where_an_order_is_approved(
    receivable: int, ordered: int, ahead: int, bills: int, limit: int | None, amount: int, prepaid: bool, held: bool
) -> None:
    exposure = Exposure(receivable, ordered, ahead, bills)
    found = check(amount=amount + 1, exposure=exposure, limit=limit, prepaid=prepaid, held=held)
    assert found.exposure == exposure.total
    if found.approved:
        assert found.headroom >= 0
        assert not held
        assert exposure.total + amount + 1 <= (0 if prepaid else limit)  # type: ignore[operator]
    else:
        assert found.reasons


def test_a_prepaid_order_goes_up_to_what_was_paid_before() -> None:
    exposure = Exposure(receivable=0, ordered=300, prepaid=1_000, acceptances=0)
    assert check(amount=700, exposure=exposure, limit=None, prepaid=True, held=False).approved
    assert check(amount=701, exposure=exposure, limit=None, prepaid=True, held=False).reasons == (Reason.NOT_PREPAID,)


def test_without_a_limit_and_on_hold_both_reasons_are_given() -> None:
    found = check(amount=1, exposure=Exposure(0, 0, 0, 0), limit=None, prepaid=False, held=True)
    assert found.reasons == (Reason.ON_HOLD, Reason.NO_LIMIT)


def test_the_published_days_outstanding() -> None:
    path = SHARED / "vectors" / "finance.json"
    if not path.is_file():
        pytest.skip("The published vectors are not on this machine.")
    given_ = json.loads(path.read_text())["dso"]
    sales = sum(given_["sales"])
    found = dso(receivable=given_["receivable"], not_due=0, credit_sales=sales, days=given_["days"])
    assert found == Dso(Decimal(str(given_["expected"])), Decimal("0.00"))


def test_the_days_of_the_documentation() -> None:
    assert dso(receivable=10_869, not_due=7_420, credit_sales=17_674) == Dso(Decimal("55.35"), Decimal("37.78"))


def test_without_credit_sales_there_are_no_days() -> None:
    assert dso(receivable=5, not_due=5, credit_sales=0) == Dso(None, None)


def test_the_buckets_of_the_pages_are_those_of_the_calculation() -> None:
    assert tuple(bucket.most for bucket in BUCKETS[:-1]) == EDGES
    assert tuple(bucket.least for bucket in BUCKETS[1:]) == tuple(edge + 1 for edge in EDGES)


@given(st.lists(st.tuples(st.integers(-400, 4_000), st.integers(1, 10**13)), max_size=40))
def test_the_ages_add_up_to_the_receivable(items: list[tuple[int, int]]) -> None:
    days = np.array([day for day, _amount in items], dtype=np.int64)
    found = aged(days, np.array([amount for _day, amount in items], dtype=np.int64))
    assert sum(found.amounts) == found.total == sum(amount for _day, amount in items)
    assert found.overdue == sum(amount for day, amount in items if day > 0)


@given(st.integers(-100, 200))
def test_an_item_falls_into_the_one_bucket_that_its_page_shows_it_in(days: int) -> None:
    place = next(
        place
        for place, one in enumerate(BUCKETS)
        if (one.least is None or days >= one.least) and (one.most is None or days <= one.most)
    )
    assert aged(np.array([days]), np.array([7])).amounts[place] == 7

"""The groups 5, 3 and 2 by volume, and how a resource is spread over them."""

from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributors.classification.calculations.abc import AbcPolicy
from distributors.classification.calculations.volume import (
    GROUPS,
    resource_fit,
    volume_groups,
    volume_policy,
)


def grouped(quantity, first=24, policy=None):
    column = np.array(quantity, dtype=np.int64)
    months = np.full(column.size, first, dtype=np.int64)
    groups, _found = volume_groups(
        quantity=column, months_since_first=months, months_since_start=months, policy=policy or volume_policy()
    )
    return "".join(groups)


def test_the_worked_example_of_the_page_about_532():
    # 1,000 units in all: 300 and 500 are within 50 %, 650 and 800 within 80 %.
    assert grouped([300, 200, 150, 150, 100, 60, 40]) == "5533222"


def test_the_largest_is_always_in_group_five_and_nothing_bought_is_group_two():
    assert grouped([900, 100, 0]) == "522"


def test_a_new_distributor_has_no_group():
    assert grouped([900, 100], first=1) == "NN"


def test_everything_but_the_cuts_is_as_the_abc_class_has_it():
    like = AbcPolicy(window_months=6, new_months=2, crossing_above=True, annualise=True)
    policy = volume_policy(cut_five=Decimal("0.4"), like=like)
    assert (policy.cut_a, policy.cut_b) == (Decimal("0.4"), Decimal("0.80"))
    assert (policy.window_months, policy.new_months, policy.crossing_above, policy.annualise) == (6, 2, True, True)


def test_the_worked_example_of_a_resource_against_its_plan():
    fit = resource_fit(facts={"5": 380_000, "3": 340_000, "2": 280_000}, members={"5": 2, "3": 2, "2": 3})
    assert [(one.group, one.plan, one.fact, one.gap) for one in fit] == [
        ("5", 500_000, 380_000, -120_000),
        ("3", 300_000, 340_000, 40_000),
        ("2", 200_000, 280_000, 80_000),
    ]
    assert [one.fact_share for one in fit] == [Decimal("0.380"), Decimal("0.340"), Decimal("0.280")]
    assert [one.ratio for one in fit] == [Decimal("0.760"), Decimal("1.133"), Decimal("1.400")]


def test_what_those_without_a_group_have_is_part_of_the_whole_and_has_no_plan():
    fit = resource_fit(facts={"5": 50, "N": 50}, members={"5": 1, "N": 4})
    assert [(one.group, one.members, one.plan, one.fact) for one in fit] == [
        ("5", 1, 50, 50),
        ("3", 0, 30, 0),
        ("2", 0, 20, 0),
        ("N", 4, 0, 50),
    ]
    assert fit[-1].ratio is None


def test_nothing_given_is_no_share_of_anything():
    assert {(one.plan, one.fact_share, one.ratio) for one in resource_fit(facts={}, members={})} == {(0, None, None)}


@pytest.mark.parametrize("plan", [("0.5", "0.3"), ("0.5", "0.3", "0.3"), ("1.2", "0.3", "-0.5")])
def test_a_plan_that_is_not_the_whole_is_refused(plan):
    with pytest.raises(ValueError, match="add up to 1"):
        resource_fit(facts={"5": 1}, members={}, plan=[Decimal(one) for one in plan])


@given(st.lists(st.integers(0, 10**12), min_size=3, max_size=3), st.integers(0, 100), st.integers(0, 100))
def test_the_plan_gives_out_exactly_what_there_is(facts, first, second):
    shares = sorted([0, first, second, 100])
    plan = [Decimal(high - low) / 100 for low, high in pairwise(shares)]
    fit = resource_fit(facts=dict(zip(GROUPS, facts, strict=True)), members={}, plan=plan)
    assert sum(one.plan for one in fit) == sum(one.fact for one in fit) == sum(facts)
    assert sum(one.gap for one in fit) == 0

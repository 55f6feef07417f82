"""A yearly target over its months, and when two coverages meet."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributors.profiles.contracts.calculations import Claim, overlaps, target_split, threshold_of

amounts = st.decimals(min_value=0, max_value=10**9, places=2)
weights = st.lists(st.decimals(min_value=-10, max_value=10**6, places=2), min_size=12, max_size=12)


@given(total=amounts, parts=weights)
def test_the_months_add_up_to_the_year_to_the_cent_and_none_is_negative(total, parts):
    found = target_split(total, parts)
    assert sum(found) == total
    assert len(found) == 12
    assert all(part >= 0 and part == part.quantize(Decimal("0.01")) for part in found)


@given(total=amounts)
def test_an_even_split_differs_by_a_cent_at_most(total):
    found = target_split(total, [Decimal(1)] * 12)
    assert max(found) - min(found) <= Decimal("0.01")


def test_a_split_by_sales_follows_them_and_leaves_cents_to_who_lost_most():
    assert target_split(Decimal("100.00"), [Decimal(1), Decimal(1), Decimal(1)]) == [
        Decimal("33.34"),
        Decimal("33.33"),
        Decimal("33.33"),
    ]
    assert target_split(Decimal(90), [Decimal(2), Decimal(1), Decimal(-5)]) == [Decimal(60), Decimal(30), Decimal(0)]


def test_what_a_total_has_beyond_its_cents_is_not_lost():
    assert sum(target_split(Decimal("1.0001"), [Decimal(1)] * 12)) == Decimal("1.0001")


Y25, Y26 = (date(2025, 1, 1), date(2025, 12, 31)), (date(2026, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (Claim("0001", "", *Y26), Claim("0001", "", *Y26), True),
        (Claim("0001", "", *Y26), Claim("00010002", "Pumps", *Y26), True),
        (Claim("00010002", "Pumps", *Y26), Claim("0001", "Pumps", *Y26), True),
        (Claim("00010001", "", *Y26), Claim("00010002", "", *Y26), False),
        (Claim("0001", "Pumps", *Y26), Claim("0001", "Engines", *Y26), False),
        (Claim("0001", "", *Y25), Claim("0001", "", *Y26), False),
        (Claim("0001", "", Y25[0], None), Claim("0001", "", *Y26), True),
        (Claim("0001", "", *Y26), Claim("0001", "", date(2027, 1, 1), None), False),
        (Claim("0001", "", Y26[0], Y26[1]), Claim("0001", "", Y26[1], None), True),
    ],
)
def test_two_claims_meet_in_territory_line_and_time(one, other, meet):
    assert overlaps(one, other) is meet
    assert overlaps(other, one) is meet


@pytest.mark.parametrize(("days", "step"), [(91, None), (90, 90), (61, 90), (60, 60), (30, 30), (0, 30), (-1, None)])
def test_the_steps_before_the_end(days, step):
    assert threshold_of(days, (30, 60, 90)) == step

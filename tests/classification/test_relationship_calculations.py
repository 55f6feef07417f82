"""The relationship grade: two computed parts, the score of a quarter, the year and the grades."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributors.classification.calculations.relationship import (
    MISSING,
    RelationshipPolicy,
    complaint_points,
    overdue_points,
    quarter_scores,
    relationship_grades,
    year_scores,
)

POLICY = RelationshipPolicy()


def column(*values):
    return np.array(values, dtype=np.int64)


def quarter(*ratings, traded=True):
    rows = [column(one) for one in ratings]
    return int(quarter_scores(ratings=rows, traded=np.array([traded]), policy=POLICY)[0])


def test_the_worked_example_of_the_page_about_the_relationship_grade():
    # Familiarity 4, closeness 3, support 4; 3 complaints on 400 lines are 0.75 per 100; 40 of 1,000 overdue are 4 %.
    assert complaint_points(complaints=column(3), lines=column(400), policy=POLICY).tolist() == [3]
    assert overdue_points(overdue=column(40), receivable=column(1_000), policy=POLICY).tolist() == [4]
    # .15 x 4 + .20 x 3 + .30 x 4 + .15 x 3 + .20 x 4 = 3.65, and 25 x 2.65 = 66.25.
    assert quarter(4, 3, 4, 3, 4) == 6_625
    # The latest quarter counts twice: (60 + 64 + 66.25 + 66.25) / 4 = 64.125, rounded to 64.13.
    year = year_scores(quarters=[column(6_000), column(6_400), column(6_625)], policy=POLICY)
    assert year.tolist() == [6_413]
    assert relationship_grades(score=year, policy=POLICY).tolist() == ["C"]


@pytest.mark.parametrize(
    ("complaints", "lines", "points"),
    [(0, 1, 5), (1, 200, 4), (1, 199, 3), (1, 100, 3), (2, 100, 2), (3, 100, 1), (0, 0, MISSING), (1, 0, MISSING)],
)
def test_complaints_are_rated_by_their_number_per_hundred_order_lines(complaints, lines, points):
    assert complaint_points(complaints=column(complaints), lines=column(lines), policy=POLICY).tolist() == [points]


@pytest.mark.parametrize(
    ("overdue", "receivable", "points"),
    [(0, 100, 5), (5, 100, 4), (6, 100, 3), (15, 100, 3), (30, 100, 2), (31, 100, 1), (0, 0, 5), (0, -50, 5)],
)
def test_overdue_is_rated_by_its_share_of_the_receivable(overdue, receivable, points):
    assert overdue_points(overdue=column(overdue), receivable=column(receivable), policy=POLICY).tolist() == [points]


def test_all_fives_are_a_hundred_and_all_ones_are_nothing():
    assert (quarter(5, 5, 5, 5, 5), quarter(1, 1, 1, 1, 1)) == (10_000, 0)


def test_without_trade_or_with_a_part_not_rated_there_is_no_score():
    assert quarter(4, 4, 4, 4, 4, traded=False) == MISSING
    assert quarter(4, MISSING, 4, 4, 4) == MISSING


def test_a_year_of_quarters_not_rated_has_no_score_and_the_latest_rated_one_counts_twice():
    quarters = [column(MISSING, 5_000), column(MISSING, 8_000), column(MISSING, MISSING)]
    year = year_scores(quarters=quarters, policy=POLICY)
    assert year.tolist() == [MISSING, 7_000]
    assert relationship_grades(score=year, policy=POLICY).tolist() == ["", "B"]


def test_the_cuts_belong_to_the_better_grade():
    scores = column(10_000, 8_000, 7_999, 7_000, 6_999, 5_000, 4_999, 0)
    assert "".join(relationship_grades(score=scores, policy=POLICY)) == "AABBCCDD"


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"weights": (20, 20, 30, 15, 20)}, "add up to 100"),
        ({"weights": (50, 50)}, "add up to 100"),
        ({"weights": (-5, 40, 30, 15, 20)}, "below zero"),
        ({"cuts": (7_000, 8_000, 5_000)}, "fall"),
        ({"cuts": (7_000, 5_000)}, "fall"),
        ({"complaints": (0, 50, 50, 200)}, "rise"),
        ({"overdue": (-1, 500, 1_500, 3_000)}, "rise"),
        ({"latest_counts": 0}, "at least once"),
    ],
)
def test_a_policy_that_cannot_grade_is_refused(settings, told):
    with pytest.raises(ValueError, match=told):
        RelationshipPolicy(**settings)


def test_ratings_out_of_range_and_too_few_parts_are_refused():
    with pytest.raises(ValueError, match="between 1 and 5"):
        quarter(6, 3, 3, 3, 3)
    with pytest.raises(ValueError, match="five parts"):
        quarter(3, 3, 3)


@given(st.lists(st.integers(1, 5), min_size=5, max_size=5), st.integers(0, 4))
def test_a_better_rating_never_lowers_the_score(ratings, place):
    better = list(ratings)
    better[place] = min(5, better[place] + 1)
    assert 0 <= quarter(*ratings) <= quarter(*better) <= 10_000

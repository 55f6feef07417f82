"""The score of a scorecard, the band of a risk, and the rules that stand against a move."""

from decimal import Decimal
from itertools import product

import pytest

from distributors.profiles.selection.calculations import (
    CRITERIA,
    WEIGHTS,
    Facts,
    against,
    risk_band,
    score_of,
    unrated,
)

GOOD = Facts(score=Decimal(75), settled=7, risks=1, highest=6)


def test_the_worked_example_of_the_page():
    ratings = {"willingness": 4, "ability": 3, "reputation": 4, "network": 5, "coverage": 2, "finance": 3}
    score = score_of(WEIGHTS, ratings)
    points = {line.criterion: line.points for line in score.lines}
    assert points == {
        "willingness": Decimal("15"),
        "ability": Decimal("12.5"),
        "reputation": Decimal("18.75"),
        "network": Decimal("10"),
        "coverage": Decimal("2.5"),
        "finance": Decimal("5"),
    }
    assert score.value == Decimal("63.8")


@pytest.mark.parametrize(("rating", "score"), [(1, 0), (2, 25), (3, 50), (4, 75), (5, 100)])
def test_equal_ratings_give_the_same_score_whatever_the_weights(rating, score):
    even = dict(zip(CRITERIA, (50, 10, 10, 10, 10, 10), strict=True))
    for weights in (WEIGHTS, even):
        assert score_of(weights, dict.fromkeys(CRITERIA, rating)).value == score


def test_a_better_rating_never_lowers_the_score():
    for name, low in product(CRITERIA, (1, 2, 3, 4)):
        ratings = dict.fromkeys(CRITERIA, 3)
        assert score_of(WEIGHTS, {**ratings, name: low}).value < score_of(WEIGHTS, {**ratings, name: low + 1}).value, (
            name
        )


@pytest.mark.parametrize(
    ("weights", "ratings"),
    [
        ({**WEIGHTS, "finance": 11}, dict.fromkeys(CRITERIA, 3)),
        (WEIGHTS, dict.fromkeys(CRITERIA[1:], 3)),
        (WEIGHTS, {**dict.fromkeys(CRITERIA, 3), "finance": 6}),
    ],
)
def test_what_cannot_be_scored_is_refused(weights, ratings):
    with pytest.raises(ValueError, match=r"make up 100|rating from 1 to 5"):
        score_of(weights, ratings)


def test_what_is_not_rated_is_named_in_order():
    assert unrated({"finance": 3, "ability": None}) == ("willingness", "ability", "reputation", "network", "coverage")


@pytest.mark.parametrize(
    ("level", "band"),
    [(1, "low"), (4, "low"), (5, "moderate"), (9, "moderate"), (10, "high"), (14, "high"), (15, "over")],
)
def test_bands_of_a_risk(level, band):
    assert risk_band(level) == band


@pytest.mark.parametrize(
    ("facts", "submit", "approve"),
    [
        ({}, (), ()),
        ({"score": None}, ("scorecard",), ("scorecard",)),
        ({"score": Decimal("59.9")}, (), ("minimum",)),
        ({"score": Decimal(60)}, (), ()),
        ({"settled": 5}, (), ("open",)),
        ({"blocking": 1}, (), ("blocking",)),
        ({"risks": 0, "highest": 0}, (), ("risks",)),
        ({"highest": 15}, (), ("risk",)),
        ({"highest": 14}, (), ()),
        ({"settled": 0, "score": None, "risks": 0, "highest": 0}, ("scorecard",), ("scorecard", "open", "risks")),
    ],
)
def test_rules_against_submission_and_approval(facts, submit, approve):
    found = Facts(**{**GOOD.__dict__, **facts})
    assert against("submit", found) == submit
    assert against("approve", found) == approve
    assert against("activate", found) == ()


def test_a_director_approves_a_low_score_and_a_high_risk_and_nothing_else_that_is_missing():
    found = Facts(score=Decimal(10), settled=6, blocking=1, risks=1, highest=25)
    assert against("approve", found, director=True) == ("open", "blocking")
    assert against("approve", found) == ("minimum", "open", "blocking", "risk")

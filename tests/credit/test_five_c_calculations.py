"""The 5C card: by hand, and by what holds whatever the evidence."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributors.credit.calculations.five_c import (
    GRADES,
    MISSING,
    Cuts,
    Scale,
    Scored,
    Weights,
    column,
    grades_of,
    hundredths,
    scaled,
    score_cards,
)

WEIGHTS = Weights(
    (3_000, 2_500, 2_000, 1_500, 1_000), ((4_000, 3_000, 3_000), (6_000, 4_000), (10_000,), (10_000,), (5_000, 5_000))
)
TREND = Scale(tuple((Decimal(at), Decimal(score)) for at, score in ((-30, 0), (0, 60), (15, 80), (30, 100))))
ORDER = {grade: place for place, grade in enumerate(reversed(GRADES), start=1)}


def cards(*subs: list[int]) -> Scored:
    """Score one distributor from its sub-criteria by criterion, in hundredths."""
    return score_cards([np.array([[one] for one in rows]) for rows in subs], WEIGHTS, Cuts())


def test_the_card_of_the_documentation() -> None:
    found = cards([9_600, 10_000, MISSING], [7_200, 8_000], [MISSING], [6_000], [7_000, 5_000])
    assert found.criteria[:, 0].tolist() == [9_771, 7_520, MISSING, 6_000, 6_000]
    assert hundredths(int(found.score[0])) == Decimal("78.89")
    assert (found.grade[0], int(found.confidence[0]), bool(found.provisional[0])) == ("A", 7_100, False)


@pytest.mark.parametrize(
    ("growth", "score"), [(-50, 0), (-30, 0), (-15, 3_000), (0, 6_000), (7.5, 7_000), (15, 8_000), (99, 10_000)]
)
def test_a_value_is_scored_in_straight_lines_between_the_points(growth: float, score: int) -> None:
    assert scaled(column([growth]), TREND).tolist() == [score]


def test_a_value_that_is_not_known_is_missing() -> None:
    assert scaled(column([None, Decimal(15)]), TREND).tolist() == [MISSING, 8_000]


def test_without_any_evidence_there_is_no_grade_and_no_confidence() -> None:
    found = cards([MISSING] * 3, [MISSING] * 2, [MISSING], [MISSING], [MISSING] * 2)
    assert (found.grade[0], int(found.score[0]), int(found.confidence[0])) == ("", MISSING, 0)
    assert not found.provisional[0]
    assert hundredths(MISSING) is None


def test_missing_evidence_lowers_the_confidence_and_not_the_score() -> None:
    whole = cards([8_000] * 3, [8_000] * 2, [8_000], [8_000], [8_000] * 2)
    part = cards([8_000, MISSING, MISSING], [8_000] * 2, [MISSING], [MISSING], [MISSING] * 2)
    assert whole.score[0] == part.score[0] == 8_000
    assert (int(whole.confidence[0]), int(part.confidence[0])) == (10_000, 3_700)
    assert (bool(whole.provisional[0]), bool(part.provisional[0])) == (False, True)


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        *[(10_000, "AAA"), (9_000, "AAA"), (8_999, "AA"), (7_000, "A"), (6_999, "BBB"), (5_000, "BB"), (4_000, "C")],
        *[(3_999, "D"), (0, "D"), (MISSING, "")],
    ],
)
def test_a_grade_holds_from_its_cut_on(score: int, grade: str) -> None:
    assert grades_of(np.array([score]), Cuts()).tolist() == [grade]


@pytest.mark.parametrize(
    "made",
    [
        lambda: Weights((9_999,), ((10_000,),)),
        lambda: Weights((10_000,), ((9_000,),)),
        lambda: Weights((11_000, -1_000), ((10_000,), (10_000,))),
        lambda: Weights((10_000,), ()),
        lambda: Scale(((Decimal(0), Decimal(0)),)),
        lambda: Scale(((Decimal(1), Decimal(0)), (Decimal(1), Decimal(9)))),
        lambda: Scale(((Decimal(0), Decimal(0)), (Decimal(1), Decimal(101)))),
        lambda: Cuts(grades=(9_000,)),
        lambda: Cuts(grades=(9_000, 9_000, 7_000, 6_000, 5_000, 4_000)),
        lambda: Cuts(grades=(10_001, 9_000, 7_000, 6_000, 5_000, 4_000)),
        lambda: Cuts(confidence=10_001),
    ],
)
def test_settings_that_cannot_score_are_refused(made: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        made()


some = st.one_of(st.just(MISSING), st.integers(0, 10_000))


@given(st.lists(some, min_size=9, max_size=9), st.integers(0, 8), st.integers(1, 10_000))
def test_a_better_sub_score_never_lowers_the_grade(subs: list[int], place: int, more: int) -> None:
    better = list(subs)
    better[place] = min(10_000, subs[place] + more) if subs[place] != MISSING else MISSING

    def one(values: list[int]) -> Scored:
        return cards(values[:3], values[3:5], values[5:6], values[6:7], values[7:])

    before, after = one(subs), one(better)
    assert after.score[0] >= before.score[0]
    assert after.confidence[0] == before.confidence[0]
    assert ORDER.get(str(after.grade[0]), 0) >= ORDER.get(str(before.grade[0]), 0)


@given(st.lists(some, min_size=9, max_size=9))
def test_a_score_lies_between_its_worst_and_its_best_evidence(subs: list[int]) -> None:
    found = cards(subs[:3], subs[3:5], subs[5:6], subs[6:7], subs[7:])
    there = [one for one in subs if one != MISSING]
    if there:
        assert min(there) <= found.score[0] <= max(there)
    else:
        assert found.score[0] == MISSING

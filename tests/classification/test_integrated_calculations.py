"""The integrated class: effect by rank inside the ABC band, the weighted score, floors, caps and missing parts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributors.classification.calculations.integrated import (
    BOUNDS,
    CLASSES,
    MISSING,
    Bound,
    Integrated,
    IntegratedPolicy,
    effect_scores,
    integrated_classes,
)

POLICY = IntegratedPolicy()


def effects(letters, ranks):
    return effect_scores(abc=np.array(list(letters)), rank=np.array(ranks, dtype=np.int64), policy=POLICY).tolist()


def one(abc, effect, relationship=MISSING, credit=MISSING, *, credit_d=False, diversion=False):
    found = integrated_classes(
        abc=np.array([abc]),
        effect=np.array([effect], dtype=np.int64),
        relationship=np.array([relationship], dtype=np.int64),
        credit=np.array([credit], dtype=np.int64),
        credit_d=np.array([credit_d]),
        diversion=np.array([diversion]),
        policy=POLICY,
    )
    return str(found.klass[0]), int(found.score[0]), bool(found.provisional[0]), BOUNDS[found.bound[0]]


def test_the_worked_example_of_the_page_about_the_integrated_class():
    # Three in A, two in B, three in C: the first of each has the top of its band, the last the bottom.
    assert effects("AAABBCCC", [1, 2, 3, 4, 5, 6, 7, 8]) == [
        10_000, 9_250, 8_500, 8_400, 6_500, 6_400, 4_200, 2_000,
    ]  # fmt: skip
    # 0.5 x 92.5 + 0.25 x 66.25 + 0.25 x 75 = 81.5625, rounded to 81.56: key, strategic begins at 82.
    assert one("A", 9_250, 6_625, 7_500) == ("key", 8_156, False, Bound.NONE)


def test_one_alone_has_the_top_of_its_band_equal_ranks_the_same_and_the_new_no_effect():
    assert effects("AN", [1, 0]) == [10_000, MISSING]
    assert effects("BBB", [4, 4, 6]) == [8_400, 8_400, 6_500]


def test_the_cuts_belong_to_the_better_class():
    classes = [one("A", score, score, score)[0] for score in (8_200, 8_199, 7_000, 6_999, 5_800, 5_799, 4_500, 4_499)]
    assert classes == ["strategic", "key", "key", "growth", "growth", "maintain", "maintain", "review"]


def test_strategic_comes_only_from_a_and_key_only_from_a_or_b():
    assert one("B", 8_400, 10_000, 10_000) == ("key", 9_200, False, Bound.ABC)
    assert one("C", 6_400, 10_000, 10_000) == ("growth", 8_200, False, Bound.ABC)


def test_a_missing_part_shares_its_weight_and_marks_the_class_provisional():
    assert one("A", 9_000, MISSING, 6_000) == ("key", 8_000, True, Bound.NONE)
    assert one("A", 9_000) == ("strategic", 9_000, True, Bound.NONE)


def test_credit_d_caps_at_maintain_and_a_diversion_penalty_at_growth():
    assert one("A", 9_000, 9_000, 9_000, diversion=True) == ("growth", 9_000, False, Bound.DIVERSION)
    assert one("A", 9_000, 9_000, 9_000, credit_d=True) == ("maintain", 9_000, False, Bound.CREDIT)
    assert one("A", 9_000, 9_000, 9_000, credit_d=True, diversion=True)[3] == Bound.CREDIT
    assert one("C", 2_000, 2_000, 2_000, credit_d=True) == ("review", 2_000, False, Bound.NONE)


def test_the_new_are_nurtured_and_who_has_no_class_has_none():
    assert one("N", MISSING, 9_000, 9_000, credit_d=True) == ("nurture", MISSING, False, Bound.NONE)
    assert one("", MISSING) == ("", MISSING, False, Bound.NONE)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"weights": (50, 25, 20)}, "add up to 100"),
        ({"weights": (0, 50, 50)}, "above it"),
        ({"cuts": (7_000, 8_200, 5_800, 4_500)}, "fall"),
        ({"cuts": (8_200, 7_000, 5_800, -1)}, "fall"),
        ({"bands": ((8_500, 10_000), (6_500, 8_600), (2_000, 6_400))}, "overlap"),
        ({"bands": ((8_500, 10_000),)}, "overlap"),
    ],
)
def test_a_policy_that_cannot_class_is_refused(settings, told):
    with pytest.raises(ValueError, match=told):
        IntegratedPolicy(**settings)


scores = st.integers(0, 10_000)


@given(st.sampled_from("ABC"), scores, scores, scores, st.integers(0, 2), st.integers(0, 500))
def test_a_better_part_never_makes_the_class_worse(abc, effect, relationship, credit, place, more):
    parts = [effect, relationship, credit]
    better = list(parts)
    better[place] = min(10_000, better[place] + more)
    before, after = one(abc, *parts), one(abc, *better)
    assert after[1] >= before[1]
    assert CLASSES.index(Integrated(after[0])) <= CLASSES.index(Integrated(before[0]))

"""Weights from comparisons in pairs: by the published matrices, and by what holds whatever the judgements."""

import json
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from distributors.credit.calculations.ahp import (
    RANDOM_INDEX,
    MatrixRefused,
    Refusal,
    judgement,
    matrix_filled,
    weigh,
    whole_weights,
)

SHARED = Path(os.environ.get("QUDAO_SHARED", Path(__file__).parents[2].parent / "shared"))
SCALE = [*range(1, 10), *(f"1/{whole}" for whole in range(2, 10))]


def published(name: str) -> dict[str, Any]:
    path = SHARED / "vectors" / "ahp.json"
    if not path.is_file():
        pytest.skip("The published vectors are not on this machine.")
    vectors = json.loads(path.read_text())
    assert tuple(vectors["random_index"].values()) == RANDOM_INDEX
    found: dict[str, Any] = next(one for one in vectors["examples"] if one["name"] == name)
    return found


def test_the_leader_of_the_published_example_gets_its_weights() -> None:
    example = published("leader")
    found = weigh(example["matrix"])
    assert found.weights == pytest.approx(example["weights"], abs=example["tolerance"])
    assert found.lambda_max == pytest.approx(example["lambda_max"], abs=5e-5)
    assert found.consistency_ratio == pytest.approx(example["CR"], abs=5e-5)
    assert found.accepted is example["accepted"] is True


def test_the_house_of_the_published_example_is_refused_and_says_which_judgement_to_revisit() -> None:
    example = published("house")
    found = weigh(example["matrix"])
    assert found.weights == pytest.approx(example["weights"], abs=example["tolerance"])
    assert found.lambda_max == pytest.approx(example["lambda_max"], abs=5e-4)
    assert found.consistency_ratio == pytest.approx(example["CR"], abs=5e-4)
    assert found.accepted is example["accepted"] is False
    assert found.revisit is not None
    # The neighbourhood was called six times as important as the condition; the weights make it about as important.
    assert (found.revisit.row, found.revisit.column, found.revisit.given) == (2, 6, 6)
    assert found.revisit.implied == pytest.approx(1.13, abs=0.01)


def test_the_example_of_the_documentation() -> None:
    matrix = matrix_filled(3, {(0, 1): 2, (0, 2): "4", (1, 2): 3})
    assert matrix == (
        (1, 2, 4),
        (Fraction(1, 2), 1, 3),
        (Fraction(1, 4), Fraction(1, 3), 1),
    )
    found = weigh(matrix)
    assert [round(weight, 4) for weight in found.weights] == [0.5584, 0.3196, 0.1220]
    assert round(found.lambda_max, 4) == 3.0183
    assert round(found.consistency_index, 4) == 0.0091
    assert round(found.consistency_ratio, 4) == 0.0158
    assert found.accepted
    assert whole_weights(found.weights, 100) == [56, 32, 12]


def test_one_and_two_are_always_consistent() -> None:
    assert weigh([[1]]).weights == (1.0,)
    two = weigh([[1, 4], ["1/4", 1]])
    assert two.weights == pytest.approx((0.8, 0.2))
    assert (two.consistency_ratio, two.revisit) == (0.0, None)


def test_judgements_that_agree_need_no_second_look() -> None:
    found = weigh([[1, 2, 4], ["1/2", 1, 2], ["1/4", "1/2", 1]])
    assert found.revisit is None
    assert found.consistency_ratio == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("value", "stands_for"),
    [
        *[
            ("3", Fraction(3)),
            (" 1/7 ", Fraction(1, 7)),
            (1 / 3, Fraction(1, 3)),
            ("0.14", Fraction(1, 7)),
        ],
        *[("0.5", Fraction(1, 2)), (2.5, Fraction(5, 2)), ("2/6", Fraction(1, 3)), (Fraction(1, 9), Fraction(1, 9))],
    ],
)
def test_a_judgement_is_a_number_or_a_fraction(value: Any, stands_for: Fraction) -> None:
    assert judgement(value) == stands_for


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        *[(one, Refusal.NOT_A_NUMBER) for one in ("", "much", None, True, "1/0", "1e3", "nan", "9" * 5000, "\uff13")],
        *[(one, Refusal.NOT_POSITIVE) for one in (0, "-3", "-1/-3")],
        *[(one, Refusal.OUT_OF_SCALE) for one in (10, "1/10", "9.01")],
    ],
)
def test_what_is_no_judgement_is_refused_with_its_place(value: Any, reason: Refusal) -> None:
    with pytest.raises(MatrixRefused) as refused:
        weigh([[1, value], [1, 1]])
    assert (refused.value.reason, refused.value.row, refused.value.column) == (reason, 0, 1)


@pytest.mark.parametrize(
    ("matrix", "reason", "place"),
    [
        ([], Refusal.EMPTY, (None, None)),
        ([[1] * 11] * 11, Refusal.TOO_LARGE, (None, None)),
        ([[1, 2], ["1/2"]], Refusal.NOT_SQUARE, (1, None)),
        ([[1, 2], "11"], Refusal.NOT_SQUARE, (1, None)),
        ([[2, 2], ["1/2", 1]], Refusal.DIAGONAL, (0, 0)),
        ([[1, 2], [2, 1]], Refusal.NOT_RECIPROCAL, (0, 1)),
    ],
)
def test_what_is_no_matrix_is_refused(matrix: Any, reason: Refusal, place: Any) -> None:
    with pytest.raises(MatrixRefused) as refused:
        weigh(matrix)
    assert (refused.value.reason, (refused.value.row, refused.value.column)) == (reason, place)


@pytest.mark.parametrize(("size", "reason"), [(0, Refusal.EMPTY), (11, Refusal.TOO_LARGE)])
def test_a_matrix_that_cannot_be_is_not_filled(size: int, reason: Refusal) -> None:
    with pytest.raises(MatrixRefused) as refused:
        matrix_filled(size, {})
    assert refused.value.reason == reason


@st.composite
def matrices(draw: st.DrawFn) -> Any:
    size = draw(st.integers(1, 10))
    places = [(row, column) for row in range(size) for column in range(row + 1, size)]
    return matrix_filled(size, {place: draw(st.sampled_from(SCALE)) for place in places})


@given(matrices())
def test_a_filled_matrix_is_reciprocal_and_its_weights_add_up(matrix: Any) -> None:
    found = weigh(matrix)
    size = len(matrix)
    assert all(matrix[row][column] * matrix[column][row] == 1 for row in range(size) for column in range(size))
    assert sum(found.weights) == pytest.approx(1)
    assert min(found.weights) > 0
    assert found.lambda_max >= size
    assert found.consistency_ratio >= 0
    assert sum(whole_weights(found.weights, 10_000)) == 10_000


@given(matrices())
def test_turning_all_judgements_round_keeps_how_consistent_they_are(matrix: Any) -> None:
    turned = [[matrix[column][row] for column in range(len(matrix))] for row in range(len(matrix))]
    assert weigh(turned).lambda_max == pytest.approx(weigh(matrix).lambda_max)


@given(st.lists(st.integers(1, 9), min_size=1, max_size=10))
def test_judgements_made_from_weights_give_these_weights(parts: list[int]) -> None:
    found = weigh([[Fraction(one, other) for other in parts] for one in parts])
    assert found.weights == pytest.approx([part / sum(parts) for part in parts])
    assert found.consistency_ratio == pytest.approx(0, abs=1e-9)

"""Weights from comparisons in pairs: the analytic hierarchy process (handbook, section 7; Saaty 1980).

A judgement a[i][j] says how many times as important i is as j, from 1/9 to 9; a[j][i] is its reciprocal. The weights
are the principal eigenvector, normalised to 1.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import log
from typing import Any

import numpy as np

RANDOM_INDEX = (0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49)
LARGEST = len(RANDOM_INDEX)
ACCEPTED_BELOW = 0.10
STRONGEST = Fraction(9)
_WRITTEN = re.compile(r"-?[0-9]{1,4}(?:/-?[0-9]{1,4}|\.([0-9]{1,20}))?")


class Refusal(StrEnum):
    """Why a matrix is none."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    NOT_SQUARE = "not_square"
    NOT_A_NUMBER = "not_a_number"
    NOT_POSITIVE = "not_positive"
    OUT_OF_SCALE = "out_of_scale"
    DIAGONAL = "diagonal"
    NOT_RECIPROCAL = "not_reciprocal"


class MatrixRefused(ValueError):
    """A matrix that cannot be weighed; `row` and `column`, from 0, are the place of the judgement, if any."""

    def __init__(self, reason: Refusal, row: int | None = None, column: int | None = None):
        super().__init__(reason.value)
        self.reason = reason
        self.row = row
        self.column = column


@dataclass(frozen=True)
class Revisit:
    """The judgement above the diagonal that departs most from the weights: as given, and as the weights imply."""

    row: int
    column: int
    given: Fraction
    implied: float


@dataclass(frozen=True)
class Weighed:
    """The weights of a matrix and how consistent it is; `revisit` is None where every judgement fits the weights."""

    matrix: tuple[tuple[Fraction, ...], ...]
    weights: tuple[float, ...]
    lambda_max: float
    consistency_index: float
    random_index: float
    consistency_ratio: float
    revisit: Revisit | None

    @property
    def accepted(self) -> bool:
        """Tell whether the judgements are consistent enough: a ratio below 0.10."""
        return self.consistency_ratio < ACCEPTED_BELOW


def judgement(value: Any, row: int | None = None, column: int | None = None) -> Fraction:
    """Return a judgement as a fraction: a number or a text such as "3", "1/3" or "0.33"; raise MatrixRefused."""
    written = _WRITTEN.fullmatch(str(value).strip())
    if written is None or isinstance(value, bool):
        raise MatrixRefused(Refusal.NOT_A_NUMBER, row, column)
    try:
        found = Fraction(written[0].replace("/-", "/"))
    except ZeroDivisionError as error:
        raise MatrixRefused(Refusal.NOT_A_NUMBER, row, column) from error
    if found <= 0 or "/-" in written[0]:
        raise MatrixRefused(Refusal.NOT_POSITIVE, row, column)
    found = _unrounded(found, len(written[1] or ""))
    if not 1 / STRONGEST <= found <= STRONGEST:
        raise MatrixRefused(Refusal.OUT_OF_SCALE, row, column)
    return found


def _unrounded(found: Fraction, places: int) -> Fraction:
    """Return the reciprocal that a decimal number of two places or more stands for, so that 0.33 is 1/3."""
    for whole in range(2, int(STRONGEST) + 1):
        if places > 1 and abs(found - Fraction(1, whole)) < Fraction(1, 10**places):
            return Fraction(1, whole)
    return found


def matrix_read(values: Sequence[Sequence[Any]]) -> tuple[tuple[Fraction, ...], ...]:
    """Return a whole matrix of judgements, checked: square, at most 10 x 10, reciprocal; raise MatrixRefused."""
    size = len(values)
    if not size:
        raise MatrixRefused(Refusal.EMPTY)
    if size > LARGEST:
        raise MatrixRefused(Refusal.TOO_LARGE)
    for row, cells in enumerate(values):
        if isinstance(cells, str) or len(cells) != size:
            raise MatrixRefused(Refusal.NOT_SQUARE, row)
    matrix = tuple(
        tuple(judgement(cell, row, column) for column, cell in enumerate(cells)) for row, cells in enumerate(values)
    )
    for row in range(size):
        if matrix[row][row] != 1:
            raise MatrixRefused(Refusal.DIAGONAL, row, row)
        for column in range(row + 1, size):
            if matrix[row][column] * matrix[column][row] != 1:
                raise MatrixRefused(Refusal.NOT_RECIPROCAL, row, column)
    return matrix


def matrix_filled(size: int, above: Mapping[tuple[int, int], Any]) -> tuple[tuple[Fraction, ...], ...]:
    """Return the matrix that follows from the judgements above its diagonal; one that is not given is 1."""
    if not size:
        raise MatrixRefused(Refusal.EMPTY)
    if size > LARGEST:
        raise MatrixRefused(Refusal.TOO_LARGE)
    given = {place: judgement(value, *place) for place, value in above.items()}
    one = Fraction(1)

    def cell(row: int, column: int) -> Fraction:
        """Return a judgement, or the reciprocal of the one across the diagonal."""
        if row == column:
            return one
        return given.get((row, column), one) if row < column else 1 / given.get((column, row), one)

    return tuple(tuple(cell(row, column) for column in range(size)) for row in range(size))


def weigh(values: Sequence[Sequence[Any]]) -> Weighed:
    """Return the weights of a matrix with lambda, CI, CR and the judgement to revisit; raise MatrixRefused."""
    matrix = matrix_read(values)
    size = len(matrix)
    numbers = np.array([[float(cell) for cell in row] for row in matrix])
    found, vectors = np.linalg.eig(numbers)
    place = int(np.argmax(found.real))
    vector = np.abs(vectors[:, place].real)
    weights = vector / vector.sum()
    lambda_max = max(float(found[place].real), float(size))
    index = (lambda_max - size) / (size - 1) if size > 2 else 0.0
    random = RANDOM_INDEX[size - 1]
    return Weighed(
        matrix=matrix,
        weights=tuple(float(weight) for weight in weights),
        lambda_max=lambda_max,
        consistency_index=index,
        random_index=random,
        consistency_ratio=index / random if random else 0.0,
        revisit=_revisit(matrix, weights.tolist()),
    )


def _revisit(matrix: tuple[tuple[Fraction, ...], ...], weights: list[float]) -> Revisit | None:
    """Return the judgement whose ratio to w[i] / w[j] is farthest from one, up or down; the first of equals."""
    farthest, found = 1e-9, None
    for row in range(len(matrix)):
        for column in range(row + 1, len(matrix)):
            implied = weights[row] / weights[column]
            away = abs(log(float(matrix[row][column]) / implied))
            if away > farthest + 1e-9:
                farthest, found = away, Revisit(row, column, matrix[row][column], implied)
    return found


def whole_weights(weights: Sequence[float], total: int) -> list[int]:
    """Return weights as whole parts of `total` that add up to it: the largest remainders take what rounding leaves."""
    exact = [round(weight * total, 6) for weight in weights]
    parts = [int(one) for one in exact]
    order = sorted(range(len(exact)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[: total - sum(parts)]:
        parts[place] += 1
    return parts

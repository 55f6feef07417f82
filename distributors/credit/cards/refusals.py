"""Why a matrix of comparisons is refused, in sentences."""

from collections.abc import Sequence

from django.utils.translation import gettext_noop as _

from core.sentences import Sentence
from distributors.credit.calculations.ahp import LARGEST, MatrixRefused, Refusal, Weighed
from distributors.credit.cards.items import name_label

_TEXTS = {
    Refusal.EMPTY: _("There is nothing to compare: give at least one row."),
    Refusal.TOO_LARGE: _("At most %(most)s things are compared at once."),
    Refusal.NOT_SQUARE: _("Row %(row)s has not as many judgements as there are rows."),
    Refusal.NOT_A_NUMBER: _("Row %(row)s, column %(column)s is not a number such as 3, 1/3 or 0.33."),
    Refusal.NOT_POSITIVE: _("Row %(row)s, column %(column)s is not above zero."),
    Refusal.OUT_OF_SCALE: _("Row %(row)s, column %(column)s lies outside 1/9 to 9."),
    Refusal.DIAGONAL: _("Row %(row)s, column %(column)s compares a thing with itself: that is 1."),
    Refusal.NOT_RECIPROCAL: _(
        "Row %(row)s, column %(column)s is not the reciprocal of the judgement across the diagonal."
    ),
}


def refusal_text(error: MatrixRefused, names: Sequence[str] = ()) -> Sentence:
    """Return why a matrix is none; where its rows have names, the judgement is told by them."""
    row, column = error.row, error.column
    if names and row is not None and column is not None:
        if error.reason is Refusal.NOT_A_NUMBER:
            return _named(
                _("“%(row)s” against “%(column)s” is not a number such as 3, 1/3 or 0.33."), names, row, column
            )
        if error.reason is Refusal.NOT_POSITIVE:
            return _named(_("“%(row)s” against “%(column)s” is not above zero."), names, row, column)
        if error.reason is Refusal.OUT_OF_SCALE:
            return _named(_("“%(row)s” against “%(column)s” lies outside 1/9 to 9."), names, row, column)
    return Sentence(_TEXTS[error.reason], row=(row or 0) + 1, column=(column or 0) + 1, most=LARGEST)


def _named(text: str, names: Sequence[str], row: int, column: int) -> Sentence:
    return Sentence(text, row=name_label(names[row]), column=name_label(names[column]))


def inconsistent_text(weighed: Weighed, names: Sequence[str] = ()) -> Sentence:
    """Return that judgements contradict each other, and which of them to look at again."""
    ratio = f"{weighed.consistency_ratio:.3f}"
    if weighed.revisit is None:
        return Sentence(
            _("The judgements contradict each other: the consistency ratio is %(ratio)s, not below 0.10."), ratio=ratio
        )
    row, column = weighed.revisit.row, weighed.revisit.column
    return Sentence(
        _(
            "The judgements contradict each other: the consistency ratio is %(ratio)s, not below 0.10. "
            "Look again at “%(row)s” against “%(column)s”: it says %(given)s, the weights say %(implied)s."
        ),
        ratio=ratio,
        row=name_label(names[row]) if names else str(row + 1),
        column=name_label(names[column]) if names else str(column + 1),
        given=str(weighed.revisit.given),
        implied=f"{weighed.revisit.implied:.2f}",
    )

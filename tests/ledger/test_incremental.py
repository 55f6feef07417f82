"""A re-import touches the sums of the months that it changes, and no others."""

import pytest

from distributors.ledger.models import MonthlyLineSales, MonthlySales
from distributors.ledger.verification import verify
from tests.ledger.records import bring, lines, small_world
from tests.ledger.test_books import line

pytestmark = pytest.mark.django_db

MARK = 99
START = (
    *(line(f"A{month}", f"2025-0{month}-10", 100) for month in range(1, 5)),
    *(line(f"B{month}", f"2025-0{month}-10", 10, "D2") for month in range(1, 5)),
)


def kept(model):
    """Return the sums that still carry the mark, as (code, month)."""
    rows = model.objects.filter(products=MARK).values_list("distributor__code", "month")
    return {(code, month.month) for code, month in rows}


@pytest.fixture
def marked():
    """Bring lines in, and mark every sum in a column that only a rewrite puts right."""
    small_world()
    bring(lines(*START))
    for model in (MonthlySales, MonthlyLineSales):
        assert model.objects.update(products=MARK) == 8
    return {(code, month) for code in ("D1", "D2") for month in range(1, 5)}


def test_a_file_with_one_changed_line_rewrites_one_month(marked):
    changed = [line("B3", "2025-03-10", 11, "D2") if row.startswith("B3") else row for row in START]
    made = bring(lines(*changed))
    assert (made.rows_changed, made.rows_same) == (1, 7)
    for model in (MonthlySales, MonthlyLineSales):
        assert kept(model) == marked - {("D2", 3)}
        model.objects.update(products=1)
    assert not [one.name for one in verify() if one.wrong]


def test_the_same_file_again_rewrites_nothing(marked):
    bring(lines(*START))
    assert kept(MonthlySales) == kept(MonthlyLineSales) == marked


def test_a_new_line_rewrites_its_month_of_its_distributor(marked):
    bring(lines(line("NEW", "2025-02-20", 1)))
    assert kept(MonthlySales) == kept(MonthlyLineSales) == marked - {("D1", 2)}

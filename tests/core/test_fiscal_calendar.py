from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.periods import FiscalCalendar, month_of, month_shift

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
CALENDARS = st.builds(FiscalCalendar, st.integers(1, 12), st.none() | st.integers(1, 28))


def test_by_default_fiscal_months_and_years_are_those_of_the_calendar():
    plain, day = FiscalCalendar(), date(2026, 5, 20)
    month, quarter, year = plain.month(day), plain.quarter(day), plain.fiscal_year(day)
    assert (month.number, month.start, month.end) == (5, date(2026, 5, 1), date(2026, 6, 1))
    assert (quarter.number, quarter.start, quarter.end) == (2, date(2026, 4, 1), date(2026, 7, 1))
    assert (year.year, year.start, year.end) == (2026, date(2026, 1, 1), date(2027, 1, 1))
    assert plain.year_text(day) == "2026"


@pytest.mark.parametrize(
    ("day", "number", "start"),
    [
        (date(2026, 2, 25), 2, date(2026, 1, 26)),
        (date(2026, 2, 26), 3, date(2026, 2, 26)),
        (date(2026, 3, 25), 3, date(2026, 2, 26)),
        (date(2025, 12, 26), 1, date(2025, 12, 26)),
    ],
)
def test_with_a_cut_off_on_the_25th_a_month_runs_from_the_26th(day, number, start):
    month = FiscalCalendar(cut_off_day=25).month(day)
    assert (month.number, month.start) == (number, start)


def test_the_28th_of_february_is_followed_by_the_first_of_march():
    month = FiscalCalendar(cut_off_day=28).month(date(2026, 3, 1))
    assert (month.number, month.start, month.end) == (3, date(2026, 3, 1), date(2026, 3, 29))


def test_a_year_that_starts_in_april_is_called_after_both_years():
    april = FiscalCalendar(start_month=4)
    assert april.year_text(date(2026, 3, 31)) == "2025/26"
    assert april.year_text(date(2026, 4, 1)) == "2026/27"
    assert FiscalCalendar(start_month=4).year_text(date(2099, 4, 1)) == "2099/00"
    assert april.quarter(date(2026, 3, 31)).number == 4


@given(CALENDARS, DAYS)
def test_every_day_lies_in_its_month_quarter_and_year_each_within_the_next(calendar, day):
    month, quarter, year = calendar.month(day), calendar.quarter(day), calendar.fiscal_year(day)
    assert month.start <= day < month.end
    assert year.start <= quarter.start <= month.start < month.end <= quarter.end <= year.end
    assert month.year == quarter.year == year.year
    assert (month.number - 1) // 3 + 1 == quarter.number


@given(CALENDARS, DAYS)
def test_months_follow_each_other_without_a_gap(calendar, day):
    month = calendar.month(day)
    after = calendar.month(month.end)
    assert after.start == month.end
    assert after.number == month.number % 12 + 1
    assert calendar.month(month.end - timedelta(days=1)) == month


@given(CALENDARS, DAYS)
def test_a_year_has_twelve_months(calendar, day):
    year = calendar.fiscal_year(day)
    assert calendar.begins(month_shift(month_of(calendar.named_month(year.start)), 12)) == year.end

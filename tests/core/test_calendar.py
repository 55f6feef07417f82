"""Working days against the published calendars of China, Germany and Kuwait."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calendar import (
    WorkCalendar,
    countries,
    holiday_name,
    is_known_country,
    is_working_day,
    working_days_between,
)

CHINA = WorkCalendar("CN")
DAYS = st.dates(date(2024, 1, 1), date(2027, 12, 31))


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 2, 13), True),
        (date(2026, 2, 14), True),  # a Saturday worked for the Spring Festival
        (date(2026, 2, 15), False),
        (date(2026, 2, 17), False),
        (date(2026, 2, 23), False),  # a Monday off for the Saturday
        (date(2026, 2, 24), True),
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),
    ],
)
def test_china_works_some_saturdays_and_rests_for_them(day, worked):
    assert is_working_day(CHINA, day) is worked


def test_a_state_of_a_country_has_its_own_holidays():
    epiphany = date(2026, 1, 6)
    assert is_working_day(WorkCalendar("DE", "BE"), epiphany)
    assert not is_working_day(WorkCalendar("DE", "BY"), epiphany)


def test_the_weekend_is_not_everywhere_saturday_and_sunday():
    friday = date(2026, 11, 20)
    assert not is_working_day(WorkCalendar("KW", weekend=frozenset({4, 5})), friday)
    assert is_working_day(WorkCalendar("KW", weekend=frozenset({4, 5})), friday + timedelta(days=2))


def test_an_own_exception_stands_above_holidays_and_weekend():
    own = WorkCalendar("CN", exceptions={date(2026, 2, 14): False, date(2026, 10, 1): True})
    assert not is_working_day(own, date(2026, 2, 14))
    assert is_working_day(own, date(2026, 10, 1))


def test_the_spring_festival_takes_its_days_out_of_the_count():
    assert working_days_between(CHINA, date(2026, 2, 9), date(2026, 3, 2)) == 11
    assert working_days_between(CHINA, date(2026, 3, 2), date(2026, 2, 9)) == -11
    assert working_days_between(CHINA, date(2026, 2, 9), date(2026, 2, 9)) == 0


@given(a=DAYS, b=DAYS, c=DAYS)
def test_counts_add_up(a, b, c):
    whole = working_days_between(CHINA, a, c)
    assert working_days_between(CHINA, a, b) + working_days_between(CHINA, b, c) == whole


def test_holidays_are_called_in_the_readers_language():
    assert holiday_name(CHINA, date(2026, 2, 17), "zh-hans") == "春节"
    assert "Spring Festival" in holiday_name(CHINA, date(2026, 2, 17), "en")
    assert holiday_name(CHINA, date(2026, 2, 24), "en") == ""


def test_only_countries_that_are_known_are_offered():
    assert {"CN", "DE", "US"} <= set(countries())
    assert is_known_country("DE", "BY")
    assert not is_known_country("DE", "XX")
    assert not is_known_country("ZZ")

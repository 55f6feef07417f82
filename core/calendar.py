"""Working days: a country's public holidays and weekend, and a company's own exceptions from them.

No database and no clock: whoever asks brings the calendar and the days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

import holidays

SATURDAY_AND_SUNDAY = frozenset({5, 6})
LANGUAGES = {"zh-hans": "zh_CN", "en": "en_US"}


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked: `country` and `subdivision` as ISO codes, weekend days with Monday 0.

    `exceptions` says of single days whether they are worked, whatever holidays and weekend say.
    """

    country: str = ""
    subdivision: str = ""
    weekend: frozenset[int] = SATURDAY_AND_SUNDAY
    exceptions: Mapping[date, bool] = field(default_factory=dict)


@lru_cache(maxsize=256)
def _public(country: str, subdivision: str, year: int, language: str) -> tuple[dict[date, str], frozenset[date]]:
    """Return the public holidays of a year by day, and the days of weekends that are worked instead."""
    if not country:
        return {}, frozenset()
    spoken = getattr(holidays, country).supported_languages or ()
    found = holidays.country_holidays(
        country, subdiv=subdivision or None, years=year, language=language if language in spoken else None
    )
    made_up = frozenset(day for day in getattr(found, "weekend_workdays", ()) if day.year == year)
    return {day: name for day, name in found.items() if day.year == year}, made_up


def is_known_country(country: str, subdivision: str = "") -> bool:
    """Tell whether the holidays of a country, and of a part of it, are known."""
    parts = holidays.list_supported_countries(include_aliases=False).get(country)
    return parts is not None and (not subdivision or subdivision in parts)


def countries() -> list[str]:
    """Return the ISO codes of the countries whose holidays are known."""
    return sorted(code for code in holidays.list_supported_countries(include_aliases=False) if len(code) == 2)


def holiday_name(calendar: WorkCalendar, day: date, language: str = "en") -> str:
    """Return what the public holiday on `day` is called, as far as the language is known, or nothing."""
    known, _made_up = _public(calendar.country, calendar.subdivision, day.year, LANGUAGES.get(language, ""))
    return known.get(day, "")


def is_working_day(calendar: WorkCalendar, day: date) -> bool:
    """Tell whether `day` is worked: own exceptions first, then holidays and days worked instead, then the weekend."""
    if day in calendar.exceptions:
        return calendar.exceptions[day]
    known, made_up = _public(calendar.country, calendar.subdivision, day.year, "")
    if day in known:
        return False
    return day in made_up or day.weekday() not in calendar.weekend


def working_days_between(calendar: WorkCalendar, start: date, end: date) -> int:
    """Return how many working days lie from `start` up to and without `end`; negative where `end` is earlier."""
    if end < start:
        return -working_days_between(calendar, end, start)
    return sum(is_working_day(calendar, start + timedelta(days=step)) for step in range((end - start).days))

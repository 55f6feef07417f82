"""Months as half-open ranges of dates."""

from dataclasses import dataclass
from datetime import date


def month_of(day: date) -> date:
    """Return the first day of the month that holds `day`."""
    return day.replace(day=1)


def month_shift(day: date, months: int) -> date:
    """Return the first day of the month that lies `months` after the one of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def months_between(start: date, end: date) -> int:
    """Return the number of month starts from the month of `start` to the month of `end`."""
    return (end.year - start.year) * 12 + end.month - start.month


@dataclass(frozen=True)
class Window:
    """Whole months: `start` is the first day, `end` the first day after."""

    start: date
    end: date

    @property
    def months(self) -> list[date]:
        """Return the first days of the months in the window."""
        return [month_shift(self.start, step) for step in range(months_between(self.start, self.end))]

    def before(self) -> "Window":
        """Return the same months one year earlier."""
        return Window(month_shift(self.start, -12), month_shift(self.end, -12))


def full_months(as_of: date, count: int) -> Window:
    """Return the last `count` full months before the month of `as_of`.

    A date that is the first of a month closes the month before it: as of 2013-12-01, twelve months are
    2012-12-01 up to and without 2013-12-01.
    """
    end = month_of(as_of)
    return Window(month_shift(end, -count), end)

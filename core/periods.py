"""Months as half-open ranges of dates, and the fiscal months, quarters and years of a company."""

from dataclasses import dataclass
from datetime import date, timedelta

# The first day and the last.
Span = tuple[date, date]


def month_of(day: date) -> date:
    """Return the first day of the month that holds `day`."""
    return day.replace(day=1)


def month_shift(day: date, months: int) -> date:
    """Return the first day of the month that lies `months` after the one of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def month_last(day: date) -> date:
    """Return the last day of the month that holds `day`."""
    return month_shift(day, 1) - timedelta(days=1)


def year_before(day: date) -> date:
    """Return the same day a year earlier, of 29 February the 28th."""
    last = month_last(month_shift(day, -12))
    return last.replace(day=min(day.day, last.day))


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


def whole_year_before(as_of: date) -> date:
    """Return the day before which sales must have begun for the year before the last twelve full months to be whole.

    Whoever began in its first month has a whole year to be compared with; whoever began later is new.
    """
    return month_shift(full_months(as_of, 12).before().start, 1)


@dataclass(frozen=True)
class FiscalPeriod:
    """A fiscal month, quarter or year: `start` is its first day, `end` the first day after.

    `year` is the calendar year of the fiscal year's first month, `number` counts within the fiscal year from 1.
    """

    year: int
    number: int
    start: date
    end: date


@dataclass(frozen=True)
class FiscalCalendar:
    """The fiscal year begins with the month `start_month`; with `cut_off_day`, a month ends on that day.

    With a cut-off on the 25th, March runs from 26 February to 25 March.
    """

    start_month: int = 1
    cut_off_day: int | None = None

    def named_month(self, day: date) -> date:
        """Return the first day of the calendar month after which the fiscal month of `day` is called."""
        later = self.cut_off_day is not None and day.day > self.cut_off_day
        return month_shift(day, 1 if later else 0)

    def begins(self, month: date) -> date:
        """Return the first day of the fiscal month that is called after the calendar month of `month`."""
        if self.cut_off_day is None:
            return month_of(month)
        return month_shift(month, -1).replace(day=self.cut_off_day) + timedelta(days=1)

    def _first_month(self, month: date) -> date:
        return month_shift(month, -((month.month - self.start_month) % 12))

    def _period(self, first: date, months: int, *, number: int, year: date) -> FiscalPeriod:
        return FiscalPeriod(year.year, number, self.begins(first), self.begins(month_shift(first, months)))

    def month(self, day: date) -> FiscalPeriod:
        """Return the fiscal month of `day`; month 1 is the first of the fiscal year."""
        named = self.named_month(day)
        year = self._first_month(named)
        return self._period(named, 1, number=months_between(year, named) + 1, year=year)

    def quarter(self, day: date) -> FiscalPeriod:
        """Return the fiscal quarter of `day`."""
        named = self.named_month(day)
        year = self._first_month(named)
        place = months_between(year, named) // 3
        return self._period(month_shift(year, 3 * place), 3, number=place + 1, year=year)

    def fiscal_year(self, day: date) -> FiscalPeriod:
        """Return the fiscal year of `day`."""
        year = self._first_month(self.named_month(day))
        return self._period(year, 12, number=1, year=year)

    def month_so_far(self, day: date) -> tuple[Span, Span]:
        """Return the fiscal month up to `day`, and the same month of the year before up to as many days."""
        named, first = self.named_month(day), self.month(day).start
        then = self.begins(month_shift(named, -12))
        last = self.begins(month_shift(named, -11)) - timedelta(days=1)
        return (first, day), (then, min(then + (day - first), last))

    def year_so_far(self, day: date) -> tuple[Span, Span]:
        """Return the fiscal year up to `day`, and the year before up to the same day."""
        first = self.fiscal_year(day).start
        return (first, day), (self.fiscal_year(first - timedelta(days=1)).start, year_before(day))

    def year_text(self, day: date) -> str:
        """Return what the fiscal year of `day` is called: 2026, or 2026/27 where it runs over two calendar years."""
        year = self.fiscal_year(day).year
        return str(year) if self.start_month == 1 else f"{year}/{(year + 1) % 100:02d}"

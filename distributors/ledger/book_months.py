"""Months of the books with what counts in them."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Sum

from core.periods import Window, month_of, month_shift
from distributors.ledger.books import month_name
from distributors.ledger.models import MonthlySales, SaleLine

SHOWN = 18


@dataclass(frozen=True)
class BookMonth:
    """One month: whether it is closed, how many lines count in it, and how many of these are adjustments."""

    month: date
    closed: bool
    over: bool
    lines: int
    added: int
    removed: int

    @property
    def name(self) -> str:
        """Return the month in words."""
        return month_name(self.month)


def book_months(opened: date | None, today: date) -> list[BookMonth]:
    """Return the last months, the newest first, over everything that was imported."""
    now = month_of(today)
    window = Window(month_shift(now, 1 - SHOWN), month_shift(now, 1))
    span = {"gte": window.start, "lt": window.end}
    lines = MonthlySales.objects.filter(**{f"month__{test}": day for test, day in span.items()})
    counted = dict(lines.order_by().values("month").annotate(total=Sum("lines")).values_list("month", "total"))
    added, removed = (_adjustments(column, span) for column in ("booked_in", "removed_in"))
    return [
        BookMonth(
            month,
            closed=opened is not None and month < opened,
            over=month < now,
            lines=counted.get(month, 0),
            added=added.get(month, 0),
            removed=removed.get(month, 0),
        )
        for month in reversed(window.months)
    ]


def _adjustments(column: str, span: dict[str, date]) -> dict[date, int]:
    found = SaleLine.objects.filter(**{f"{column}__{test}": day for test, day in span.items()}).order_by()
    return dict(found.values(column).annotate(total=Count("pk")).values_list(column, "total"))

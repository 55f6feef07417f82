"""Net sales of a span of days: whole months from the roll-up, the days at its ends from the lines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DateField, QuerySet, Sum, Value

from core.periods import Span, month_last, month_of, month_shift, months_between

ZERO = Decimal(0)


@dataclass(frozen=True)
class Parts:
    """What a span consists of: the first days of whole months, and spans of days within a month."""

    months: tuple[date, ...]
    edges: tuple[Span, ...]


@dataclass(frozen=True)
class Sums:
    """Amounts by month and by span of days."""

    months: dict[date, Decimal]
    spans: dict[Span, Decimal]

    def of(self, span: Span) -> Decimal:
        """Return the amount of a span whose parts are known."""
        parts = parts_of(span)
        known = [self.months.get(month, ZERO) for month in parts.months]
        return sum(known + [self.spans[edge] for edge in parts.edges], ZERO)


def parts_of(span: Span) -> Parts:
    """Return the parts of a span; its last month counts as days, for it may go on."""
    first, last = span
    begin, end = month_shift(first, 0 if first.day == 1 else 1), month_of(last)
    if begin > end:
        return Parts((), (span,))
    head = ((first, month_last(first)),) if first < begin else ()
    months = tuple(month_shift(begin, step) for step in range(months_between(begin, end)))
    return Parts(months, (*head, (end, last)))


def sums_of(months: QuerySet, lines: QuerySet, spans: Iterable[Span]) -> Sums:
    """Ask for the amounts of roll-ups by month, and of lines on the days that `spans` need beside them, at once.

    Each edge goes by the index on the day: asked with "or", PostgreSQL reads every line there is.
    """
    edges = list(dict.fromkeys(edge for span in spans for edge in parts_of(span).edges))
    found: dict[int, dict[date, Decimal]] = {place: {} for place in range(-1, len(edges))}
    asked: list[Any] = []
    for place, edge in enumerate(edges):
        named = lines.filter(day__range=edge).order_by()
        named = named.annotate(on=Value(edge[0], DateField()), part=Value(place)).values_list("on", "part")
        asked.append(named.annotate(total=Sum("base_amount")))
    by_month = months.order_by().annotate(part=Value(-1)).values_list("month", "part").annotate(total=Sum("amount"))
    # The first part says how all are read.
    for on, part, total in by_month.union(*asked, all=True):
        found[part][on] = total or ZERO
    spent = {edge: found[place].get(edge[0], ZERO) for place, edge in enumerate(edges)}
    return Sums(found[-1], spent)

"""What happened, told by many apps: asked set-wise, newest first, and page by page.

A source is one function `(user, ids, span)`, called once with everything it needs to know, never once a row. It gives
its events newest first, at most `span.most` of them, and none that `span` leaves out: so the newest of all are found
among what each of them gives.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db.models import Q

from core.contributors import Event
from core.periods import full_months, month_last, month_of

PAGE = 50
BATCH = 200
BATCHES = 25
MOST_TOLD = BATCH * BATCHES  # of one day: a mark asks each source for all that was told of its day again
MARK = "~"
GLANCE_MONTHS = 12


@dataclass(frozen=True)
class Span:
    """Which events are asked for: of the days `first` to `last` and none after `today`, of some kinds or all.

    `before` is where a page goes on: the day of the last event that was told. A `glance` asks for the kinds that stand
    beside other things only, and for sums of the last twelve months and this one.
    """

    today: date
    first: date | None = None
    last: date | None = None
    before: date | None = None
    kinds: frozenset[str] | None = None
    most: int = BATCH
    glance: bool = False

    @property
    def reach(self) -> date:
        """Return the last day that is asked for now, of what was noted when it happened."""
        return min(self.last or date.max, self.before or date.max)

    @property
    def until(self) -> date:
        """Return the last day that is asked for now, of facts: theirs may lie ahead, and those are left out."""
        return min(self.reach, self.today)

    def wants(self, code: str) -> bool:
        """Tell whether events of a kind are asked for."""
        return self.kinds is None or code in self.kinds

    def days(self, column: str) -> Q:
        """Return the condition that the date of a fact lies within."""
        condition = Q(**{f"{column}__lte": self.until})
        return condition & Q(**{f"{column}__gte": self.first}) if self.first else condition

    def moments(self, column: str) -> Q:
        """Return the condition that a moment, at which something was noted, lies within."""
        condition = Q(**{f"{column}__date__lte": self.reach}) if self.reach < date.max else Q()
        return condition & Q(**{f"{column}__date__gte": self.first}) if self.first else condition

    def months(self, column: str) -> Q:
        """Return the condition for facts that are told month by month: the whole of each month that is touched."""
        first = month_of(self.first) if self.first else None
        if self.glance:
            first = full_months(self.today, GLANCE_MONTHS).start
        condition = Q(**{f"{column}__lte": min(month_last(self.until), self.today)})
        return condition & Q(**{f"{column}__gte": first}) if first else condition

    def newest(self, events: list[Event]) -> list[Event]:
        """Return of these events those that are asked for, newest first."""
        kept = [event for event in events if self.wants(event.code) and self._holds(event.on)]
        return sorted(kept, key=lambda event: event.on, reverse=True)[: self.most]

    def _holds(self, day: date) -> bool:
        return day <= self.reach and (self.first is None or day >= self.first)


Source = Callable[[Any, Sequence[int], Span], list[Event]]


@dataclass(frozen=True)
class _Registered:
    source: Source
    kinds: Mapping[str, Any]
    glance: bool


_sources: list[_Registered] = []


def timeline_add(source: Source, kinds: Mapping[str, Any], *, glance: bool = False) -> None:
    """Register a source with its kinds, code to word; one for a `glance` stands beside other things, too."""
    found = _Registered(source, kinds, glance)
    if all(one.source != source for one in _sources):
        _sources.append(found)


def timeline_kinds() -> dict[str, str]:
    """Return the kinds there are, by their words."""
    kinds = {code: str(word) for one in _sources for code, word in one.kinds.items()}
    return dict(sorted(kinds.items(), key=lambda pair: pair[1]))


def timeline_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return the newest `span.most` events of some distributors that `user` may see, one call for each source."""
    found: list[Event] = []
    for one in _sources:
        if (one.glance or not span.glance) and any(span.wants(code) for code in one.kinds):
            found += one.source(user, ids, span)
    return sorted(found, key=lambda event: event.on, reverse=True)[: span.most]


@dataclass(frozen=True)
class Page:
    """Some events, and the mark where what came before them begins, empty where nothing did."""

    events: list[Event]
    earlier: str = ""


def mark_of(text: str) -> tuple[date | None, int]:
    """Return what a mark says: the day of the last event, and how many of that day were told; raise ValueError."""
    if not text:
        return None, 0
    day, _sign, told = text.partition(MARK)
    if not (told.isascii() and told.isdecimal() and len(told) < 7 and int(told) <= MOST_TOLD):
        raise ValueError(text)
    return date.fromisoformat(day), int(told)


def timeline_page(
    user: Any, ids: Sequence[int], span: Span, *, words: str = "", mark: str = "", size: int = PAGE
) -> Page:
    """Return the newest `size` events that hold all of `words`, from `mark` on.

    A search looks through so many events and no more; where it finds too little, the page is short and goes on.
    """
    asked = words.casefold().split()
    kept: list[Event] = []
    for looked, (event, here) in enumerate(_walk(user, ids, span, mark, size), 1):
        if len(kept) == size:
            return Page(kept, mark)
        mark = here
        if _holds(event, asked):
            kept.append(event)
        if looked == BATCH * BATCHES and asked:
            return Page(kept, mark)
    return Page(kept)


def timeline_all(user: Any, ids: Sequence[int], span: Span, *, words: str = "", most: int) -> Iterator[Event]:
    """Yield all events that hold all of `words`, newest first, up to `most`."""
    asked = words.casefold().split()
    walked = (event for event, _mark in _walk(user, ids, span, "", BATCH))
    yield from islice((event for event in walked if _holds(event, asked)), most)


def _walk(user: Any, ids: Sequence[int], span: Span, mark: str, size: int) -> Iterator[tuple[Event, str]]:
    """Yield events from a mark on, each with the mark that stands behind it."""
    day, told = mark_of(mark)
    batch = size + 1
    while True:
        asked = replace(span, before=day, most=told + batch)
        found = timeline_events(user, ids, asked)
        for event in found[told:]:
            told = told + 1 if event.on == day else 1
            day = event.on
            yield event, _mark(day, told)
        if len(found) < asked.most:
            return
        batch = BATCH


def _mark(day: date, told: int) -> str:
    """Return the mark behind an event; a day of more events than are told goes on with the day before."""
    day, told = (day, told) if told <= MOST_TOLD else (day - timedelta(days=1), 0)
    return f"{day.isoformat()}{MARK}{told}"


def _holds(event: Event, words: list[str]) -> bool:
    text = " ".join(str(part) for part in (event.kind, event.title, event.text, event.who, event.when)).casefold()
    return all(word in text for word in words)

"""What changed since a batch: pages in the order of batches, of rows that came into force and rows that only went.

Numbers of batches are issued in commit order, and rows are written under the same lock, so their keys rise with their
batches. A page first asks for the last batch and says nothing of later ones: what commits meanwhile comes later.
"""

import re
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any

from django.db.models import BigIntegerField, Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from rest_framework.response import Response

from core.api import MAX_KEY, CursorPages, cursor_of, cursor_unknown, place_of
from core.database import Unindexed
from distributors.ledger.batches import batch_last
from distributors.ledger.facts import fact_of
from distributors.ledger.models import Batch

THROUGH = "Qudao-Through-Batch"
PLACE = re.compile(r"pull ([0-9]{1,19}) ([0-9]{1,19}) ([0-9]{1,19})")


@dataclass(frozen=True)
class Place:
    """How far a pull has come: the key from which rows in force follow, and batch and key of the last that went."""

    live: int
    batch: int
    gone: int = MAX_KEY

    @classmethod
    def first(cls, model: Any, since: int, last: int) -> "Place":
        """Return where a pull begins; who has nothing yet need not hear of what went before."""
        if not since:
            return cls(live=0, batch=last)
        later = model.objects.filter(batch__gt=since).aggregate(first=Min(Unindexed("pk")))["first"]
        # Without later rows the next ones come behind all there are, and not at the start of the index.
        live = later or (model.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
        return cls(live=live, batch=since)

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """Return where the page ended that gave a cursor; raise ValidationError where none did."""
        try:
            found = PLACE.fullmatch(place_of(cursor))
        except ValueError:
            found = None
        numbers = [int(text) for text in found.groups()] if found else []
        if not numbers or max(numbers) > MAX_KEY:
            raise cursor_unknown()
        return cls(*numbers)

    def written(self) -> str:
        """Return the cursor."""
        return cursor_of(f"pull {self.live} {self.batch} {self.gone}")


class FactPages(CursorPages):
    """Pages of facts: by the key, by a date that leads, or by batch where it is asked what changed since one."""

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        """Return one page of the view's columns of the rows."""
        self.through: int | None = None
        since = view.since()
        if since is None:
            return super().paginate_queryset(queryset, request, view)
        self.request, self.last = request, None
        size, last = self._size(request.query_params.get("page_size")), batch_last()
        cursor = request.query_params.get("cursor")
        place = Place.first(view.model, since, last) if cursor is None else Place.read(cursor)
        live = queryset.filter(pk__gte=place.live, batch__gt=since, batch__lte=last)
        came = view.columns(live, "batch_id").order_by("pk")[: size + 1]
        went = self._went(view, place, last, size)
        # Of one batch what went comes first: a row that an undo put back is then the last word.
        rows = list(islice(merge(went, ((row[1], True, row) for row in came), key=lambda one: one[0]), size + 1))
        self.through = last
        if len(rows) > size:
            rows.pop()
            self.last, self.through = _moved(place, rows).written(), rows[-1][0] - 1
        return [row for _batch, _lives, row in rows]

    def whole(self, queryset: Any, request: Any, view: Any) -> tuple[Any, dict[str, str]]:
        """Return all rows, or all that changed since a batch in the order of batches and up to which batch."""
        since = view.since()
        if since is None:
            return super().whole(queryset, request, view)
        last = batch_last()
        came, order = Q(superseded_by=None, batch__gt=since, batch__lte=last), [F("pk").asc()]
        gone = withdrawn(view, since, last) if since else None
        if gone is None:
            rows = queryset.filter(came)
        else:
            went = gone.filter(superseded_by__gt=since).values("pk")
            rows = view.filter_queryset(view.reach()).filter(came | Q(pk__in=went))
            batch = Coalesce("superseded_by", "batch", output_field=BigIntegerField())
            order = [batch.asc(), F("superseded_by").asc(nulls_last=True), *order]
        return rows.order_by(*order), {THROUGH: str(last)}

    def _went(self, view: Any, place: Place, last: int, size: int) -> list[tuple[int, bool, Any]]:
        gone = withdrawn(view, place.batch, last)
        if gone is None:
            return []
        behind = Q(superseded_by=place.batch, pk__gt=place.gone) | Q(superseded_by__gt=place.batch)
        found = view.columns(gone.filter(behind), "superseded_by_id").order_by("superseded_by_id", "pk")[: size + 1]
        return [(row[1], False, row) for row in found]

    def get_paginated_response(self, data: Any) -> Response:
        """Add the batch up to which everything has been given."""
        response = super().get_paginated_response(data)
        if self.through is not None:
            response.data["through_batch"] = self.through
        return response

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        """Describe a page."""
        described = super().get_paginated_response_schema(schema)
        text = "With `changed_since_batch`: everything up to this batch has been given; ask for what came after it."
        described["properties"]["through_batch"] = {"type": "integer", "description": text}
        return described


def _moved(place: Place, rows: list[tuple[int, bool, Any]]) -> Place:
    live = next((row[0] + 1 for _batch, lives, row in reversed(rows) if lives), place.live)
    gone = next(((batch, row[0]) for batch, lives, row in reversed(rows) if not lives), (place.batch, place.gone))
    return Place(live, *gone)


def withdrawn(view: Any, since: int, last: int) -> QuerySet | None:
    """Return the rows that the view would have shown and that went in these batches with nothing in their place.

    None where there can be none: only an undo takes rows away, unless a filter asks for what a correction changes.
    """
    fact = fact_of(view.kind.name)
    rows = view.reach().filter(superseded_by__gte=since, superseded_by__lte=last)
    if not view.narrowed_by_changes(fact.fixed):
        undos = Batch.objects.filter(
            kind=fact.kind,
            undoes__isnull=False,
            rows_removed__gt=F("rows_changed"),
            number__gte=since,
            number__lte=last,
        )
        numbers = list(undos.values_list("number", flat=True))
        if not numbers:
            return None
        rows = rows.filter(superseded_by__in=numbers)
    same = {name: OuterRef(name) for name in fact.key}
    again = view.filter_queryset(view.reach().filter(batch=OuterRef("superseded_by"), **same))
    found: QuerySet = view.filter_queryset(rows).filter(~Exists(again))
    return found

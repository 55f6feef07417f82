"""Pages of a list that only grows, each by the entry at which it begins: none is counted, none is skipped over."""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from core.database import estimated_count
from core.listing import Listing
from core.sections import PER_PAGE, Paged

COUNTED = 10_000


def keyset_page(listing: Listing, column: str) -> Paged:
    """Return the page of the entries after `older`, or before `newer`, by a column of times, the newest first.

    `newer=0` asks for the oldest page. Whatever the length of the list, a page reads its own entries only.
    """
    params, rows = listing.params, listing.table.values()
    backwards = "newer" in params
    place = _place(listing, column, params.get("newer" if backwards else "older", ""))
    if backwards:
        rows = rows.filter(_beyond(column, place, "gt")) if place else rows
        found = list(rows.order_by(column, "pk")[: PER_PAGE + 1])
        more_before, more_after = len(found) > PER_PAGE, place is not None
        shown = found[:PER_PAGE][::-1]
    else:
        rows = rows.filter(_beyond(column, place, "lt")) if place else rows
        found = list(rows.order_by(f"-{column}", "-pk")[: PER_PAGE + 1])
        more_before, more_after = place is not None, len(found) > PER_PAGE
        shown = found[:PER_PAGE]
    before, after = more_before and bool(shown), more_after and bool(shown)
    urls = {
        "first": listing.link() if before else None,
        "previous": listing.link(newer=shown[0]["pk"]) if before else None,
        "next": listing.link(older=shown[-1]["pk"]) if after else None,
        "last": listing.link(newer=0) if after else None,
    }
    return Paged(shown, urls, _count(listing, len(shown), alone=not (before or after)))


def _place(listing: Listing, column: str, asked: str) -> tuple[Any, int] | None:
    if not asked.isdecimal() or len(asked) > 18:
        return None
    found = listing.section.model.objects.filter(pk=int(asked)).values_list(column, "pk").first()
    return found if found is None else (found[0], found[1])


def _beyond(column: str, place: tuple[Any, int], side: str) -> Q:
    """Return the condition of what lies beyond a place, in the form that begins with a range of the column."""
    at, pk = place
    return Q(**{f"{column}__{side}e": at}) & (Q(**{f"{column}__{side}": at}) | Q(**{f"pk__{side}": pk}))


def _count(listing: Listing, shown: int, *, alone: bool) -> dict[str, Any]:
    """Return the count: exact where one page holds all, or few are there, or it is asked for."""
    if alone:
        return {"value": shown, "estimated": False}
    if listing.params.get("count") == "exact":
        return {"value": listing.rows.count(), "estimated": False}
    value, estimated = estimated_count(listing.rows, COUNTED, bounded=True)
    text = _("more than %(number)s rows") % {"number": f"{value:,}"} if estimated and value == COUNTED else ""
    return {"value": value, "estimated": estimated, "text": text}

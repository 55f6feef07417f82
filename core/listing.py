"""One list as somebody asks for it: the page, the exports and the jobs read the same rows by the same door."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.http import urlencode

from core import audit
from core.database import Tally, tallied
from core.filters import BaseFilterSet
from core.replica import report_rows
from core.scope import permission_name
from core.tables import Table

# What a list's address may hold beside its filters.
CONTROLS = frozenset({"page", "older", "newer", "sort", "columns", "export", "choices", "count", "view", "pk"})
PASSING = ("page", "older", "newer", "export", "choices", "count", "view")
MOST_KEYS = 1000


@dataclass(frozen=True)
class Asker:
    """Who asks, where there is no request: filter sets look at the user only."""

    user: Any


class Listing:
    """The rows of a section that `user` sees and `params` keep, with their columns and order."""

    def __init__(self, section: Any, user: Any, params: QueryDict):
        self.section = section
        self.user = user
        self.params = params

    @property
    def allowed(self) -> bool:
        """Tell whether the user may see the list at all."""
        return bool(self.user.has_perm(permission_name(self.section.model, "view")))

    @cached_property
    def filterset(self) -> BaseFilterSet:
        """Return the filters over the rows in reach."""
        rows = self.section.rows_for(self.user).visible_to(self.user)
        found: BaseFilterSet = self.section.filterset(self.params, queryset=rows, request=Asker(self.user))
        return found

    @cached_property
    def rows(self) -> QuerySet:
        """Return the rows that match; with `pk` only those keys of them."""
        rows: QuerySet = self.filterset.qs
        keys = self.params.getlist("pk")
        if not keys:
            return rows
        return rows.filter(pk__in=[int(key) for key in keys[:MOST_KEYS] if key.isdecimal() and len(key) < 19])

    @cached_property
    def table(self) -> Table:
        """Return the table of the rows."""
        found: Table = self.section.table(self.rows, self.params)
        found.reader = self.user
        return found

    def reported(self) -> Table:
        """Return the table for a file, and note that personal fields go out.

        Its rows are read from the copy for reports, where there is one.
        """
        if self.section.personal:
            title = str(self.section.title)
            audit.record_export(actor=self.user, model=self.section.model, text=title, query=self.query)
        self.table.queryset = report_rows(self.table.queryset)
        return self.table

    @property
    def readable(self) -> bool:
        """Tell whether every filter can be read."""
        return bool(self.filterset.is_valid())

    @property
    def unknown(self) -> list[str]:
        """Return what the query asks for and this list does not have: filters and columns, by name."""
        filters = [name for name in self.params if name not in CONTROLS and name not in self.filterset.filters]
        columns = {column.name for column in self.table.available}
        return filters + [name for name in self.table.asked if name not in columns]

    @cached_property
    def tally(self) -> Tally:
        """Return the count and the totals of the shown columns: exact up to 10,000 rows, above where that is asked."""
        sums = {total.name: total.expression for total in self.table.summed}
        return tallied(self.rows, sums, exact=self.params.get("count") == "exact")

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Return what the query holds, as pairs, without what only passes."""
        return [
            (name, value)
            for name in self.params
            if name not in PASSING
            for value in self.params.getlist(name)
            if value != ""
        ]

    @property
    def query(self) -> str:
        """Return the query without what only passes: page, export, count, view."""
        return urlencode(self.pairs)

    def link(self, **changes: Any) -> str:
        """Return the query with `changes`, None to leave a name out; the page begins anew."""
        query = self.params.copy()
        for name in ("page", "older", "newer", "export", "count"):
            query.pop(name, None)
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = str(value)
        return f"?{query.urlencode()}"

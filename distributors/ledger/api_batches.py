"""REST: batches, and the moves of the line up to which months are closed."""

import django_filters

from core.resources import ApiFilterSet, ReadViewSet, WholeNumberFilter
from distributors.ledger.models import Batch, PeriodLock


class BatchApiFilter(ApiFilterSet):
    """Batches by number, kind and source."""

    kind = django_filters.CharFilter(label="What came in: sales, orders, invoices and so on.")
    source = django_filters.CharFilter(field_name="source__code", label="Code of the source.")
    after = WholeNumberFilter(field_name="number", lookup_expr="gt", label="Only batches after this one.")
    undone = django_filters.BooleanFilter(
        field_name="undone_by", lookup_expr="isnull", exclude=True, label="Only those that were undone, or were not."
    )


class BatchViewSet(ReadViewSet):
    """What became true together; an undo is a batch of its own."""

    model = Batch
    resource = "batches"
    tag = "Batches and books"
    lookup_value_regex = "[0-9]{1,19}"
    filterset_class = BatchApiFilter
    fields = {
        "number": "number",
        "kind": "kind",
        "source": "source__code",
        "new": "rows_new",
        "changed": "rows_changed",
        "removed": "rows_removed",
        "of_closed_months": "rows_late",
        "undoes": "undoes_id",
        "undone_by": "undone_by__number",
        "reason": "reason",
        "created_at": "created_at",
    }
    notes = {
        "changed": "Rows corrected; of an undo, rows put back.",
        "removed": "Of an undo: rows taken out of force.",
        "of_closed_months": "Rows that count in a later month, because their own was closed.",
        "undoes": "The batch that this one undid.",
        "undone_by": "The batch that undid this one.",
    }


class PeriodLockApiFilter(ApiFilterSet):
    """All moves of the line."""


class PeriodLockViewSet(ReadViewSet):
    """Each closing or opening of months; the one with the largest number holds."""

    model = PeriodLock
    resource = "books"
    tag = "Batches and books"
    lookup_value_regex = "[0-9]{1,9}"
    filterset_class = PeriodLockApiFilter
    fields = {
        "number": "number",
        "first_open": "first_open",
        "reopened": "reopened",
        "reason": "reason",
        "after_batch": "batch",
        "created_at": "created_at",
    }
    notes = {
        "first_open": "Months before this one are closed.",
        "after_batch": "The last batch before the move.",
    }

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the scope of batches, which this belongs to."""
        return "batches:read", super().needs(method)[1]

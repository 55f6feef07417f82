"""REST: what is open, and what settles what."""

import django_filters

from core.resources import ApiFilterSet, IsoDateFilter, ReadViewSet
from distributors.ledger.records import Allocation, OpenItem


class OpenItemApiFilter(ApiFilterSet):
    """Open items by distributor, kind and due day."""

    distributor = django_filters.CharFilter(field_name="distributor__code", label="Code of the distributor.")
    kind = django_filters.ChoiceFilter(choices=OpenItem.Kind.choices, label="Invoice, credit or prepaid.")
    due_from = IsoDateFilter(field_name="due_on", lookup_expr="gte", label="Due on this day or later.")
    due_to = IsoDateFilter(field_name="due_on", lookup_expr="lte", label="Due on this day or earlier.")
    disputed = django_filters.BooleanFilter(label="Only those that are disputed, or are not.")


class OpenItemViewSet(ReadViewSet):
    """What of invoices is not settled, and what of payments and credit notes has settled nothing yet."""

    model = OpenItem
    resource = "open-items"
    tag = "Invoices"
    lookup_value_regex = "[0-9]{1,19}"
    filterset_class = OpenItemApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "kind": "kind",
        "invoice": "invoice__external_id",
        "payment": "payment__external_id",
        "due_on": "due_on",
        "amount": "amount",
        "currency": "currency",
        "base_amount": "base_amount",
        "disputed": "disputed",
    }
    notes = {
        "id": "It changes whenever facts of the distributor change.",
        "invoice": "Number of the invoice or credit note.",
        "payment": "Number of the payment.",
        "due_on": "Due day of an invoice, date of the others.",
    }


class AllocationApiFilter(ApiFilterSet):
    """Allocations by distributor, invoice and payment."""

    distributor = django_filters.CharFilter(field_name="distributor__code", label="Code of the distributor.")
    invoice = django_filters.CharFilter(field_name="invoice__external_id", label="Number of the invoice.")
    payment = django_filters.CharFilter(field_name="payment__external_id", label="Number of the payment.")


class AllocationViewSet(ReadViewSet):
    """Which payment or credit note settles how much of which invoice."""

    model = Allocation
    resource = "allocations"
    tag = "Invoices"
    lookup_value_regex = "[0-9]{1,19}"
    filterset_class = AllocationApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "invoice": "invoice__external_id",
        "payment": "payment__external_id",
        "credit_note": "credit_note__external_id",
        "settled_on": "day",
        "amount": "amount",
        "used": "used",
        "stated": "stated",
    }
    notes = {
        "id": "It changes whenever facts of the distributor change.",
        "amount": "Settled of the invoice, in its currency.",
        "used": "Used of the payment or credit note, in its currency.",
    }

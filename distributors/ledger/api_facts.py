"""REST: orders, invoices, payments, stock, targets and occurrences, read in pages and written in bulk."""

import django_filters

from core.resources import IsoDateFilter
from distributors.ledger.fact_resources import REMOVED, FactApiFilter, fact_resource
from distributors.ledger.kinds.invoices import INVOICES
from distributors.ledger.kinds.occurrences import OCCURRENCES
from distributors.ledger.kinds.orders import ORDERS
from distributors.ledger.kinds.payments import PAYMENTS
from distributors.ledger.kinds.stock import STOCK
from distributors.ledger.kinds.targets import TARGETS
from distributors.ledger.records import Invoice, Occurrence, Order, Payment, StockSnapshot, Target

NUMBER = "Number in the source, exactly."
REVISED = {
    "id": "Key of this revision; a correction has a new one.",
    "source": "Code of the source.",
    "batch": "Batch in which this revision became true, or went.",
    "removed": "true for a row that is in force no more; only with `changed_since_batch`.",
    "distributor": "Code of the distributor.",
}
NUMBERED = {"number": "external_id", "date": "day"}
HEAD = {
    "id": "pk",
    "source": "source__code",
    "revision": "revision",
    "batch": "batch_id",
    REMOVED: "superseded_by_id",
}


class OrderApiFilter(FactApiFilter):
    """Orders by number, distributor, date, state and batch."""

    number = django_filters.CharFilter(field_name="external_id", label=NUMBER)
    state = django_filters.ChoiceFilter(choices=Order.State.choices, label="Open, closed or cancelled.")


class OrderViewSet(
    fact_resource(  # type: ignore[misc]  # a base made by a call
        ORDERS,
        NUMBERED,
        {"number": "SO-4711", "distributor": "D0001", "date": "2026-03-02", "open_amount": "1200", "currency": "CNY"},
    )
):
    """Orders in force: what is ordered and not invoiced."""

    model = Order
    resource = "orders"
    tag = "Orders"
    filterset_class = OrderApiFilter
    fields = {
        **HEAD,
        "number": "external_id",
        "distributor": "distributor__code",
        "date": "day",
        "state": "state",
        "open_amount": "open_amount",
        "currency": "currency",
        "base_open_amount": "base_open_amount",
    }
    notes = REVISED


class InvoiceApiFilter(FactApiFilter):
    """Invoices and credit notes by number, distributor, dates, kind, marks and batch."""

    number = django_filters.CharFilter(field_name="external_id", label=NUMBER)
    kind = django_filters.ChoiceFilter(choices=Invoice.Kind.choices, label="Invoice or credit note.")
    due_from = IsoDateFilter(field_name="due_on", lookup_expr="gte", label="Due on this day or later.")
    due_to = IsoDateFilter(field_name="due_on", lookup_expr="lte", label="Due on this day or earlier.")
    disputed = django_filters.BooleanFilter(label="Only those that are disputed, or are not.")
    cancelled = django_filters.BooleanFilter(label="Only those that are cancelled, or are not.")


class InvoiceViewSet(
    fact_resource(  # type: ignore[misc]  # a base made by a call
        INVOICES,
        {"number": "external_id", "issued_on": "day"},
        {
            "number": "R-1001",
            "distributor": "D0001",
            "issued_on": "2026-03-02",
            "due_on": "2026-04-01",
            "amount": "1741.10",
            "currency": "CNY",
        },
    )
):
    """Invoices and credit notes in force, with tax."""

    model = Invoice
    resource = "invoices"
    tag = "Invoices"
    filterset_class = InvoiceApiFilter
    fields = {
        **HEAD,
        "number": "external_id",
        "kind": "kind",
        "distributor": "distributor__code",
        "issued_on": "day",
        "due_on": "due_on",
        "amount": "amount",
        "currency": "currency",
        "base_amount": "base_amount",
        "disputed": "disputed",
        "cancelled": "cancelled",
        "settles": "settles",
    }
    notes = {**REVISED, "settles": "The invoice that a credit note states; empty for the oldest."}


class PaymentApiFilter(FactApiFilter):
    """Payments by number, distributor, date, kind, method and batch."""

    number = django_filters.CharFilter(field_name="external_id", label=NUMBER)
    kind = django_filters.ChoiceFilter(choices=Payment.Kind.choices, label="Settlement or prepayment.")
    method = django_filters.ChoiceFilter(choices=Payment.Method.choices, label="How it was paid.")


class PaymentViewSet(
    fact_resource(  # type: ignore[misc]  # a base made by a call
        PAYMENTS,
        NUMBERED,
        {
            "number": "P-2001",
            "distributor": "D0001",
            "date": "2026-03-20",
            "amount": "1000",
            "currency": "CNY",
            "settles": "R-1001",
        },
    )
):
    """Payments in force; a reversal is below zero and names the payment that it reverses."""

    model = Payment
    resource = "payments"
    tag = "Payments"
    filterset_class = PaymentApiFilter
    fields = {
        **HEAD,
        "number": "external_id",
        "distributor": "distributor__code",
        "date": "day",
        "kind": "kind",
        "method": "method",
        "due_on": "due_on",
        "amount": "amount",
        "currency": "currency",
        "base_amount": "base_amount",
        "settles": "settles",
        "reverses": "reverses",
    }
    notes = {
        **REVISED,
        "due_on": "Due day of a bank acceptance.",
        "settles": "What it states: one invoice number, or several with amounts; empty for the oldest.",
        "reverses": "Number of the payment that it reverses.",
    }


class StockApiFilter(FactApiFilter):
    """Stock by distributor, product, date and batch."""

    product = django_filters.CharFilter(field_name="product__sku", label="SKU of the product.")


class StockViewSet(
    fact_resource(  # type: ignore[misc]  # a base made by a call
        STOCK,
        {"date": "day"},
        {"distributor": "D0001", "product": "P0001", "date": "2026-03-31", "quantity": "40"},
    )
):
    """What distributors had of a product at the end of a day."""

    model = StockSnapshot
    resource = "stock"
    tag = "Stock"
    filterset_class = StockApiFilter
    fields = {
        **HEAD,
        "distributor": "distributor__code",
        "product": "product__sku",
        "date": "day",
        "quantity": "quantity",
        "unit": "unit",
        "base_quantity": "base_quantity",
        "value": "value",
    }
    notes = {**REVISED, "product": "SKU of the product, within the source.", "value": "In the base currency."}


class TargetApiFilter(FactApiFilter):
    """Targets by owner, metric, period and batch."""

    person = django_filters.CharFilter(field_name="person__email", label="E-mail of the salesperson.")
    territory = django_filters.CharFilter(field_name="territory__code", label="Code of the territory, exactly.")
    metric = django_filters.ChoiceFilter(choices=Target.Metric.choices, label="What is to be reached.")
    period = django_filters.ChoiceFilter(choices=Target.Period.choices, label="Month or quarter.")


class TargetViewSet(
    fact_resource(  # type: ignore[misc]  # a base made by a call
        TARGETS, {"starts_on": "day"}, {"distributor": "D0001", "starts_on": "2026-04-01", "value": "250000"}
    )
):
    """What a distributor, a salesperson or a territory is to reach."""

    model = Target
    resource = "targets"
    tag = "Targets"
    filterset_class = TargetApiFilter
    fields = {
        **HEAD,
        "distributor": "distributor__code",
        "person": "person__email",
        "territory": "territory__code",
        "metric": "metric",
        "period": "period",
        "starts_on": "day",
        "value": "value",
        "reason": "reason",
    }
    notes = {**REVISED, "person": "E-mail of the salesperson.", "territory": "Code of the territory."}


class OccurrenceApiFilter(FactApiFilter):
    """Occurrences by distributor, kind, reference, date and batch."""

    reference = django_filters.CharFilter(field_name="external_id", label="Reference in the source, exactly.")
    kind = django_filters.ChoiceFilter(choices=Occurrence.Kind.choices, label="What occurred.")


class OccurrenceViewSet(
    fact_resource(  # type: ignore[misc]  # a base made by a call
        OCCURRENCES,
        {"reference": "external_id", "date": "day"},
        {"distributor": "D0001", "kind": "report_received", "reference": "2026-03", "date": "2026-04-03"},
    )
):
    """Anything dated about a distributor that scores read."""

    model = Occurrence
    resource = "occurrences"
    tag = "Occurrences"
    filterset_class = OccurrenceApiFilter
    fields = {
        **HEAD,
        "distributor": "distributor__code",
        "kind": "kind",
        "reference": "external_id",
        "date": "day",
        "ends_on": "ends_on",
        "value": "value",
        "code": "code",
        "reversed_by": "reversed_by",
    }
    notes = REVISED

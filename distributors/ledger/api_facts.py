"""REST: orders, invoices, payments, stock, targets and occurrences, read in pages and written in bulk."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, cast

import django_filters
from django.db.models import BigIntegerField, BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Coalesce
from rest_framework.decorators import action
from rest_framework.response import Response

from core.api import RowsRefused
from core.idempotency import idempotency_key, respond_once
from core.resources import ApiFilterSet, IsoDateFilter, ReadViewSet, WholeNumberFilter
from core.scope import permission_name
from distributors.ledger.api_documents import BulkAnswer, bulk_example, bulk_form, bulk_request
from distributors.ledger.bulk import BulkForm, bulk_rows, renamed
from distributors.ledger.increments import FactPages
from distributors.ledger.kinds.declaration import Kind
from distributors.ledger.kinds.invoices import INVOICES
from distributors.ledger.kinds.occurrences import OCCURRENCES
from distributors.ledger.kinds.orders import ORDERS
from distributors.ledger.kinds.payments import PAYMENTS
from distributors.ledger.kinds.stock import STOCK
from distributors.ledger.kinds.targets import TARGETS
from distributors.ledger.querysets import RevisionQuerySet
from distributors.ledger.records import (
    Invoice,
    Occurrence,
    Order,
    Payment,
    StockSnapshot,
    Target,
)
from distributors.ledger.services import ImportRefused, facts_upsert
from distributors.profiles.models import Distributor

NUMBER = "Number in the source, exactly."
SINCE = "changed_since_batch"
REMOVED = "removed"
REVISED = {
    "id": "Key of this revision; a correction has a new one.",
    "source": "Code of the source.",
    "batch": "Batch in which this revision became true, or went.",
    "removed": "true for a row that is in force no more; only with `changed_since_batch`.",
    "distributor": "Code of the distributor.",
}


class FactApiFilter(ApiFilterSet):
    """What all facts are filtered by."""

    source = django_filters.CharFilter(field_name="source__code", label="Code of the source.")
    distributor = django_filters.CharFilter(
        field_name="distributor__code",
        method="of_distributor",
        label="Code of the distributor; cards merged into it count for it.",
    )
    date_from = IsoDateFilter(field_name="day", lookup_expr="gte", label="On this day or later.")
    date_to = IsoDateFilter(field_name="day", lookup_expr="lte", label="On this day or earlier.")
    changed_since_batch = WholeNumberFilter(
        method="pulled",
        label="Only what came into force, or went out of it, in batches after this one; 0 for everything in force.",
    )

    def of_distributor(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep the facts that count for a distributor."""
        keys = Distributor.objects.filter(code=value).values_list("pk", flat=True)
        return cast(QuerySet, cast(RevisionQuerySet, queryset).for_distributors(keys))

    def pulled(self, queryset: QuerySet, _name: str, _value: int) -> QuerySet:
        """Leave all rows: the pages go by what changed (distributors.ledger.increments)."""
        return queryset


class FactViewSet(ReadViewSet):
    """Facts in force of the client's distributors; those of `kind` are written as `form` says."""

    lookup_value_regex = "[0-9]{1,19}"
    pagination_class = FactPages
    computed: ClassVar[Mapping[str, Any]] = {
        "batch": Coalesce("superseded_by", "batch", output_field=BigIntegerField()),
        "removed": ExpressionWrapper(Q(superseded_by__isnull=False), output_field=BooleanField()),
    }
    kind: Any = None
    form: ClassVar[BulkForm]

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to write where facts are sent."""
        if method == "POST":
            return f"{self.resource}:write", permission_name(self.model, "add")
        return super().needs(method)

    def reach(self) -> Any:
        """Return all revisions that the user may see."""
        return super().get_queryset()

    def get_queryset(self) -> Any:
        """Return the current revisions the user may see."""
        return self.reach().filter(superseded_by=None)

    def since(self) -> int | None:
        """Return the batch after which changes are asked for, None where they are not."""
        text = self.request.query_params.get(SINCE)
        found: int | None = self.filterset_class.base_filters[SINCE].field.clean(text)
        return None if found is None else max(found, 0)

    def narrowed_by_changes(self, fixed: Collection[str]) -> bool:
        """Tell whether a filter that is in use asks for columns other than `fixed`, which a correction may change."""
        for name, one in self.filterset_class.base_filters.items():
            column = one.field_name.split("__")[0]
            if name != SINCE and name in self.request.query_params and not {column, f"{column}_id"} & set(fixed):
                return True
        return False

    def chosen(self) -> Mapping[str, str]:
        """Tell of changes always which of them are rows that went."""
        names = super().chosen()
        return names if self.action != "list" or self.since() is None else {**names, REMOVED: self.fields[REMOVED]}

    def leading_date(self, params: Mapping[str, str]) -> str:
        """Let the date lead where it is what narrows the rows: each page is then read by the index of dates."""
        narrower = {"distributor", SINCE, "external_id", "number"} & set(params)
        return "day" if {"date_from", "date_to"} & set(params) and not narrower else ""

    def upsert(self, request: Any) -> Response:
        """Bring in the rows of a bulk body, once for each idempotency key."""
        source, rows = bulk_rows(request.data, self.form)
        key = idempotency_key(request)

        def work() -> dict[str, Any]:
            try:
                return facts_upsert(actor=request.user, kind=self.kind, source_code=source, rows=rows, key=key or None)
            except ImportRefused as error:
                raise RowsRefused(str(error), [renamed(problem, self.form) for problem in error.problems]) from error

        return respond_once(request, f"{self.resource}/bulk", work)


def fact_resource(kind: Kind, columns: dict[str, str], example: dict[str, str]) -> type[FactViewSet]:
    """Return the base of a resource that is written by the rules of `kind`, its fields called as in `columns`."""
    request = bulk_request(kind, columns)

    class WrittenViewSet(FactViewSet):
        form = bulk_form(kind, columns)

        @action(detail=False, methods=["post"], url_path="bulk", filterset_class=None, pagination_class=None)
        def bulk(self, request: Any) -> Response:
            """Add up to 5,000 rows, or correct those whose key is there: all of them, or none."""
            return self.upsert(request)

        bulk.documents = {  # type: ignore[attr-defined]  # read by the schema
            "request": request,
            "response": BulkAnswer,
            "examples": bulk_example(example),
        }

    WrittenViewSet.kind = kind
    return WrittenViewSet


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

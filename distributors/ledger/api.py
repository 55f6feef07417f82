"""REST: products and sale lines."""

from typing import Any

import django_filters
from rest_framework.decorators import action
from rest_framework.response import Response

from core.resources import ApiFilterSet, ReadViewSet
from distributors.ledger.api_documents import BULK_EXAMPLES, BulkAnswer, BulkRequest, SaleLineInput
from distributors.ledger.bulk import BulkForm
from distributors.ledger.fact_resources import FactApiFilter, FactViewSet
from distributors.ledger.kinds.declaration import Kind
from distributors.ledger.kinds.sales import SALES
from distributors.ledger.models import LineKind, OrderType, Product, SaleLine

COST = "null without the scope costs:read, and for people whose role sees no costs."


class ProductApiFilter(ApiFilterSet):
    """Products by key, line and brand."""

    source = django_filters.CharFilter(field_name="source__code", label="Code of the source.")
    sku = django_filters.CharFilter(label="SKU, exactly; unique within a source.")
    line = django_filters.CharFilter(field_name="line__code", label="Code of the product line.")
    brand = django_filters.CharFilter(label="Brand, exactly.")


class ProductViewSet(ReadViewSet):
    """What is sold; the key in other systems is source and SKU."""

    model = Product
    resource = "products"
    tag = "Products"
    lookup_value_regex = "[0-9]{1,19}"
    filterset_class = ProductApiFilter
    fields = {
        "id": "pk",
        "source": "source__code",
        "sku": "sku",
        "name": "name",
        "line": "line__code",
        "brand": "brand",
        "base_unit": "base_unit",
        "launched_on": "launched_on",
        "list_price": "list_price",
        "floor_price": "floor_price",
        "cost": "cost",
    }
    notes = {"source": "Code of the source.", "line": "Code of the product line.", "cost": COST}


class SaleLineApiFilter(FactApiFilter):
    """Sale lines by distributor, product, date, kind, order and batch."""

    external_id = django_filters.CharFilter(label="Key of the line in its source.")
    product = django_filters.CharFilter(field_name="product__sku", label="SKU of the product.")
    kind = django_filters.ChoiceFilter(choices=LineKind.choices, label="Which movement of goods.")
    order_type = django_filters.ChoiceFilter(choices=OrderType.choices, label="On what terms.")
    order = django_filters.CharFilter(field_name="order_number", label="Number of the order.")


class SaleLineViewSet(FactViewSet):
    """The current revision of each sale line of the client's distributors."""

    model = SaleLine
    resource = "sale-lines"
    tag = "Sale lines"
    lookup_value_regex = "[0-9]{1,19}"
    filterset_class = SaleLineApiFilter
    form = BulkForm("lines", SaleLineInput.names(), {"date": "day", "order": "order_number"})
    fields = {
        "id": "pk",
        "source": "source__code",
        "external_id": "external_id",
        "revision": "revision",
        "batch": "batch_id",
        "removed": "superseded_by_id",
        "distributor": "distributor__code",
        "product": "product__sku",
        "date": "day",
        "kind": "kind",
        "order_type": "order_type",
        "quantity": "quantity",
        "unit": "unit",
        "base_quantity": "base_quantity",
        "amount": "amount",
        "tax": "tax",
        "cost": "cost",
        "currency": "currency",
        "base_amount": "base_amount",
        "base_tax": "base_tax",
        "base_cost": "base_cost",
        "order": "order_number",
        "promotion": "promotion",
        "salesperson": "salesperson",
        "ship_to": "ship_to",
        "buyer": "buyer",
        "serial": "serial",
        "promised_on": "promised_on",
        "delivered_on": "delivered_on",
        "booked_in": "booked_in",
    }
    notes = {
        "booked_in": "The month in which the line counts, where its own was closed when it came; else null.",
        "id": "Key of this revision; a correction has a new one. The key of the line is source and external_id.",
        "source": "Code of the source.",
        "batch": "Batch in which this revision became true, or went.",
        "removed": "true for a line that is in force no more; only with `changed_since_batch`.",
        "distributor": "Code of the distributor.",
        "product": "SKU of the product, within the source.",
        "cost": COST,
        "base_cost": COST,
    }

    @property
    def kind(self) -> Kind:
        """Return the kind by whose rules lines go in."""
        return SALES

    @action(detail=False, methods=["post"], url_path="bulk", filterset_class=None, pagination_class=None)
    def bulk(self, request: Any) -> Response:
        """Add up to 5,000 lines, or correct those whose key is there: all of them, or none."""
        return self.upsert(request)

    bulk.documents = {"request": BulkRequest, "response": BulkAnswer, "examples": BULK_EXAMPLES}  # type: ignore[attr-defined]

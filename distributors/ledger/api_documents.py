"""How the bulk write of sale lines looks in the OpenAPI document; what is sent is read by distributors.ledger.api."""

from functools import cache
from typing import Any

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from distributors.ledger.models import LineKind, OrderType


class SaleLineInput(serializers.Serializer):
    """One line as the ERP knows it. Amounts may be sent as numbers or as text; text keeps every digit."""

    external_id = serializers.CharField(max_length=80, help_text="Key of the line within the source.")
    distributor = serializers.CharField(max_length=40, help_text="Code of the distributor.")
    product = serializers.CharField(max_length=60, help_text="SKU of the product within the source.")
    date = serializers.DateField(help_text="Day of the sale, not after today.")
    quantity = serializers.DecimalField(max_digits=18, decimal_places=4, help_text="Negative for goods taken back.")
    amount = serializers.DecimalField(max_digits=18, decimal_places=4, help_text="Net amount, without tax.")
    currency = serializers.CharField(max_length=3, help_text="ISO 4217, three capital letters.")
    unit = serializers.CharField(max_length=20, required=False, help_text="The base unit if left out.")
    tax = serializers.DecimalField(max_digits=18, decimal_places=4, required=False)
    cost = serializers.DecimalField(max_digits=18, decimal_places=4, required=False)
    kind = serializers.ChoiceField(choices=LineKind.choices, required=False, help_text="sell_in if left out.")
    order_type = serializers.ChoiceField(choices=OrderType.choices, required=False, help_text="regular if left out.")
    order = serializers.CharField(max_length=60, required=False)
    promotion = serializers.CharField(max_length=60, required=False)
    salesperson = serializers.CharField(max_length=40, required=False)
    ship_to = serializers.CharField(max_length=40, required=False)
    buyer = serializers.CharField(max_length=120, required=False)
    serial = serializers.CharField(max_length=80, required=False)
    promised_on = serializers.DateField(required=False)
    delivered_on = serializers.DateField(required=False)

    @classmethod
    @cache
    def names(cls) -> frozenset[str]:
        """Return the names of the fields."""
        return frozenset(cls().fields)


class BulkRequest(serializers.Serializer):
    """Lines of one source."""

    source = serializers.CharField(max_length=40, help_text="Code of the source.")  # type: ignore[assignment]
    lines: Any = serializers.ListSerializer(child=SaleLineInput(), min_length=1, max_length=5000)


class BulkAnswer(serializers.Serializer):
    """What the write did."""

    batch = serializers.IntegerField(allow_null=True, help_text="Its batch; null where nothing changed.")
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()


LINE = {
    "external_id": "SO-4711/1",
    "distributor": "D0001",
    "product": "P0001",
    "date": "2026-03-02",
    "quantity": "12",
    "amount": "1540.80",
    "currency": "CNY",
}
BULK_EXAMPLES = [
    OpenApiExample("One line", request_only=True, value={"source": "erp", "lines": [LINE]}),
    OpenApiExample("All in", response_only=True, value={"batch": 42, "new": 1, "changed": 0, "unchanged": 0}),
]

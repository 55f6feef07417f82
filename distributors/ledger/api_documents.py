"""How bulk writes look in the OpenAPI document; what is sent is read by distributors.ledger.bulk."""

from functools import cache
from typing import Any

from drf_spectacular.utils import OpenApiExample, inline_serializer
from rest_framework import serializers

from distributors.ledger.bulk import BulkForm
from distributors.ledger.kinds.declaration import Field, Kind
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


class LateRow(serializers.Serializer):
    """A row of a closed month."""

    row = serializers.IntegerField(help_text="Counted from 1.")
    booked_in = serializers.DateField(help_text="First day of the month in which it counts instead.")


class BulkAnswer(serializers.Serializer):
    """What the write did."""

    batch = serializers.IntegerField(allow_null=True, help_text="Its batch; null where nothing changed.")
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    late = LateRow(many=True, help_text="Rows written for closed months: they count in the first open one.")


LINE = {
    "external_id": "SO-4711/1",
    "distributor": "D0001",
    "product": "P0001",
    "date": "2026-03-02",
    "quantity": "12",
    "amount": "1540.80",
    "currency": "CNY",
}
ALL_IN = {
    "batch": 42,
    "new": 1,
    "changed": 0,
    "unchanged": 0,
    "late": [{"row": 1, "booked_in": "2026-04-01"}],
}
BULK_EXAMPLES = [
    OpenApiExample("One line", request_only=True, value={"source": "erp", "lines": [LINE]}),
    OpenApiExample("All in", response_only=True, value=ALL_IN),
]


def bulk_form(kind: Kind, columns: dict[str, str]) -> BulkForm:
    """Return how rows of a kind are sent: by the names of its fields, except where `columns` calls them otherwise."""
    called = {column: name for name, column in columns.items()}
    names = frozenset(called.get(name, name) for name in kind.by_name)
    flags = frozenset(one.name for one in kind.fields if one.type == "boolean")
    return BulkForm("rows", names, columns, flags)


def _documented(field: Field) -> serializers.Field:
    options: dict[str, Any] = {"required": field.required and not field.default, "help_text": field.label}
    if field.type == "choice":
        return serializers.ChoiceField(choices=list((field.choices or {}).items()), **options)
    if field.type == "boolean":
        return serializers.BooleanField(**options)
    if field.type == "date":
        return serializers.DateField(**options)
    if field.type in {"amount", "quantity"}:
        return serializers.DecimalField(max_digits=18, decimal_places=4, **options)
    return serializers.CharField(max_length=field.max_length or 60, **options)


def bulk_request(kind: Kind, columns: dict[str, str]) -> serializers.Serializer:
    """Return what is sent to bring in rows of a kind."""
    called = {column: name for name, column in columns.items()}
    name = f"{kind.name.title()}Input"
    row = inline_serializer(name, {called.get(one.name, one.name): _documented(one) for one in kind.fields}, many=True)
    source = serializers.CharField(max_length=40, help_text="Code of the source.")
    return inline_serializer(f"{kind.name.title()}BulkRequest", {"source": source, "rows": row})


def bulk_example(row: dict[str, str]) -> list[OpenApiExample]:
    """Return one row as it is sent, and the answer."""
    return [
        OpenApiExample("One row", request_only=True, value={"source": "erp", "rows": [row]}),
        OpenApiExample("All in", response_only=True, value=ALL_IN),
    ]

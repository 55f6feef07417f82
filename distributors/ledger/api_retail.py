"""REST: prices at retail are read, and noted one by one."""

from decimal import Decimal
from typing import Any

import django_filters
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from core.idempotency import respond_once
from core.resources import ApiFilterSet, Body, IsoDateFilter, ReadViewSet
from distributors.ledger.models import Product, RetailPrice
from distributors.ledger.retail_services import retail_price_add
from distributors.profiles.card.api_rows import card_named
from distributors.profiles.filters import DistributorCodeFilter


class RetailPriceInput(Body):
    """A price that was seen."""

    distributor = serializers.CharField(max_length=40, help_text="Code of the distributor.")
    product = serializers.CharField(max_length=60, help_text="SKU of the product.")
    place = serializers.CharField(max_length=120, required=False, allow_blank=True, help_text="The outlet or shop.")
    price = serializers.DecimalField(
        max_digits=18, decimal_places=4, min_value=Decimal("0.0001"), help_text="As list prices are given."
    )
    currency = serializers.RegexField("^[A-Z]{3}$")
    seen_on = serializers.DateField(help_text="Today at the latest.")


class RetailPriceAnswer(serializers.Serializer):
    """The price that was noted."""

    id = serializers.IntegerField()


class RetailPriceApiFilter(ApiFilterSet):
    """Prices by distributor, product and day."""

    distributor = DistributorCodeFilter("distributor", label="Code of the distributor.")
    product = django_filters.CharFilter(field_name="product__sku", label="SKU of the product.")
    seen_from = IsoDateFilter(field_name="seen_on", lookup_expr="gte", label="Seen on this day or later.")
    seen_to = IsoDateFilter(field_name="seen_on", lookup_expr="lte", label="Seen on this day or earlier.")


class RetailPriceViewSet(ReadViewSet):
    """What our goods cost where the client's distributors sell them."""

    model = RetailPrice
    resource = "retail-prices"
    tag = "Cards"
    lookup_value_regex = "[0-9]{1,19}"
    filterset_class = RetailPriceApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "product": "product__sku",
        "place": "place",
        "price": "price",
        "currency": "currency",
        "seen_on": "seen_on",
        "created_at": "created_at",
    }
    notes = {
        "distributor": "Code of the distributor.",
        "product": "SKU of the product.",
        "price": "As list prices are given: with tax where those have it.",
        "created_at": "When it was noted.",
    }

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to write where something is written."""
        if method == "POST":
            return "cards:write", "ledger.add_retailprice"
        return "cards:read", "ledger.view_retailprice"

    def create(self, request: Any) -> Response:
        """Note a price that was seen; refused with 409 where that of the day is noted already."""
        given = RetailPriceInput.read(request)
        card = card_named(request.user, given.pop("distributor"))
        product = Product.objects.filter(sku=given.pop("product")).order_by("pk").first()
        if product is None:
            raise ValidationError({"product": [_("There is no product with this SKU.")]})

        def work() -> dict[str, Any]:
            made = retail_price_add(actor=request.user, distributor=card, product=product, **given)
            return {"id": made.pk}

        return respond_once(request, "retail-prices", work)

    create.documents = {  # type: ignore[attr-defined]
        "request": RetailPriceInput,
        "response": RetailPriceAnswer,
        "examples": [
            OpenApiExample(
                "A price",
                request_only=True,
                value={
                    "distributor": "D0001",
                    "product": "GEN-2000",
                    "place": "城北店",
                    "price": "1480",
                    "currency": "CNY",
                    "seen_on": "2026-03-12",
                },
            )
        ],
    }

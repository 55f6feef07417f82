"""REST: outlets, figures by date and brand shares are read and written."""

from decimal import Decimal
from typing import Any

import django_filters
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from core.api import MAX_KEY
from core.idempotency import respond_once
from core.resources import ApiFilterSet, Body, IsoDateFilter, MomentFilter, ReadViewSet
from distributors.profiles.card.choices import OutletKind
from distributors.profiles.card.models import MOST
from distributors.profiles.card.services import MOST_BRANDS, brands_save, figures_save, outlet_save
from distributors.profiles.filters import DistributorCodeFilter
from distributors.profiles.models import (
    BrandShare,
    BrandSurvey,
    BusinessFigures,
    Card,
    Outlet,
)

AMOUNT: dict[str, Any] = {"max_digits": 18, "decimal_places": 4, "min_value": Decimal(0)}
MAYBE: dict[str, Any] = {"required": False, "allow_null": True}
COUNT: dict[str, Any] = {"min_value": 0, "max_value": MOST, **MAYBE}


def card_named(user: Any, code: str) -> Any:
    """Return the card of a code that the user may change; raise ValidationError."""
    card = Card.objects.visible_to(user, "change").filter(code=code).first()
    if card is None:
        raise ValidationError({"distributor": [_("You see no distributor with this code.")]})
    return card


class RowAnswer(serializers.Serializer):
    """The row that was written."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()


def _names(body: Any) -> list[str]:
    return list(body().fields)


def _answer(row: Any) -> dict[str, Any]:
    return {"id": row.pk, "version": row.version}


class RowViewSet(ReadViewSet):
    """What rows of cards share: who reads the card reads them, who changes it writes them."""

    tag = "Cards"
    lookup_value_regex = "[0-9]{1,19}"

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to write where something is written."""
        if method == "POST":
            return "cards:write", "profiles.change_card"
        return "cards:read", f"profiles.view_{self.model._meta.model_name}"


class OutletChange(Body):
    """What changes of an outlet; what is left out stays."""

    name = serializers.CharField(max_length=120, required=False)
    kind = serializers.ChoiceField(choices=OutletKind.choices, required=False)
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    city = serializers.CharField(max_length=80, required=False, allow_blank=True)
    size_m2 = serializers.IntegerField(**COUNT)
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6, min_value=-90, max_value=90, **MAYBE)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, min_value=-180, max_value=180, **MAYBE)
    opened_on = serializers.DateField(**MAYBE)
    closed_on = serializers.DateField(**MAYBE)


class OutletUpdate(OutletChange):
    """What changes of an outlet, and of which version."""

    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="Refused with 409 where another one is saved."
    )


class OutletInput(OutletChange):
    """An outlet to be entered."""

    distributor = serializers.CharField(max_length=40, help_text="Code of the distributor.")
    name = serializers.CharField(max_length=120)


class OutletApiFilter(ApiFilterSet):
    """Outlets by distributor, kind, and whether they are open."""

    distributor = DistributorCodeFilter("distributor", label="Code of the distributor.")
    kind = django_filters.ChoiceFilter(choices=OutletKind.choices, label="Kind of the outlet.")
    open = django_filters.BooleanFilter("closed_on", lookup_expr="isnull", label="true for those that did not close.")
    changed_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", label="Changed at this moment or later (ISO 8601)."
    )


class OutletViewSet(RowViewSet):
    """Outlets of the client's distributors."""

    model = Outlet
    resource = "outlets"
    filterset_class = OutletApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "name": "name",
        "kind": "kind",
        "address": "address",
        "city": "city",
        "size_m2": "size_m2",
        "latitude": "latitude",
        "longitude": "longitude",
        "opened_on": "opened_on",
        "closed_on": "closed_on",
        "version": "version",
        "updated_at": "updated_at",
    }
    notes = {
        "distributor": "Code of the distributor.",
        "version": "Counts the changes.",
        "updated_at": "When it last changed.",
    }

    def create(self, request: Any) -> Response:
        """Enter an outlet; its name is its own among those of its distributor."""
        given = {"kind": OutletKind.STORE, **OutletInput.read(request)}
        outlet = Outlet(distributor=card_named(request.user, given.pop("distributor")))
        return respond_once(
            request, "outlets", lambda: _answer(outlet_save(actor=request.user, instance=outlet, **given))
        )

    create.documents = {  # type: ignore[attr-defined]
        "request": OutletInput,
        "response": RowAnswer,
        "examples": [
            OpenApiExample(
                "An outlet",
                request_only=True,
                value={"distributor": "D0001", "name": "城北店", "kind": "store", "city": "杭州", "size_m2": 120},
            )
        ],
    }

    @action(detail=True, methods=["post"], url_path="change", filterset_class=None, pagination_class=None)
    def change(self, request: Any, pk: str = "") -> Response:
        """Change an outlet; one that closes gets its last day. Refused with 409 where another version is saved."""
        cards = Card.objects.visible_to(request.user, "change")
        held = Outlet.objects.filter(pk=min(int(pk), MAX_KEY), distributor__in=cards.values("pk")).first()
        if held is None:
            raise Http404
        given = {"version": held.version, **OutletUpdate.read(request)}  # what is left out is of that version
        fields = {name: given.get(name, getattr(held, name)) for name in _names(OutletChange)}

        def work() -> dict[str, Any]:
            return _answer(outlet_save(actor=request.user, instance=held, version=given["version"], **fields))

        return respond_once(request, f"outlets/{pk}", work)

    change.documents = {"request": OutletUpdate, "response": RowAnswer}  # type: ignore[attr-defined]


class FiguresInput(Body):
    """The figures of a day; what is left out is not known."""

    distributor = serializers.CharField(max_length=40, help_text="Code of the distributor.")
    as_of = serializers.DateField(help_text="Today at the latest.")
    turnover = serializers.DecimalField(**AMOUNT, **MAYBE)
    wallet = serializers.DecimalField(
        **AMOUNT, **MAYBE, help_text="What it could sell of our category in a year, all brands together."
    )
    currency = serializers.RegexField("^[A-Z]{3}$", required=False, allow_blank=True)
    staff = serializers.IntegerField(**COUNT)
    sales_staff = serializers.IntegerField(**COUNT)
    warehouse_m2 = serializers.IntegerField(**COUNT)
    showroom_m2 = serializers.IntegerField(**COUNT)
    vehicles = serializers.IntegerField(**COUNT)


class DatedApiFilter(ApiFilterSet):
    """Rows by distributor and day."""

    distributor = DistributorCodeFilter("distributor", label="Code of the distributor.")
    as_of_from = IsoDateFilter(field_name="as_of", lookup_expr="gte", label="Of this day or later.")
    as_of_to = IsoDateFilter(field_name="as_of", lookup_expr="lte", label="Of this day or earlier.")


class FiguresViewSet(RowViewSet):
    """What was known of the size of distributors, by day."""

    model = BusinessFigures
    resource = "business-figures"
    filterset_class = DatedApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "as_of": "as_of",
        "turnover": "turnover",
        "wallet": "wallet",
        "currency": "currency",
        "staff": "staff",
        "sales_staff": "sales_staff",
        "warehouse_m2": "warehouse_m2",
        "showroom_m2": "showroom_m2",
        "vehicles": "vehicles",
        "version": "version",
        "updated_at": "updated_at",
    }
    notes = {
        "distributor": "Code of the distributor.",
        "wallet": "What it could sell of our category in a year, all brands together.",
        "version": "Counts the changes.",
        "updated_at": "When it last changed.",
    }

    def create(self, request: Any) -> Response:
        """Write the figures of a day; those of the same day are replaced."""
        given = FiguresInput.read(request)
        card = card_named(request.user, given.pop("distributor"))
        empty = {name: "" if name == "currency" else None for name in _names(FiguresInput)}
        fields: dict[str, Any] = {
            name: given.get(name, value) for name, value in empty.items() if name != "distributor"
        }

        @transaction.atomic
        def work() -> dict[str, Any]:
            held = BusinessFigures.objects.filter(distributor=card.pk, as_of=fields["as_of"]).first()
            row = held or BusinessFigures(distributor=card)
            return _answer(figures_save(actor=request.user, instance=row, **fields))

        return respond_once(request, "business-figures", work)

    create.documents = {  # type: ignore[attr-defined]
        "request": FiguresInput,
        "response": RowAnswer,
        "examples": [
            OpenApiExample(
                "Figures",
                request_only=True,
                value={
                    "distributor": "D0001",
                    "as_of": "2026-01-31",
                    "staff": 24,
                    "wallet": "6000000",
                    "currency": "CNY",
                },
            )
        ],
    }


class ShareInput(Body):
    """A brand with its rough share."""

    brand = serializers.CharField(max_length=80)
    share = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100))
    ours = serializers.BooleanField(required=False, default=False)


class BrandsInput(Body):
    """All brands of a day."""

    distributor = serializers.CharField(max_length=40, help_text="Code of the distributor.")
    as_of = serializers.DateField(help_text="Today at the latest.")
    shares = serializers.ListField(child=ShareInput(), min_length=1, max_length=MOST_BRANDS)


class BrandShareApiFilter(ApiFilterSet):
    """Brand shares by distributor, brand and day."""

    distributor = DistributorCodeFilter("survey__distributor", label="Code of the distributor.")
    brand = django_filters.CharFilter(lookup_expr="iexact", label="Name of the brand, in any case.")
    ours = django_filters.BooleanFilter(label="true for our own brands.")
    as_of_from = IsoDateFilter(field_name="survey__as_of", lookup_expr="gte", label="Of this day or later.")
    as_of_to = IsoDateFilter(field_name="survey__as_of", lookup_expr="lte", label="Of this day or earlier.")


class BrandShareViewSet(RowViewSet):
    """Which brands distributors carry, with rough shares by day."""

    model = BrandShare
    resource = "brand-shares"
    filterset_class = BrandShareApiFilter
    fields = {
        "id": "pk",
        "distributor": "survey__distributor__code",
        "as_of": "survey__as_of",
        "brand": "brand",
        "share": "share",
        "ours": "ours",
    }
    notes = {"distributor": "Code of the distributor.", "share": "Per cent of what it sells of our category."}

    def create(self, request: Any) -> Response:
        """Write all brands of a day in place of those of that day; together they are 100 % at most."""
        given = BrandsInput.read(request)
        card = card_named(request.user, given["distributor"])

        @transaction.atomic
        def work() -> dict[str, Any]:
            held = BrandSurvey.objects.filter(distributor=card.pk, as_of=given["as_of"]).first()
            survey = held or BrandSurvey(distributor=card)
            shares = [dict(share) for share in given["shares"]]
            return _answer(brands_save(actor=request.user, instance=survey, as_of=given["as_of"], shares=shares))

        return respond_once(request, "brand-shares", work)

    create.documents = {  # type: ignore[attr-defined]
        "request": BrandsInput,
        "response": RowAnswer,
        "examples": [
            OpenApiExample(
                "Brands",
                request_only=True,
                value={
                    "distributor": "D0001",
                    "as_of": "2026-01-31",
                    "shares": [{"brand": "江禾", "share": "40", "ours": True}, {"brand": "A", "share": "35"}],
                },
            )
        ],
    }

"""REST: securities and promised payments are read and written."""

from typing import Any

import django_filters
from django.db import transaction
from django.db.models import CharField, ExpressionWrapper, F
from rest_framework import serializers
from rest_framework.response import Response

from core.idempotency import respond_once
from core.money import MoneyField
from core.resources import ApiFilterSet, Body, IsoDateFilter, MomentFilter
from distributors.credit.limits.api import AMOUNT, BASE, CODE, CURRENCY, CreditViewSet, distributor_of
from distributors.credit.limits.base import NOTE
from distributors.credit.limits.collecting_models import Promise
from distributors.credit.limits.models import Security, SecurityKind
from distributors.credit.limits.promises import PROMISE_STATES, promise_add, with_state
from distributors.credit.limits.securities import security_save
from distributors.profiles.filters import DistributorCodeFilter


class SecurityInput(Body):
    """A security."""

    distributor = serializers.CharField(max_length=40, help_text=CODE)
    reference = serializers.CharField(max_length=60, help_text="Under which it is filed; each once.")
    kind = serializers.ChoiceField(choices=SecurityKind.choices)
    amount = serializers.DecimalField(**AMOUNT, min_value=0)
    currency = serializers.RegexField(**CURRENCY)
    counts = serializers.IntegerField(
        min_value=0,
        max_value=100,
        required=False,
        allow_null=True,
        help_text="Percent; null: what its kind does.",
    )
    holder = serializers.CharField(max_length=160, required=False, allow_blank=True, default="")
    starts_on = serializers.DateField()
    expires_on = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=NOTE, required=False, allow_blank=True, default="")


class SecurityAnswer(serializers.Serializer):
    """The security that was written."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()


class SecurityApiFilter(ApiFilterSet):
    """Securities by distributor, kind and expiry."""

    distributor = DistributorCodeFilter("distributor", label=CODE)
    kind = django_filters.ChoiceFilter(choices=SecurityKind.choices, label="What secures.")
    expires_to = IsoDateFilter(field_name="expires_on", lookup_expr="lte", label="Expires on this day or earlier.")
    changed_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", label="Changed at this moment or later (ISO 8601)."
    )


class SecurityViewSet(CreditViewSet):
    """Securities; one that is sent again under its reference is changed."""

    model = Security
    resource = "securities"
    filterset_class = SecurityApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "reference": "reference",
        "kind": "kind",
        "amount": "amount",
        "currency": "currency",
        "base_amount": "base_amount",
        "counts": "counts",
        "holder": "holder",
        "starts_on": "starts_on",
        "expires_on": "expires_on",
        "released_on": "released_on",
        "note": "note",
        "file": "file_name",
        "version": "version",
        "updated_at": "updated_at",
    }
    notes = {
        "distributor": CODE,
        "base_amount": "In the base currency, at the rate of last night.",
        "counts": "Percent of it that counts; null: what its kind usually does.",
        "file": "Name of the file; people fetch it in the product.",
    }

    def create(self, request: Any) -> Response:
        """Enter a security, or change the one with its reference."""
        given = SecurityInput.read(request)
        distributor = distributor_of(request.user, given.pop("distributor"))

        @transaction.atomic
        def work() -> dict[str, Any]:
            rows = Security.objects.visible_to(request.user, "change").select_related("distributor")
            found = rows.filter(reference=given["reference"], distributor=distributor).first()
            saved = security_save(actor=request.user, instance=found or Security(distributor=distributor), **given)
            return {"id": saved.pk, "version": saved.version}

        return respond_once(request, self.resource, work)

    create.documents = {"request": SecurityInput, "response": SecurityAnswer}  # type: ignore[attr-defined]


class PromiseInput(Body):
    """A payment that a distributor promised."""

    distributor = serializers.CharField(max_length=40, help_text=CODE)
    amount = serializers.DecimalField(**AMOUNT, min_value=0)
    currency = serializers.RegexField(**CURRENCY)
    due_on = serializers.DateField(help_text="The day by which it is to be paid.")
    note = serializers.CharField(max_length=NOTE, required=False, allow_blank=True, default="")


class PromiseAnswer(serializers.Serializer):
    """The promise that was noted."""

    id = serializers.IntegerField()


class PromiseApiFilter(ApiFilterSet):
    """Promised payments by distributor and state."""

    distributor = DistributorCodeFilter("distributor", label=CODE)
    state = django_filters.ChoiceFilter(choices=list(PROMISE_STATES.items()), label="Whether it was kept.")
    due_to = IsoDateFilter(field_name="due_on", lookup_expr="lte", label="To be paid by this day or earlier.")


class PromiseViewSet(CreditViewSet):
    """Promised payments; whether one was kept follows from the payments."""

    model = Promise
    resource = "promised-payments"
    filterset_class = PromiseApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "amount": "amount",
        "currency": "currency",
        "base_amount": "base_amount",
        "made_on": "made_on",
        "due_on": "due_on",
        "paid": "paid",
        "state": "state",
        "note": "note",
        "entered_by": "created_by__email",
    }
    computed = {
        "paid": ExpressionWrapper(F("paid"), output_field=MoneyField()),
        "state": ExpressionWrapper(F("state"), output_field=CharField(choices=list(PROMISE_STATES.items()))),
    }
    notes = {
        "distributor": CODE,
        "base_amount": BASE,
        "paid": "What was paid from the day of the promise to its day, in the base currency.",
        "state": "open, kept, broken or withdrawn.",
    }

    def get_queryset(self) -> Any:
        """Return the promises with their state; none where the schema is drawn without a database."""
        if getattr(self, "swagger_fake_view", False):
            return Promise.objects.none()
        return with_state(super().get_queryset())

    def create(self, request: Any) -> Response:
        """Note a promised payment."""
        given = PromiseInput.read(request)
        distributor = distributor_of(request.user, given.pop("distributor"))

        def work() -> dict[str, Any]:
            return {"id": promise_add(actor=request.user, distributor=distributor, **given).pk}

        return respond_once(request, self.resource, work)

    create.documents = {"request": PromiseInput, "response": PromiseAnswer}  # type: ignore[attr-defined]

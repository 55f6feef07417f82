"""REST: checks of orders; limits and holds are read, securities and promised payments read and written."""

from datetime import datetime
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
from core.idempotency import idempotency_key, respond_once
from core.resources import ApiFilterSet, Body, IsoDateFilter, MomentFilter, ReadViewSet
from distributors.credit.calculations.limits import Reason
from distributors.credit.limits.checks import credit_check, reservation_release
from distributors.credit.limits.models import (
    CreditCheck,
    CreditLimit,
    Hold,
    LimitKind,
    LimitState,
)
from distributors.profiles.filters import DistributorCodeFilter
from distributors.profiles.models import Distributor

AMOUNT: dict[str, Any] = {"max_digits": 18, "decimal_places": 4}
CURRENCY: dict[str, Any] = {"regex": "^[A-Z]{3}$", "help_text": "Three capital letters."}
CODE = "Code of the distributor."
BASE = "In the base currency."


def distributor_of(user: Any, code: str) -> Distributor:
    """Return the distributor with a code; raise ValidationError for one out of reach."""
    found: Distributor | None = Distributor.objects.visible_to(user).filter(code=code).first()
    if found is None:
        raise ValidationError({"distributor": [_("You see no distributor with this code.")]})
    return found


class CreditViewSet(ReadViewSet):
    """What the resources of credit share: one scope to read and one to write."""

    tag = "Credit"
    lookup_value_regex = "[0-9]{1,19}"
    writes = "add"

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to write where something is written; of a method that there is not, for nothing."""
        known: str | None = self.action
        if known is None:
            return "", ""
        name = self.model._meta.model_name
        if method == "POST":
            return "credit:write", f"credit.{self.writes}_{name}"
        return "credit:read", f"credit.view_{name}"


class CreditCheckInput(Body):
    """A question: may this order go?"""

    distributor = serializers.CharField(max_length=40, help_text=CODE)
    amount = serializers.DecimalField(**AMOUNT, min_value=0, help_text="Of the order, with tax, above zero.")
    currency = serializers.RegexField(**CURRENCY)
    order = serializers.CharField(
        max_length=60,
        required=False,
        allow_blank=True,
        default="",
        help_text="Number of the order: what is reserved for it ends once the order itself was sent.",
    )
    reserve_until = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Keep the amount for this order until then."
    )


class CreditCheckAnswer(serializers.Serializer):
    """The answer; it is kept and read again at its address."""

    id = serializers.IntegerField()
    answer = serializers.ChoiceField(choices=["approved", "held"])
    reasons = serializers.ListField(
        child=serializers.ChoiceField(choices=[one.value for one in Reason]),
        help_text="Every one; none if approved.",
    )
    exposure = serializers.DecimalField(**AMOUNT, help_text="Without this order, in the base currency.")
    limit = serializers.DecimalField(**AMOUNT, allow_null=True, help_text="Null where none is in force.")
    headroom = serializers.DecimalField(**AMOUNT, help_text="After this order if approved, else now.")
    valid_until = serializers.DateTimeField(allow_null=True, help_text="Null where it is held.")
    reserved_until = serializers.DateTimeField(allow_null=True)


def answer_of(made: CreditCheck) -> dict[str, Any]:
    """Return an answer as it goes out; the same whenever it is given."""

    def moment(value: datetime | None) -> str | None:
        return value.isoformat() if value else None

    return {
        "id": made.pk,
        "answer": "approved" if made.approved else "held",
        "reasons": made.reason_list,
        "exposure": str(made.exposure),
        "limit": None if made.credit_limit is None else str(made.credit_limit),
        "headroom": str(made.headroom),
        "valid_until": moment(made.valid_until),
        "reserved_until": moment(made.reserved_until),
    }


class CheckApiFilter(ApiFilterSet):
    """Checks by distributor, answer and day."""

    distributor = DistributorCodeFilter("distributor", label=CODE)
    approved = django_filters.BooleanFilter(label="true: approved, false: held.")
    order = django_filters.CharFilter("order_number", label="Number of the order.")
    asked_from = IsoDateFilter(field_name="on", lookup_expr="gte", label="Asked on this day or later.")


class CheckViewSet(CreditViewSet):
    """Checks of orders: may this order go? Every answer is kept; the same key gives the same answer."""

    model = CreditCheck
    resource = "credit-checks"
    filterset_class = CheckApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "order": "order_number",
        "amount": "amount",
        "currency": "currency",
        "base_amount": "base_amount",
        "approved": "approved",
        "reasons": "reasons",
        "exposure": "exposure",
        "receivable": "receivable",
        "ordered": "ordered",
        "prepaid": "prepaid",
        "acceptances": "acceptances",
        "reserved": "reserved",
        "limit": "credit_limit",
        "headroom": "headroom",
        "pays_before": "pays_before",
        "asked_at": "asked_at",
        "asked_by": "asked_by__email",
        "valid_until": "valid_until",
        "reserved_until": "reserved_until",
        "released_at": "released_at",
    }
    notes = {
        "distributor": CODE,
        "base_amount": BASE,
        "reasons": "Codes with commas between, empty where it was approved.",
        "exposure": "In the base currency, without this order; the five fields below it make it up.",
        "prepaid": "Taken off the exposure.",
        "limit": "Null where none was in force.",
        "headroom": "After the order where it was approved, else then.",
        "pays_before": "Pays before delivery: there is no limit, and what is prepaid decides.",
    }

    def create(self, request: Any) -> Response:
        """Ask whether an order may go."""
        given = CreditCheckInput.read(request)

        @transaction.atomic
        def work() -> dict[str, Any]:
            made = credit_check(
                actor=request.user,
                distributor=distributor_of(request.user, given["distributor"]),
                amount=given["amount"],
                currency=given["currency"],
                order_number=given["order"],
                reserve_until=given.get("reserve_until"),
                key=idempotency_key(request),
            )
            return answer_of(made)

        return respond_once(request, self.resource, work)

    create.documents = {  # type: ignore[attr-defined]
        "request": CreditCheckInput,
        "response": CreditCheckAnswer,
        "examples": [
            OpenApiExample(
                "An order", request_only=True, value={"distributor": "D0001", "amount": "120000", "currency": "CNY"}
            )
        ],
    }

    @action(detail=True, methods=["post"], url_path="release", filterset_class=None, pagination_class=None)
    def release(self, request: Any, pk: str = "") -> Response:
        """Give back what a check has reserved; refused with 409 where it reserves nothing any more."""
        Body.read(request)
        found = CreditCheck.objects.visible_to(request.user, "add").filter(pk=min(int(pk), MAX_KEY)).first()
        if found is None:
            raise Http404

        def work() -> dict[str, Any]:
            return answer_of(reservation_release(actor=request.user, instance=found))

        return respond_once(request, f"{self.resource}/{pk}/release", work)

    release.documents = {"request": Body, "response": CreditCheckAnswer}  # type: ignore[attr-defined]


class LimitApiFilter(ApiFilterSet):
    """Limits by distributor, kind and state."""

    distributor = DistributorCodeFilter("distributor", label=CODE)
    kind = django_filters.ChoiceFilter(choices=LimitKind.choices, label="regular or temporary.")
    state = django_filters.ChoiceFilter(choices=LimitState.choices, label="How far it came.")
    valid_on = IsoDateFilter(method="by_day", label="In force between its dates on this day.")
    changed_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", label="Changed at this moment or later (ISO 8601)."
    )

    def by_day(self, queryset: Any, _name: str, value: Any) -> Any:
        """Keep those whose dates hold a day."""
        return queryset.filter(starts_on__lte=value, ends_on__gte=value)


class LimitViewSet(CreditViewSet):
    """Credit limits: what was asked for and what was decided; people decide in the product."""

    model = CreditLimit
    resource = "credit-limits"
    filterset_class = LimitApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "kind": "kind",
        "amount": "amount",
        "currency": "currency",
        "base_amount": "base_amount",
        "starts_on": "starts_on",
        "ends_on": "ends_on",
        "state": "state",
        "reason": "reason",
        "recommended": "recommended",
        "requested_by": "requested_by__email",
        "first_by": "first_by__email",
        "decided_by": "decided_by__email",
        "decided_at": "decided_at",
        "note": "note",
        "updated_at": "updated_at",
    }
    notes = {
        "distributor": CODE,
        "base_amount": "In the base currency, at the rate of last night.",
        "recommended": "What was recommended on the day of the request, in the base currency.",
        "first_by": "Who approved first, where two persons must.",
    }


class HoldApiFilter(ApiFilterSet):
    """Holds by distributor, open or released."""

    distributor = DistributorCodeFilter("distributor", label=CODE)
    open = django_filters.BooleanFilter("released_on", lookup_expr="isnull", label="true: on hold now.")
    set_from = IsoDateFilter(field_name="set_on", lookup_expr="gte", label="Held since this day or later.")


class HoldViewSet(CreditViewSet):
    """Holds that the rules set and released; what changes is in the outbound feed, too."""

    model = Hold
    resource = "credit-holds"
    filterset_class = HoldApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "overdue": "overdue",
        "over_limit": "over_limit",
        "largest_late": "largest_late",
        "exposure": "exposure",
        "limit": "credit_limit",
        "set_on": "set_on",
        "released_on": "released_on",
    }
    notes = {
        "distributor": CODE,
        "largest_late": "The largest item overdue beyond grace when it was set, in the base currency.",
        "exposure": "When it was set, in the base currency.",
        "limit": "When it was set, in the base currency.",
    }

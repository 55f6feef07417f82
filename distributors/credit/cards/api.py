"""REST: credit grades are read, evidence and accounts read and written, the policy is read."""

from decimal import Decimal
from typing import Any

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.response import Response

from core.idempotency import respond_once
from core.resources import ApiFilterSet, Body, IsoDateFilter, MomentFilter, ReadViewSet, WholeNumberFilter
from distributors.credit.cards.items import CRITERIA, ENTERED_CHOICES, Item
from distributors.credit.cards.models import NOTE, Accounts, CreditPolicy, CreditScore, Evidence
from distributors.credit.cards.policies import SETTINGS, WEIGHTS
from distributors.credit.cards.services import FIGURES, accounts_save, evidence_add
from distributors.profiles.filters import DistributorCodeFilter
from distributors.profiles.models import CreditGrade
from distributors.profiles.selection.api import distributor_of

SCOPE = "credit-cards"
AMOUNT: dict[str, Any] = {"max_digits": 18, "decimal_places": 4, "required": False, "allow_null": True}
PARTS = tuple(one.value for one in CRITERIA) + tuple(item.value for item in Item)


class CardViewSet(ReadViewSet):
    """What the resources of credit cards share: one scope to read and one to write."""

    tag = "Credit cards"
    lookup_value_regex = "[0-9]{1,19}"
    writes: str = ""

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to write where something is written."""
        if method == "POST" and self.writes:
            return f"{SCOPE}:write", f"credit.{self.writes}"
        return f"{SCOPE}:read", f"credit.view_{self.model._meta.model_name}"


class WrittenAnswer(serializers.Serializer):
    """The row that was written."""

    id = serializers.IntegerField()


class CreditScoreApiFilter(ApiFilterSet):
    """Cards of the current run, or of the month-end that is asked for."""

    as_of = IsoDateFilter(method="unchanged", label="A month-end (first of a month); else the cards in force.")
    distributor = DistributorCodeFilter("distributor", label="Code of the distributor.")
    grade = django_filters.ChoiceFilter(choices=CreditGrade.choices, label="Credit grade.")
    provisional = django_filters.BooleanFilter(label="true for grades with a confidence below 60 %.")
    review_until = IsoDateFilter(field_name="review_due", lookup_expr="lte", label="To be reviewed by this day.")

    def unchanged(self, queryset: QuerySet, _name: str, _value: Any) -> QuerySet:
        """Leave it to `filter_queryset`."""
        return queryset

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Keep one run's cards, then what the other filters ask."""
        as_of = self.form.cleaned_data["as_of"]
        chosen = queryset.filter(run__monthly=True, run__as_of=as_of) if as_of else queryset.filter(run__monthly=False)
        return super().filter_queryset(chosen)


class CreditScoreViewSet(CardViewSet):
    """The credit card of each distributor: score, grade, confidence, and the scores that they follow from."""

    model = CreditScore
    resource = "credit-scores"
    filterset_class = CreditScoreApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "as_of": "as_of",
        "score": "score",
        "grade": "grade",
        "confidence": "confidence",
        "provisional": "provisional",
        "review_due": "review_due",
        "policy": "run__policy__number",
        **{name: name for name in PARTS},
    }
    notes = {
        "distributor": "Code of the distributor.",
        "score": "0 to 100; null without any evidence.",
        "grade": "AAA from 90, AA 80, A 70, BBB 60, BB 50, C 40, else D; empty without a score.",
        "confidence": "Share of all weight that has evidence, in per cent.",
        "provisional": "true below 60 % confidence.",
        "policy": "Number of the version whose weights made the score.",
    }


class EvidenceInput(Body):
    """The score of an entered sub-criterion and what it rests on."""

    distributor = serializers.CharField(max_length=40, help_text="Code of the distributor.")
    item = serializers.ChoiceField(choices=ENTERED_CHOICES)
    score = serializers.IntegerField(min_value=0, max_value=100)
    note = serializers.CharField(max_length=NOTE, help_text="What the score rests on.")
    reviewed_on = serializers.DateField(help_text="Today at the latest.")
    expires_on = serializers.DateField(help_text="The last day on which it counts.")


class EvidenceApiFilter(ApiFilterSet):
    """Evidence by distributor, sub-criterion and day."""

    distributor = DistributorCodeFilter("distributor", label="Code of the distributor.")
    item = django_filters.ChoiceFilter(choices=ENTERED_CHOICES, label="Sub-criterion.")
    expires_until = IsoDateFilter(field_name="expires_on", lookup_expr="lte", label="Counts until this day at most.")
    created_since = MomentFilter(field_name="created_at", lookup_expr="gte", label="Entered at this moment or later.")


RECORDED = {
    "reviewed_on": "reviewed_on",
    "note": "note",
    "document": "document",
    "reviewer": "created_by__email",
    "created_at": "created_at",
    "withdrawn_at": "withdrawn_at",
}
RECORDED_NOTES = {
    "distributor": "Code of the distributor.",
    "document": "Name of the file; empty where there is none.",
    "reviewer": "E-mail of who entered it.",
    "withdrawn_at": "When it was withdrawn; null while it stands.",
}


class EvidenceViewSet(CardViewSet):
    """What was entered of the client's distributors: the latest of each sub-criterion counts until it expires."""

    model = Evidence
    resource = "credit-evidence"
    filterset_class = EvidenceApiFilter
    writes = "add_evidence"
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "item": "item",
        "score": "score",
        "expires_on": "expires_on",
        **RECORDED,
    }
    notes = RECORDED_NOTES

    def create(self, request: Any) -> Response:
        """Enter evidence; the card is scored again at once. Refused with 409 where the day has evidence already."""
        given = EvidenceInput.read(request)
        distributor = distributor_of(request.user, given.pop("distributor"))

        @transaction.atomic
        def work() -> dict[str, Any]:
            return {"id": evidence_add(actor=request.user, distributor=distributor, **given).pk}

        return respond_once(request, self.resource, work)

    create.documents = {  # type: ignore[attr-defined]
        "request": EvidenceInput,
        "response": WrittenAnswer,
        "examples": [
            OpenApiExample(
                "Evidence",
                request_only=True,
                value={
                    "distributor": "D0001",
                    "item": "references",
                    "score": 80,
                    "note": "Two in the trade say that they pay on the day",
                    "reviewed_on": "2026-03-12",
                    "expires_on": "2027-03-31",
                },
            )
        ],
    }


class AccountsInput(Body):
    """The accounts of a year; what is not known is left out. They replace those of the year."""

    distributor = serializers.CharField(max_length=40, help_text="Code of the distributor.")
    year = serializers.IntegerField(min_value=1990, max_value=2200)
    currency = serializers.RegexField("^[A-Z]{3}$")
    registered_capital = serializers.DecimalField(**AMOUNT, min_value=Decimal(0))
    equity = serializers.DecimalField(**AMOUNT)
    liabilities = serializers.DecimalField(**AMOUNT, min_value=Decimal(0))
    current_assets = serializers.DecimalField(**AMOUNT, min_value=Decimal(0))
    current_liabilities = serializers.DecimalField(**AMOUNT, min_value=Decimal(0))
    operating_margin = serializers.DecimalField(
        max_digits=5, decimal_places=2, min_value=Decimal(-100), max_value=Decimal(100), required=False, allow_null=True
    )
    own_premises = serializers.BooleanField(required=False, allow_null=True)
    reviewed_on = serializers.DateField(help_text="Today at the latest.")
    note = serializers.CharField(max_length=NOTE, required=False, allow_blank=True)


class AccountsApiFilter(ApiFilterSet):
    """Accounts by distributor and year."""

    distributor = DistributorCodeFilter("distributor", label="Code of the distributor.")
    year = WholeNumberFilter(label="Year.", max_value=32767)


class AccountsViewSet(CardViewSet):
    """The yearly accounts of the client's distributors, corrections too: of a year the latest entry counts."""

    model = Accounts
    resource = "credit-accounts"
    filterset_class = AccountsApiFilter
    writes = "add_accounts"
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "year": "year",
        "currency": "currency",
        **{name: name for name in FIGURES},
        **RECORDED,
    }
    notes = RECORDED_NOTES

    def create(self, request: Any) -> Response:
        """Enter the accounts of a year, or replace them; the card is scored again at once."""
        given = AccountsInput.read(request)
        distributor = distributor_of(request.user, given.pop("distributor"))
        figures = {name: given.pop(name, None) for name in FIGURES}

        @transaction.atomic
        def work() -> dict[str, Any]:
            made = accounts_save(actor=request.user, distributor=distributor, figures=figures, **given)
            return {"id": made.pk}

        return respond_once(request, self.resource, work)

    create.documents = {  # type: ignore[attr-defined]
        "request": AccountsInput,
        "response": WrittenAnswer,
        "examples": [
            OpenApiExample(
                "Accounts",
                request_only=True,
                value={
                    "distributor": "D0001",
                    "year": 2025,
                    "currency": "CNY",
                    "registered_capital": "2000000",
                    "equity": "3100000",
                    "liabilities": "2400000",
                    "current_assets": "4200000",
                    "current_liabilities": "2300000",
                    "operating_margin": "4.50",
                    "own_premises": True,
                    "reviewed_on": "2026-03-12",
                },
            )
        ],
    }


class PolicyApiFilter(ApiFilterSet):
    """Versions by their number."""

    number = WholeNumberFilter(label="Version.", max_value=2**31 - 1)


class CreditPolicyViewSet(CardViewSet):
    """The versions of the policy by which credit is graded; weights are parts of 10,000."""

    model = CreditPolicy
    resource = "credit-policies"
    filterset_class = PolicyApiFilter
    fields = {
        "id": "pk",
        "number": "number",
        "valid_from": "valid_from",
        **{name: name for name in (*WEIGHTS, *SETTINGS)},
        "note": "note",
        "created_at": "created_at",
    }

"""REST: contracts and what they cover are read, drafts are written."""

from decimal import Decimal
from typing import Any

import django_filters
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.models import Territory
from core.errors import DomainError
from core.idempotency import respond_once
from core.resources import ApiFilterSet, Body, IsoDateFilter, MomentFilter, ReadViewSet, WholeNumberFilter
from core.scope import require_visible
from distributors.profiles.contracts.forms import MOST_ROWS, line_names
from distributors.profiles.contracts.models import LONG, MONTHS, Contract, ContractKind, ContractState, Coverage
from distributors.profiles.contracts.selectors import months_listed
from distributors.profiles.contracts.services import contract_save
from distributors.profiles.filters import DistributorCodeFilter
from distributors.profiles.models import Distributor

LARGEST: dict[str, Any] = {"max_digits": 18, "decimal_places": 4, "min_value": Decimal(0)}


class CoverageInput(Body):
    """A territory and product line that a contract covers."""

    territory = serializers.CharField(max_length=40, help_text="Code of the territory: it and all below it.")
    line = serializers.CharField(
        max_length=80, required=False, allow_blank=True, help_text="Name of the product line; none for all of them."
    )
    exclusive = serializers.BooleanField(required=False, default=False)


class ContractInput(Body):
    """A draft of a contract."""

    distributor = serializers.CharField(max_length=40, help_text="Code of the distributor.")
    number = serializers.CharField(max_length=40, help_text="A number that no other contract has.")
    kind = serializers.ChoiceField(choices=ContractKind.choices)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(required=False, allow_null=True, help_text="The last day; none for no end.")
    yearly_target = serializers.DecimalField(**LARGEST, required=False, allow_null=True)
    months = serializers.ListField(
        child=serializers.DecimalField(**LARGEST),
        required=False,
        max_length=MONTHS,
        help_text="Twelve amounts that add up to the yearly target; without them it is split evenly.",
    )
    minimum_purchase = serializers.DecimalField(**LARGEST, required=False, allow_null=True)
    credit_days = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=3650)
    price_terms = serializers.CharField(max_length=300, required=False, allow_blank=True)
    credit_terms = serializers.CharField(max_length=300, required=False, allow_blank=True)
    notes = serializers.CharField(max_length=LONG, required=False, allow_blank=True)
    coverage = serializers.ListField(child=CoverageInput(), required=False, max_length=MOST_ROWS)


class ContractAnswer(serializers.Serializer):
    """The contract that was written."""

    id = serializers.IntegerField()
    number = serializers.CharField()
    state = serializers.ChoiceField(choices=ContractState.choices)


EXAMPLE = {
    "distributor": "D0001",
    "number": "2026-D0001",
    "kind": "authorised",
    "valid_from": "2026-01-01",
    "valid_to": "2026-12-31",
    "yearly_target": "1200000",
    "coverage": [{"territory": "CN-EAST", "exclusive": True}],
}


class ContractApiFilter(ApiFilterSet):
    """Contracts by distributor, number, kind, state and end."""

    distributor = DistributorCodeFilter("distributor", label="Code of the distributor.")
    number = django_filters.CharFilter(label="Number, exactly: all its versions.")
    kind = django_filters.ChoiceFilter(choices=ContractKind.choices, label="Kind of the contract.")
    state = django_filters.ChoiceFilter(choices=ContractState.choices, label="State of the version.")
    ends_to = IsoDateFilter(field_name="ends_on", lookup_expr="lte", label="Ends on this day or earlier.")
    changed_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", label="Changed at this moment or later (ISO 8601)."
    )


class ContractViewSet(ReadViewSet):
    """Contracts of the client's distributors: one row for each version."""

    model = Contract
    resource = "contracts"
    tag = "Contracts"
    lookup_value_regex = "[0-9]{1,19}"
    filterset_class = ContractApiFilter
    fields = {
        "id": "pk",
        "number": "number",
        "version": "edition",
        "distributor": "distributor__code",
        "kind": "kind",
        "state": "state",
        "signed_on": "signed_on",
        "valid_from": "valid_from",
        "valid_to": "valid_to",
        "ends_on": "ends_on",
        "yearly_target": "yearly_target",
        "months": "pk",
        "minimum_purchase": "minimum_purchase",
        "coverage_commitment": "coverage_commitment",
        "sub_distributors": "sub_distributors",
        "advertising_share": "advertising_share",
        "reporting_duty": "reporting_duty",
        "spare_parts": "spare_parts",
        "exclusivity_loss": "exclusivity_loss",
        "price_terms": "price_terms",
        "credit_days": "credit_days",
        "credit_terms": "credit_terms",
        "minimum_stock": "minimum_stock",
        "buy_back": "buy_back",
        "delivery_term": "delivery_term",
        "governing_law": "governing_law",
        "notes": "notes",
        "updated_at": "updated_at",
    }
    lists = {"months": months_listed}
    notes = {
        "version": "Versions of one number replace each other, each from a day on.",
        "distributor": "Code of the distributor.",
        "valid_to": "The last day that was agreed; null until further notice.",
        "ends_on": "The last day that counts: earlier where a version replaced it or it was terminated.",
        "yearly_target": "Net sales a year in the base currency.",
        "months": "Twelve parts of the yearly target from the month of `valid_from` on; empty without one.",
        "advertising_share": "Per cent of sales.",
    }

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to write where something is written."""
        return ("contracts:write", "profiles.add_contract") if method == "POST" else super().needs(method)

    def create(self, request: Any) -> Response:
        """Write the draft of a contract; refused with 409 where it is exclusive and overlaps one in force."""
        given = ContractInput.read(request)
        return respond_once(request, "contracts", lambda: self.written(contract_of(request.user, given)))

    create.documents = {  # type: ignore[attr-defined]
        "request": ContractInput,
        "response": ContractAnswer,
        "examples": [OpenApiExample("A draft", request_only=True, value=EXAMPLE)],
    }

    def written(self, contract: Contract) -> dict[str, Any]:
        """Return what is answered of a contract that was written."""
        return {"id": contract.pk, "number": contract.number, "state": str(contract.state)}


@transaction.atomic
def contract_of(user: Any, data: dict[str, Any]) -> Contract:
    """Write the draft that a body describes; raise ValidationError for what is out of reach, and nothing is written."""
    distributor = Distributor.objects.visible_to(user).filter(code=data["distributor"]).first()
    if distributor is None:
        raise ValidationError({"distributor": [_("You see no distributor with this code.")]})
    months = data.pop("months", None) or []
    fields = {"valid_to": None, "yearly_target": None, **data, "distributor": distributor}
    split = Contract.Split.TYPED if months else Contract.Split.EVEN
    coverage = [_row(user, row) for row in fields.pop("coverage", [])]
    try:
        made = contract_save(actor=user, instance=Contract(), coverage=coverage, months=months, split=split, **fields)
    except DomainError as error:
        if error.field in fields:
            raise ValidationError({error.field: [str(error)]}) from error
        raise
    try:
        require_visible(made, user, "add")
    except PermissionDenied as error:
        raise ValidationError({"distributor": [_("You see no distributor with this code.")]}) from error
    return made


def _row(user: Any, row: dict[str, Any]) -> dict[str, Any]:
    territory = Territory.objects.visible_to(user).open().filter(code=row["territory"]).first()
    if territory is None:
        raise ValidationError(
            {"coverage": [_("You see no territory with the code “%(code)s”.") % {"code": row["territory"]}]}
        )
    line = row.get("line", "")
    if line and line not in line_names():
        raise ValidationError({"coverage": [_("There is no product line “%(line)s”.") % {"line": line}]})
    return {"territory": territory, "line": line, "exclusive": row["exclusive"]}


class CoverageApiFilter(ApiFilterSet):
    """Coverage by contract, distributor, line, and whether it is exclusive and holds."""

    contract = django_filters.CharFilter(field_name="contract__number", label="Number of the contract, exactly.")
    contract_id = WholeNumberFilter(field_name="contract", label="Key of the version.")
    distributor = DistributorCodeFilter("contract__distributor", label="Code of the distributor.")
    line = django_filters.CharFilter(label="Name of the product line, exactly.")
    exclusive = django_filters.BooleanFilter(label="true or false.")


class CoverageViewSet(ReadViewSet):
    """What contracts cover: territory by product line, exclusive or not."""

    model = Coverage
    resource = "contract-coverage"
    tag = "Contracts"
    lookup_value_regex = "[0-9]{1,19}"
    filterset_class = CoverageApiFilter
    fields = {
        "id": "pk",
        "contract_id": "contract_id",
        "contract": "contract__number",
        "version": "contract__edition",
        "distributor": "contract__distributor__code",
        "territory": "territory__code",
        "line": "line",
        "exclusive": "exclusive",
        "starts_on": "starts_on",
        "ends_on": "ends_on",
        "binding": "binding",
    }
    notes = {
        "contract_id": "Key of the version.",
        "contract": "Number of the contract.",
        "territory": "Code of the territory: it and all below it are covered.",
        "line": "Name of the product line; empty for all of them.",
        "binding": "Exclusive, and the contract is in force or is to be.",
    }

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the scope that reads contracts."""
        return "contracts:read", "profiles.view_coverage"

"""REST: scorecards, due diligence and risks are read and written."""

from collections.abc import Sequence
from typing import Any

import django_filters
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.response import Response

from accounts.selectors import colleagues_of
from core.api import MAX_KEY
from core.idempotency import respond_once
from core.resources import ApiFilterSet, Body, IsoDateFilter, MomentFilter, ReadViewSet, WholeNumberFilter
from distributors.profiles.filters import DistributorCodeFilter
from distributors.profiles.models import Distributor
from distributors.profiles.selection.calculations import CRITERIA, HIGHEST, LOWEST
from distributors.profiles.selection.models import (
    NOTE,
    Assessment,
    AssessmentState,
    Check,
    CheckState,
    DiligenceDocument,
    DiligenceItem,
    Rating,
    Risk,
)
from distributors.profiles.selection.services import assessment_save, check_decide, risk_save

STEP: dict[str, Any] = {"min_value": LOWEST, "max_value": HIGHEST}
SCOPE = "selection"


class RatingsInput(Body):
    """Ratings from 1 to 5; what is left out is not rated yet."""

    willingness = serializers.IntegerField(required=False, allow_null=True, **STEP)
    ability = serializers.IntegerField(required=False, allow_null=True, **STEP)
    reputation = serializers.IntegerField(required=False, allow_null=True, **STEP)
    network = serializers.IntegerField(required=False, allow_null=True, **STEP)
    coverage = serializers.IntegerField(required=False, allow_null=True, **STEP)
    finance = serializers.IntegerField(required=False, allow_null=True, **STEP)


class NotesInput(Body):
    """What each rating rests on."""

    willingness = serializers.CharField(required=False, allow_blank=True, max_length=NOTE)
    ability = serializers.CharField(required=False, allow_blank=True, max_length=NOTE)
    reputation = serializers.CharField(required=False, allow_blank=True, max_length=NOTE)
    network = serializers.CharField(required=False, allow_blank=True, max_length=NOTE)
    coverage = serializers.CharField(required=False, allow_blank=True, max_length=NOTE)
    finance = serializers.CharField(required=False, allow_blank=True, max_length=NOTE)


class AssessmentInput(Body):
    """A scorecard: kept as the draft of its distributor, or submitted."""

    distributor = serializers.CharField(max_length=40, help_text="Code of the distributor.")
    ratings = RatingsInput()
    notes = NotesInput(required=False)
    submit = serializers.BooleanField(
        required=False, default=False, help_text="Submit it: every criterion is rated then, and it does not change."
    )


class AssessmentAnswer(serializers.Serializer):
    """The scorecard that was written."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=AssessmentState.choices)
    score = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)


class CheckInput(Body):
    """What an item of due diligence found."""

    distributor = serializers.CharField(max_length=40, help_text="Code of the distributor.")
    item = serializers.ChoiceField(choices=Check.choices)
    state = serializers.ChoiceField(choices=CheckState.choices)
    note = serializers.CharField(
        required=False, allow_blank=True, max_length=NOTE, help_text="`concern` and `blocking` need one."
    )


class CheckAnswer(serializers.Serializer):
    """The item as it is now."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=CheckState.choices)


class RiskChange(Body):
    """What changes of a risk; what is left out stays."""

    title = serializers.CharField(max_length=160, required=False)
    likelihood = serializers.IntegerField(required=False, **STEP)
    impact = serializers.IntegerField(required=False, **STEP)
    mitigation = serializers.CharField(required=False, allow_blank=True, max_length=NOTE)
    owner = serializers.EmailField(required=False, allow_null=True, help_text="E-mail of who sees to it.")
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class RiskInput(Body):
    """A risk of a prospect."""

    distributor = serializers.CharField(max_length=40, help_text="Code of the distributor.")
    title = serializers.CharField(max_length=160)
    likelihood = serializers.IntegerField(**STEP)
    impact = serializers.IntegerField(**STEP)
    mitigation = serializers.CharField(required=False, allow_blank=True, max_length=NOTE)
    owner = serializers.EmailField(required=False, allow_null=True, help_text="E-mail of who sees to it.")


class RiskAnswer(serializers.Serializer):
    """The risk that was written."""

    id = serializers.IntegerField()
    level = serializers.IntegerField()
    version = serializers.IntegerField()


RATED = {"distributor": "D0001", "ratings": dict(zip(CRITERIA, (4, 3, 4, 5, 2, 3), strict=True)), "submit": True}
DECIDED = {"distributor": "D0001", "item": "tax", "state": "concern", "note": "Paid late twice in 2025"}
NAMED = {"distributor": "D0001", "title": "One customer buys half", "likelihood": 3, "impact": 4}


def distributor_of(user: Any, code: str) -> Distributor:
    """Return the distributor with a code; raise ValidationError for one out of reach."""
    found = Distributor.objects.visible_to(user).filter(code=code).first()
    if found is None:
        raise ValidationError({"distributor": [_("You see no distributor with this code.")]})
    return found


def require_written(user: Any, row: Any) -> None:
    """Refuse a write that the user's own reach does not hold; the caller's transaction undoes it."""
    if not type(row).objects.visible_to(user, "change").filter(pk=row.pk).exists():
        raise PermissionDenied


class SelectionViewSet(ReadViewSet):
    """What the resources of selection share: one scope to read and one to write."""

    tag = "Selection"
    lookup_value_regex = "[0-9]{1,19}"

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to write where something is written."""
        name = self.model._meta.model_name
        if method == "POST":
            return f"{SCOPE}:write", f"profiles.change_{name}"
        return f"{SCOPE}:read", f"profiles.view_{name}"


def ratings_listed(keys: Sequence[int]) -> dict[int, list[str]]:
    """Return the ratings of scorecards as texts, by their keys."""
    found: dict[int, list[str]] = {}
    rows = Rating.objects.filter(assessment__in=keys, value__isnull=False).order_by("assessment_id", "pk")
    for key, name, value in rows.values_list("assessment_id", "criterion", "value"):
        found.setdefault(key, []).append(f"{name}={value}")
    return found


def documents_listed(keys: Sequence[int]) -> dict[int, list[str]]:
    """Return the names of the files of items, by the keys of the items."""
    found: dict[int, list[str]] = {}
    rows = DiligenceDocument.objects.filter(item__in=keys).order_by("item_id", "pk")
    for key, name in rows.values_list("item_id", "name"):
        found.setdefault(key, []).append(name)
    return found


class AssessmentApiFilter(ApiFilterSet):
    """Scorecards by distributor, state and day."""

    distributor = DistributorCodeFilter("distributor", label="Code of the distributor.")
    state = django_filters.ChoiceFilter(choices=AssessmentState.choices, label="draft or submitted.")
    rated_from = IsoDateFilter(field_name="rated_on", lookup_expr="gte", label="Submitted on this day or later.")
    changed_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", label="Changed at this moment or later (ISO 8601)."
    )


class AssessmentViewSet(SelectionViewSet):
    """Scorecards of the client's distributors: of each the latest submitted one counts, and one may be a draft."""

    model = Assessment
    resource = "scorecards"
    filterset_class = AssessmentApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "state": "state",
        "score": "score",
        "ratings": "pk",
        "policy": "policy__number",
        "rated_on": "rated_on",
        "rated_by": "rated_by__email",
        "updated_at": "updated_at",
    }
    lists = {"ratings": ratings_listed}
    notes = {
        "distributor": "Code of the distributor.",
        "score": "From 0 to 100; null for a draft.",
        "ratings": "Criterion and rating from 1 to 5, as `ability=3`.",
        "policy": "Number of the version whose weights made the score.",
        "rated_by": "E-mail of the person who submitted it.",
    }

    def create(self, request: Any) -> Response:
        """Keep the draft of a distributor, or submit it; refused with 409 where a criterion is not rated."""
        given = AssessmentInput.read(request)

        @transaction.atomic
        def work() -> dict[str, Any]:
            notes = given.get("notes", {})
            ratings = {name: (given["ratings"].get(name), notes.get(name, "")) for name in CRITERIA}
            distributor = distributor_of(request.user, given["distributor"])
            made = assessment_save(actor=request.user, distributor=distributor, ratings=ratings, submit=given["submit"])
            require_written(request.user, made)
            return {"id": made.pk, "state": str(made.state), "score": made.score and str(made.score)}

        return respond_once(request, self.resource, work)

    create.documents = {  # type: ignore[attr-defined]
        "request": AssessmentInput,
        "response": AssessmentAnswer,
        "examples": [OpenApiExample("A scorecard", request_only=True, value=RATED)],
    }


class DiligenceApiFilter(ApiFilterSet):
    """Items of due diligence by distributor, kind and finding."""

    distributor = DistributorCodeFilter("distributor", label="Code of the distributor.")
    item = django_filters.ChoiceFilter("kind", choices=Check.choices, label="Which item.")
    state = django_filters.ChoiceFilter(choices=CheckState.choices, label="What it found.")
    changed_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", label="Changed at this moment or later (ISO 8601)."
    )


class DiligenceViewSet(SelectionViewSet):
    """Items of due diligence that somebody touched; an item without a row is open."""

    model = DiligenceItem
    resource = "due-diligence"
    filterset_class = DiligenceApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "item": "kind",
        "state": "state",
        "note": "note",
        "documents": "pk",
        "decided_on": "decided_on",
        "decided_by": "decided_by__email",
        "updated_at": "updated_at",
    }
    lists = {"documents": documents_listed}
    notes = {
        "distributor": "Code of the distributor.",
        "documents": "Names of the files that it rests on: `due-diligence-files`.",
        "decided_by": "E-mail of the person who decided.",
    }

    def create(self, request: Any) -> Response:
        """Say what an item found; refused with 409 for a concern or a block without a note."""
        given = CheckInput.read(request)

        @transaction.atomic
        def work() -> dict[str, Any]:
            item = check_decide(
                actor=request.user,
                distributor=distributor_of(request.user, given["distributor"]),
                kind=given["item"],
                state=given["state"],
                note=given.get("note", ""),
            )
            require_written(request.user, item)
            return {"id": item.pk, "state": str(item.state)}

        return respond_once(request, self.resource, work)

    create.documents = {  # type: ignore[attr-defined]
        "request": CheckInput,
        "response": CheckAnswer,
        "examples": [OpenApiExample("A concern", request_only=True, value=DECIDED)],
    }


class RiskApiFilter(ApiFilterSet):
    """Risks by distributor and level."""

    distributor = DistributorCodeFilter("distributor", label="Code of the distributor.")
    level_from = WholeNumberFilter(field_name="level", lookup_expr="gte", label="Likelihood x impact at least.")
    changed_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", label="Changed at this moment or later (ISO 8601)."
    )


class RiskViewSet(SelectionViewSet):
    """Risks of the client's distributors."""

    model = Risk
    resource = "risks"
    filterset_class = RiskApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "title": "title",
        "likelihood": "likelihood",
        "impact": "impact",
        "level": "level",
        "mitigation": "mitigation",
        "owner": "owner__email",
        "version": "version",
        "updated_at": "updated_at",
    }
    notes = {
        "distributor": "Code of the distributor.",
        "level": "Likelihood x impact, from 1 to 25.",
        "owner": "E-mail of the person who sees to it.",
        "version": "Counts the changes.",
    }

    def create(self, request: Any) -> Response:
        """Name a risk of a prospect."""
        given = RiskInput.read(request)
        distributor = distributor_of(request.user, given.pop("distributor"))
        return self.written(request, self.resource, Risk(distributor=distributor), given)

    create.documents = {  # type: ignore[attr-defined]
        "request": RiskInput,
        "response": RiskAnswer,
        "examples": [OpenApiExample("A risk", request_only=True, value=NAMED)],
    }

    @action(detail=True, methods=["post"], url_path="change", filterset_class=None, pagination_class=None)
    def change(self, request: Any, pk: str = "") -> Response:
        """Change a risk; refused with 409 where another version is saved."""
        rows = Risk.objects.visible_to(request.user, "change").select_related("distributor", "owner")
        risk = rows.filter(pk=min(int(pk), MAX_KEY)).first()
        if risk is None:
            raise Http404
        kept = {
            name: getattr(risk, name) for name in ("title", "likelihood", "impact", "mitigation", "owner", "version")
        }
        return self.written(request, f"{self.resource}/{pk}", risk, kept | RiskChange.read(request))

    change.documents = {"request": RiskChange, "response": RiskAnswer}  # type: ignore[attr-defined]

    def written(self, request: Any, address: str, risk: Risk, fields: dict[str, Any]) -> Response:
        """Save a risk, once, and answer its level and version."""
        fields["owner"] = self.person(request.user, fields.get("owner"))

        @transaction.atomic
        def work() -> dict[str, Any]:
            saved = risk_save(actor=request.user, instance=risk, **fields)
            require_written(request.user, saved)
            return {"id": saved.pk, "level": saved.level, "version": saved.version}

        return respond_once(request, address, work)

    def person(self, user: Any, given: Any) -> Any:
        """Return the person whose e-mail is given; raise ValidationError for one out of reach."""
        if not isinstance(given, str):
            return given
        found = colleagues_of(user).filter(email__iexact=given).first()
        if found is None:
            raise ValidationError({"owner": [_("You see no person with this e-mail.")]})
        return found

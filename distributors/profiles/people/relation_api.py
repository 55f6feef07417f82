"""REST: how people of one distributor stand to each other is read, entered and taken away."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from core.api import MAX_KEY
from core.idempotency import respond_once
from core.resources import ApiFilterSet, Body, ReadViewSet, WholeNumberFilter
from distributors.profiles.filters import DistributorCodeFilter
from distributors.profiles.models import Contact, ContactRelation
from distributors.profiles.people.models import Tie
from distributors.profiles.people.relating import relation_remove, relation_set

EXAMPLE = {"contact": 12, "kind": "reports_to", "other": 7}


class RelationInput(Body):
    """How a person stands to another one of the same distributor."""

    contact = serializers.IntegerField(min_value=1, max_value=MAX_KEY, help_text="Id of the person.")
    kind = serializers.ChoiceField(choices=Tie.choices, help_text="A new `reports_to` takes the place of the old one.")
    other = serializers.IntegerField(min_value=1, max_value=MAX_KEY, help_text="Id of whom they stand so to.")


class RelationAnswer(serializers.Serializer):
    """The relation that was written."""

    id = serializers.IntegerField()


class RelationApiFilter(ApiFilterSet):
    """Relations by distributor, kind and person."""

    distributor = DistributorCodeFilter("source__distributor", label="Code of the distributor.")
    kind = django_filters.ChoiceFilter(choices=Tie.choices, label="Kind of the relation.")
    contact = WholeNumberFilter(method="of_contact", label="Id of a person, on whichever side.")

    def of_contact(self, queryset: QuerySet, _name: str, value: int) -> QuerySet:
        """Keep those in which a person stands on one of the sides."""
        return queryset.filter(Q(source=value) | Q(target=value))


class ContactRelationViewSet(ReadViewSet):
    """How people at the client's distributors stand to each other; what is mutual is one row."""

    model = ContactRelation
    resource = "contact-relations"
    tag = "Contacts"
    lookup_value_regex = "[0-9]{1,19}"
    filterset_class = RelationApiFilter
    fields = {
        "id": "pk",
        "distributor": "source__distributor__code",
        "kind": "kind",
        "contact": "source",
        "other": "target",
        "created_at": "created_at",
    }
    notes = {
        "distributor": "Code of the distributor.",
        "contact": "Id of the person; with `reports_to`, of the one who reports.",
        "other": "Id of whom they stand so to; with `reports_to`, of the boss.",
        "created_at": "When it was entered.",
    }

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for what reads and writes people."""
        if method == "POST":
            return "contacts:write", "profiles.change_contactrelation"
        return "contacts:read", "profiles.view_contactrelation"

    def create(self, request: Any) -> Response:
        """Enter how a person stands to another; refused with 409 in a circle, and where it is there already."""
        given = RelationInput.read(request)
        # Whoever changes the one may only see the other: both work at one distributor, so this is one right.
        living = Contact.objects.visible_to(request.user, "change").filter(erased_at=None)
        people = living.in_bulk([given["contact"], given["other"]])
        for name in ("contact", "other"):
            if given[name] not in people:
                raise ValidationError({name: [_("You see no person with this id whom you may change.")]})
        asked = {"contact": people[given["contact"]], "kind": given["kind"], "other": people[given["other"]]}
        return respond_once(request, "contact-relations", lambda: {"id": relation_set(actor=request.user, **asked).pk})

    create.documents = {  # type: ignore[attr-defined]
        "request": RelationInput,
        "response": RelationAnswer,
        "examples": [OpenApiExample("Whom a person reports to", request_only=True, value=EXAMPLE)],
    }

    @action(detail=True, methods=["post"], url_path="remove", filterset_class=None, pagination_class=None)
    def remove(self, request: Any, pk: str = "") -> Response:
        """Take a relation away."""
        key = min(int(pk), MAX_KEY)

        def work() -> dict[str, Any]:
            relation = ContactRelation.objects.visible_to(request.user, "change").filter(pk=key).first()
            if relation is None:
                raise Http404
            relation_remove(actor=request.user, relation=relation)
            return {"id": key}

        return respond_once(request, f"contact-relations/{pk}/remove", work)

    remove.documents = {"request": None, "response": RelationAnswer}  # type: ignore[attr-defined]

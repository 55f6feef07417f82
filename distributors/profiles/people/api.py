"""REST: people at distributors are read and written; what is personal by scopes of its own, each reading noted."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from core.api import MAX_KEY
from core.idempotency import respond_once
from core.resources import ApiFilterSet, Body, MomentFilter, ReadViewSet
from core.scope import require_visible
from distributors.profiles.filters import DistributorCodeFilter
from distributors.profiles.models import Contact, ContactPersonal, ContactRelation, Distributor
from distributors.profiles.people.models import LONGEST, DecisionRole, Disc, Function, Level, Stance, Tie
from distributors.profiles.people.questions import GROUPS
from distributors.profiles.people.services import contact_save, personal_read, personal_save

COLUMNS = tuple(column for group in GROUPS for column in (*group.columns, group.purpose, group.consent))


def _maybe(**more: Any) -> Any:
    return {"required": False, **more}


class ContactWork(Body):
    """What a person does at a distributor."""

    title = serializers.CharField(max_length=80, **_maybe(allow_blank=True))
    function = serializers.ChoiceField(choices=Function.choices, **_maybe(allow_blank=True))
    decision_role = serializers.ChoiceField(choices=DecisionRole.choices, **_maybe(allow_blank=True))
    stance = serializers.ChoiceField(choices=Stance.choices, **_maybe(allow_blank=True))
    disc = serializers.ChoiceField(choices=Disc.choices, **_maybe(allow_blank=True))
    relationship = serializers.IntegerField(min_value=1, max_value=5, **_maybe(allow_null=True))
    since = serializers.DateField(**_maybe(allow_null=True), help_text="Today at the latest.")


class ContactChange(ContactWork):
    """What changes of a person; what is left out stays."""

    name = serializers.CharField(max_length=80, required=False)
    level = serializers.ChoiceField(choices=Level.choices, required=False)
    version = serializers.IntegerField(
        min_value=1, max_value=2**31 - 1, required=False, help_text="Refused with 409 where another one is saved."
    )


class ContactInput(ContactWork):
    """A person to be entered."""

    distributor = serializers.CharField(max_length=40, help_text="Code of the distributor.")
    name = serializers.CharField(max_length=80)
    level = serializers.ChoiceField(choices=Level.choices)


class ContactAnswer(serializers.Serializer):
    """The person that was written."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()


def _personal_field(name: str) -> serializers.Field:
    column: Any = ContactPersonal._meta.get_field(name)
    if name.startswith("consent_"):
        return serializers.DateField(required=False, allow_null=True)
    if column.null:
        return serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=9999)
    if name == "email":
        return serializers.EmailField(required=False, allow_blank=True, max_length=254)
    return serializers.CharField(required=False, allow_blank=True, max_length=column.max_length or LONGEST)


PersonalInput: Any = type(
    "PersonalInput",
    (Body,),
    {
        "__doc__": "What changes of the personal answers; what is left out stays. A group needs purpose and consent.",
        **{name: _personal_field(name) for name in COLUMNS},
        "version": serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False),
    },
)
PersonalAnswer: Any = type(
    "PersonalAnswer",
    (serializers.Serializer,),
    {
        "__doc__": "What is personal of a person.",
        **{name: _personal_field(name) for name in COLUMNS},
        "version": serializers.IntegerField(),
    },
)
EXAMPLE = {"distributor": "D0001", "name": "林海", "level": "owner", "decision_role": "decider", "stance": "neutral"}
PERSONAL_EXAMPLE = {"phones": "+86 000 0000 0001", "purpose_reach": "daily business", "consent_reach": "2026-03-12"}


def _boss() -> Subquery:
    """Return whom a person reports to, by their id."""
    rows = ContactRelation.objects.filter(kind=Tie.REPORTS_TO, source=OuterRef("pk"))
    return Subquery(rows.values("target")[:1])


class ContactApiFilter(ApiFilterSet):
    """People by distributor, level, decision role and stance."""

    distributor = DistributorCodeFilter("distributor", label="Code of the distributor.")
    level = django_filters.ChoiceFilter(choices=Level.choices, label="Management level.")
    decision_role = django_filters.ChoiceFilter(choices=DecisionRole.choices, label="Decision role.")
    stance = django_filters.ChoiceFilter(choices=Stance.choices, label="How they stand to us.")
    changed_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", label="Changed at this moment or later (ISO 8601)."
    )


class ContactViewSet(ReadViewSet):
    """People at the client's distributors: their work, and nothing personal. An erased one has no name."""

    model = Contact
    resource = "contacts"
    tag = "Contacts"
    lookup_value_regex = "[0-9]{1,19}"
    filterset_class = ContactApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "name": "name",
        "title": "title",
        "function": "function",
        "level": "level",
        "decision_role": "decision_role",
        "stance": "stance",
        "disc": "disc",
        "relationship": "relationship",
        "reports_to": "pk",
        "since": "since",
        "left_on": "left_on",
        "erased_at": "erased_at",
        "version": "version",
        "updated_at": "updated_at",
    }
    computed = {"reports_to": _boss()}
    nulls = frozenset({"reports_to"})
    notes = {
        "distributor": "Code of the distributor.",
        "reports_to": "Id of the person they report to; written under `contact-relations`.",
        "name": "Empty for an erased person.",
        "relationship": "1 hardly known to 5 close.",
        "erased_at": "When the person was erased on request; drop what you keep of them.",
        "version": "Counts the changes.",
        "updated_at": "When it last changed.",
    }

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to write where something is written, and for that to what is personal where that is."""
        writes = method == "POST"
        if getattr(self, "action", None) in {"personal", "personal_write"}:
            word = "change" if writes else "view"
            return f"contacts-personal:{'write' if writes else 'read'}", f"profiles.{word}_contactpersonal"
        return ("contacts:write", "profiles.change_contact") if writes else super().needs(method)

    def create(self, request: Any) -> Response:
        """Enter a person at a distributor."""
        given = ContactInput.read(request)
        distributor = Distributor.objects.visible_to(request.user).filter(code=given.pop("distributor")).first()
        if distributor is None:
            raise ValidationError({"distributor": [_("You see no distributor with this code.")]})
        return self.written(request, "contacts", Contact(), "add", distributor=distributor, **given)

    create.documents = {  # type: ignore[attr-defined]
        "request": ContactInput,
        "response": ContactAnswer,
        "examples": [OpenApiExample("A person", request_only=True, value=EXAMPLE)],
    }

    @action(detail=True, methods=["post"], url_path="change", filterset_class=None, pagination_class=None)
    def change(self, request: Any, pk: str = "") -> Response:
        """Change what a person does; refused with 409 where another version is saved."""
        contact = self.found(Contact.objects.visible_to(request.user, "change").filter(erased_at=None), pk)
        # What is left out is of the version that was read.
        given = {"name": contact.name, "version": contact.version, **ContactChange.read(request)}
        return self.written(request, f"contacts/{pk}", contact, "change", **given)

    change.documents = {"request": ContactChange, "response": ContactAnswer}  # type: ignore[attr-defined]

    @action(detail=True, methods=["get"], url_path="personal", filterset_class=None, pagination_class=None)
    def personal(self, request: Any, pk: str = "") -> Response:
        """Answer what is personal of a person; the reading is noted in the trail."""
        self.refuse_unknown()
        rows = ContactPersonal.objects.visible_to(request.user).select_related("contact__distributor")
        held = self.found(rows, pk)
        personal_read(actor=request.user, contacts=[held.contact], what="REST")
        return Response({name: getattr(held, name) for name in (*COLUMNS, "version")})

    personal.documents = {"request": None, "response": PersonalAnswer}  # type: ignore[attr-defined]

    @personal.mapping.post
    def personal_write(self, request: Any, pk: str = "") -> Response:
        """Change what is personal of a person; refused with 409 without purpose or consent."""
        held = self.found(ContactPersonal.objects.visible_to(request.user, "change"), pk)
        given = PersonalInput.read(request)

        def work() -> dict[str, Any]:
            saved = personal_save(actor=request.user, instance=held, **given)
            return {"id": saved.pk, "version": saved.version}

        return respond_once(request, f"contacts/{pk}/personal", work)

    personal_write.documents = {  # type: ignore[attr-defined]
        "request": PersonalInput,
        "response": ContactAnswer,
        "examples": [OpenApiExample("A number", request_only=True, value=PERSONAL_EXAMPLE)],
    }

    def found(self, rows: Any, pk: str) -> Any:
        """Return the row, or say that there is none."""
        row = rows.filter(pk=min(int(pk), MAX_KEY)).first()
        if row is None:
            raise Http404
        return row

    def written(self, request: Any, address: str, contact: Contact, act: str, **fields: Any) -> Response:
        """Save a person, once, and answer its key and version."""

        @transaction.atomic
        def work() -> dict[str, Any]:
            saved = contact_save(actor=request.user, instance=contact, **fields)
            require_visible(saved, request.user, act)
            return {"id": saved.pk, "version": saved.version}

        done: Callable[[], dict[str, Any]] = work
        return respond_once(request, address, done)

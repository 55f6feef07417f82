"""REST: the card in groups, read for many and written for one; what is dated is in `api_rows`."""

from collections.abc import Callable, Iterable, Mapping
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

from core.idempotency import respond_once
from core.resources import ApiFilterSet, Body, ReadViewSet, WholeNumberFilter
from core.scope import require_visible
from distributors.profiles.card.choices import RATINGS, InvoiceKind, Settlement
from distributors.profiles.card.models import BEST, LONG, WORST
from distributors.profiles.card.selectors import chosen_lines, group_of, joined_lines
from distributors.profiles.card.services import group_save
from distributors.profiles.contracts.forms import line_names
from distributors.profiles.models import (
    Business,
    Card,
    Contact,
    Cooperation,
    EarlyClass,
    Organisation,
    OtherName,
)
from distributors.profiles.selectors import owners_for

MOST_LINES = 60
LONG_TEXT: dict[str, Any] = {"max_length": LONG, "required": False, "allow_blank": True}
KEY: dict[str, Any] = {"min_value": 1, "max_value": 2**63 - 1, "required": False, "allow_null": True}


class GroupInput(Body):
    """What changes of a group; what is left out stays."""

    version = serializers.IntegerField(
        min_value=0,
        max_value=2**31 - 1,
        required=False,
        help_text="Refused with 409 where another one is saved; 0 for a group that nobody has filled in.",
    )


class OrganisationInput(GroupInput):
    """What changes of the organisation."""

    house_rules = serializers.CharField(**LONG_TEXT)
    settlement_procedure = serializers.CharField(**LONG_TEXT)


class BusinessInput(GroupInput):
    """What changes of the business."""

    lines_carried = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        max_length=MOST_LINES,
        help_text="Names of product lines, all that it carries.",
    )
    main_customers = serializers.CharField(**LONG_TEXT)


class CooperationInput(GroupInput):
    """What changes of the terms of cooperation."""

    first_contact_on = serializers.DateField(required=False, allow_null=True, help_text="Today at the latest.")
    opened_by = serializers.CharField(
        max_length=254, required=False, allow_blank=True, help_text="E-mail of our person; empty for nobody."
    )
    opened_with = serializers.IntegerField(**KEY, help_text="Key of a contact of the distributor.")
    delivery_windows = serializers.CharField(max_length=200, required=False, allow_blank=True)
    delivery_requirements = serializers.CharField(**LONG_TEXT)
    settlement_method = serializers.ChoiceField(choices=Settlement.choices, required=False, allow_blank=True)
    settlement_days = serializers.IntegerField(min_value=0, max_value=730, required=False, allow_null=True)
    invoice_kind = serializers.ChoiceField(choices=InvoiceKind.choices, required=False, allow_blank=True)
    settlement_contact = serializers.IntegerField(**KEY, help_text="Key of a contact of the distributor.")


EarlyClassInput: Any = type(
    "EarlyClassInput",
    (GroupInput,),
    {
        "__doc__": "What changes of the early class: each side from 1 to 5.",
        **{
            name: serializers.IntegerField(min_value=WORST, max_value=BEST, required=False, allow_null=True)
            for name in RATINGS
        },
    },
)


class CardInput(Body):
    """The groups of a card that change."""

    organisation = OrganisationInput(required=False)
    business = BusinessInput(required=False)
    cooperation = CooperationInput(required=False)
    early_class = EarlyClassInput(required=False)


class CardAnswer(serializers.Serializer):
    """The card that was written: the version of each group that was sent."""

    code = serializers.CharField()
    versions = serializers.DictField(child=serializers.IntegerField())


EXAMPLE = {
    "cooperation": {"settlement_method": "transfer", "settlement_days": 45, "invoice_kind": "vat_special"},
    "organisation": {"house_rules": "Ask for the owner first.", "version": 0},
}
MODELS: dict[str, Any] = {
    "organisation": Organisation,
    "business": Business,
    "cooperation": Cooperation,
    "early_class": EarlyClass,
}
READ: dict[str, tuple[str, ...]] = {
    "organisation": ("house_rules", "settlement_procedure"),
    "business": ("lines_carried", "main_customers"),
    "cooperation": (
        *("first_contact_on", "opened_with", "delivery_windows", "delivery_requirements", "settlement_method"),
        *("settlement_days", "invoice_kind", "settlement_contact"),
    ),
    "earlyclass": tuple(RATINGS),
}
GROUPS = {name: f"{group}__{name}" for group, names in READ.items() for name in names}
VERSIONS = {
    "organisation_version": "organisation__version",
    "business_version": "business__version",
    "cooperation_version": "cooperation__version",
    "early_class_version": "earlyclass__version",
}


def names_listed(keys: Iterable[Any]) -> Mapping[Any, list[str]]:
    """Return what companies are called in other languages, as "vi: name", by the key of their card."""
    found: dict[Any, list[str]] = {}
    rows = OtherName.objects.filter(distributor__in=list(keys)).order_by("language", "pk")
    for key, language, name in rows.values_list("distributor_id", "language", "name"):
        found.setdefault(key, []).append(f"{language}: {name}")
    return found


class CardApiFilter(ApiFilterSet):
    """Cards by code, and by how complete they are."""

    code = django_filters.CharFilter(label="Code of the distributor, exactly.")
    completeness_from = WholeNumberFilter(
        field_name="standing__completeness", lookup_expr="gte", label="At least so many per cent complete."
    )
    completeness_to = WholeNumberFilter(
        field_name="standing__completeness", lookup_expr="lte", label="At most so many per cent complete."
    )


class CardViewSet(ReadViewSet):
    """The groups of distributors' cards beside their identity; null where nobody has filled a group in."""

    model = Card
    resource = "distributor-cards"
    tag = "Cards"
    lookup_field = "code"
    filterset_class = CardApiFilter
    fields = {
        "id": "pk",
        "code": "code",
        "completeness": "standing__completeness",
        "other_names": "pk",
        **GROUPS,
        "opened_by": "cooperation__opened_by__email",
        **VERSIONS,
    }
    lists = {"other_names": names_listed}
    nulls = frozenset({*GROUPS, *VERSIONS, "opened_by"})
    notes = {
        "completeness": "How much of the card is filled in, per cent.",
        "other_names": "Names in other languages, as `vi: name`.",
        "lines_carried": "Names of product lines with `; ` between them.",
        "opened_by": "E-mail of our person who opened it.",
        "opened_with": "Key of the contact who opened it.",
        "settlement_contact": "Key of the contact for settlements.",
        **dict.fromkeys(RATINGS, "1 to 5 by its anchors."),
    }

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to write where something is written."""
        return ("cards:write", "profiles.change_card") if method == "POST" else ("cards:read", "profiles.view_card")

    @action(detail=True, methods=["post"], url_path="change", filterset_class=None, pagination_class=None)
    def change(self, request: Any, code: str = "") -> Response:
        """Change groups of a card, all or none; refused with 409 where another version of one is saved."""
        if "\x00" in code:
            raise Http404
        card = Card.objects.visible_to(request.user, "change").filter(code=code).first()
        if card is None:
            raise Http404
        given = CardInput.read(request)
        done: Callable[[], dict[str, Any]] = lambda: card_written(request.user, card, given)  # noqa: E731
        return respond_once(request, f"distributor-cards/{code}", done)

    change.documents = {  # type: ignore[attr-defined]
        "request": CardInput,
        "response": CardAnswer,
        "examples": [OpenApiExample("Terms and house rules", request_only=True, value=EXAMPLE)],
    }


@transaction.atomic
def card_written(user: Any, card: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Write the groups that a body gives; raise ValidationError for people out of reach."""
    versions = {}
    for name, sent in given.items():
        fields = dict(sent)
        version = fields.pop("version", None)
        if name == "cooperation":
            _people(user, card, fields)
        if "lines_carried" in fields:
            fields["lines_carried"] = _lines(fields["lines_carried"], card)
        saved = group_save(actor=user, instance=group_of(card, MODELS[name]), version=version, **fields)
        versions[name] = saved.version
    require_visible(card, user, "change")
    return {"code": card.code, "versions": versions}


def _people(user: Any, card: Any, fields: dict[str, Any]) -> None:
    """Put people in place of e-mail and keys."""
    if "opened_by" in fields:
        email = fields["opened_by"]
        person = owners_for(user).filter(email__iexact=email).first() if email else None
        if email and person is None:
            raise ValidationError({"opened_by": [_("You see no person with this e-mail.")]})
        fields["opened_by"] = person
    for name in ("opened_with", "settlement_contact"):
        if fields.get(name) is not None:
            rows = Contact.objects.visible_to(user).filter(distributor=card.pk, erased_at=None)
            contact = rows.filter(pk=fields[name]).first()
            if contact is None:
                raise ValidationError({name: [_("The distributor has no contact with this key.")]})
            fields[name] = contact


def _lines(lines: list[str], card: Any) -> str:
    known = {*line_names(), *chosen_lines(group_of(card, Business).lines_carried)}
    for line in lines:
        if line not in known:
            raise ValidationError({"lines_carried": [_("There is no product line “%(line)s”.") % {"line": line}]})
    return joined_lines(list(dict.fromkeys(lines)))

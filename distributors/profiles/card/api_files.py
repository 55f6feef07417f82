"""REST: files of cards are listed, sent, fetched and removed."""

from typing import Any

import django_filters
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from core.api_uploads import FileViewSet, fingerprint, respond_to_file
from core.errors import DomainError
from core.resources import ApiFilterSet, Body, IsoDateFilter
from distributors.profiles.card.api_rows import MAYBE, RowAnswer, card_named
from distributors.profiles.card.choices import FileKind
from distributors.profiles.card.files import file_save
from distributors.profiles.card.kinds import ROWS
from distributors.profiles.card.services import row_remove
from distributors.profiles.filters import DistributorCodeFilter
from distributors.profiles.models import Card, CardFile


class CardFileInput(Body):
    """A file of a card, and what it is."""

    distributor = serializers.CharField(max_length=40, help_text="Code of the distributor.")
    kind = serializers.ChoiceField(choices=FileKind.choices)
    issued_on = serializers.DateField(**MAYBE)
    valid_until = serializers.DateField(**MAYBE)
    file = serializers.FileField(help_text="PDF, JPEG, PNG or DOCX by its content, at most 20 MiB.")


class CardFileApiFilter(ApiFilterSet):
    """Files by distributor, kind, and until when they count."""

    distributor = DistributorCodeFilter("distributor", label="Code of the distributor.")
    kind = django_filters.ChoiceFilter(choices=FileKind.choices, label="What the file shows.")
    valid_to = IsoDateFilter(field_name="valid_until", lookup_expr="lte", label="Valid until this day or earlier.")


class CardFileViewSet(FileViewSet):
    """Files of cards: what they show and until when they count."""

    model = CardFile
    resource = "card-files"
    tag = "Cards"
    filterset_class = CardFileApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "kind": "kind",
        "name": "name",
        "content_type": "content_type",
        "size": "blob__size",
        "sha256": "blob__sha256",
        "issued_on": "issued_on",
        "valid_until": "valid_until",
        "created_at": "created_at",
    }
    notes = {
        "distributor": "Code of the distributor.",
        "content_type": "Told by its content.",
        "size": "Bytes.",
        "sha256": "Of its bytes.",
        "created_at": "When it was kept.",
    }

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to write where something is written."""
        if method == "POST":
            return "cards:write", "profiles.change_card"
        return "cards:read", "profiles.view_cardfile"

    def create(self, request: Any) -> Response:
        """Keep a file with a card; the same file said to be the same is the one that is there."""
        given = CardFileInput.read(request)
        sent = dict(given)
        card, file = card_named(request.user, given.pop("distributor")), given.pop("file")
        fields = {"issued_on": None, "valid_until": None, **given}

        def work() -> dict[str, Any]:
            held = CardFile.objects.filter(distributor=card.pk, blob__sha256=fingerprint(file), **fields).first()
            row = held or _kept(request.user, card, file, fields)
            return {"id": row.pk, "version": row.version}

        return respond_to_file(request, self.resource, sent, work)

    create.documents = {  # type: ignore[attr-defined]
        "request": CardFileInput,
        "response": RowAnswer,
        "examples": [
            OpenApiExample(
                "A licence",
                request_only=True,
                media_type="multipart/form-data",
                value={"distributor": "D0001", "kind": "licence", "valid_until": "2030-12-31", "file": "licence.pdf"},
            )
        ],
    }

    def changeable(self, user: Any) -> Any:
        """Return the files of the cards that the user may change."""
        cards = Card.objects.visible_to(user, "change")
        return CardFile.objects.filter(distributor__in=cards.values("pk"))

    def remove_row(self, user: Any, row: CardFile) -> None:
        """Take a file from its card."""
        row_remove(actor=user, instance=row, verb=ROWS["files"].removed)


def _kept(user: Any, card: Card, file: Any, fields: dict[str, Any]) -> CardFile:
    """Keep a file; raise ValidationError for one of another kind, DomainError for one that is there as another."""
    try:
        return file_save(actor=user, instance=CardFile(distributor=card), file=file, **fields)
    except DomainError as error:
        if error.field == "valid_until":
            raise ValidationError({"valid_until": [str(error)]}) from error
        raise

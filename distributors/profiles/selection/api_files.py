"""REST: files of due diligence are listed, sent, fetched and removed."""

from typing import Any

import django_filters
from django.db import transaction
from rest_framework import serializers
from rest_framework.response import Response

from core.api_uploads import FileViewSet, fingerprint, respond_to_file
from core.resources import ApiFilterSet, Body
from distributors.profiles.contracts.api_files import DocumentAnswer
from distributors.profiles.filters import DistributorCodeFilter
from distributors.profiles.selection.api import SCOPE, distributor_of, require_written
from distributors.profiles.selection.models import Check, DiligenceDocument, DiligenceItem
from distributors.profiles.selection.services import check_document_add, check_document_remove


class CheckFileInput(Body):
    """A file that an item of due diligence rests on."""

    distributor = serializers.CharField(max_length=40, help_text="Code of the distributor.")
    item = serializers.ChoiceField(choices=Check.choices)
    file = serializers.FileField(help_text="PDF, JPEG, PNG or DOCX by its content, at most 20 MiB.")


class CheckFileApiFilter(ApiFilterSet):
    """Files by distributor and item."""

    distributor = DistributorCodeFilter("item__distributor", label="Code of the distributor.")
    item = django_filters.ChoiceFilter("item__kind", choices=Check.choices, label="Which item.")


class CheckFileViewSet(FileViewSet):
    """Files that items of due diligence rest on."""

    model = DiligenceDocument
    resource = "due-diligence-files"
    tag = "Selection"
    filterset_class = CheckFileApiFilter
    fields = {
        "id": "pk",
        "distributor": "item__distributor__code",
        "item": "item__kind",
        "name": "name",
        "content_type": "content_type",
        "size": "blob__size",
        "sha256": "blob__sha256",
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
            return f"{SCOPE}:write", "profiles.change_diligenceitem"
        return f"{SCOPE}:read", "profiles.view_diligencedocument"

    def create(self, request: Any) -> Response:
        """Keep a file with an item; the same file again is the one that is there."""
        given = CheckFileInput.read(request)
        kind, file = given["item"], given["file"]

        @transaction.atomic
        def work() -> dict[str, Any]:
            distributor = distributor_of(request.user, given["distributor"])
            rows = DiligenceDocument.objects.filter(item__distributor=distributor, item__kind=kind)
            row = rows.filter(blob__sha256=fingerprint(file)).first() or check_document_add(
                actor=request.user, distributor=distributor, kind=kind, source=file.file, name=file.name
            )
            require_written(request.user, row.item)
            return {"id": row.pk, "name": row.name}

        return respond_to_file(request, self.resource, given, work)

    create.documents = {"request": CheckFileInput, "response": DocumentAnswer}  # type: ignore[attr-defined]

    def changeable(self, user: Any) -> Any:
        """Return the files of the items that the user may change."""
        items = DiligenceItem.objects.visible_to(user, "change")
        rows = DiligenceDocument.objects.filter(item__in=items.values("pk"))
        return rows.select_related("blob", "item__distributor")

    def remove_row(self, user: Any, row: DiligenceDocument) -> None:
        """Take a file from its item."""
        check_document_remove(actor=user, document=row)

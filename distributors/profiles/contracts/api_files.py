"""REST: files of contracts are listed, sent, fetched and removed."""

from typing import Any

import django_filters
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from core.api import MAX_KEY
from core.api_uploads import FileViewSet, fingerprint, respond_to_file
from core.resources import ApiFilterSet, Body, WholeNumberFilter
from distributors.profiles.contracts.documents import document_add, document_remove
from distributors.profiles.contracts.models import Contract, ContractDocument
from distributors.profiles.filters import DistributorCodeFilter


class DocumentInput(Body):
    """A file of a version of a contract."""

    contract = serializers.IntegerField(min_value=1, max_value=MAX_KEY, help_text="Key of the version.")
    file = serializers.FileField(help_text="PDF, JPEG, PNG or DOCX by its content, at most 20 MiB.")


class DocumentAnswer(serializers.Serializer):
    """The file that is kept."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class DocumentApiFilter(ApiFilterSet):
    """Files by contract and distributor."""

    contract = django_filters.CharFilter(field_name="contract__number", label="Number of the contract, exactly.")
    contract_id = WholeNumberFilter(field_name="contract", label="Key of the version.")
    distributor = DistributorCodeFilter("contract__distributor", label="Code of the distributor.")


class DocumentViewSet(FileViewSet):
    """Files of contracts, such as what was signed."""

    model = ContractDocument
    resource = "contract-files"
    tag = "Contracts"
    filterset_class = DocumentApiFilter
    fields = {
        "id": "pk",
        "contract_id": "contract_id",
        "contract": "contract__number",
        "version": "contract__edition",
        "distributor": "contract__distributor__code",
        "name": "name",
        "content_type": "content_type",
        "size": "blob__size",
        "sha256": "blob__sha256",
        "created_at": "created_at",
    }
    notes = {
        "contract_id": "Key of the version.",
        "contract": "Number of the contract.",
        "distributor": "Code of the distributor.",
        "content_type": "Told by its content.",
        "size": "Bytes.",
        "sha256": "Of its bytes.",
        "created_at": "When it was kept.",
    }

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to write where something is written."""
        if method == "POST":
            return "contracts:write", "profiles.change_contract"
        return "contracts:read", "profiles.view_contractdocument"

    def create(self, request: Any) -> Response:
        """Keep a file with a version of a contract; the same file again is the one that is there."""
        given = DocumentInput.read(request)
        contract = Contract.objects.visible_to(request.user, "change").filter(pk=given["contract"]).first()
        if contract is None:
            raise ValidationError({"contract": [_("You see no contract with this key that you may change.")]})
        file = given["file"]

        def work() -> dict[str, Any]:
            held = contract.documents.filter(blob__sha256=fingerprint(file)).first()
            row = held or document_add(actor=request.user, contract=contract, source=file.file, name=file.name)
            return {"id": row.pk, "name": row.name}

        return respond_to_file(request, self.resource, given, work)

    create.documents = {"request": DocumentInput, "response": DocumentAnswer}  # type: ignore[attr-defined]

    def changeable(self, user: Any) -> Any:
        """Return the files of the contracts that the user may change."""
        contracts = Contract.objects.visible_to(user, "change")
        return ContractDocument.objects.filter(contract__in=contracts.values("pk")).select_related("blob", "contract")

    def remove_row(self, user: Any, row: ContractDocument) -> None:
        """Take a file from its contract."""
        document_remove(actor=user, document=row)

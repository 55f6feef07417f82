"""Files of contracts: told by what is in them, kept once, fetched through the contract, removed with a trace."""

import zipfile
from typing import IO, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from accounts.models import User
from core import audit
from core.errors import DomainError
from core.files import blob_store
from core.scope import require_permission
from core.sentences import Sentence
from distributors.profiles.contracts.models import Contract, ContractDocument

LARGEST = 20 * 1024 * 1024
HEAD = 1024
NAME_MOST = 120
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ENDINGS = {PDF: (".pdf",), JPEG: (".jpg", ".jpeg"), PNG: (".png",), DOCX: (".docx",)}
KINDS = {PDF: "PDF", JPEG: "JPEG", PNG: "PNG", DOCX: "DOCX"}


def content_type_of(source: IO[bytes]) -> str | None:
    """Return the type of a file by its content, None for what contracts do not keep."""
    source.seek(0)
    head = source.read(HEAD)
    source.seek(0)
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    return DOCX if head.startswith(b"PK\x03\x04") and _is_docx(source) else None


def _is_docx(source: IO[bytes]) -> bool:
    """Tell whether an archive names the parts of a text document; nothing of it is unpacked."""
    try:
        with zipfile.ZipFile(source) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return False
    finally:
        source.seek(0)
    return {"[Content_Types].xml", "word/document.xml"} <= names


def plain_name(name: str, content_type: str) -> str:
    """Return a name without folders and control characters, with the ending of its type."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(one for one in last if one.isprintable()).strip(" .") or "contract"
    endings = ENDINGS[content_type]
    stem, dot, ending = clean.rpartition(".")
    known = dot and f".{ending.lower()}" in endings
    base, tail = (stem, f".{ending}") if known else (clean, endings[0])
    return base[: NAME_MOST - len(tail)] + tail


def document_add(*, actor: User, contract: Contract, source: IO[bytes], name: str) -> ContractDocument:
    """Keep a file with a contract; raise DomainError for another kind of file, one too large, or one that is there."""
    require_permission(actor, "profiles.change_contract")
    kind = content_type_of(source)
    if kind is None:
        raise DomainError(
            Sentence(_("“%(name)s” is no PDF, JPEG, PNG or DOCX file; its content says so."), name=name), "file"
        )
    blob = blob_store(source=source, limit=LARGEST)
    try:
        with transaction.atomic():
            made: ContractDocument = ContractDocument.objects.create(
                contract=contract, blob=blob, name=plain_name(name, kind), content_type=kind, created_by=actor
            )
            audit.record(actor=actor, verb="contract.file_added", target=contract, after={"file": made.name})
    except IntegrityError as error:
        raise DomainError(Sentence(_("This file is with the contract already.")), "file") from error
    return made


@transaction.atomic
def document_remove(*, actor: User, document: ContractDocument) -> None:
    """Take a file from its contract; the trail says which and whose it was."""
    require_permission(actor, "profiles.change_contract")
    gone, _models = ContractDocument.objects.filter(pk=document.pk).delete()
    if gone:
        before = {"file": document.name, "sha256": document.blob.sha256}
        audit.record(actor=actor, verb="contract.file_removed", target=document.contract, before=before)


def documents_of(contract: Contract) -> list[dict[str, Any]]:
    """Return the files of a contract, the latest first."""
    return [
        {
            "pk": one.pk,
            "name": one.name,
            "kind": KINDS.get(one.content_type, ""),
            "size": one.blob.size,
            "at": one.created_at,
            "who": one.created_by,
        }
        for one in contract.documents.select_related("blob", "created_by")
    ]

"""Papers of a company: told by what is in them, kept once, fetched through the card, removed with a trace."""

from datetime import date
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from accounts.models import User
from core.errors import DomainError
from core.files import blob_store
from core.sentences import Sentence
from distributors.profiles.card.choices import FileKind
from distributors.profiles.card.services import row_write
from distributors.profiles.contracts.documents import JPEG, LARGEST, PNG, content_type_of, plain_name
from distributors.profiles.models import CardFile

PICTURES = (JPEG, PNG)


@transaction.atomic
def file_save(
    *,
    actor: User,
    instance: CardFile,
    version: int | None = None,
    kind: str,
    issued_on: date | None = None,
    valid_until: date | None = None,
    file: Any = None,
) -> CardFile:
    """Keep a paper with a card, or change what is said of it.

    Raises DomainError for a file of another kind than its content may be, one too large, and one that is there.
    """
    if issued_on and valid_until and valid_until < issued_on:
        raise DomainError(Sentence(_("It ends before it was issued: mend one of both days.")), "valid_until")
    fields: dict[str, Any] = {"kind": kind, "issued_on": issued_on, "valid_until": valid_until}
    if not instance.pk:
        if file is None:
            raise DomainError(Sentence(_("Choose a file.")), "file")
        fields |= _stored(file.file, file.name, kind)
    elif kind == FileKind.PHOTO and instance.content_type not in PICTURES:
        raise _no_picture(instance.name)
    taken = DomainError(Sentence(_("This file is with the card already.")), "file")
    saved: CardFile = row_write(
        actor=actor, instance=instance, version=version, fields=fields, verb="card.file_saved", taken=taken
    )
    return saved


def _stored(source: IO[bytes], name: str, kind: str) -> dict[str, Any]:
    found = content_type_of(source)
    if found is None:
        text = _("“%(name)s” is no PDF, JPEG, PNG or DOCX file; its content says so.")
        raise DomainError(Sentence(text, name=name), "file")
    if kind == FileKind.PHOTO and found not in PICTURES:
        raise _no_picture(name)
    blob = blob_store(source=source, limit=LARGEST)
    return {"blob": blob, "name": plain_name(name, found), "content_type": found}


def _no_picture(name: str) -> DomainError:
    return DomainError(Sentence(_("“%(name)s” is no picture: a photograph is a JPEG or PNG file."), name=name), "file")

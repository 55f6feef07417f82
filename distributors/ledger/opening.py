"""Which reader a file needs, by its bytes and not by its name; what is no table is refused in words."""

from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from django.utils.translation import gettext_noop as _

from core.sentences import Sentence
from distributors.ledger.mapping import Profile
from distributors.ledger.reading import Reader, Unreadable, survey
from distributors.ledger.sheets import MAGIC, SheetReader

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED = "EncryptedPackage".encode("utf-16-le")
COMPOUND_HEAD = 1 << 16
SHEET_DAYS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S")
OTHERS = (
    (b"%PDF", _("This is a PDF; save the table in it as CSV or XLSX.")),
    (b"\x1f\x8b", _("The file is packed; unpack it first.")),
    (b"7z\xbc\xaf", _("The file is packed; unpack it first.")),
    (b"Rar!", _("The file is packed; unpack it first.")),
    (b"\x89PNG", _("This is a picture, no table: send the table as CSV or XLSX.")),
    (b"\xff\xd8\xff", _("This is a picture, no table: send the table as CSV or XLSX.")),
    (b"{\\rtf", _("This is a text document; save the table in it as CSV or XLSX.")),
)


def is_workbook(path: Path) -> bool:
    """Tell whether the file is a workbook; raise Unreadable where it is no table at all."""
    with path.open("rb") as file:
        head = file.read(COMPOUND_HEAD)
    if not head:
        raise Unreadable.at(1, Sentence(_("The file is empty: save it again with its rows.")))
    if head.startswith(COMPOUND):
        _refuse_compound(path)
    for mark, reason in OTHERS:
        if head.startswith(mark):
            raise Unreadable.at(0, Sentence(reason))
    if head[:512].lstrip().lower().startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise Unreadable.at(
            0, Sentence(_("This is a web page or XML, whatever its name says; save it as CSV or XLSX."))
        )
    return head.startswith(MAGIC)


def _refuse_compound(path: Path) -> None:
    with path.open("rb") as file:
        last = b""
        while part := file.read(1 << 20):
            if LOCKED in last + part:
                raise Unreadable.at(0, Sentence(_("The file is locked with a password; save it without one.")))
            last = part[-len(LOCKED) :]
    raise Unreadable.at(0, Sentence(_("This is the old XLS format; save it as XLSX or CSV.")))


def with_sheet_days(profile: Profile) -> Profile:
    """Return the profile that reads the days of cells, too."""
    layers = tuple(
        {name: replace(plan, dates=_added(plan.dates)) if plan.dates else plan for name, plan in layer.items()}
        for layer in profile.layers
    )
    return replace(profile, dates=_added(profile.dates), layers=layers)


def _added(forms: tuple[str, ...]) -> tuple[str, ...]:
    return (*forms, *(one for one in SHEET_DAYS if one not in forms))


def opened(path: Path, profile: Profile) -> tuple[AbstractContextManager[Reader | SheetReader], Profile]:
    """Return the reader of a file, and the profile with the days that cells of a workbook bring."""
    above, numbered = profile.header_above, not profile.as_named
    if is_workbook(path):
        reader = SheetReader(
            path,
            profile.sheet,
            profile.header,
            profile.decimal,
            decimals=profile.decimals,
            above=above,
            numbered=numbered,
        )
        return reader, with_sheet_days(profile)
    seen = survey(path, profile.encoding)
    opening = Reader(path, seen.encoding, profile.delimiter, profile.header, seen.lines, above=above, numbered=numbered)
    return opening, profile

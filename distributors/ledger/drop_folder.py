"""The drop folder on the disk: what lies in it, and moves within it that happen as a whole or not at all."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.translation import gettext_noop as _

from core.errors import DomainError
from core.sentences import Sentence
from distributors.ledger.drop_models import DropFile

TAKING, DONE, REFUSED = "taking", "done", "refused"
ROOMS = (TAKING, DONE, REFUSED)
UNFINISHED = (".part", ".partial", ".filepart", ".tmp", ".temp", ".crdownload", ".swp", "~")
HIDDEN = (".", "~$")
DEEPEST = 3
MOST = 2000
NAME_MOST = 480
KEPT_BYTES = 160


@dataclass(frozen=True)
class Entry:
    """Something that lies in the folder: its name below it, its place, and its stamp."""

    name: str
    path: Path
    size: int
    modified: int
    is_file: bool


def folder_root() -> Path:
    """Return where the folder is."""
    return Path(settings.IMPORT_FOLDER)


def folder_prepare(*, under_way: bool) -> None:
    """Make the folder and its rooms; raise DomainError where it cannot be used.

    With files `under_way` the room they lie in must be there: else this is another folder, or its disk is away.
    """
    root = folder_root()
    try:
        if under_way and not (root / TAKING).is_dir():
            raise DomainError(Sentence(_("The files that are being read are not in the folder: is its disk there?")))
        root.mkdir(exist_ok=True)
        for room in ROOMS:
            (root / room).mkdir(exist_ok=True)
            if not stat.S_ISDIR((root / room).lstat().st_mode):
                raise DomainError(Sentence(_("“%(name)s” in the folder is not a folder of its own."), name=room))
        for place in (root, *(root / room for room in ROOMS)):
            if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
                raise DomainError(Sentence(_("The product may not read and write in the folder.")))
    except OSError as error:
        raise DomainError(folder_trouble(error)) from error


def folder_trouble(error: OSError) -> Sentence:
    """Return what is said where the disk refuses."""
    return Sentence(_("The folder cannot be used: %(why)s."), why=error.strerror or type(error).__name__)


def folder_entries() -> dict[str, Entry]:
    """Return what lies in the folder and waits to be read, by name; what is still written or hidden is left out."""
    found: dict[str, Entry] = {}
    for entry in _below(folder_root(), "", 1):
        found.setdefault(entry.name, entry)
        if len(found) >= MOST:
            break
    return found


def _below(place: Path, prefix: str, depth: int) -> Iterator[Entry]:
    with os.scandir(place) as inside:
        for one in inside:
            if one.name.startswith(HIDDEN) or one.name.lower().endswith(UNFINISHED):
                continue
            if depth == 1 and one.name in ROOMS:
                continue
            if one.is_dir(follow_symlinks=False):
                if depth < DEEPEST:
                    yield from _below(Path(one.path), f"{prefix}{one.name}/", depth + 1)
                continue
            try:
                info = one.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            plain = stat.S_ISREG(info.st_mode)
            yield Entry(_shown(prefix + one.name), Path(one.path), info.st_size, info.st_mtime_ns, plain)


def _shown(name: str) -> str:
    """Return a name that can be kept: one in another encoding stands with its bytes, a very long one is cut."""
    return os.fsencode(name).decode("utf-8", "backslashreplace").replace("\0", "")[:NAME_MOST]


def kept_name(row: DropFile) -> str:
    """Return what the file of a row is called from when it is taken: never like another one, whatever it was called."""
    last = row.name.rpartition("/")[2].replace("\\", "_")
    stem, dot, ending = last.rpartition(".")
    stem, ending = (stem, dot + ending) if dot and len(ending) <= 10 else (last, "")
    short = stem.encode()[:KEPT_BYTES].decode("utf-8", "ignore")
    return f"{row.first_seen_at:%Y%m%dT%H%M%SZ}-{row.pk}-{short}{ending}"


def room_path(room: str, row: DropFile, ending: str = "") -> Path:
    """Return where the file of a row lies in a room, or a report beside it."""
    return folder_root() / room / (kept_name(row) + ending)


def is_taken(row: DropFile) -> bool:
    """Tell whether the file of a row lies in the room of those that are being read."""
    return os.path.lexists(room_path(TAKING, row))


def file_take(row: DropFile, path: Path | None) -> bool:
    """Move a file to where nobody else writes it; an earlier attempt may have done so. Return whether it is there."""
    if is_taken(row):
        return True
    if path is None:
        return False
    try:
        path.rename(room_path(TAKING, row))
    except FileNotFoundError:
        return False
    return True


def file_put(row: DropFile, room: str) -> str:
    """Move the file of a row to a room; return its place below the folder, empty where somebody took it away."""
    target = room_path(room, row)
    if is_taken(row):
        room_path(TAKING, row).rename(target)
    return f"{room}/{target.name}" if os.path.lexists(target) else ""


def taken_stamp(row: DropFile) -> tuple[int, int] | None:
    """Return size and time of change of a file that is being read, None where it is not there."""
    try:
        info = room_path(TAKING, row).lstat()
    except FileNotFoundError:
        return None
    return info.st_size, info.st_mtime_ns


@contextmanager
def taken_file(row: DropFile) -> Iterator[IO[bytes]]:
    """Open the file of a row, never through a link; raise DomainError where it is no file or may not be read."""
    place = room_path(TAKING, row)
    if not stat.S_ISREG(place.lstat().st_mode):
        raise DomainError(Sentence(_("It is a link or a device, not a file; only files are read.")))
    try:
        handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except PermissionError as error:
        raise DomainError(Sentence(_("The product may not read this file."))) from error
    with os.fdopen(handle, "rb") as file:
        yield file


def report_write(row: DropFile, room: str, ending: str, parts: Iterator[bytes]) -> None:
    """Write a report beside where the file of a row will lie; it is there whole or not at all."""
    target = room_path(room, row, ending)
    unfinished = target.with_name(f".{row.pk}{ending}.part")
    with unfinished.open("wb") as file:
        file.writelines(parts)
    unfinished.replace(target)

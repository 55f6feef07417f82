"""Stored files: bytes once per content, outside the web root."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from core.database import lock
from core.errors import DomainError
from core.models import Blob

CHUNK = 1 << 20
LOCK = "files"


def blob_store(*, source: IO[bytes], limit: int) -> Blob:
    """Keep the bytes of `source` and return their row; raise DomainError beyond `limit` bytes.

    The file is complete under its final name before the row exists, so a row never points at half a file.
    """
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=root, delete=False) as target:
        temporary = Path(target.name)
        while chunk := source.read(CHUNK):
            size += len(chunk)
            if size > limit:
                temporary.unlink()
                raise DomainError(_("The file is larger than %(limit)s MiB.") % {"limit": limit >> 20})
            digest.update(chunk)
            target.write(chunk)
    name = digest.hexdigest()
    final = root / name[:2] / name
    final.parent.mkdir(exist_ok=True)
    with transaction.atomic():
        lock(LOCK)
        os.replace(temporary, final)
        blob, created = Blob.objects.get_or_create(
            sha256=name, defaults={"size": size, "path": str(final.relative_to(root))}
        )
        if not created:
            # What is sent once more is as new as what is sent for the first time: it is not cleared away meanwhile.
            Blob.objects.filter(pk=blob.pk).update(created_at=clock.instant())
    return blob


def blob_kept(blob: Blob) -> bool:
    """Tell whether the bytes of `blob` are still there."""
    return blob_path(blob).is_file()


def blob_clear(blob: Blob) -> int:
    """Remove the bytes of `blob` and keep its row; return how many bytes that gave back.

    The caller holds the lock of stored files, under which it saw that nobody needs them.
    """
    path = blob_path(blob)
    try:
        size = path.stat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size


def blob_path(blob: Blob) -> Path:
    """Return where the bytes of `blob` are."""
    return Path(settings.MEDIA_ROOT) / blob.path

"""For how long the files of imports are kept: what nobody needs any more goes, what came in of it stays."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop as _

from core import clock
from core.database import lock
from core.errors import DomainError
from core.files import LOCK, blob_clear, blob_kept
from core.models import Blob, Job
from core.sentences import Sentence
from distributors.ledger.drop_models import DropFile
from distributors.ledger.models import Import

GONE = _("The file is no longer kept; upload it again.")
# A file that waits for its columns, or is on its way, is needed however old it is.
NEEDED = (Import.State.DRAFT, Import.State.WAITING, Import.State.STAGING, Import.State.VALIDATING)


def file_refuse(instance: Import) -> None:
    """Raise DomainError where the file of an import is no longer kept."""
    if not blob_kept(instance.blob):
        raise DomainError(Sentence(GONE))


def files_sweep(*, runner: Any = None) -> dict[str, int]:
    """Remove the bytes of old files that no import needs, and return how many files and how many MiB that was.

    A file is as old as the last import that used it, or as the last time that it was sent. Imports, their problems and
    what came in of them stay. `IMPORT_KEEP_DAYS` says how old; 0 keeps all.
    """
    if not settings.IMPORT_KEEP_DAYS:
        return {"files": 0, "mib": 0}
    before = clock.instant() - timedelta(days=settings.IMPORT_KEEP_DAYS)
    files, size = 0, 0
    for pk in _old(before).order_by("pk").values_list("pk", flat=True):
        if runner is not None:
            runner.advance(done=files)
        with transaction.atomic():
            # Whoever takes a file up again holds this lock, too: it is asked once more under it.
            lock(LOCK)
            blob = _old(before).filter(pk=pk).first()
            freed = blob_clear(blob) if blob else 0
        files, size = files + (freed > 0), size + freed
    return {"files": files, "mib": size >> 20}


def _old(before: Any) -> Any:
    """Return the files of imports that were over and last sent before an instant, and that nothing else needs."""
    recent = Q(state__in=NEEDED) | Q(created_at__gte=before) | Q(finished_at__gte=before)
    recent |= Q(pk__in=DropFile.objects.filter(state=DropFile.State.TAKEN).values("import_file"))
    used, needed = Import.objects.all(), Import.objects.filter(recent)
    exports = Job.objects.filter(result__has_key="blob", finished_at__gte=before).values_list("result", flat=True)
    rows = Blob.objects.filter(created_at__lt=before)
    rows = rows.filter(Q(pk__in=used.values("blob")) | Q(pk__in=used.exclude(rejects=None).values("rejects")))
    rows = rows.exclude(pk__in=needed.values("blob")).exclude(pk__in=needed.exclude(rejects=None).values("rejects"))
    return rows.exclude(pk__in=[result["blob"] for result in exports])

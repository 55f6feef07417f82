"""Exports that are too long to wait for: a job writes the file, its owner fetches it within a week."""

import tempfile
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import ProtectedError
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core import clock
from core.errors import DomainError
from core.exports import xlsx_refuse, xlsx_write
from core.files import blob_path, blob_store
from core.jobs import Outcome, Run, job_create
from core.listing import Listing
from core.models import Blob, Job
from core.sections import Section
from core.sentences import Sentence

KIND = "core.export"
KEPT = timedelta(days=7)
STEP = 5_000
LARGEST_FILE = 4 * 1024**3


@transaction.atomic
def export_start(*, actor: Any, section: type[Section], query: str) -> Job:
    """Let a job write the XLSX of a list; raise DomainError where it cannot be read or does not fit a sheet."""
    listing = Listing(section, actor, QueryDict(query))
    if not listing.allowed:
        raise PermissionDenied
    if not listing.readable:
        raise DomainError(_("A filter of this list cannot be read; nothing was exported."))
    xlsx_refuse(listing.rows.count())
    title = Sentence(gettext_noop("Export of %(list)s as XLSX"), list=str(section.title))
    return job_create(kind=KIND, actor=actor, args={"list": section.key(), "query": listing.query}, title=title)


def export_write(run: Run) -> dict[str, Any]:
    """Write the file of an export job: the rows that its owner sees now."""
    section, owner = Section.named(run.args["list"]), run.job.created_by
    listing = Listing(section, owner, QueryDict(run.args["query"]))
    if not listing.allowed or not listing.readable:
        raise DomainError(Sentence(gettext_noop("You may no longer see this list.")))
    run.advance(total=listing.rows.count(), message=Sentence(gettext_noop("Writing the rows")))

    def told(done: int) -> None:
        if not done % STEP:
            run.advance(done=done)

    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as target:
        count = xlsx_write(listing.reported(), target, told)
        target.seek(0)
        blob = blob_store(source=target, limit=LARGEST_FILE)
    run.advance(done=count)
    return {"blob": blob.pk, "rows": count, "name": f"{section.filename()}.xlsx"}


def export_outcome(job: Job, _user: Any) -> Outcome:
    """Say how many rows the file has, and lead to it while it is kept."""
    if "rows" not in job.result:
        return Outcome()
    facts = [{"label": _("Rows"), "text": f"{job.result['rows']:,}", "url": ""}]
    if Blob.objects.filter(pk=job.result.get("blob")).exists():
        return Outcome(facts, [{"label": _("Download the file"), "url": reverse("core:job-file", args=[job.pk])}])
    return Outcome([*facts, {"label": _("File"), "text": _("No longer kept; export the list again."), "url": ""}])


def exports_remove(*, before: Any = None) -> int:
    """Remove the files of exports that ended more than a week ago; return how many."""
    limit = before or clock.instant() - KEPT
    done = Job.objects.filter(kind=KIND, state=Job.State.DONE, result__has_key="blob")
    kept = {result["blob"] for result in done.filter(finished_at__gte=limit).values_list("result", flat=True)}
    old = {result["blob"] for result in done.filter(finished_at__lt=limit).values_list("result", flat=True)}
    removed = 0
    for blob in Blob.objects.filter(pk__in=old - kept):
        path = blob_path(blob)
        try:
            with transaction.atomic():
                blob.delete()
        except ProtectedError:
            continue
        path.unlink(missing_ok=True)
        removed += 1
    return removed

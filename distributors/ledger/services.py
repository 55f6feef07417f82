"""Files on their way in: kept, staged chunk by chunk, checked whole, published in one transaction."""

from dataclasses import asdict
from datetime import timedelta
from typing import IO, Any

import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit, clock, jobs
from core.database import drop_stage, lock, stages
from core.errors import DomainError
from core.files import blob_store
from core.models import Job
from core.scope import require_permission
from distributors.ledger.kinds.declaration import Counts, Kind
from distributors.ledger.kinds.sales import SALES, lines_from_dicts
from distributors.ledger.mapping import ColumnPlan, Profile, ProfileError, profile_default, profile_read
from distributors.ledger.models import Batch, Import
from distributors.ledger.parsing import Finding, Findings, parse_block
from distributors.ledger.reading import Block, Unreadable
from distributors.ledger.rollups import rollups_refresh, standings_refresh
from distributors.ledger.staging import PREFIX, Stage, repeats_check, stage_check, stage_owner
from distributors.ledger.surroundings import Surroundings
from distributors.ledger.work import (
    OPEN,
    PROBLEMS_KEPT,
    FailureKept,
    Runner,
    Work,
    import_close,
    import_fail,
    language_of,
)

__all__ = [
    "ImportRefused",
    "ProfileError",
    "import_cancel",
    "import_process",
    "import_start",
    "rollups_refresh",
    "sale_lines_upsert",
    "stages_sweep",
    "standings_refresh",
    "standings_renew",
]

UPSERT_MOST = 5000
FOREGROUND_MOST = timedelta(days=1)


class ImportRefused(DomainError):
    """Rows cannot go in; `problems` says which: a list of {row, column, value, reason}."""

    def __init__(self, problems: list[dict[str, Any]], count: int):
        super().__init__(_("%(count)s problems; nothing was changed.") % {"count": count})
        self.problems, self.count = problems, count


def import_start(
    *,
    actor: User | None,
    kind: Kind,
    file: IO[bytes],
    filename: str,
    profile: str | bytes | None = None,
    dry_run: bool = False,
    background: bool = True,
) -> Import:
    """Keep the file and a frozen copy of its mapping, and ask a worker to bring it in; raise DomainError.

    Without a profile the columns are called like the fields. `actor` None is the machine's own administrator.
    """
    if actor is not None:
        require_permission(actor, kind.permission)
    frozen = profile_read(profile, kind) if profile else profile_default(kind)
    blob = blob_store(source=file, limit=settings.IMPORT_MAX_BYTES)
    with transaction.atomic():
        made = Import.objects.create(
            kind=kind.name,
            filename=filename[:200],
            blob=blob,
            profile_name=str(frozen.get("name", ""))[:80],
            profile=frozen,
            dry_run=dry_run,
            created_by=actor,
        )
        audit.record(actor=actor, verb="import.started", target=made, after={"kind": kind.name, "file": blob.sha256})
        if background:
            job = jobs.job_create(
                kind="ledger.import", actor=actor, args={"import": made.pk}, title=f"{kind.title}: {filename}"[:200]
            )
            Import.objects.filter(pk=made.pk).update(job=job)
    made.refresh_from_db()
    return made


@transaction.atomic
def import_cancel(*, actor: User, instance: Import) -> None:
    """Ask an import to stop; one that has not begun stops at once."""
    if instance.job is None or instance.state not in OPEN:
        raise DomainError(_("This import is over already."))
    jobs.job_cancel(job=instance.job, actor=actor)
    audit.record(actor=actor, verb="import.cancelled", target=instance)
    if Job.objects.filter(pk=instance.job.pk, state=Job.State.CANCELLED).exists():
        import_close(instance.pk, Import.State.CANCELLED)


def import_process(*, import_id: int, runner: Runner) -> dict[str, Any]:
    """Bring an import to its end, from wherever an earlier attempt left it; return what came of it.

    Every chunk is committed with its place, so a new attempt goes on behind the last one; publishing is one
    transaction, so it happened or it did not.
    """
    instance = Import.objects.select_related("blob", "created_by", "job").get(pk=import_id)
    if instance.state not in OPEN:
        return _result(instance)
    with language_of(instance.created_by), FailureKept(instance, runner):
        work = Work(instance, runner)
        try:
            work.read()
            work.check()
        except Unreadable as stop:
            work.refuse(Finding(stop.row, stop.column, stop.value, stop.reason))
        except jobs.Cancelled:
            import_close(import_id, Import.State.CANCELLED)
            work.stage.drop()
            raise
    instance.refresh_from_db()
    return _result(instance)


def _result(instance: Import) -> dict[str, Any]:
    return {
        "state": instance.state,
        "new": instance.rows_new,
        "changed": instance.rows_changed,
        "same": instance.rows_same,
        "problems": instance.problems_count,
        "url": reverse("ledger:import-detail", args=[instance.pk]),
    }


@transaction.atomic
def sale_lines_upsert(
    *, actor: User, source_code: str, rows: list[dict[str, Any]], key: str | None = None
) -> dict[str, Any]:
    """Bring in up to 5,000 sale lines, all or none, by the rules of the files; raise ImportRefused with the problems.

    Returns the numbers of new, changed and unchanged lines and the batch, None where nothing changed. Only
    distributors that `actor` may see are known; `key` names the request in the audit trail.
    """
    require_permission(actor, "ledger.add_saleline")
    if len(rows) > UPSERT_MOST:
        raise DomainError(_("At most %(most)s lines at once.") % {"most": f"{UPSERT_MOST:,}"})
    lock("batch")
    stage = Stage(SALES, f"{PREFIX}upsert", actor=actor, mapped=frozenset(SALES.by_name))
    around = Surroundings(source_code=source_code, actor=actor)
    profile = Profile.from_frozen({"source": source_code}, SALES)
    layer = {name: ColumnPlan(source=name, default=field.default) for name, field in SALES.by_name.items()}
    profile = Profile(**{**profile.__dict__, "layers": (layer,)})
    findings = Findings(PROBLEMS_KEPT)
    cells = {name: pa.array(column, pa.string()) for name, column in lines_from_dicts(rows).items()}
    block = Block(pa.array(range(1, len(rows) + 1), pa.int64()), cells, [])
    part = parse_block(block, profile, SALES, around, findings)
    stage.create()
    stage.append(part)
    stage_check(stage, around, findings)
    repeats_check(stage, findings)
    if findings.count:
        raise ImportRefused([asdict(finding) for finding in findings.kept], findings.count)
    counts = SALES.publish(stage, around)
    stage.drop()
    _audit_upsert(actor, counts, key)
    return {"new": counts.new, "changed": counts.changed, "unchanged": counts.same, "batch": counts.batch}


def _audit_upsert(actor: User, counts: Counts, key: str | None) -> None:
    if counts.batch is None:
        return
    audit.record(
        actor=actor,
        verb="lines.upserted",
        target=Batch.objects.get(pk=counts.batch),
        after=asdict(counts),
        note=key or "",
    )


@transaction.atomic
def standings_renew(*, runner: Runner) -> int:
    """Move the twelve months of every standing to today, one after the other with imports; return how many changed."""
    lock("batch")
    runner.fence()
    return standings_refresh(as_of=clock.today())


def stages_sweep() -> int:
    """Close imports whose run ended without them, and drop work tables that no open import uses; return how many.

    Where the job failed, its error becomes the problem for which the file is refused. An import without a job runs in
    the foreground; one that is open after a day has nobody left who runs it.
    """
    # An import that begins after this line has its tables only after it, too.
    tables = stages()
    left = Import.objects.filter(state__in=OPEN).select_related("job", "created_by")
    for one in left.filter(job__state=Job.State.FAILED):
        import_fail(one, one.job.error if one.job else "")
    alone = Q(job=None, created_at__lt=clock.instant() - FOREGROUND_MOST)
    ended = left.filter(alone | Q(job__state__in=(Job.State.DONE, Job.State.CANCELLED)))
    ended.update(state=Import.State.CANCELLED, finished_at=clock.instant())
    live = {f"{PREFIX}{pk}" for pk in Import.objects.filter(state__in=OPEN).values_list("pk", flat=True)}
    gone = [table for table in tables if stage_owner(table) not in live]
    for table in gone:
        drop_stage(table)
    return len(gone)

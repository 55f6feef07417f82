"""Files on their way in: kept, staged chunk by chunk, checked whole, published in one transaction."""

from dataclasses import asdict, replace
from typing import IO, Any

import pyarrow as pa
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from accounts.models import User
from core import audit, clock, jobs
from core.database import drop_stage, lock, stages
from core.errors import DomainError
from core.files import blob_store
from core.models import Blob, Job
from core.scope import permission_name, require_permission
from core.sentences import Sentence
from distributors.ledger.facts import fact_of
from distributors.ledger.findings import Findings
from distributors.ledger.kinds.declaration import Counts, Kind
from distributors.ledger.kinds.sales import SALES
from distributors.ledger.mapping import ColumnPlan, Profile, ProfileError, profile_default, profile_read
from distributors.ledger.models import Batch, Import
from distributors.ledger.parsing import parse_block
from distributors.ledger.publishing import late_rows
from distributors.ledger.reading import Block, Unreadable
from distributors.ledger.receivables import receivable_standings_refresh
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
)

__all__ = [
    "ImportRefused",
    "ProfileError",
    "facts_upsert",
    "import_begin",
    "import_cancel",
    "import_cancelled",
    "import_process",
    "import_start",
    "rollups_refresh",
    "sale_lines_upsert",
    "stages_sweep",
    "standings_refresh",
    "standings_renew",
]

UPSERT_MOST = 5000


class ImportRefused(DomainError):
    """Rows cannot go in; `problems` says which: a list of {row, column, value, reason}."""

    def __init__(self, problems: list[dict[str, Any]], count: int):
        text = ngettext("%(count)s problem; nothing was changed.", "%(count)s problems; nothing was changed.", count)
        super().__init__(text % {"count": count})
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

    Without a profile the columns are called like the fields. `actor` None is the machine's own administrator. Where
    it is not done in the background, the caller runs the import's job at once (`jobs.job_run_own`).
    """
    if actor is not None:
        require_permission(actor, kind.permission)
    frozen = profile_read(profile, kind) if profile else profile_default(kind)
    blob = blob_store(source=file, limit=settings.IMPORT_MAX_BYTES)
    return import_begin(
        actor=actor, kind=kind, blob=blob, filename=filename, frozen=frozen, dry_run=dry_run, background=background
    )


@transaction.atomic
def import_begin(
    *,
    actor: User | None,
    kind: Kind,
    blob: Blob,
    filename: str,
    frozen: dict[str, Any],
    dry_run: bool = False,
    good_only: bool = False,
    origin: str = "",
    background: bool = True,
) -> Import:
    """Write the import of a file that is kept, with its frozen mapping, and the job that brings it in."""
    made = Import.objects.create(
        kind=kind.name,
        filename=filename[:200],
        blob=blob,
        origin=origin,
        profile_name=str(frozen.get("name", ""))[:80],
        profile=frozen,
        dry_run=dry_run,
        good_only=good_only,
        created_by=actor,
    )
    audit.record(actor=actor, verb="import.started", target=made, after={"kind": kind.name, "file": blob.sha256})
    made.job = (jobs.job_create if background else jobs.job_begin)(
        kind="ledger.import",
        actor=actor,
        args={"import": made.pk},
        title=Sentence(gettext_noop("Import of %(file)s"), file=filename),
    )
    Import.objects.filter(pk=made.pk).update(job=made.job)
    return made


def import_cancel(*, actor: User | None, instance: Import) -> None:
    """Ask an import to stop; one that nobody works on stops at once. Raise DomainError where it is over already."""
    if instance.job is None or instance.state not in OPEN:
        raise DomainError(_("This import is over already."))
    jobs.job_cancel(job=instance.job, actor=actor)


def import_cancelled(*, job: Job, actor: User | None, ended: bool) -> None:
    """Keep who cancelled the import of a job, and close it where the job `ended` with that."""
    instance = Import.objects.filter(job=job, state__in=OPEN).first()
    if instance is None:
        return
    audit.record(actor=actor, verb="import.cancelled", target=instance)
    if ended:
        import_close(instance.pk, Import.State.CANCELLED)


def import_process(*, import_id: int, runner: Runner) -> dict[str, Any]:
    """Bring an import to its end, from wherever an earlier attempt left it; return what came of it.

    Every chunk is committed with its place, so a new attempt goes on behind the last one; publishing is one
    transaction, so it happened or it did not.
    """
    instance = Import.objects.select_related("blob", "created_by", "job").get(pk=import_id)
    if instance.state not in OPEN:
        return _result(instance)
    with FailureKept(instance, runner):
        work = Work(instance, runner)
        try:
            work.read()
            work.check()
        except Unreadable as stop:
            work.refuse(stop.findings)
        except jobs.Cancelled:
            import_close(import_id, Import.State.CANCELLED)
            work.stage.drop()
            raise
    instance.refresh_from_db()
    return _result(instance)


def _result(instance: Import) -> dict[str, Any]:
    return {
        "state": instance.state,
        "rows": instance.rows_read,
        "new": instance.rows_new,
        "changed": instance.rows_changed,
        "same": instance.rows_same,
        "problems": instance.problems_count,
        "batch": Batch.objects.filter(import_file=instance).values_list("number", flat=True).first(),
        "url": reverse("ledger:import-detail", args=[instance.pk]),
    }


def sale_lines_upsert(
    *, actor: User, source_code: str, rows: list[dict[str, Any]], key: str | None = None
) -> dict[str, Any]:
    """Bring in up to 5,000 sale lines (`facts_upsert`)."""
    return facts_upsert(actor=actor, kind=SALES, source_code=source_code, rows=rows, key=key)


@transaction.atomic
def facts_upsert(
    *, actor: User, kind: Kind, source_code: str, rows: list[dict[str, Any]], key: str | None = None
) -> dict[str, Any]:
    """Bring in up to 5,000 facts, all or none, by the rules of the files; raise ImportRefused with the problems.

    Returns the numbers of new, changed and unchanged rows, the batch, None where nothing changed, and which rows came
    for a closed month with the month in which they count. Only distributors that `actor` may see are known; `key` names
    the request in the audit trail.
    """
    require_permission(actor, permission_name(fact_of(kind.name).model, "add"))
    if len(rows) > UPSERT_MOST:
        raise DomainError(_("At most %(most)s lines at once.") % {"most": f"{UPSERT_MOST:,}"})
    return facts_set(actor=actor, kind=kind, source_code=source_code, rows=rows, key=key)


@transaction.atomic
def facts_set(
    *, actor: User | None, kind: Kind, source_code: str, rows: list[dict[str, Any]], key: str | None = None
) -> dict[str, Any]:
    """Bring in facts like `facts_upsert`, where what the actor may do was asked elsewhere."""
    lock("batch")
    stage = Stage(kind, f"{PREFIX}upsert", actor=actor, mapped=frozenset(kind.by_name))
    around = Surroundings(source_code=source_code, actor=actor)
    layer = {name: ColumnPlan(source=name, default=field.default) for name, field in kind.by_name.items()}
    profile = replace(Profile.from_frozen({"source": source_code}, kind), layers=(layer,))
    findings = Findings(PROBLEMS_KEPT)
    cells = {
        name: pa.array(["" if row.get(name) is None else str(row[name]) for row in rows], pa.string())
        for name in kind.by_name
    }
    block = Block(pa.array(range(1, len(rows) + 1), pa.int64()), cells, [])
    part = parse_block(block, profile, kind, around, findings)
    stage.create()
    stage.append(part)
    stage_check(stage, around, findings)
    repeats_check(stage, findings)
    if findings.count:
        raise ImportRefused([vars(one) | {"reason": str(one.reason)} for one in findings.kept], findings.count)
    counts = kind.publish(stage, around)
    late = late_rows(stage, fact_of(kind.name), counts.batch) if counts.batch else []
    stage.drop()
    _audit_upsert(actor, kind, counts, key)
    return {
        "new": counts.new,
        "changed": counts.changed,
        "unchanged": counts.same,
        "batch": counts.batch,
        "late": [{"row": row, "booked_in": month.isoformat()} for row, month in late],
    }


def _audit_upsert(actor: User | None, kind: Kind, counts: Counts, key: str | None) -> None:
    if counts.batch is None:
        return
    audit.record(
        actor=actor,
        verb="lines.upserted" if kind is SALES else f"{kind.name}.upserted",
        target=Batch.objects.get(pk=counts.batch),
        after=asdict(counts),
        note=key or "",
    )


@transaction.atomic
def standings_renew(*, runner: Runner) -> int:
    """Move every standing to today, one after the other with imports; return how many changed."""
    lock("batch")
    runner.fence()
    return max(standings_refresh(as_of=clock.today()), receivable_standings_refresh(as_of=clock.today()))


def stages_sweep() -> int:
    """Close imports whose run ended without them, and drop work tables that no open import uses; return how many.

    Where the job failed, its error becomes the problem for which the file is refused.
    """
    # An import that begins after this line has its tables only after it, too.
    tables = stages()
    left = Import.objects.filter(state__in=OPEN).select_related("job", "created_by")
    for one in left.filter(job__state=Job.State.FAILED):
        import_fail(one, Sentence.of(one.job.error if one.job else ""))
    ended = left.filter(Q(job=None) | Q(job__state__in=(Job.State.DONE, Job.State.CANCELLED)))
    ended.update(state=Import.State.CANCELLED, finished_at=clock.instant())
    live = {f"{PREFIX}{pk}" for pk in Import.objects.filter(state__in=OPEN).values_list("pk", flat=True)}
    gone = [table for table in tables if stage_owner(table) not in live]
    for table in gone:
        drop_stage(table)
    return len(gone)

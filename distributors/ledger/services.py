"""Files on their way in: kept, staged chunk by chunk, checked whole, published in one transaction."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO, Any, Protocol

import pyarrow as pa
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit, clock, jobs
from core.database import analyze, drop_stage, lock, stages, tuned
from core.errors import DomainError
from core.files import blob_path, blob_store
from core.models import Job
from core.scope import require_permission
from distributors.ledger.kinds.declaration import Counts, Kind, kind_of
from distributors.ledger.kinds.sales import SALES, lines_from_dicts
from distributors.ledger.mapping import ColumnPlan, Profile, ProfileError, profile_default, profile_read
from distributors.ledger.models import Import, ImportProblem
from distributors.ledger.parsing import Finding, Findings, parse_block
from distributors.ledger.reading import Block, Reader, Unreadable, survey
from distributors.ledger.rollups import rollups_refresh, standings_refresh
from distributors.ledger.staging import PREFIX, RepeatedKeys, Stage, repeats_check, stage_check
from distributors.ledger.surroundings import Surroundings

__all__ = [
    "import_cancel",
    "import_process",
    "import_start",
    "rollups_refresh",
    "sale_lines_upsert",
    "stages_sweep",
    "standings_refresh",
]

PROBLEMS_KEPT = 1000
UPSERT_MOST = 5000
OPEN = (Import.State.WAITING, Import.State.STAGING, Import.State.VALIDATING)


class ImportRefused(DomainError):
    """Rows cannot go in; `problems` says which: a list of {row, column, value, reason}."""

    def __init__(self, problems: list[dict[str, Any]], count: int):
        super().__init__(_("%(count)s problems; nothing was changed.") % {"count": count})
        self.problems, self.count = problems, count


class Runner(Protocol):
    """Whoever runs an import: a job holding its lease, or a command in the foreground."""

    def fence(self) -> None:
        """Raise where another one has taken over."""

    def advance(
        self, done: int | None = None, total: int | None = None, message: str | None = None, place: Any = None
    ) -> None:
        """Say how far the work is; raise where it must stop."""


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


def import_cancel(*, actor: User, instance: Import) -> None:
    """Ask an import to stop; one that has not begun stops at once."""
    if instance.job is None or instance.state not in OPEN:
        raise DomainError(_("This import is over already."))
    jobs.job_cancel(job=instance.job, actor=actor)
    audit.record(actor=actor, verb="import.cancelled", target=instance)
    if Job.objects.filter(pk=instance.job_id, state=Job.State.CANCELLED).exists():
        _close(instance.pk, Import.State.CANCELLED)


def import_process(*, import_id: int, runner: Runner) -> dict[str, Any]:
    """Bring an import to its end, from wherever an earlier attempt left it; return what came of it.

    Every chunk is committed with its place, so a new attempt goes on behind the last one; publishing is one
    transaction, so it happened or it did not.
    """
    instance = Import.objects.select_related("blob", "created_by").get(pk=import_id)
    if instance.state not in OPEN:
        return _result(instance)
    with _language(instance.created_by):
        work = _Work(instance, runner)
        try:
            work.read()
            work.check()
        except Unreadable as stop:
            work.refuse(Finding(stop.row, stop.column, stop.value, stop.reason))
        except jobs.Cancelled:
            _close(import_id, Import.State.CANCELLED)
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
        "url": instance.get_absolute_url(),
    }


@contextmanager
def _language(user: User | None) -> Iterator[None]:
    with translation.override(user.language if user else settings.LANGUAGE_CODE):
        yield


def _close(import_id: int, state: str, **fields: Any) -> int:
    """Move an open import to its last state; return 0 where it was closed already."""
    rows = Import.objects.filter(pk=import_id, state__in=OPEN)
    return rows.update(state=state, finished_at=clock.instant(), **fields)


@dataclass(frozen=True)
class _Chunk:
    """Rows on their way into the stage, and how many rows of the file are read with them."""

    rows_read: int
    part: pa.Table
    findings: Findings


def _ahead(chunks: Iterator[_Chunk]) -> Iterator[_Chunk]:
    """Yield the chunks, reading and parsing the next one in a thread while this one goes into the database."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, chunks, None)
        while chunk := coming.result():
            coming = pool.submit(next, chunks, None)
            yield chunk


class _Work:
    """One attempt at one import."""

    def __init__(self, instance: Import, runner: Runner):
        self.instance, self.runner = instance, runner
        self.kind = kind_of(instance.kind)
        self.profile = Profile.from_frozen(instance.profile, self.kind)
        self.around = Surroundings(source_code=self.profile.source, actor=instance.created_by)
        self.stage = Stage(
            self.kind, f"{PREFIX}{instance.pk}", actor=instance.created_by, import_id=instance.pk
        )

    def read(self) -> None:
        """Stage the rows that an earlier attempt did not."""
        path = blob_path(self.instance.blob)
        seen = survey(path, self.profile.encoding)
        with Reader(path, seen.encoding, self.profile.delimiter, self.profile.header) as reader:
            self._fit(reader)
            if self.instance.state == Import.State.VALIDATING:
                return
            if self.instance.state == Import.State.WAITING or not self.stage.exists():
                self._begin()
            total = max(0, seen.lines - self.profile.header)
            self.around.load(self.kind)
            for chunk in _ahead(self._chunks(reader)):
                self._keep(chunk, total)
        if not self.instance.rows_read:
            raise Unreadable(self.profile.header, "", "", _("There are no rows after the column names."))

    def _chunks(self, reader: Reader) -> Iterator[_Chunk]:
        """Yield the parsed chunks that an earlier attempt did not stage."""
        done = self.instance.rows_read
        with _language(self.instance.created_by):
            for block in reader.blocks():
                if reader.row - self.profile.header <= done:
                    continue
                findings = Findings(PROBLEMS_KEPT)
                for row, found in block.crooked:
                    width = {"found": found, "width": len(reader.header)}
                    findings.add(Finding(row, "", "", _("%(found)s cells instead of %(width)s.") % width))
                part = parse_block(block, self.profile, self.kind, self.around, findings)
                yield _Chunk(reader.row - self.profile.header, part, findings)

    def _fit(self, reader: Reader) -> None:
        """Refuse a header without the columns that the profile names."""
        if self.profile.as_named:
            try:
                self.profile = self.profile.named_as_fields(reader.header, self.kind)
            except ProfileError as wrong:
                raise Unreadable(self.profile.header, "", ", ".join(reader.header)[:200], str(wrong)) from wrong
        given = set().union(*(layer for layer in self.profile.layers))
        needed = [one.name for one in self.kind.fields if one.required and not one.default and one.name not in given]
        reads = [(name, column) for layer in self.profile.layers for name, plan in layer.items() for column in plan.reads]
        lacking = needed + sorted({column for _name, column in reads if column not in reader.header})
        if lacking:
            reason = _("The file has no column “%(name)s”.") % {"name": lacking[0]}
            raise Unreadable(self.profile.header, lacking[0], ", ".join(reader.header)[:200], reason)
        self.stage.mapped = frozenset(given)
        self.stage.shown = {name: plan.shown for name, plan in self.profile.layers[0].items() if plan.shown}

    def _begin(self) -> None:
        with transaction.atomic():
            self.runner.fence()
            self.stage.create()
            ImportProblem.objects.filter(import_file=self.instance).delete()
            self._save(state=Import.State.STAGING, rows_read=0, problems_count=0)

    def _save(self, **fields: Any) -> None:
        if not Import.objects.filter(pk=self.instance.pk, state__in=OPEN).update(**fields):
            raise jobs.LeaseLost
        for name, value in fields.items():
            setattr(self.instance, name, value)

    def _keep(self, chunk: _Chunk, total: int) -> None:
        """Stage one chunk and keep its place, both or neither."""
        with transaction.atomic():
            self.runner.fence()
            if chunk.part.num_rows:
                self.stage.append(chunk.part)
            self._note(chunk.findings)
            count = self.instance.problems_count + chunk.findings.count
            self._save(rows_read=chunk.rows_read, problems_count=count)
        self.runner.advance(done=chunk.rows_read, total=max(total, chunk.rows_read), message=_("reading"))

    def _note(self, findings: Findings) -> None:
        room = max(0, PROBLEMS_KEPT - self.instance.problems_count)
        ImportProblem.objects.bulk_create(
            ImportProblem(import_file=self.instance, **asdict(finding)) for finding in findings.kept[:room]
        )

    def check(self) -> None:
        """Ask the rules over the whole file, then refuse, or stop at a check, or publish."""
        self.runner.advance(message=_("checking"))
        with transaction.atomic(), tuned():
            self.runner.fence()
            self._save(state=Import.State.VALIDATING)
            if len(self.profile.layers) > 1:
                self.stage.collapse()
            analyze(self.stage.table)
        findings = Findings(PROBLEMS_KEPT)
        with transaction.atomic(), tuned():
            stage_check(self.stage, self.around, findings)
            if findings.count or self.instance.problems_count or self.instance.dry_run or not self.kind.target_unique:
                repeats_check(self.stage, findings)
        if findings.count or self.instance.problems_count:
            self._refuse(findings)
        elif self.instance.dry_run:
            with transaction.atomic():
                self.runner.fence()
                _close(self.instance.pk, Import.State.VALID)
                self.stage.drop()
        else:
            self.runner.advance(message=_("publishing"))
            self._publish_or_refuse()

    def refuse(self, finding: Finding) -> None:
        """Refuse the file for one thing that stopped its reading."""
        findings = Findings(PROBLEMS_KEPT)
        findings.add(finding)
        self._refuse(findings)

    def _refuse(self, findings: Findings) -> None:
        with transaction.atomic():
            self.runner.fence()
            self._write_refusal(findings)

    def _write_refusal(self, findings: Findings) -> None:
        self._note(findings)
        count = self.instance.problems_count + findings.count
        if _close(self.instance.pk, Import.State.REFUSED, problems_count=count):
            audit.record(
                actor=self.instance.created_by, verb="import.refused", target=self.instance, after={"problems": count}
            )
        self.stage.drop()

    def _publish_or_refuse(self) -> None:
        try:
            self._publish()
        except (IntegrityError, RepeatedKeys):
            findings = Findings(PROBLEMS_KEPT)
            repeats_check(self.stage, findings)
            if not findings.count:
                raise
            self._refuse(findings)

    def _publish(self) -> None:
        """Write the facts, the roll-ups, the audit row and the state, all in one transaction."""
        with transaction.atomic(), tuned():
            lock("batch")
            self.runner.fence()
            findings = Findings(PROBLEMS_KEPT)
            stage_check(self.stage, self.around, findings, last=True)
            if findings.count:
                self._write_refusal(findings)
                return
            if not _close(self.instance.pk, Import.State.PUBLISHED):
                return
            counts = self.kind.publish(self.stage, self.around)
            Import.objects.filter(pk=self.instance.pk).update(
                rows_new=counts.new, rows_changed=counts.changed, rows_same=counts.same
            )
            audit.record(
                actor=self.instance.created_by, verb="import.published", target=self.instance, after=asdict(counts)
            )
            self.stage.drop()


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
    from distributors.ledger.models import Batch

    audit.record(
        actor=actor,
        verb="lines.upserted",
        target=Batch.objects.get(pk=counts.batch),
        after=asdict(counts),
        note=key or "",
    )


def stages_sweep() -> int:
    """Close imports whose run ended without them, and drop work tables that no open import uses; return how many."""
    ended = (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)
    dead = Import.objects.filter(state__in=OPEN, job__state__in=ended)
    dead.update(state=Import.State.CANCELLED, finished_at=clock.instant())
    live = {f"{PREFIX}{pk}" for pk in Import.objects.filter(state__in=OPEN).values_list("pk", flat=True)}
    gone = [table for table in stages() if "_".join(table.split("_")[:2]) not in live]
    for table in gone:
        drop_stage(table)
    return len(gone)

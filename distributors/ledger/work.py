"""One attempt at one import: read, check, publish, each step committed with its place."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import pyarrow as pa
from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext_noop as _

from core import audit, clock, jobs
from core.company import company
from core.database import analyze, drop_stage, lock, stages, tuned
from core.errors import DomainError
from core.files import blob_path
from core.sentences import Sentence
from distributors.ledger import good_rows, totals
from distributors.ledger.across_rows import records_parse
from distributors.ledger.findings import Finding, Findings
from distributors.ledger.header import header_fit
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.mapping import Profile
from distributors.ledger.models import Import, ImportProblem
from distributors.ledger.opening import opened
from distributors.ledger.reading import Reader, Unreadable
from distributors.ledger.sheets import SheetReader
from distributors.ledger.staging import PREFIX, RepeatedKeys, Stage, repeats_check, stage_check, stage_owner
from distributors.ledger.surroundings import Surroundings, base_of

PROBLEMS_KEPT = 1000
OPEN = (Import.State.WAITING, Import.State.STAGING, Import.State.VALIDATING)


class Runner(Protocol):
    """Whoever runs an import: a job holding its lease, or a command in the foreground."""

    def fence(self) -> None:
        """Raise where another one has taken over."""

    def advance(
        self, done: int | None = None, total: int | None = None, message: Sentence | None = None, place: Any = None
    ) -> None:
        """Say how far the work is; raise where it must stop."""


def import_close(import_id: int, state: str, **fields: Any) -> int:
    """Move an open import to its last state; return 0 where it was closed already."""
    rows = Import.objects.filter(pk=import_id, state__in=OPEN)
    return rows.update(state=state, finished_at=clock.instant(), **fields)


def _refused(instance: Import, count: int) -> int:
    closed = import_close(instance.pk, Import.State.REFUSED, problems_count=count)
    if closed:
        audit.record(actor=instance.created_by, verb="import.refused", target=instance, after={"problems": count})
    return closed


@transaction.atomic
def import_fail(instance: Import, reason: Sentence) -> None:
    """Refuse an open import whose work ended in an error, the reason as a problem of the whole file."""
    if _refused(instance, instance.problems_count + 1):
        ImportProblem.objects.create(import_file=instance, **vars(Finding(0, "", "", reason)))


class FailureKept:
    """Refuses the import when its work ends in an error that ends its job too; then the error goes on."""

    def __init__(self, instance: Import, runner: Runner):
        self.instance, self.runner = instance, runner

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: Any) -> None:
        job = self.instance.job
        again = isinstance(error, OperationalError) and job is not None and job.attempts < jobs.MAX_ATTEMPTS
        if again or isinstance(error, jobs.Cancelled | jobs.LeaseLost) or not isinstance(error, Exception):
            return
        reason = error.sentence if isinstance(error, DomainError) else jobs.unexpected(self.instance.job_id)
        with transaction.atomic():
            self.runner.fence()
            kept = Import.objects.select_related("created_by").get(pk=self.instance.pk)
            import_fail(kept, reason)
            for table in stages():
                if stage_owner(table) == f"{PREFIX}{kept.pk}":
                    drop_stage(table)


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


class Work:
    """One attempt at one import."""

    def __init__(self, instance: Import, runner: Runner):
        self.instance, self.runner = instance, runner
        self.kind = kind_of(instance.kind)
        self.profile = Profile.from_frozen(instance.profile, self.kind)
        self.around = Surroundings(source_code=self.profile.source, actor=instance.created_by)
        self.stage = Stage(
            self.kind,
            f"{PREFIX}{instance.pk}",
            actor=instance.created_by,
            import_id=instance.pk,
            note=instance.filename,
        )

    def read(self) -> None:
        """Stage the rows that an earlier attempt did not."""
        path = blob_path(self.instance.blob)
        opening, self.profile = opened(path, self.profile)
        with opening as reader:
            self._fit(reader)
            # PostgreSQL empties unlogged tables when it recovers from a crash: then the file is read anew.
            if self.instance.state == Import.State.WAITING or not self.stage.holds_rows():
                self._begin()
            if self.instance.state == Import.State.VALIDATING:
                return
            total = max(0, reader.lines - self.profile.header)
            self.around.load(self.kind, self.profile.layers)
            for chunk in _ahead(self._chunks(reader)):
                self._keep(chunk, total)
        if not self.instance.rows_read:
            raise Unreadable.at(
                self.profile.header,
                Sentence(_("There are no rows after the column names: choose another sheet or another row of names.")),
            )

    def _chunks(self, reader: Reader | SheetReader) -> Iterator[_Chunk]:
        """Yield the parsed chunks that an earlier attempt did not stage."""
        done = self.instance.rows_read
        for block in reader.blocks():
            if reader.row - self.profile.header <= done:
                continue
            findings = Findings(PROBLEMS_KEPT, set() if self.instance.good_only else None)
            for row, found in block.crooked:
                findings.add(self._crooked(row, found, reader.header))
            part = good_rows.without(records_parse(block, self.profile, self.kind, self.around, findings), findings)
            yield _Chunk(reader.row - self.profile.header, part, findings)

    @staticmethod
    def _crooked(row: int, cells: list[str], header: list[str]) -> Finding:
        """Say what is wrong with a row that has more or fewer cells than there are columns."""
        if total := totals.total_in(cells):
            place, text = total
            return Finding(row, header[place] if place < len(header) else "", text, Sentence(totals.REASON))
        text = _(
            "%(found)s cells instead of %(width)s: a sign between cells is missing or one too many, or a text "
            "with that sign in it stands without quotes."
        )
        return Finding(row, "", "", Sentence(text, found=len(cells), width=len(header)))

    def _fit(self, reader: Reader | SheetReader) -> None:
        """Refuse a header that is not the one that is read, and say what the file gives."""
        self.profile = header_fit(self.profile, reader.header, self.kind)
        self.stage.mapped = frozenset().union(*(layer for layer in self.profile.layers))
        self.stage.shown = {name: plan.shown for name, plan in self.profile.layers[0].items() if plan.shown}
        if into := self.profile.across:
            self.stage.across = (into, tuple(layer[into].source for layer in self.profile.layers))

    def _begin(self) -> None:
        with transaction.atomic():
            self.runner.fence()
            self.stage.create()
            if self.instance.good_only:
                good_rows.begin(self.stage)
            ImportProblem.objects.filter(import_file=self.instance).delete()
            self._save(state=Import.State.STAGING, rows_read=0, problems_count=0, notes={"base": self.around.base})

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
            good_rows.note(self.stage, chunk.findings)
            self._note(chunk.findings)
            count = self.instance.problems_count + chunk.findings.count
            self._save(rows_read=chunk.rows_read, problems_count=count)
        self.runner.advance(done=chunk.rows_read, total=max(total, chunk.rows_read), message=Sentence(_("reading")))

    def _note(self, findings: Findings) -> None:
        room = max(0, PROBLEMS_KEPT - self.instance.problems_count)
        ImportProblem.objects.bulk_create(
            ImportProblem(import_file=self.instance, **vars(finding)) for finding in findings.kept[:room]
        )

    def check(self) -> None:
        """Ask the rules over the whole file, then refuse, or stop at a check, or publish."""
        self.runner.advance(message=Sentence(_("checking")))
        with transaction.atomic(), tuned():
            self.runner.fence()
            self._save(state=Import.State.VALIDATING)
            if len(self.profile.layers) > 1 and not self.profile.across:
                self.stage.collapse()
            analyze(self.stage.table)
        if self.instance.good_only:
            self._separate()
        findings = Findings(PROBLEMS_KEPT)
        with transaction.atomic(), tuned():
            stage_check(self.stage, self.around, findings)
            if findings.count or self.instance.problems_count or self.instance.dry_run or not self.kind.target_unique:
                repeats_check(self.stage, findings)
        wrong = 0 if self.instance.good_only else self.instance.problems_count
        if findings.count or wrong:
            self._refuse(findings)
        elif self.instance.dry_run:
            with transaction.atomic():
                self.runner.fence()
                import_close(self.instance.pk, Import.State.VALID)
                self.stage.drop()
        else:
            self.runner.advance(message=Sentence(_("publishing")))
            self._publish_or_refuse()

    def _separate(self) -> None:
        """Take the rows that break a rule out of the stage, and keep them as a file."""
        with transaction.atomic(), tuned():
            self.runner.fence()
            findings = good_rows.separate(self.stage, self.around)
            self._note(findings)
            bad, good = good_rows.numbers(self.stage), good_rows.good_count(self.stage)
            count = self.instance.problems_count + findings.count
            notes = {**self.instance.notes, "good": good}
            self._save(problems_count=count, rows_rejected=len(bad), notes=notes)
        if not good:
            raise Unreadable.at(
                self.profile.header, Sentence(_("No row of the file is good: look at the columns again."))
            )
        self._save(rejects=good_rows.kept_apart(self.instance, self.profile, bad))

    def refuse(self, reasons: Iterable[Finding]) -> None:
        """Refuse the file for what stopped its reading."""
        findings = Findings(PROBLEMS_KEPT)
        for finding in reasons:
            findings.add(finding)
        self._refuse(findings)

    def _refuse(self, findings: Findings) -> None:
        with transaction.atomic():
            self.runner.fence()
            self._write_refusal(findings)

    def _write_refusal(self, findings: Findings) -> None:
        self._note(findings)
        _refused(self.instance, self.instance.problems_count + findings.count)
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
            lock("batch", *self.kind.locks)
            self.runner.fence()
            findings = Findings(PROBLEMS_KEPT)
            # A chunk may have been staged by an attempt before this one, so what it was based on is read from the row.
            if self.instance.notes.get("base", self.around.base) != base_of(company()):
                reason = _("Base currency or kind of rate changed while the file was read; import it again.")
                findings.add(Finding(0, "", "", Sentence(reason)))
            stage_check(self.stage, self.around, findings, last=True)
            if findings.count:
                self._write_refusal(findings)
                return
            if not import_close(self.instance.pk, Import.State.PUBLISHED):
                return
            counts = self.kind.publish(self.stage, self.around)
            Import.objects.filter(pk=self.instance.pk).update(
                rows_new=counts.new, rows_changed=counts.changed, rows_same=counts.same, finished_at=clock.instant()
            )
            audit.record(
                actor=self.instance.created_by, verb="import.published", target=self.instance, after=asdict(counts)
            )
            self.stage.drop()

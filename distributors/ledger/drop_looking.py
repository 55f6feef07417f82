"""A look into the drop folder: files that are complete are taken, brought in one after the other, and put away.

Each step is one move on the disk and one transaction under a lock. The name that a file gets when it is taken follows
from its row, so after a kill between the two the next look finds the file where the row says it would be.
"""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import Notification, User
from accounts.notifications import notify
from accounts.roles import Role
from core import audit, clock, jobs
from core.company import company
from core.database import lock
from core.errors import DomainError
from core.exports import csv_lines, safe_cell
from core.files import CHUNK, blob_path, blob_store
from core.models import Blob, Job
from core.sentences import Sentence
from distributors.ledger import drop_folder as disk
from distributors.ledger.drop_models import DropFile, DropLook, DropRule
from distributors.ledger.drop_plan import LYING, OPEN, Plan, drop_plan, rule_of
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.mapping import profile_default, profile_read
from distributors.ledger.models import Import
from distributors.ledger.services import import_begin
from distributors.ledger.tables import problem_table
from distributors.ledger.work import Runner

LOCK = "drop"
KIND = "ledger.drop"
TITLE = gettext_noop("Files of the drop folder")
STEPS = 10_000
# A disk that is full or away shall not make a failed job every minute.
AFTER_TROUBLE = timedelta(minutes=10)
STATES = DropFile.State


def drop_wanted() -> bool:
    """Tell whether a look would find anything to do; keep when that was asked, and what stands against it.

    After a look that failed it finds nothing for a while.
    """
    failed = Job.objects.filter(kind=KIND, state=Job.State.FAILED, finished_at__gt=clock.instant() - AFTER_TROUBLE)
    if failed.exists():
        return False
    try:
        plan = _plan()
    except DomainError as error:
        _looked(error.sentence)
        return False
    _looked(Sentence(""))
    return plan.anything


def _looked(trouble: Sentence) -> None:
    DropLook.objects.update_or_create(pk=1, defaults={"looked_at": clock.instant(), "trouble": trouble})


def _plan() -> Plan:
    rows = list(DropFile.objects.filter(state__in=OPEN).select_related("import_file").order_by("pk"))
    disk.folder_prepare(under_way=any(row.state in (STATES.TAKING, STATES.TAKEN) for row in rows))
    try:
        entries = disk.folder_entries()
    except OSError as error:
        raise DomainError(disk.folder_trouble(error)) from error
    return drop_plan(entries, rows, list(DropRule.objects.select_related("profile")), clock.instant())


def drop_look(*, runner: Runner) -> dict[str, Any]:
    """Do what there is to do with the files of the folder, step by step; return how many steps it took.

    Raises DomainError where the disk refuses; what was done until then stays done.
    """
    done = 0
    try:
        _looked(Sentence(""))
        while done < STEPS and (plan := _plan()).anything:
            runner.advance(done=done)
            _step(plan)
            done += 1
    except OSError as error:
        _looked(disk.folder_trouble(error))
        raise DomainError(disk.folder_trouble(error)) from error
    return {"steps": done}


def _step(plan: Plan) -> None:
    """Do the first thing that there is to do; the next look at the folder knows what is left."""
    if plan.ended:
        _put_away(plan.ended[0])
    elif plan.fresh or plan.changed or plan.gone:
        _observe(plan)
    elif plan.lost:
        away = Sentence(gettext_noop("Somebody took the file away while it was read."))
        _refuse(plan.lost[0], plan.lost[0].why or away)
    elif plan.unknown:
        _ask(plan.unknown)
    elif plan.reading:
        _read(plan.reading[0])
    else:
        row, entry, rule = plan.following[0]
        _take(row, entry, rule)


@transaction.atomic
def _observe(plan: Plan) -> None:
    """Write down what lies in the folder as it is now."""
    lock(LOCK)
    now = clock.instant()
    DropFile.objects.bulk_create(
        (
            DropFile(name=one.name, size=one.size, modified=one.modified, seen_at=now, first_seen_at=now)
            for one in plan.fresh
        ),
        ignore_conflicts=True,
    )
    for row, entry in plan.changed:
        row.size, row.modified, row.seen_at = entry.size, entry.modified, now
    lying = set(DropFile.objects.filter(state__in=LYING).values_list("pk", flat=True))
    DropFile.objects.bulk_update(
        [row for row, _entry in plan.changed if row.pk in lying], ["size", "modified", "seen_at"]
    )
    gone = [row.pk for row in plan.gone if not disk.is_taken(row)]
    DropFile.objects.filter(pk__in=gone, state__in=LYING).delete()


@transaction.atomic
def _ask(rows: list[DropFile]) -> None:
    """Say of files that no row of the page is about them."""
    lock(LOCK)
    for row in rows:
        if DropFile.objects.filter(pk=row.pk, state=STATES.WAITING).update(state=STATES.UNKNOWN):
            text = gettext_noop("Drop folder: nobody has said what %(file)s is")
            _tell(f"drop-unknown-{row.pk}", Sentence(text, file=row.name))


def _tell(key: str, said: Sentence, url: str = "") -> None:
    people = User.objects.filter(role=Role.ADMIN, is_active=True).values_list("pk", flat=True)
    notify(people=people, kind=Notification.Kind.JOB, said=said, url=url or reverse("ledger:droprule-list"), key=key)


@transaction.atomic
def _take(row: DropFile, entry: Any, rule: DropRule | None) -> None:
    """Move a complete file to where nobody else writes it, unless another look did."""
    lock(LOCK)
    rows = DropFile.objects.filter(pk=row.pk, state__in=LYING)
    if rows.exists() and disk.file_take(row, entry.path if entry else None):
        rows.update(state=STATES.TAKING, rule=rule)


def _read(row: DropFile) -> None:
    """Keep the content of a file that was taken, and ask for its import; a file that still changes waits again."""
    stamp = disk.taken_stamp(row)
    if stamp is None:
        return
    if stamp != (row.size, row.modified):
        _wait_again(row, stamp)
        return
    try:
        blob = _content(row)
        if disk.taken_stamp(row) == stamp:
            _bring(row, blob)
    except DomainError as error:
        _refuse(row, error.sentence)


def _wait_again(row: DropFile, stamp: tuple[int, int]) -> None:
    size, modified = stamp
    rows = DropFile.objects.filter(pk=row.pk, state=STATES.TAKING)
    rows.update(size=size, modified=modified, seen_at=clock.instant())


def _content(row: DropFile) -> Blob:
    limit = settings.IMPORT_MAX_BYTES
    with disk.taken_file(row) as file:
        if row.size > limit:
            raise DomainError(Sentence(gettext_noop("The file is larger than %(limit)s MiB."), limit=limit >> 20))
        return blob_store(source=file, limit=limit)


@transaction.atomic
def _bring(row: DropFile, blob: Blob) -> None:
    """Begin the import of a file that was taken, once."""
    lock(LOCK)
    rows = DropFile.objects.filter(pk=row.pk, state=STATES.TAKING)
    rule = row.rule or rule_of(row.name, DropRule.objects.select_related("profile"))
    if rule is None:
        raise DomainError(Sentence(gettext_noop("Nobody has said what this file is.")))
    if not rows.exists():
        return
    kind = kind_of(rule.kind)
    frozen = profile_default(kind)
    if rule.profile is not None:
        frozen = {"name": rule.profile.name} | profile_read(rule.profile.text, kind)
    made = import_begin(
        actor=None,
        kind=kind,
        blob=blob,
        filename=row.name.rpartition("/")[2],
        frozen=frozen,
        good_only=rule.good_only,
        origin=Import.Origin.FOLDER,
    )
    rows.update(state=STATES.TAKEN, rule=rule, import_file=made)


def _refuse(row: DropFile, why: Sentence) -> None:
    """Put a file away that never became an import, with the reason beside it."""
    # The reason is kept first: after a kill in between, it is what the next look goes on with.
    DropFile.objects.filter(pk=row.pk, state=STATES.TAKING).update(why=why)
    disk.report_write(row, disk.REFUSED, ".problems.csv", _reason(why))
    with transaction.atomic():
        lock(LOCK)
        if DropFile.objects.filter(pk=row.pk, state=STATES.TAKING).exists():
            _close(row, STATES.REFUSED, why)
            audit.record(actor=None, verb="drop.refused", target=row, note=str(why))
            text = gettext_noop("%(file)s was refused: %(why)s")
            _tell(f"drop-refused-{row.pk}", Sentence(text, file=row.name, why=why))


def _put_away(row: DropFile) -> None:
    """Put the file of an import that is over where it belongs, with what is wrong with it beside it."""
    made = Import.objects.select_related("rejects").get(drop_file=row)
    good = made.state == Import.State.PUBLISHED
    room = disk.DONE if good else disk.REFUSED
    grown = _has_grown(row)
    if made.problems_count and not grown:
        disk.report_write(row, room, ".problems.csv", _problems(made))
    if good and made.rejects is not None and not grown:
        disk.report_write(row, room, ".left-out.csv", _chunks(made.rejects))
    with transaction.atomic():
        lock(LOCK)
        if not DropFile.objects.filter(pk=row.pk, state=STATES.TAKEN, import_file=made).exists():
            return
        if grown or _has_grown(row):
            # Somebody went on writing after the file was read: what is there now is brought in, too.
            size, modified = disk.taken_stamp(row) or (row.size, row.modified)
            again = DropFile.objects.filter(pk=row.pk)
            again.update(state=STATES.TAKING, import_file=None, size=size, modified=modified, seen_at=clock.instant())
            return
        _close(row, STATES.DONE if good else STATES.REFUSED, _why(made))
        if made.state == Import.State.REFUSED:
            text = gettext_noop("%(file)s was refused: %(count)s problems; nothing of it is in the ledger")
            said = Sentence(text, file=row.name, count=made.problems_count)
            _tell(f"drop-refused-{row.pk}-{made.pk}", said, made.get_absolute_url())


def _has_grown(row: DropFile) -> bool:
    return disk.taken_stamp(row) not in (None, (row.size, row.modified))


def _close(row: DropFile, state: str, why: Sentence) -> None:
    room = disk.DONE if state == STATES.DONE else disk.REFUSED
    kept = disk.file_put(row, room)
    DropFile.objects.filter(pk=row.pk).update(state=state, why=why, kept_as=kept, ended_at=clock.instant())


def _why(made: Import) -> Sentence:
    if made.state == Import.State.CANCELLED:
        return Sentence(gettext_noop("Somebody stopped the import."))
    return Sentence("")


def _problems(made: Import) -> Iterator[bytes]:
    with translation.override(company().default_language):
        for part in csv_lines(problem_table(made)):
            yield part.encode()


def _reason(why: Sentence) -> Iterator[bytes]:
    with translation.override(company().default_language):
        text = io.StringIO()
        csv.writer(text).writerows([[_("Row"), _("Column"), _("Value"), _("Reason")], ["", "", "", safe_cell(why)]])
        yield b"\xef\xbb\xbf" + text.getvalue().encode()


def _chunks(blob: Blob) -> Iterator[bytes]:
    with blob_path(blob).open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def drop_follow(job: Job) -> list[Any]:
    """Look into the folder again as soon as an import from it is over: the next file waits for it."""
    if job.kind == "ledger.import" and DropFile.objects.filter(import_file__job=job, state=STATES.TAKEN).exists():
        jobs.job_create(kind=KIND, actor=None, key=f"{KIND}-after-{job.pk}", title=Sentence(TITLE))
    return []


@transaction.atomic
def drop_look_now(*, actor: User) -> Job:
    """Ask a worker to look into the folder now; return the job that does, or does already."""
    under_way = Job.objects.filter(kind=KIND, state__in=(Job.State.QUEUED, Job.State.RUNNING)).first()
    return under_way or jobs.job_create(kind=KIND, actor=actor, title=Sentence(TITLE))

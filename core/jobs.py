"""Long work: the row is the truth, the broker only a signal.

A job is written in the transaction of its cause and signalled after the commit; a lost signal is sent again by the
sweeper. Whoever runs a job holds its lease; every commit of the work fences on it, so a worker that was thought dead
cannot write twice. What is kept of it in words is kept as sentences, for readers of any language.
"""

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _
from kombu.exceptions import KombuError

from core import audit, clock
from core.company import company
from core.contributors import collect
from core.errors import DomainError
from core.models import Job, Schedule
from core.sentences import Sentence

logger = logging.getLogger(__name__)

RESEND_AFTER = timedelta(seconds=60)
MAX_ATTEMPTS = 20
GIVEN_UP_AT_ONCE = 100

Handler = Callable[["Run"], dict[str, Any]]
_handlers: dict[str, Handler] = {}
_cancellers: dict[str, Callable[..., None]] = {}
_tellers: dict[str, "Teller"] = {}
_schedules: dict[str, time] = {}
_watches: dict[str, tuple[str, Callable[[], bool]]] = {}


class Cancelled(Exception):
    """Someone asked the job to stop."""


class LeaseLost(Exception):
    """Another worker holds the job by now; this one must not write."""


@dataclass(frozen=True)
class Outcome:
    """What came of a job, for its page: facts as {label, text, url}, and where to go from here as {label, url}."""

    facts: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)


Teller = Callable[[Job, Any], Outcome]


def handler(
    kind: str, *, cancelled: Callable[..., None] | None = None, tell: Teller | None = None
) -> Callable[[Handler], Handler]:
    """Register the function that does the work of jobs of `kind`; its dict becomes the job's result.

    `cancelled` is called with job, actor and whether the job `ended` at once, in the transaction that cancels it;
    `tell` says to (job, user) what came of it.
    """

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        if cancelled is not None:
            _cancellers[kind] = cancelled
        if tell is not None:
            _tellers[kind] = tell
        return function

    return register


def outcome_of(job: Job, user: Any) -> Outcome:
    """Return what came of a job, as far as `user` may see it."""
    if job.kind in _tellers:
        return _tellers[job.kind](job, user)
    url = job.result.get("url")
    return Outcome(links=[{"label": gettext("See the result"), "url": url}] if url else [])


def scheduled(kind: str, at: time) -> Callable[[Handler], Handler]:
    """Register a handler that is also due every day at `at`, in the company's time zone."""

    def register(function: Handler) -> Handler:
        _schedules[kind] = at
        return handler(kind)(function)

    return register


def watched(kind: str, title: str, wanted: Callable[[], bool]) -> Callable[[Handler], Handler]:
    """Register a handler that each tick makes a job for where `wanted` says that there is something to do.

    `wanted` is quick and never raises; the same work runs once at a time. `title` is marked for translation.
    """

    def register(function: Handler) -> Handler:
        _watches[kind] = (title, wanted)
        return handler(kind)(function)

    return register


def job_create(
    *, kind: str, actor: Any, args: dict[str, Any] | None = None, title: str | Sentence = "", key: str | None = None
) -> Job:
    """Write a job in the caller's transaction and signal a worker after the commit.

    With a `key`, a second call returns the job that is there.
    """
    defaults = {"kind": kind, "title": title, "args": args or {}, "created_by": actor}
    if key is None:
        job = Job.objects.create(**defaults)
    else:
        job, created = Job.objects.get_or_create(key=key, defaults=defaults)
        if not created:
            return job
    transaction.on_commit(lambda: job_signal(job.pk), robust=True)
    return job


def job_begin(*, kind: str, actor: Any, args: dict[str, Any], title: str | Sentence) -> Job:
    """Write a job in the caller's transaction that this process runs itself, by `job_run_own`.

    It holds the lease from the start: a worker takes it over only when this process is gone.
    """
    return Job.objects.create(
        kind=kind,
        title=title,
        args=args,
        created_by=actor,
        state=Job.State.RUNNING,
        lease=uuid.uuid4().hex,
        lease_until=_lease_end(),
        attempts=1,
        started_at=clock.instant(),
    )


def job_signal(job_id: int) -> None:
    """Tell the broker of a job; a broker that is away is only logged, the sweeper sends again."""
    from core.tasks import run_job

    try:
        run_job.apply_async(args=[job_id], retry=False, ignore_result=True)
    except (KombuError, OSError) as error:
        logger.warning("job %s waits: the queue is away (%s)", job_id, error)
        return
    Job.objects.filter(pk=job_id).update(sent_at=clock.instant())


def job_cancel(*, job: Job, actor: Any) -> None:
    """Ask a job to stop; one that nobody runs stops at once. Raise DomainError where it is over already."""
    now = clock.instant()
    with transaction.atomic():
        ended = Job.objects.filter(_free(now), pk=job.pk).update(
            state=Job.State.CANCELLED, finished_at=now, lease="", lease_until=None
        )
        if not ended and not Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_requested=True):
            raise DomainError(Sentence(_("This job is over already.")))
        audit.record(actor=actor, verb="job.cancelled", target=job)
        if job.kind in _cancellers:
            _cancellers[job.kind](job=job, actor=actor, ended=bool(ended))


def _free(now: datetime) -> Q:
    """Return the condition of jobs that nobody runs: they wait, or their lease ran out."""
    return Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=now)


@dataclass
class Run:
    """One attempt at a job, holding its lease; `told` hears of each step."""

    job: Job
    lease: str
    told: Callable[[Job], None] | None = None

    @property
    def args(self) -> dict[str, Any]:
        """Return the job's arguments."""
        args: dict[str, Any] = self.job.args
        return args

    def _mine(self) -> Any:
        return Job.objects.filter(pk=self.job.pk, lease=self.lease, state=Job.State.RUNNING)

    def fence(self) -> None:
        """Raise LeaseLost unless the lease is still ours; call it inside the transaction that writes."""
        if not self._mine().update(lease_until=_lease_end()):
            raise LeaseLost

    def advance(
        self,
        done: int | None = None,
        total: int | None = None,
        message: Sentence | None = None,
        place: dict[str, Any] | None = None,
    ) -> None:
        """Say how far the work is and keep its place; raise Cancelled or LeaseLost where it must stop."""
        given = {"done": done, "total": total, "message": message, "place": place}
        changes = {name: value for name, value in given.items() if value is not None}
        for name, value in changes.items():
            setattr(self.job, name, value)
        if not self._mine().update(lease_until=_lease_end(), **changes):
            raise LeaseLost
        if Job.objects.filter(pk=self.job.pk, cancel_requested=True).exists():
            raise Cancelled
        if self.told:
            self.told(self.job)


def _lease_end() -> datetime:
    return clock.instant() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def job_run(job_id: int, *, heartbeat: bool = False) -> None:
    """Run a job if it waits or its lease ran out; do nothing otherwise."""
    lease, now = uuid.uuid4().hex, clock.instant()
    taken = Job.objects.filter(_free(now), pk=job_id).update(
        state=Job.State.RUNNING,
        lease=lease,
        lease_until=_lease_end(),
        attempts=F("attempts") + 1,
        started_at=Coalesce("started_at", Value(now)),
    )
    if not taken:
        return
    run = Run(Job.objects.select_related("created_by").get(pk=job_id), lease)
    person = run.job.created_by
    if person:
        person.origin = f"job {job_id}"
    language = person.language if person else settings.LANGUAGE_CODE
    with translation.override(language), _Ending(run) as ending, _Heartbeat(run, enabled=heartbeat):
        ending.result = _handlers[run.job.kind](run)


def job_run_own(*, job: Job, told: Callable[[Job], None] | None = None) -> None:
    """Run a job that `job_begin` wrote, to its end; `told` hears of each step."""
    run = Run(job, job.lease, told)
    with _Ending(run) as ending, _Heartbeat(run, enabled=True):
        ending.result = _handlers[job.kind](run)


def unexpected(job_id: int | None) -> Sentence:
    """Return what is said of an error that nobody foresaw."""
    return Sentence(
        _("Something unexpected happened; nothing was changed. Reference: job %(id)s."), id=str(job_id or "")
    )


class _Ending:
    """Writes down how an attempt ended.

    A killed process writes nothing, and its lease runs out; one that is asked to stop gives its lease back.
    """

    def __init__(self, run: Run):
        self.run = run
        self.result: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: Any) -> bool:
        ends = {"finished_at": clock.instant(), "lease": "", "lease_until": None}
        mine = self.run._mine()
        if error is None:
            self._close(state=Job.State.DONE, result=self.result, error="", **ends)
        elif isinstance(error, LeaseLost):
            logger.warning("job %s: another worker took over", self.run.job.pk)
            return True
        elif isinstance(error, Cancelled):
            mine.update(state=Job.State.CANCELLED, **ends)
            return True
        elif isinstance(error, DomainError):
            self._close(state=Job.State.FAILED, error=error.sentence, **ends)
            return True
        elif isinstance(error, OperationalError) and self.run.job.attempts < MAX_ATTEMPTS:
            connection.close()
            mine.update(state=Job.State.QUEUED, lease="", lease_until=None)
        elif isinstance(error, Exception):
            self._close(state=Job.State.FAILED, error=unexpected(self.run.job.pk), **ends)
        else:
            mine.update(lease_until=clock.instant())
        return False

    def _close(self, **ends: Any) -> None:
        """Write the end and tell who wants to know of it, in one transaction."""
        _job_close(self.run._mine(), self.run.job, **ends)


def _job_close(rows: QuerySet[Job], job: Job, **ends: Any) -> None:
    """End `job` if it is still among `rows`, and tell whoever wants to know of it."""
    with transaction.atomic():
        if rows.filter(pk=job.pk).update(**ends):
            job.refresh_from_db()
            collect("job_ended", job)


class _Heartbeat:
    """Prolongs the lease from a thread of its own while one long statement runs."""

    def __init__(self, run: Run, *, enabled: bool):
        self.run = run
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True) if enabled else None

    def __enter__(self) -> None:
        if self.thread:
            self.thread.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop.set()
        if self.thread:
            self.thread.join()

    def _beat(self) -> None:
        while not self.stop.wait(settings.JOB_LEASE_SECONDS / 3):
            try:
                self.run._mine().update(lease_until=_lease_end())
            except DatabaseError:
                logger.info("job %s: the lease could not be prolonged just now", self.run.job.pk)
        connection.close()


def tick() -> None:
    """Create what is due, and send again what nobody picked up or whose lease ran out; safe to run twice at once."""
    for kind in _schedules:
        _schedule_serve(kind)
    now = clock.instant()
    lost = Q(state=Job.State.QUEUED) & (Q(sent_at=None) | Q(sent_at__lt=now - RESEND_AFTER))
    dead = Q(state=Job.State.RUNNING, lease_until__lt=now)
    given_up = Sentence(_("Given up after %(count)s attempts."), count=MAX_ATTEMPTS)
    hopeless = Job.objects.filter(dead, attempts__gte=MAX_ATTEMPTS)
    for job in hopeless.order_by("pk")[:GIVEN_UP_AT_ONCE]:
        _job_close(hopeless, job, state=Job.State.FAILED, finished_at=now, error=given_up)
    with transaction.atomic():
        # A row that is locked belongs to a worker that is publishing: it lives, and waiting for it would stop the tick.
        free = Job.objects.select_for_update(skip_locked=True).filter(lost | dead)
        waiting = list(free.order_by("created_at").values_list("pk", flat=True)[:500])
    for job_id in waiting:
        job_signal(job_id)
    # Last: it may ask a slow disk, and nothing else waits for it.
    for kind in _watches:
        _watch_serve(kind)


def due_before(now: datetime, at: time, zone: str) -> datetime:
    """Return the last moment, not after `now`, at which the clock of `zone` showed `at`."""
    local = now.astimezone(ZoneInfo(zone))
    due = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return due if due <= local else due - timedelta(days=1)


def schedule_row(kind: str) -> tuple[Schedule, bool]:
    """Return the row of a schedule, made where this is the first time anybody asks, and whether it was."""
    given = {"at": _schedules[kind], "last_due": clock.instant()}
    return Schedule.objects.get_or_create(name=kind, defaults=given)


def kind_title(kind: str) -> Sentence:
    """Return what a kind of scheduled work is called."""
    return Sentence({"core.exports_remove": _("Old exports removed"), **dict(collect("job_kinds"))}.get(kind, kind))


def _schedule_serve(kind: str) -> None:
    """Create the job of a schedule's last due time once, however many were missed and whoever ticks."""
    now = clock.instant()
    row, created = schedule_row(kind)
    if created or not row.active:
        return
    due = due_before(now, row.at, company().time_zone)
    with transaction.atomic():
        moved = Schedule.objects.filter(Q(last_due=None) | Q(last_due__lt=due), pk=row.pk).update(last_due=due)
        if moved:
            job_create(kind=kind, actor=None, key=f"{kind}@{due.isoformat()}", title=kind_title(kind))


def _watch_serve(kind: str) -> None:
    """Create the job of this minute where there is something to do and nobody is at it."""
    title, wanted = _watches[kind]
    if Job.objects.filter(kind=kind, state__in=(Job.State.QUEUED, Job.State.RUNNING)).exists() or not wanted():
        return
    minute = clock.instant().replace(second=0, microsecond=0)
    with transaction.atomic():
        job_create(kind=kind, actor=None, key=f"{kind}@{minute.isoformat()}", title=Sentence(title))

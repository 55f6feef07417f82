"""Long work: the row is the truth, the broker only a signal.

A job is written in the transaction of its cause and signalled after the commit; a lost signal is sent again by the
sweeper. Whoever runs a job holds its lease; every commit of the work fences on it, so a worker that was thought dead
cannot write twice.
"""

import logging
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _
from kombu.exceptions import KombuError

from core import audit, clock
from core.company import company
from core.errors import DomainError
from core.models import Job, Schedule

logger = logging.getLogger(__name__)

RESEND_AFTER = timedelta(seconds=60)
MAX_ATTEMPTS = 20

Handler = Callable[["Run"], dict[str, Any]]
_handlers: dict[str, Handler] = {}
_schedules: dict[str, time] = {}


class Cancelled(Exception):
    """Someone asked the job to stop."""


class LeaseLost(Exception):
    """Another worker holds the job by now; this one must not write."""


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register the function that does the work of jobs of `kind`; its dict becomes the job's result."""

    def register(function: Handler) -> Handler:
        _handlers[kind] = function
        return function

    return register


def scheduled(kind: str, at: time) -> Callable[[Handler], Handler]:
    """Register a handler that is also due every day at `at`, in the company's time zone."""

    def register(function: Handler) -> Handler:
        _schedules[kind] = at
        return handler(kind)(function)

    return register


def job_create(
    *, kind: str, actor: Any, args: dict[str, Any] | None = None, title: str = "", key: str | None = None
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
    """Ask a job to stop; one that has not begun stops at once."""
    with transaction.atomic():
        Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(
            state=Job.State.CANCELLED, finished_at=clock.instant(), message=_("cancelled before it began")
        )
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING).update(cancel_requested=True)
        audit.record(actor=actor, verb="job.cancelled", target=job)


@dataclass
class Run:
    """One attempt at a job, holding its lease."""

    job: Job
    lease: str

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
        message: str | None = None,
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


def _lease_end() -> datetime:
    return clock.instant() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def job_run(job_id: int, *, heartbeat: bool = False) -> None:
    """Run a job if it waits or its lease ran out; do nothing otherwise."""
    lease = uuid.uuid4().hex
    free = Q(state=Job.State.QUEUED) | Q(state=Job.State.RUNNING, lease_until__lt=clock.instant())
    taken = Job.objects.filter(free, pk=job_id).update(
        state=Job.State.RUNNING,
        lease=lease,
        lease_until=_lease_end(),
        attempts=F("attempts") + 1,
        started_at=clock.instant(),
    )
    if not taken:
        return
    run = Run(Job.objects.select_related("created_by").get(pk=job_id), lease)
    person = run.job.created_by
    language = person.language if person else settings.LANGUAGE_CODE
    with translation.override(language), _Outcome(run) as outcome, _Heartbeat(run, enabled=heartbeat):
        outcome.result = _handlers[run.job.kind](run)


class _Outcome:
    """Writes down how an attempt ended; a killed process writes nothing, and its lease runs out."""

    def __init__(self, run: Run):
        self.run = run
        self.result: dict[str, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: Any) -> bool:
        ends = {"finished_at": clock.instant(), "lease": "", "lease_until": None}
        mine = self.run._mine()
        if error is None:
            mine.update(state=Job.State.DONE, result=self.result, error="", **ends)
        elif isinstance(error, LeaseLost):
            logger.warning("job %s: another worker took over", self.run.job.pk)
            return True
        elif isinstance(error, Cancelled):
            mine.update(state=Job.State.CANCELLED, message=_("cancelled"), **ends)
            return True
        elif isinstance(error, DomainError):
            mine.update(state=Job.State.FAILED, error=str(error), **ends)
            return True
        elif isinstance(error, OperationalError) and self.run.job.attempts < MAX_ATTEMPTS:
            connection.close()
            mine.update(state=Job.State.QUEUED, lease="", lease_until=None)
        elif isinstance(error, Exception):
            mine.update(
                state=Job.State.FAILED,
                error=_("Something unexpected happened; nothing was changed. Reference: job %(id)s.")
                % {"id": self.run.job.pk},
                **ends,
            )
        return False


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
    Job.objects.filter(dead, attempts__gte=MAX_ATTEMPTS).update(
        state=Job.State.FAILED, finished_at=now, error=_("Given up after %(count)s attempts.") % {"count": MAX_ATTEMPTS}
    )
    with transaction.atomic():
        # A row that is locked belongs to a worker that is publishing: it lives, and waiting for it would stop the tick.
        free = Job.objects.select_for_update(skip_locked=True).filter(lost | dead)
        waiting = list(free.order_by("created_at").values_list("pk", flat=True)[:500])
    for job_id in waiting:
        job_signal(job_id)


def due_before(now: datetime, at: time, zone: str) -> datetime:
    """Return the last moment, not after `now`, at which the clock of `zone` showed `at`."""
    local = now.astimezone(ZoneInfo(zone))
    due = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return due if due <= local else due - timedelta(days=1)


def _schedule_serve(kind: str) -> None:
    """Create the job of a schedule's last due time once, however many were missed and whoever ticks."""
    now = clock.instant()
    row, created = Schedule.objects.get_or_create(name=kind, defaults={"at": _schedules[kind], "last_due": now})
    if created or not row.active:
        return
    due = due_before(now, row.at, company().time_zone)
    with transaction.atomic():
        moved = Schedule.objects.filter(Q(last_due=None) | Q(last_due__lt=due), pk=row.pk).update(last_due=due)
        if moved:
            job_create(kind=kind, actor=None, key=f"{kind}@{due.isoformat()}", title=kind)

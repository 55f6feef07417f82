"""Work that is due every day: when it was, when it will be, and what an administrator may do about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_noop as _

from core import audit, clock
from core.company import company
from core.database import lock
from core.errors import TransitionRefused
from core.jobs import due_before, job_create, kind_title, schedule_row
from core.models import Job, Schedule
from core.sentences import Sentence

STATE_TONES = {"done": "g", "failed": "b", "running": "a", "queued": "a"}


@dataclass(frozen=True)
class Planned:
    """A schedule with its word, the last job that did its work, and when it is due next; None while it is paused."""

    schedule: Schedule
    word: str
    last: Job | None
    next_due: datetime | None

    @property
    def tone(self) -> str:
        """Return the tone of how the last run ended."""
        return STATE_TONES.get(self.last.state, "") if self.last else ""


def planned() -> list[Planned]:
    """Return all schedules in the order of the day."""
    now, zone = clock.instant(), company().time_zone
    last = Job.objects.filter(kind=OuterRef("name")).order_by("-pk").values("pk")[:1]
    rows = list(Schedule.objects.annotate(last_job=Subquery(last)).order_by("at", "name"))
    jobs: dict[int, Job] = Job.objects.in_bulk([row.last_job for row in rows if row.last_job])
    return [
        Planned(
            row,
            str(kind_title(row.name)),
            jobs.get(row.last_job),
            due_before(now, row.at, zone) + timedelta(days=1) if row.active else None,
        )
        for row in rows
    ]


@transaction.atomic
def schedule_switch(*, actor: Any, schedule: Schedule, active: bool) -> None:
    """Pause a schedule, or let it go on; of two people who press at once one wins."""
    if not Schedule.objects.filter(pk=schedule.pk, active=not active).update(active=active):
        raise TransitionRefused(Sentence(_("Somebody changed this schedule meanwhile; look again.")))
    verb = "schedule.resumed" if active else "schedule.paused"
    audit.record(actor=actor, verb=verb, target=schedule)


@transaction.atomic
def schedule_run(*, actor: Any, schedule: Schedule) -> Job:
    """Do the work of a schedule now, beside its times; refuse where it is at work already."""
    if _at_work(schedule.name):
        raise TransitionRefused(Sentence(_("This is at work already.")))
    return _run(actor, schedule)


@transaction.atomic
def schedule_ensure(*, actor: Any, name: str) -> Job:
    """Return the job that does the work of a schedule now; of many who ask at once, one begins it."""
    return _at_work(name) or _run(actor, schedule_row(name)[0])


def _at_work(name: str) -> Job | None:
    lock(f"schedule.{name}")
    return Job.objects.filter(kind=name, state__in=(Job.State.QUEUED, Job.State.RUNNING)).order_by("pk").first()


def _run(actor: Any, schedule: Schedule) -> Job:
    audit.record(actor=actor, verb="schedule.run", target=schedule)
    return job_create(kind=schedule.name, actor=actor, title=kind_title(schedule.name))

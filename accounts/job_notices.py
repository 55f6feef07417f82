"""Who started a job hears of its end."""

from typing import Any

from django.utils.translation import gettext_noop

from accounts.models import Notification
from accounts.notifications import notify, unread_text
from core.contributors import collect, contribute
from core.models import Job
from core.sentences import Sentence


def register() -> None:
    """Listen for jobs that end, and count what is unread for the frame around every page."""
    contribute("job_ended", job_told)
    contribute("frame", bell)
    contribute("job_kinds", kinds)


def bell(user: Any) -> list[tuple[str, str]]:
    """Return how many notifications are unread."""
    return [("bell", unread_text(user))]


def kinds() -> list[tuple[str, str]]:
    """Return what the scheduled work of this app is called."""
    return [
        ("accounts.territories", gettext_noop("Moves of territories that begin")),
        ("accounts.digest", gettext_noop("E-mails of the morning")),
        ("accounts.digest_again", gettext_noop("E-mails that could not be sent")),
    ]


def job_told(job: Job) -> list[Any]:
    """Tell who started the job what came of it, in its app's words where it has some."""
    if job.created_by_id is not None:
        own: list[Sentence] = collect("job_words", job)
        said = own[0] if own else _words(job)
        notify(
            people=[job.created_by_id],
            kind=Notification.Kind.JOB,
            said=said,
            url=job.get_absolute_url(),
            key=f"job-{job.pk}",
        )
    return []


def _words(job: Job) -> Sentence:
    title = Sentence.of(job.title or job.kind)
    if job.state == Job.State.FAILED:
        return Sentence(gettext_noop("%(job)s failed: %(why)s"), job=title, why=Sentence.of(job.error))
    return Sentence(gettext_noop("%(job)s is done"), job=title)

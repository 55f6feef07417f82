"""What every night brings: the month-ends that lack their scoring, then the cards of today."""

from datetime import date
from typing import Any

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from core import clock
from core.jobs import Run
from core.periods import month_of, month_shift
from core.sentences import Sentence
from distributors.credit.cards.models import ScoreRun
from distributors.credit.cards.runs import scores_run
from distributors.profiles.models import Distributor

MOST_MONTHS = 24


def credit_nightly(*, run: Run) -> dict[str, Any]:
    """Score each month-end that lacks it, once and in order, then all cards as of today."""
    today = clock.today()
    if not Distributor.objects.exists():
        return {"scored": 0}
    steps = [(month, True) for month in months_due(today)] + [(today, False)]
    made: list[ScoreRun] = []
    for done, (as_of, monthly) in enumerate(steps):
        message = Sentence(_("credit cards as of %(day)s"), day=as_of.isoformat())
        run.advance(done=done, total=len(steps), message=message)
        made.append(scores_run(as_of=as_of, monthly=monthly, actor=run.job.created_by, run=run))
    run.advance(done=len(steps), total=len(steps))
    return {"url": reverse("credit:creditscore-list"), "scored": made[-1].members}


def months_due(today: date) -> list[date]:
    """Return the month-ends that still lack their scoring, oldest first; at the very beginning only the last one."""
    last = ScoreRun.objects.filter(monthly=True).aggregate(last=Max("as_of"))["last"]
    month = month_of(today)
    due: list[date] = []
    while month > (last or month_shift(month_of(today), -1)) and len(due) < MOST_MONTHS:
        due.append(month)
        month = month_shift(month, -1)
    return due[::-1]

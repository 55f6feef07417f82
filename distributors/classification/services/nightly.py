"""What every night brings: months that have closed, classes set by hand that begin or end, the preview of today."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from core import clock
from core.jobs import Run
from core.sentences import Sentence
from distributors.classification.models import ClassRun, Policy
from distributors.classification.selectors.runs import months_due
from distributors.classification.services.overrides import overrides_apply
from distributors.classification.services.policies import policy_default
from distributors.classification.services.runs import classification_run
from distributors.ledger.models import MonthlySales
from distributors.profiles.models import Distributor


def classification_nightly(*, run: Run) -> dict[str, Any]:
    """Close each month that lacks its close, once and in order, then make the preview of today.

    A population without members, or a ledger without sales, is left alone.
    """
    today = clock.today()
    policy_default()
    steps = [step for policy in Policy.objects.all() if _has_work(policy) for step in _steps(policy, today)]
    runs: list[ClassRun] = []
    for done, (policy, as_of, official) in enumerate(steps):
        message = Sentence(_("%(policy)s as of %(day)s"), policy=policy.called, day=as_of.isoformat())
        run.advance(done=done, total=len(steps), message=message)
        actor = run.job.created_by
        runs.append(classification_run(policy=policy, as_of=as_of, official=official, actor=actor, run=run))
    changed = overrides_apply(on=today)
    run.advance(done=len(steps), total=len(steps))
    return {
        "url": reverse("classification:overview"),
        "closed": [one.as_of.isoformat() for one in runs if one.official],
        "classified": sum(one.members for one in runs[-1:]),
        "overrides": changed,
    }


def _has_work(policy: Policy) -> bool:
    from distributors.classification.selectors.population import population_members

    members = Distributor.objects.filter(population_members(policy)).exists()
    return members and MonthlySales.objects.exists()


def _steps(policy: Policy, today: date) -> list[tuple[Policy, date, bool]]:
    return [(policy, month, True) for month in months_due(policy, today)] + [(policy, today, False)]

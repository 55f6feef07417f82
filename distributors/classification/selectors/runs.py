"""Which runs and versions count."""

from datetime import date

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery

from core.periods import month_of, month_shift
from distributors.classification.models import ClassRun, Policy, PolicyVersion
from distributors.profiles.models import Assignment


def version_on(policy: Policy, day: date) -> PolicyVersion:
    """Return the version in force on a day: the newest that is valid by then, else the first."""
    valid = policy.versions.filter(valid_from__lte=day).order_by("-valid_from", "-number").first()
    found = valid or policy.versions.order_by("number").first()
    if found is None:
        raise PolicyVersion.DoesNotExist
    found.policy = policy
    return found


def closed_before(policy: Policy, day: date, count: int) -> list[ClassRun]:
    """Return the last `count` official runs before a day, the latest first."""
    return list(ClassRun.objects.filter(policy=policy, official=True, as_of__lt=day).order_by("-as_of")[:count])


def last_closed() -> QuerySet[ClassRun]:
    """Return the last official run of each policy: the classes in force."""
    return last_of(ClassRun.objects.filter(official=True)).select_related("policy", "version", "version__policy")


def last_of(runs: QuerySet[ClassRun]) -> QuerySet[ClassRun]:
    """Return the last run of each policy among `runs`."""
    last = runs.filter(policy=OuterRef("policy")).order_by("-as_of", "-pk").values("pk")[:1]
    return ClassRun.objects.filter(pk=Subquery(last))


def newest() -> QuerySet[ClassRun]:
    """Return the newest run of each policy: its preview, unless a month was closed for a later day."""
    last = ClassRun.objects.filter(policy=OuterRef("policy")).order_by("-as_of", "official", "-pk").values("pk")[:1]
    return ClassRun.objects.filter(pk=Subquery(last)).select_related("policy", "version", "version__policy")


def months_due(policy: Policy, today: date) -> list[date]:
    """Return the month closes that `policy` still lacks, oldest first; at the very beginning only the last one."""
    closed = ClassRun.objects.filter(Q(policy=policy), official=True).aggregate(last=Max("as_of"))["last"]
    due: list[date] = []
    month = month_of(today)
    while closed is not None and month > closed:
        due.append(month)
        month = month_shift(month, -1)
    return due[::-1] if closed is not None else [month]


def shown_run(policy: Policy | None) -> ClassRun | None:
    """Return the run that pages show of a policy, by default the first: its last close, else its preview.

    With it comes `last_assignment`, the newest there is: who sees which of its rows changes with the assignments.
    """
    newest_first = Assignment.objects.order_by("-pk").values("pk")[:1]
    runs = ClassRun.objects.select_related("policy", "version", "version__policy")
    runs = runs.annotate(last_assignment=Subquery(newest_first))
    if policy is None:
        runs = runs.order_by("policy__tier", "policy_id", "-official", "-as_of")
    else:
        runs = runs.filter(policy=policy).order_by("-official", "-as_of")
    return runs.first()


def preview_of(policy: Policy) -> ClassRun | None:
    """Return the preview of a policy."""
    return ClassRun.objects.filter(policy=policy, official=False).first()


def next_close(day: date) -> date:
    """Return the day from which the classes of the close that follows `day` hold."""
    return month_shift(day, 1)

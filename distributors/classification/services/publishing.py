"""From the rows of a run to the standing of its distributors and the changes that others follow; all set-wise."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from core.database import run as execute
from distributors.classification.models import Cause, ClassEvent, Classification, ClassRun, Override
from distributors.classification.selectors.runs import closed_before, last_closed, newest
from distributors.profiles.models import Standing

_ROWS = Classification._meta.db_table
_EVENTS = ClassEvent._meta.db_table
_OVERRIDES = Override._meta.db_table
_STANDING = Standing._meta.db_table
_UNCLASSIFIED: dict[str, Any] = {
    "abc_next": "",
    "abc_share": None,
    "abc_rank": None,
    "abc_short_history": False,
    "abc_overridden": False,
    "volume_group": "",
}


def official_publish(*, run: ClassRun, day: date) -> None:
    """Write the changes that a close brings, then the classes as of it.

    A class in force that an override of `day` has set does not change: `overrides_apply` puts it back.
    """
    _leavers_clear(run)
    execute(
        f"""
        INSERT INTO {_EVENTS} (distributor_id, "on", before, after, cause, run_id)
        SELECT c.distributor_id, %s, s.abc, c.effective,
               CASE WHEN s.abc = '' THEN '{Cause.FIRST}' WHEN c.overridden THEN '{Cause.OVERRIDE}'
                    WHEN c.cause <> '' THEN c.cause ELSE '{Cause.RETURNED}' END, c.run_id
        FROM {_ROWS} c JOIN {_STANDING} s ON s.distributor_id = c.distributor_id
        WHERE c.run_id = %s AND s.abc <> c.effective AND NOT EXISTS (
            SELECT 1 FROM {_OVERRIDES} o
            WHERE o.distributor_id = c.distributor_id AND o.klass = s.abc AND o.starts_on <= %s AND o.ends_on >= %s
                  AND (o.ended_on IS NULL OR o.ended_on > %s))
        """,  # noqa: S608
        [run.as_of, run.pk, day, day, day],
    )
    execute(
        f"""
        UPDATE {_STANDING} SET abc = c.effective, abc_next = c.pending, abc_share = c.cumulative_share,
               abc_rank = c.rank, abc_short_history = c.short_history, abc_overridden = c.overridden,
               volume_group = c.volume_group, abc_as_of = %s
        FROM {_ROWS} c WHERE c.run_id = %s AND c.distributor_id = {_STANDING}.distributor_id
        """,  # noqa: S608
        [run.as_of, run.pk],
    )


def _leavers_clear(run: ClassRun) -> None:
    """Clear the class of who was in the close before and is in no population now."""
    before = closed_before(run.policy, run.as_of, 1)
    if not before:
        return
    elsewhere = last_closed().exclude(policy=run.policy).order_by().values("pk")
    left = (
        Classification.objects.filter(run=before[0])
        .exclude(distributor__in=Classification.objects.filter(run=run).values("distributor"))
        .exclude(distributor__in=Classification.objects.filter(run__in=Subquery(elsewhere)).values("distributor"))
    )
    held = Standing.objects.filter(distributor__in=left.values("distributor")).exclude(abc="")
    ClassEvent.objects.bulk_create(
        [
            ClassEvent(distributor_id=pk, on=run.as_of, before=abc, after="", cause=Cause.LEFT, run=run)
            for pk, abc in held.values_list("pk", "abc")
        ],
        batch_size=1000,
    )
    held.update(abc="", **_UNCLASSIFIED, abc_as_of=run.as_of)


def official_withdraw(*, run: ClassRun) -> None:
    """Take back the last close, as if it had not been: the classes before it, no changes, no rows."""
    execute(
        f"""
        UPDATE {_STANDING} SET abc = e.before FROM {_EVENTS} e
        WHERE e.run_id = %s AND e.distributor_id = {_STANDING}.distributor_id
        """,  # noqa: S608
        [run.pk],
    )
    elsewhere = last_closed().exclude(policy=run.policy).order_by().values("pk")
    gone = Classification.objects.filter(run=run).exclude(
        distributor__in=Classification.objects.filter(run__in=Subquery(elsewhere)).values("distributor")
    )
    Standing.objects.filter(distributor__in=gone.values("distributor")).update(**_UNCLASSIFIED, abc_as_of=None)
    ClassEvent.objects.filter(run=run)._raw_delete(using="default")
    Classification.objects.filter(run=run)._raw_delete(using="default")
    run.delete()


def preview_publish(*, run: ClassRun) -> None:
    """Keep what a preview says of the next change, unless a later day is closed; who is in no newest run has none."""
    if ClassRun.objects.filter(policy=run.policy, official=True, as_of__gt=run.as_of).exists():
        return
    execute(
        f"""
        UPDATE {_STANDING} SET abc_next = c.pending
        FROM {_ROWS} c WHERE c.run_id = %s AND c.distributor_id = {_STANDING}.distributor_id
              AND {_STANDING}.abc <> '' AND {_STANDING}.abc_next <> c.pending
        """,  # noqa: S608
        [run.pk],
    )
    rows = Classification.objects.filter(run__in=list(newest().values_list("pk", flat=True)))
    left = Standing.objects.exclude(abc_next="").exclude(Exists(rows.filter(distributor=OuterRef("pk"))))
    left.update(abc_next="")

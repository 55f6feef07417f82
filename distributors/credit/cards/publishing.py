"""From the rows of a run to the standing of distributors and the changes that others follow; all set-wise."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef

from core import audit, clock
from core.database import differs_sql
from core.database import run as execute
from distributors.credit.cards.models import CreditScore, GradeEvent, ScoreRun
from distributors.profiles.models import Standing

_ROWS = CreditScore._meta.db_table
_EVENTS = GradeEvent._meta.db_table
_STANDING = Standing._meta.db_table
_UNGRADED: dict[str, Any] = {
    "credit_score": None,
    "credit_grade": "",
    "credit_provisional": False,
    "credit_confidence": None,
    "credit_as_of": None,
}
_COLUMNS = {
    "credit_score": "c.score",
    "credit_grade": "c.grade",
    "credit_provisional": "c.provisional",
    "credit_confidence": "c.confidence",
    "credit_as_of": "c.as_of",
}


def scores_publish(*, run: ScoreRun, actor: Any, day: date, distributor: int | None = None) -> int:
    """Write changed grades as events with their audit rows, then the standings; return how many grades changed."""
    last = GradeEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    only, params = ("AND c.distributor_id = %s", [distributor]) if distributor else ("", [])
    execute(
        f"""
        INSERT INTO {_EVENTS} (distributor_id, "on", before, after, score, created_at)
        SELECT c.distributor_id, %s, s.credit_grade, c.grade, c.score, %s
        FROM {_ROWS} c JOIN {_STANDING} s ON s.distributor_id = c.distributor_id
        WHERE c.run_id = %s AND s.credit_grade <> c.grade {only} ORDER BY c.distributor_id
        """,
        [day, clock.instant().replace(tzinfo=None), run.pk, *params],
    )
    if distributor is None:
        _leavers_clear(run, day)
    values = ", ".join(f"{name} = {value}" for name, value in _COLUMNS.items())
    differs = " OR ".join(differs_sql(f"{_STANDING}.{name}", value) for name, value in _COLUMNS.items())
    execute(
        f"""
        UPDATE {_STANDING} SET {values} FROM {_ROWS} c
        WHERE c.run_id = %s AND c.distributor_id = {_STANDING}.distributor_id {only} AND ({differs})
        """,
        [run.pk, *params],
    )
    return _changes_record(actor, last)


def _leavers_clear(run: ScoreRun, day: date) -> None:
    """Clear the grade of who has no card any more: it ended, or was merged into another."""
    rows = CreditScore.objects.filter(run=run, distributor=OuterRef("pk"))
    left = Standing.objects.exclude(credit_as_of=None).exclude(Exists(rows))
    gone = left.exclude(credit_grade="").values_list("pk", "credit_grade")
    events = [GradeEvent(distributor_id=pk, on=day, before=grade, after="") for pk, grade in gone]
    GradeEvent.objects.bulk_create(events, batch_size=1000)
    left.update(**_UNGRADED)


def _changes_record(actor: Any, last: int) -> int:
    """Write the audit rows of the changes since an event, first grades left out; return how many there were."""
    events = GradeEvent.objects.filter(pk__gt=last).exclude(before="").select_related("distributor").order_by("pk")
    entries = (
        (event.distributor, {"grade": event.before}, {"grade": event.after, "score": str(event.score or "")})
        for event in events.iterator(chunk_size=2000)
    )
    audit.record_many(actor=actor, verb="credit.graded", entries=entries)
    return int(events.count())

"""Batch numbers: issued in commit order, under the lock that every publication holds."""

from typing import Any

from django.db.models import Max

from core.database import lock
from distributors.ledger.models import Batch

BATCH_LOCK = "batch"


def batch_last() -> int:
    """Return the number of the last batch, 0 before the first."""
    return int(Batch.objects.aggregate(last=Max("number"))["last"] or 0)


def batch_issue(*, kind: str, actor: Any, **fields: Any) -> Batch:
    """Write the next batch; the lock lasts until the facts are committed."""
    lock(BATCH_LOCK)
    made: Batch = Batch.objects.create(number=batch_last() + 1, kind=kind, created_by=actor, **fields)
    return made

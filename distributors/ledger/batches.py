"""Batch numbers: issued in commit order, under the lock that every publication holds."""

from django.db.models import Max

from core.database import lock
from distributors.ledger.kinds.declaration import Counts
from distributors.ledger.models import Batch, Source
from distributors.ledger.staging import Stage


def batch_issue(*, stage: Stage, source: Source | None, counts: Counts) -> int:
    """Write the next batch and return its number; the lock lasts until the facts are committed."""
    lock("batch")
    number = (Batch.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    Batch.objects.create(
        number=number,
        kind=stage.kind.name,
        source=source,
        import_file_id=stage.import_id,
        rows_new=counts.new,
        rows_changed=counts.changed,
        created_by=stage.actor,
    )
    return number

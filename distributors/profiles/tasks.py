"""Nightly work of the profiles."""

from datetime import time
from typing import Any

from django.db import transaction

from core import clock
from core.jobs import Run, handler, scheduled
from distributors.profiles.assignments import assignments_apply
from distributors.profiles.bulk_undo import JOB, bulk_undo_outcome, bulk_undo_run
from distributors.profiles.card.presence import completeness_write
from distributors.profiles.contracts.reminders import contracts_remind
from distributors.profiles.contracts.services import contracts_close
from distributors.profiles.outbound import messages_remove


@scheduled("profiles.assignments", time(0, 10))
def assignments_refresh(run: Run) -> dict[str, Any]:
    """Let the assignments whose month begins take effect."""
    with transaction.atomic():
        run.fence()
        return {"changed": assignments_apply(as_of=clock.today())}


@scheduled("profiles.contracts", time(0, 2))
def contracts_night(run: Run) -> dict[str, Any]:
    """End the contracts whose last day is over, and tell of those that end soon."""
    with transaction.atomic():
        run.fence()
        return {"ended": contracts_close(as_of=clock.today()), "ending": contracts_remind(as_of=clock.today())}


@scheduled("profiles.completeness", time(1, 20))
def completeness_night(run: Run) -> dict[str, Any]:
    """Write again how complete each card is, also where a change came by another way than the card."""
    with transaction.atomic():
        run.fence()
        return {"changed": completeness_write()}


@scheduled("profiles.outbound", time(3, 40))
def outbound_remove(run: Run) -> dict[str, Any]:
    """Remove messages of the outbound feed that all have acknowledged long enough ago."""
    with transaction.atomic():
        run.fence()
        return {"removed": messages_remove()}


@handler(JOB, tell=bulk_undo_outcome)
def bulk_undo_many(run: Run) -> dict[str, Any]:
    """Take a change of many distributors back."""
    return bulk_undo_run(run)

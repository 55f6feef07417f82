"""Nightly work of the profiles."""

from datetime import time
from typing import Any

from django.db import transaction

from core import clock
from core.jobs import Run, scheduled
from distributors.profiles.services import assignments_apply


@scheduled("profiles.assignments", time(0, 10))
def assignments_refresh(run: Run) -> dict[str, Any]:
    """Let the assignments whose month begins take effect."""
    with transaction.atomic():
        run.fence()
        return {"changed": assignments_apply(as_of=clock.today())}

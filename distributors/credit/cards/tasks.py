"""The nightly scoring, also asked for from the page."""

from datetime import time
from typing import Any

from core import jobs
from distributors.credit.cards.nightly import credit_nightly


@jobs.scheduled("credit.cards", time(2, 30))
def nightly(run: jobs.Run) -> dict[str, Any]:
    """Score the month-ends that lack it, and the cards of today."""
    return credit_nightly(run=run)

"""The night of credit: every account is brought to today."""

from datetime import time
from typing import Any

from core.jobs import Run, scheduled
from distributors.credit.limits.holds import credit_refresh


@scheduled("credit.nightly", time(2, 10))
def run_nightly(run: Run) -> dict[str, Any]:
    """Bring exposure, limits in other currencies and holds to today."""
    return dict(credit_refresh(runner=run))

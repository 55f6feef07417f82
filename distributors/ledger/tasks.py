"""The ledger's jobs: one import, and the work of the night."""

from datetime import time
from typing import Any

from core.jobs import Run, handler, scheduled
from distributors.ledger.services import import_process, stages_sweep, standings_renew


@handler("ledger.import")
def run_import(run: Run) -> dict[str, Any]:
    """Bring one import in."""
    return import_process(import_id=run.args["import"], runner=run)


@scheduled("ledger.nightly", time(1, 30))
def run_nightly(run: Run) -> dict[str, Any]:
    """Move the twelve months of every standing to today and clear up after lost imports."""
    return {"standings": standings_renew(runner=run), "stages": stages_sweep()}

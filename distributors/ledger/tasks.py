"""The ledger's jobs: one import, one undo, the drop folder, and the work of the night."""

from datetime import time
from typing import Any

from core.jobs import Run, handler, scheduled, watched
from distributors.ledger import drop_looking
from distributors.ledger.kept_files import files_sweep
from distributors.ledger.selectors import import_told
from distributors.ledger.services import import_cancelled, import_process, stages_sweep, standings_renew
from distributors.ledger.undoing import undo_process


@handler("ledger.import", cancelled=import_cancelled, tell=import_told)
def run_import(run: Run) -> dict[str, Any]:
    """Bring one import in."""
    return import_process(import_id=run.args["import"], runner=run)


@handler("ledger.undo")
def run_undo(run: Run) -> dict[str, Any]:
    """Undo one batch."""
    return undo_process(run=run)


@watched(drop_looking.KIND, drop_looking.TITLE, drop_looking.drop_wanted)
def run_drop(run: Run) -> dict[str, Any]:
    """Bring in what lies in the drop folder."""
    return drop_looking.drop_look(runner=run)


@scheduled("ledger.nightly", time(1, 30))
def run_nightly(run: Run) -> dict[str, Any]:
    """Move every standing to today and clear up after lost imports."""
    return {"standings": standings_renew(runner=run), "stages": stages_sweep()}


@scheduled("ledger.files", time(3, 20))
def run_files(run: Run) -> dict[str, Any]:
    """Remove old files of imports that nobody needs."""
    return files_sweep(runner=run)

"""The two messages the broker carries, and the jobs of core itself."""

from datetime import time
from typing import Any

from celery import shared_task

from core import bulk, downloads, jobs


@shared_task(name="core.run_job")
def run_job(job_id: int) -> None:
    """Run the job of this row."""
    jobs.job_run(job_id, heartbeat=True)


@shared_task(name="core.tick")
def tick() -> None:
    """Create what is due and send again what was lost."""
    jobs.tick()


@jobs.handler(downloads.KIND, tell=downloads.export_outcome)
def export(run: jobs.Run) -> dict[str, Any]:
    """Write the file of an export."""
    return downloads.export_write(run)


@jobs.handler(bulk.KIND, tell=bulk.bulk_outcome)
def change_many(run: jobs.Run) -> dict[str, Any]:
    """Do what was confirmed for many rows."""
    return bulk.bulk_run(run)


@jobs.scheduled("core.exports_remove", time(3, 0))
def exports_remove(_run: jobs.Run) -> dict[str, Any]:
    """Remove the files of exports that nobody will fetch any more."""
    return {"removed": downloads.exports_remove()}

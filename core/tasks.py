"""The two messages the broker carries."""

from celery import shared_task

from core import jobs


@shared_task(name="core.run_job")
def run_job(job_id: int) -> None:
    """Run the job of this row."""
    jobs.job_run(job_id, heartbeat=True)


@shared_task(name="core.tick")
def tick() -> None:
    """Create what is due and send again what was lost."""
    jobs.tick()

"""The nightly classification, also asked for from the page."""

from datetime import time
from typing import Any

from core import jobs
from distributors.classification import services


@jobs.scheduled("classification.nightly", time(2, 0))
def nightly(run: jobs.Run) -> dict[str, Any]:
    """Close the months that lack their close and make the preview of today."""
    return services.classification_nightly(run=run)

"""Settings of the tests' gunicorn: a worker that is asked with SIGUSR2 prints where each of its threads stands."""

import faulthandler
import signal
from typing import Any


def post_worker_init(_worker: Any) -> None:
    """Take the signal once the worker has set its own."""
    faulthandler.register(signal.SIGUSR2, all_threads=True)

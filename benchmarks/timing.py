"""Medians of repeated work."""

import statistics
import time
from collections.abc import Callable
from typing import Any


def timed(work: Callable[[], Any]) -> float:
    """Return the seconds that one call takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def median(work: Callable[[], Any], *, times: int, before: Callable[[], Any] | None = None) -> float:
    """Return the median seconds of `times` calls, each after an untimed `before`."""
    found = []
    for _round in range(times):
        if before:
            before()
        found.append(timed(work))
    return statistics.median(found)


def medians(works: dict[str, Callable[[], Any]], *, times: int, warm: int = 3) -> dict[str, float]:
    """Return the median seconds of each, measured in turns after `warm` unmeasured ones."""
    found: dict[str, list[float]] = {name: [] for name in works}
    for round_ in range(warm + times):
        for name, work in works.items():
            took = timed(work)
            if round_ >= warm:
                found[name].append(took)
    return {name: statistics.median(values) for name, values in found.items()}

"""Waiting for a fact instead of sleeping for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(fact: Callable[[], T], *, within: float, what: str) -> T:
    """Return the first true answer of `fact`; raise TimeoutError naming `what` after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        answer = fact()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"Within {within:g} s there was no {what}.")
        time.sleep(0.05)

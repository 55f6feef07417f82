"""Figures over many rows, remembered for a short while where there are very many."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any, TypeVar

from django.core.cache import cache
from redis.exceptions import RedisError

LARGE = 5_000
SECONDS = 300

T = TypeVar("T")


def figures_of(
    name: str, *, user: Any, permission: str, as_of: date, compute: Callable[[], T], count: Callable[[T], int]
) -> T:
    """Return `compute()`; where it is of more than LARGE distributors, what it gave for this reach in five minutes.

    `count` says of how many it is. What is remembered belongs to the reach, and everybody of the same reach gets it:
    `compute` must not ask who it is. What several parts of a page ask for is computed once: it stays with `user`, who
    is read anew for each request.
    """
    asked: dict[tuple[str, date], T] = user.__dict__.setdefault("figures_asked", {})
    if (name, as_of) not in asked:
        reach = hashlib.sha256(repr(user.reach(permission)).encode()).hexdigest()[:32]
        key = f"figures:{name}:{as_of.isoformat()}:{reach}"
        asked[name, as_of] = remembered(key, SECONDS, compute, lambda found: count(found) > LARGE)
    return asked[name, as_of]


def remembered(key: str, seconds: int, compute: Callable[[], T], worth: Callable[[T], bool] = lambda _found: True) -> T:
    """Return what `compute()` gave under `key` in the last `seconds`, where that is `worth` it.

    A cache that is away only costs the time.
    """
    try:
        known: T | None = cache.get(key)
    except (RedisError, OSError):
        return compute()
    if known is None:
        known = compute()
        if worth(known):
            with suppress(RedisError, OSError):
                cache.set(key, known, seconds)
    return known

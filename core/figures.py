"""Figures over many rows, remembered for a short while where there are very many."""

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from django.core.cache import cache
from django.db.models import QuerySet
from redis.exceptions import RedisError

LARGE = 5_000
SECONDS = 300

T = TypeVar("T")


def figures_of(name: str, *, user: Any, permission: str, rows: QuerySet, as_of: date, compute: Callable[[], T]) -> T:
    """Return `compute()`; where `rows` are more than LARGE, what it gave for this reach in the last five minutes.

    `rows` are the distributors in the user's reach. What is remembered belongs to the reach, never to a person beyond
    it; a cache that is away only costs the time.
    """
    if rows.order_by()[: LARGE + 1].count() <= LARGE:
        return compute()
    reach = hashlib.sha256(repr(user.reach(permission)).encode()).hexdigest()[:32]
    key = f"figures:{name}:{as_of.isoformat()}:{reach}"
    try:
        known = cache.get(key)
        if known is None:
            known = compute()
            cache.set(key, known, SECONDS)
    except (RedisError, OSError):
        return compute()
    return known  # type: ignore[no-any-return]

"""Figures over many rows, remembered for a short while where there are very many."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
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

    `rows` are the distributors in the user's reach. What is remembered belongs to the reach, and everybody of the same
    reach gets it: `compute` must not ask who it is. Whether the reach is large is remembered, too. What several parts
    of a page ask for is computed once: it stays with `user`, who is read anew for each request.
    """
    asked: dict[tuple[str, date], T] = user.__dict__.setdefault("figures_asked", {})
    if (name, as_of) not in asked:
        asked[name, as_of] = _figures_of(name, user, permission, rows, as_of, compute)
    return asked[name, as_of]


def _figures_of(name: str, user: Any, permission: str, rows: QuerySet, as_of: date, compute: Callable[[], T]) -> T:
    reach = hashlib.sha256(repr(user.reach(permission)).encode()).hexdigest()[:32]
    size = hashlib.sha256(repr(user.reach(f"{rows.model._meta.app_label}.view_{rows.model._meta.model_name}")).encode())
    if not remembered(f"large:{size.hexdigest()[:32]}", SECONDS, lambda: _large(rows)):
        return compute()
    return remembered(f"figures:{name}:{as_of.isoformat()}:{reach}", SECONDS, compute)


def _large(rows: QuerySet) -> bool:
    return rows.order_by()[: LARGE + 1].count() > LARGE


def remembered(key: str, seconds: int, compute: Callable[[], T]) -> T:
    """Return what `compute()` gave under `key` in the last `seconds`; a cache that is away only costs the time."""
    try:
        known: T | None = cache.get(key)
    except (RedisError, OSError):
        return compute()
    if known is None:
        known = compute()
        with suppress(RedisError, OSError):
            cache.set(key, known, seconds)
    return known

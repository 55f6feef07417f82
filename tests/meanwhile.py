"""What another does between two statements of one request."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def meanwhile(words: str, act: Callable[[], Any]) -> Iterator[None]:
    """Do `act`, once, between the first statement that has these words and the next one."""
    states = ["waiting"]

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if states[-1] == "armed":
            states.append("done")
            act()
        if states[-1] == "waiting" and words in sql:
            states.append("armed")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield
    assert states[-1] == "done", f"no statement after one with {words!r}"

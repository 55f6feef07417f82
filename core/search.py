"""The search index: an application-made table of terms, the same on both databases.

An app registers what its records are found by; whoever changes a record's texts calls `index_write` in the same
transaction. Scope is not kept here: `matching` narrows a queryset that came through its own door.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import pyarrow as pa
from django.db import transaction
from django.db.models import QuerySet

from core import jobs
from core.database import analyze, begins_with, copy_rows, lock
from core.models import SearchTerm
from core.terms import asked_for, terms_of

CHUNK = 2_000
AT_ONCE = 5_000

Texts = Callable[[Sequence[int] | None], Iterable[tuple[Any, ...]]]
_sources: dict[str, Texts] = {}
Rows = TypeVar("Rows", bound=QuerySet[Any])


def source_add(kind: str, texts: Texts) -> None:
    """Register what records of `kind` are found by: `texts(keys)` gives (key, text, text, ...) of these, or of all."""
    _sources[kind] = texts


def index_write(kind: str, keys: Sequence[int]) -> None:
    """Write the terms of some records anew, in the caller's transaction; very many are left to a job after it."""
    if len(keys) > AT_ONCE:
        jobs.job_create(kind="search.index", actor=None, args={"kind": kind})
        return
    for place in range(0, len(keys), CHUNK):
        _write(kind, keys[place : place + CHUNK])


def index_renew(kind: str, runner: Any = None) -> int:
    """Write the terms of all records of a kind anew, chunk by chunk; return how many records there are.

    A `runner` is a job's run: every chunk is fenced by it.
    """
    keys = sorted(row[0] for row in _sources[kind](None))
    planned = CHUNK
    for place in range(0, len(keys), CHUNK):
        with transaction.atomic():
            if runner:
                runner.fence()
            _write(kind, keys[place : place + CHUNK])
        if place >= planned:
            # Of a kind that statistics do not know the planner reads every term to find those of one chunk.
            analyze(SearchTerm._meta.db_table, "kind", "object_id")
            planned *= 2
        if runner:
            runner.advance(done=min(place + CHUNK, len(keys)), total=len(keys))
    return len(keys)


def _write(kind: str, keys: Sequence[int]) -> None:
    lock(f"search.{kind}")  # two who write the terms of one record would both find them gone
    SearchTerm.objects.filter(kind=kind, object_id__in=keys).delete()
    pairs = [(row[0], term) for row in _sources[kind](keys) for term in terms_of(*row[1:])]
    if pairs:
        objects, terms = zip(*pairs, strict=True)
        columns = {"kind": pa.repeat(kind, len(pairs)), "object_id": pa.array(objects), "term": pa.array(terms)}
        copy_rows(SearchTerm._meta.db_table, [pa.table(columns)])


def matching(queryset: Rows, kind: str, words: str) -> Rows:
    """Keep the rows that have a term for everything that `words` ask for; none where nothing can be asked."""
    asked = asked_for(words)
    if not asked:
        return queryset.none()
    for beginning in asked:
        found = SearchTerm.objects.filter(begins_with("term", beginning), kind=kind)
        queryset = queryset.filter(pk__in=found.values("object_id"))
    return queryset


@jobs.handler("search.index")
def _renew(run: jobs.Run) -> dict[str, Any]:
    return {"records": index_renew(run.args["kind"], run)}

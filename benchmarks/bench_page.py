"""A distributor's page and Home: growth of the server's time with the data, and the number of queries."""

import statistics
from typing import Any

from benchmarks.bench_list import ADMIN, ROUNDS, TIMES, growth_rows
from benchmarks.report import Row, seconds
from benchmarks.serving import signed_in
from benchmarks.timing import median, medians
from benchmarks.work import Work

MANAGER = "lin@jianghe.example"
FIRST_TIMES = 3
REMEMBERING = ("home, manager", "home, administrator")
NOTES = (
    "Pages: the server's time in process with all middleware. The distributor is the one in the middle of the ranking "
    "of tier 1. Home is that of a regional manager, of the rep with most changes of class ahead, and of an "
    "administrator, who sees everybody.",
    "Home remembers sums over more than 5,000 distributors for five minutes: growth is measured with what it "
    "remembers, queries and the last lines with nothing remembered.",
)


def _rep() -> str:
    """Return the rep with most changes of class ahead: one who has something of everything at any size."""
    from django.db.models import Count

    from distributors.profiles.models import Distributor

    owners = Distributor.objects.filter(standing__abc_next__gt="", owner__role="rep").values("owner__email")
    return str(owners.annotate(rows=Count("pk")).order_by("-rows", "owner__email")[0]["owner__email"])


def measure() -> dict[str, Any]:
    """Return seconds and queries of each page."""
    from django.core.cache import cache
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from distributors.classification.models import ClassRun

    cache.clear()  # what was remembered of the smaller size must not answer for the larger
    run = ClassRun.objects.filter(official=True, policy__tier=1).latest("as_of")
    middle = run.classifications.filter(rank__gte=run.ranked // 2).order_by("rank").first()
    pages = {
        "distributor page": (signed_in(ADMIN), f"/distributors/{middle.distributor_id}/"),
        "home, manager": (signed_in(MANAGER), "/"),
        "home, rep": (signed_in(_rep()), "/"),
        "home, administrator": (signed_in(ADMIN), "/"),
    }

    def ask(client: Any, path: str) -> None:
        response = client.get(path)
        if response.status_code != 200:
            raise RuntimeError(f"{path} answered {response.status_code}")

    found = medians({name: (lambda who=who: ask(*who)) for name, who in pages.items()}, times=TIMES)
    queries, first = {}, {}
    for name, who in pages.items():
        first[name] = median(lambda who=who: ask(*who), times=FIRST_TIMES, before=cache.clear)
        cache.clear()
        with CaptureQueriesContext(connection) as caught:
            ask(*who)
        queries[name] = len(caught)
    return {"seconds": found, "queries": queries, "first": first}


def rows(work: Work) -> list[Row]:
    """Return the lines of this benchmark."""
    found = work.by_size("bench_page", "measure", rounds=ROUNDS)
    first = {name: statistics.median(one["first"][name] for one in found[work.largest]) for name in REMEMBERING}
    return [
        *growth_rows(found, 2, 25),
        *(
            Row(f"{name}: nothing remembered", work.largest, seconds(took), "", took * 1000, 1000, "ms", counts=False)
            for name, took in first.items()
        ),
    ]

"""The list of distributors: its server time, requests a second, a bare view's time, and growth with the data."""

import statistics
from typing import Any

from benchmarks.report import Row, seconds
from benchmarks.serving import cookie, gunicorn, requests_per_second, signed_in
from benchmarks.timing import medians
from benchmarks.work import Work

TIMES = 25
ROUNDS = 2
CLIENTS, SECONDS = 8, 6.0
ADMIN = "mei@jianghe.example"
FREQUENT = "search for a word that one in twelve has"
PAGES = {
    "list": "/distributors/",
    "filtered list": "/distributors/?abc=A&state=active&sort=-net_sales_12m",
    "searched list": "/distributors/?q={code}",
    FREQUENT: "/distributors/?q=Skylark",
}
NOTES = (
    "List: the server's time for 50 rows x 10 columns, the whole page with navigation and filters, in process with all "
    "middleware, for an administrator who sees every distributor. The bare view runs the same query and fills a table.",
    "The searched list asks for the code of one distributor. A word that one in twelve has finds a hundred times as "
    "many at `group` as at `region`, all counted: that line is for information.",
    f"Requests a second: {CLIENTS} clients over loopback against gunicorn as the Procfile starts it.",
)


def measure() -> dict[str, Any]:
    """Return seconds of each page and of the bare view, and the number of queries."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from distributors.profiles.models import Distributor

    client = signed_in(ADMIN)
    code = Distributor.objects.order_by("pk").values_list("code", flat=True)[500]

    def ask(path: str) -> Any:
        response = client.get(path.format(code=code))
        if response.status_code != 200:
            raise RuntimeError(f"{path} answered {response.status_code}")
        return response

    works = {name: (lambda path=path: ask(path)) for name, path in PAGES.items()}
    found = medians({**works, "bare": lambda: ask("/bare/list/")}, times=TIMES)
    queries = {}
    for name, path in PAGES.items():
        with CaptureQueriesContext(connection) as caught:
            ask(path)
        queries[name] = len(caught)
    return {"seconds": found, "queries": queries}


def load() -> dict[str, Any]:
    """Return the requests a second that the list answers."""
    with gunicorn() as port:
        headers = cookie(signed_in(ADMIN))
        requests_per_second(port, PAGES["list"], headers, clients=CLIENTS, seconds=1)
        return {
            "per_second": requests_per_second(port, PAGES["list"], headers, clients=CLIENTS, seconds=SECONDS),
        }


def growth_rows(found: dict[str, list[dict[str, Any]]], bar: float, most_queries: int) -> list[Row]:
    """Return a line of growth, and one of queries, for each page measured at both sizes."""
    small, large = next(iter(found)), next(reversed(found))
    lines = []
    for name in found[large][0]["queries"]:
        now, then = (statistics.median(one["seconds"][name] for one in found[size]) for size in (large, small))
        if small != large:
            title, sizes = f"{name}: growth", f"{small} > {large}"
            lines.append(Row(title, sizes, seconds(now), seconds(then), now / then, bar, counts=name != FREQUENT))
        counts = {size: found[size][-1]["queries"][name] for size in found}
        before = f"{counts[small]} at {small}" if small != large else ""
        same = len(set(counts.values())) == 1
        count = float(counts[large])
        lines.append(Row(f"{name}: queries", large, f"{count:.0f}", before, count, most_queries, "queries", also=same))
    return lines


def rows(work: Work) -> list[Row]:
    """Return the lines of this benchmark."""
    found = work.by_size("bench_list", "measure", rounds=ROUNDS)
    size = work.largest
    page, bare = (statistics.median(one["seconds"][name] for one in found[size]) for name in ("list", "bare"))
    per_second = work.child(work.databases.filled(size), "bench_list", "load")["per_second"]
    return [
        Row("list page, 50 x 10, one client", size, seconds(page), "", page * 1000, 60, "ms"),
        Row("list page against a bare view of its query", size, seconds(page), seconds(bare), page / bare, 3),
        Row(f"list page, {CLIENTS} clients", size, f"{per_second:.0f} /s", "", per_second, 40, "/s", at_least=True),
        *growth_rows(found, 2, 25),
    ]

"""A REST page of 100 distributors, against `values()` with the same authentication on the same server."""

import http.client
import statistics
from typing import Any

from benchmarks.report import Row, seconds
from benchmarks.serving import gunicorn, requests_per_second
from benchmarks.timing import medians
from benchmarks.work import Work

TIMES = 60
CLIENTS, SECONDS = 8, 5.0
OURS, BARE = "/api/v1/distributors/?page_size=100", "/api/bare/"
NOTES = (
    "REST: one keep-alive client over loopback against gunicorn, in turns. The bare view reads the same columns of the "
    "same rows with `values()`, with the same token authentication, throttle and renderer.",
)


def measure() -> dict[str, Any]:
    """Return seconds of both and requests a second of ours."""
    from accounts.models import User
    from accounts.tokens import token_create

    _token, text = token_create(
        actor=None, user=User.objects.get(email="erp@jianghe.example"), name="bench", scopes=["distributors:read"]
    )
    headers = {"Authorization": f"Bearer {text}"}
    with gunicorn() as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

        def ask(path: str) -> int:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            body = response.read()
            if response.status != 200:
                raise RuntimeError(f"{path} answered {response.status}: {body[:200]!r}")
            return len(body)

        lengths = {path: ask(path) for path in (OURS, BARE)}
        found = medians({"ours": lambda: ask(OURS), "bare": lambda: ask(BARE)}, times=TIMES, warm=10)
        rate = requests_per_second(port, OURS, headers, clients=CLIENTS, seconds=SECONDS)
    return {"seconds": found, "per_second": rate, "bytes": lengths}


def rows(work: Work) -> list[Row]:
    """Return the lines of this benchmark."""
    from distributors.profiles.api import DistributorViewSet

    found = work.by_size("bench_rest", "measure")
    lines = []
    for size, runs in found.items():
        ours, bare = (statistics.median(one["seconds"][name] for one in runs) for name in ("ours", "bare"))
        title = f"REST page, 100 x {len(DistributorViewSet.fields)} fields"
        lines.append(Row(title, size, seconds(ours), seconds(bare), ours / bare, 4, counts=size == work.largest))
    rate = found[work.largest][-1]["per_second"]
    lines.append(
        Row(
            f"REST page, {CLIENTS} clients",
            work.largest,
            f"{rate:.0f} /s",
            "",
            rate,
            35,
            "/s",
            at_least=True,
            counts=False,
        )
    )
    return lines

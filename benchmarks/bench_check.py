"""The credit check: its time at the 95th percentile against the bare SQL statements that it sends, in the same run."""

import statistics
import time
from decimal import Decimal
from typing import Any

from benchmarks.report import Row, seconds
from benchmarks.work import Work

CHECKS = 400
PERCENTILE = 95
BAR = 5
NOTES = (
    "Credit check: the service with its answer kept, one distributor after the other; the floor sends the statements "
    "that one check sent, with their parameters, over the same connection, in a transaction as the check does.",
)


def _percentile(times: list[float]) -> float:
    return sorted(times)[len(times) * PERCENTILE // 100]


def _timed(work: Any, count: int) -> list[float]:
    times = []
    for place in range(count):
        began = time.perf_counter()
        work(place)
        times.append(time.perf_counter() - began)
    return times


def measure() -> dict[str, Any]:
    """Return seconds at the percentile of checks and of their bare statements, and how many statements one sends."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User
    from accounts.roles import Role
    from distributors.credit.limits.checks import credit_check
    from distributors.profiles.models import Distributor

    finance = User.objects.filter(role=Role.FINANCE).order_by("pk").first()
    if finance is None:
        raise RuntimeError("The data has nobody of finance.")
    rows = Distributor.objects.filter(tier=1, merged_into=None, standing__receivable__gt=0).order_by("pk")
    some = list(rows[:CHECKS])

    def check(place: int) -> None:
        one = some[place % len(some)]
        credit_check(actor=finance, distributor=one, amount=Decimal(1000), currency="CNY")

    check(0)
    with CaptureQueriesContext(connection) as caught:
        check(0)
    sent = [row["sql"] for row in caught if not row["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]

    def bare(_place: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for sql in sent:
                cursor.execute(sql)

    return {
        "check": _percentile(_timed(check, CHECKS)),
        "bare": _percentile(_timed(bare, CHECKS)),
        "statements": len(sent),
    }


def rows(work: Work) -> list[Row]:
    """Return the line of this benchmark."""
    found = work.by_size("bench_check", "measure")[work.largest]
    ours, bare = (statistics.median(one[name] for one in found) for name in ("check", "bare"))
    floor = f"{seconds(bare)}, its {found[-1]['statements']} bare statements"
    return [Row(f"credit check, {PERCENTILE}th percentile", work.largest, seconds(ours), floor, ours / bare, BAR)]

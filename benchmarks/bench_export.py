"""The CSV of a list of sale lines: its first byte, its memory, and its time against COPY of the same rows."""

import time
from typing import Any
from urllib.parse import urlencode

from benchmarks.report import Row, seconds
from benchmarks.serving import signed_in
from benchmarks.work import Work

ROUNDS = 2
BAR, FIRST_BYTE, PEAK_MIB = 10.0, 1.0, 100
MOST = 1_000_000
ADMIN = "mei@jianghe.example"
NOTES = (
    "Export: the list of sale lines of the largest batch, up to 1 M rows, as the browser asks for it, in process with "
    "all middleware; every byte is read and thrown away. The floor is `COPY` of the same query to CSV. Memory is what "
    "the process grew by at its peak while it streamed.",
)


def _query() -> str:
    from django.db.models import Count

    from distributors.ledger.models import SaleLine

    batch = SaleLine.objects.current().values("batch__number").annotate(lines=Count("pk")).order_by("-lines").first()
    return urlencode({"batch": batch["batch__number"]})


def ours() -> dict[str, Any]:
    """Return the seconds to the first byte, the first row and the last, the rows, and the memory of streaming."""
    import resource

    def peak() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    client, query = signed_in(ADMIN), _query()
    client.get(f"/sale-lines/?{query}")
    before, started = peak(), time.perf_counter()
    response = client.get(f"/sale-lines/?{query}&export=csv")
    first, first_row, rows, size = 0.0, 0.0, 0, 0
    for part in response.streaming_content:
        first = first or time.perf_counter() - started
        rows, size = rows + part.count(b"\n"), size + len(part)
        if rows > 1 and not first_row:
            first_row = time.perf_counter() - started
        if rows > MOST:
            break
    response.close()
    return {
        "first": first,
        "first_row": first_row,
        "seconds": time.perf_counter() - started,
        "rows": rows - 1,
        "bytes": size,
        "mib": peak() - before,
    }


def floor() -> dict[str, Any]:
    """Return the seconds of COPY of the same query to CSV."""
    from django.db import connection
    from django.http import QueryDict

    from accounts.models import User
    from core.listing import Listing
    from distributors.ledger.sections import SaleLineSection

    table = Listing(SaleLineSection, User.objects.get(email=ADMIN), QueryDict(_query())).table
    rows = table.ordered().values_list("pk", *[column.source for column in table.shown])[:MOST]
    with connection.cursor() as cursor, open("/dev/null", "wb") as nowhere:
        sql, parameters = rows.query.sql_with_params()
        copy = f"COPY ({cursor.mogrify(sql, parameters).decode()}) TO STDOUT WITH (FORMAT csv)"
        started = time.perf_counter()
        cursor.copy_expert(copy, nowhere)
        return {"seconds": time.perf_counter() - started}


def rows(work: Work) -> list[Row]:
    """Return the lines of this benchmark."""
    size, url = work.largest, work.databases.filled(work.largest)
    runs = [work.child(url, "bench_export", "ours") for _round in range(ROUNDS)]
    bare = min(work.child(url, "bench_export", "floor")["seconds"] for _round in range(ROUNDS))
    took, first, row, mib = (min(run[name] for run in runs) for name in ("seconds", "first", "first_row", "mib"))
    title = f"export of {runs[0]['rows']:,} sale lines as CSV ({runs[0]['bytes'] / 1e6:.0f} MB)"
    return [
        Row(title, size, seconds(took), seconds(bare), took / bare, BAR),
        Row("export, first byte", size, seconds(first), "", first, FIRST_BYTE, "s"),
        Row("export, first row of data", size, seconds(row), "", row, FIRST_BYTE, "s", counts=False),
        Row("export, memory while it streams", size, f"{mib:.0f} MiB", "", mib, PEAK_MIB, "MiB"),
    ]

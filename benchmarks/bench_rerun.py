"""Import and roll-up again after few lines changed, against the import of all of them, in one database."""

from pathlib import Path
from typing import Any

from benchmarks.bench_import import CSV, LINES, ours
from benchmarks.report import Row, seconds
from benchmarks.work import Work

SHARE, SLACK = 0.05, 1.0
RANDOM_SHARE = 0.60
PART = 100  # one in a hundred
NOTES = (
    "Re-run: the import of a file that corrects every line of 1 % of the distributors, and of one that corrects 1 % of "
    "all lines, taken at random: matching with the lines in force, new revisions, roll-ups of the touched months and "
    "standings of the touched distributors. The whole is the import of all lines into the empty ledger, in the same "
    "run; the bar is 5 % of it and a second.",
)
WHICH = {
    "distributors": f"l.distributor_id % {PART} = 7",
    "lines": f"abs(hashtext(l.external_id)) % {PART} = 7",
}


def again(path: str, which: str) -> dict[str, Any]:
    """Return the seconds of the import of a file with one in a hundred distributors or lines changed."""
    from django.db import connection

    where = f"WHERE l.superseded_by_id IS NULL AND {WHICH[which]}"
    changed = CSV.replace("WHERE l.superseded_by_id IS NULL", where).replace(
        "l.amount / 10000.0", "(l.amount + 10000) / 10000.0"
    )
    with connection.cursor() as cursor, Path(path).open("wb") as file:
        cursor.copy_expert(changed, file)
        cursor.execute(f"SELECT count(*) FROM ledger_saleline l {where}")
        lines = cursor.fetchone()[0]
        cursor.execute("ANALYZE")
    return {"seconds": brought(path), "rows": lines}


def brought(path: str) -> float:
    """Return the seconds of one import into the ledger as it is."""
    from benchmarks.bench_import import _Runner
    from benchmarks.timing import timed
    from distributors.ledger.kinds.declaration import kind_of
    from distributors.ledger.models import Import
    from distributors.ledger.services import import_process, import_start

    def work() -> None:
        with Path(path).open("rb") as file:
            made = import_start(actor=None, kind=kind_of("sales"), file=file, filename="again.csv", background=False)
        import_process(import_id=made.pk, runner=_Runner())

    took = timed(work)
    made = Import.objects.latest("pk")
    if made.state != Import.State.PUBLISHED or not made.rows_changed:
        raise RuntimeError(f"the import ended {made.state} with {made.rows_changed} changed rows")
    return took


def whole(path: str) -> dict[str, Any]:
    """Return the seconds of the import of all lines into an empty ledger."""
    return ours(path)


def rows(work: Work) -> list[Row]:
    """Return the lines of this benchmark."""
    count, name = LINES[work.largest], "bench_rerun"
    path = str(work.folder / "all.csv")
    url = work.databases.empty(name)
    work.databases.made.append(name)
    print(f"Writing a file of {count:,} lines ...", flush=True)
    work.child(url, "bench_import", "prepare", str(count), path)
    full = work.child(url, "bench_rerun", "whole", path)["seconds"]
    few = work.child(url, "bench_rerun", "again", path, "distributors")
    some = work.child(url, "bench_rerun", "again", path, "lines")
    Path(path).unlink()
    bar = round(SHARE + SLACK / full, 2)
    return [
        Row(
            f"import again, {few['rows']:,} lines of 1 % of the distributors changed",
            work.largest,
            seconds(few["seconds"]),
            seconds(full),
            few["seconds"] / full,
            bar,
        ),
        Row(
            f"import again, 1 % of the lines ({some['rows']:,}) changed",
            work.largest,
            seconds(some["seconds"]),
            seconds(full),
            some["seconds"] / full,
            RANDOM_SHARE,
        ),
    ]

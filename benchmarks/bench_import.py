"""Import of sale lines from CSV by the real service, against COPY into a table with the same keys and one GROUP BY."""

from pathlib import Path
from typing import Any

from benchmarks.report import Row, seconds
from benchmarks.timing import median, timed
from benchmarks.work import Work

BAR, PEAK_MIB = 3.0, 600
LINES = {"region": 100_000, "group": 1_000_000}
ROUNDS = 2
LINES_EACH = 100  # of a distributor, as in the largest size
NOTES = (
    "Import: what `manage.py import_data sales` and the worker call: decoding, typing, references, units, rates, "
    "staging, whole-file checks, publication, both roll-ups and standing, committed. The floor is `COPY` of the same "
    "file into an empty table with the same unique keys and indexes, plus one `GROUP BY` by distributor, month, kind.",
    "Peak memory is that of the process which imports, its interpreter included.",
)
COLUMNS = (
    "external_id", "distributor", "product", "day", "kind", "order_type", "quantity", "unit", "amount", "tax", "cost",
    "currency", "order_number", "promotion", "salesperson", "ship_to", "promised_on", "delivered_on",
)  # fmt: skip
CSV = """
COPY (
    SELECT l.external_id, d.code AS distributor, p.sku AS product, l.day, l.kind, l.order_type,
           trim_scale(l.quantity / 10000.0) AS quantity, l.unit, trim_scale(l.amount / 10000.0) AS amount,
           trim_scale(l.tax / 10000.0) AS tax, trim_scale(l.cost / 10000.0) AS cost, l.currency, l.order_number,
           l.promotion, l.salesperson, l.ship_to, l.promised_on, l.delivered_on
    FROM ledger_saleline l JOIN profiles_distributor d ON d.id = l.distributor_id
    JOIN ledger_product p ON p.id = l.product_id
    WHERE l.superseded_by_id IS NULL ORDER BY l.day, l.external_id
) TO STDOUT WITH (FORMAT csv, HEADER)
"""
EMPTIED = (
    "ledger_saleline", "ledger_monthlysales", "ledger_monthlylinesales", "ledger_importproblem", "ledger_batch",
    "ledger_import", "classification_classification", "classification_classevent", "classification_classrun",
)  # fmt: skip
FLOOR_TABLE = """
CREATE TABLE bench_floor (
    id bigserial PRIMARY KEY, source_id bigint NOT NULL DEFAULT 1, revision integer NOT NULL DEFAULT 1,
    batch_id bigint NOT NULL DEFAULT 1, superseded_by_id bigint, external_id varchar(80) NOT NULL,
    distributor varchar(40) NOT NULL, product varchar(60) NOT NULL, day date NOT NULL, kind varchar(12) NOT NULL,
    order_type varchar(12) NOT NULL, quantity numeric NOT NULL, unit varchar(20), amount numeric NOT NULL,
    tax numeric NOT NULL, cost numeric, currency varchar(3) NOT NULL, order_number varchar(60), promotion varchar(60),
    salesperson varchar(40), ship_to varchar(40), promised_on date, delivered_on date
);
CREATE UNIQUE INDEX ON bench_floor (source_id, external_id, revision);
CREATE UNIQUE INDEX ON bench_floor (source_id, external_id) WHERE superseded_by_id IS NULL;
CREATE INDEX ON bench_floor (distributor, day);
CREATE INDEX ON bench_floor (day) WHERE superseded_by_id IS NULL;
CREATE INDEX ON bench_floor (batch_id);
"""
FLOOR_SUMS = """
CREATE TABLE bench_sums AS
SELECT distributor, date_trunc('month', day)::date AS month, kind, sum(quantity) AS quantity, sum(amount) AS amount,
       count(*) AS lines FROM bench_floor GROUP BY 1, 2, 3
"""


def prepare(lines: str, path: str) -> dict[str, Any]:
    """Generate a channel with its lines, write them as a file, and leave everything but the lines in the database."""
    from django.db import connection
    from django.test import override_settings

    from config.demo import services, sizes

    count = int(lines)
    size = sizes.Size("bench", count // LINES_EACH, count, 1_000, districts=12, closes=1)
    with override_settings(DEBUG=True):
        sizes.SIZES["bench"] = size
        services.demo_create(size="bench", seed=1)
    connection.force_debug_cursor = False
    with connection.cursor() as cursor, Path(path).open("wb") as file:
        cursor.copy_expert(CSV, file)
    return {"bytes": Path(path).stat().st_size}


def _empty() -> None:
    from core.database import run

    run(f"TRUNCATE {', '.join(EMPTIED)} CASCADE")
    run("VACUUM ANALYZE ledger_saleline, ledger_monthlysales, ledger_monthlylinesales")


class _Runner:
    """The foreground: nobody else runs this import."""

    def fence(self) -> None:
        """Hold nothing."""

    def advance(self, **_progress: Any) -> None:
        """Say nothing."""


def ours(path: str) -> dict[str, Any]:
    """Return the seconds of one import of the file into an empty ledger."""
    from distributors.ledger.kinds.declaration import kind_of
    from distributors.ledger.models import Import, SaleLine
    from distributors.ledger.services import import_process, import_start

    def work() -> None:
        with Path(path).open("rb") as file:
            made = import_start(actor=None, kind=kind_of("sales"), file=file, filename="bench.csv", background=False)
        import_process(import_id=made.pk, runner=_Runner())

    _empty()
    took = timed(work)
    made = Import.objects.latest("pk")
    if made.state != Import.State.PUBLISHED:
        problems = list(made.problems.values_list("row", "column", "value", "reason")[:5])
        raise RuntimeError(f"the import ended {made.state}: {problems}")
    return {"seconds": took, "rows": SaleLine.objects.count()}


def floor(path: str) -> dict[str, Any]:
    """Return the median seconds of COPY and GROUP BY."""
    from django.db import connection, transaction

    from core.database import run

    def begin() -> None:
        run("DROP TABLE IF EXISTS bench_floor, bench_sums")
        run(FLOOR_TABLE)

    def work() -> None:
        with transaction.atomic(), connection.cursor() as cursor, Path(path).open("rb") as file:
            cursor.copy_expert(f"COPY bench_floor ({', '.join(COLUMNS)}) FROM STDIN WITH (FORMAT csv, HEADER)", file)
            cursor.execute(FLOOR_SUMS)

    found = median(work, times=ROUNDS + 1, before=begin)
    run("DROP TABLE bench_floor, bench_sums")
    return {"seconds": found}


def rows(work: Work) -> list[Row]:
    """Return the lines of this benchmark."""
    count = LINES[work.largest]
    path = str(work.folder / "sales.csv")
    name = "bench_import"
    url = work.databases.empty(name)
    work.databases.made.append(name)
    print(f"Writing a file of {count:,} lines ...", flush=True)
    held = work.child(url, "bench_import", "prepare", str(count), path)
    runs = [work.child(url, "bench_import", "ours", path) for _round in range(ROUNDS)]
    bare = work.child(url, "bench_import", "floor", path)["seconds"]
    Path(path).unlink()
    took = sum(run["seconds"] for run in runs) / len(runs)
    title = f"import {runs[0]['rows']:,} sale lines from CSV ({held['bytes'] / 1e6:.0f} MB)"
    peak = max(run["peak_mib"] for run in runs)
    return [
        Row(title, work.largest, seconds(took), seconds(bare), took / bare, BAR),
        Row("import, peak memory of the process", work.largest, f"{peak:.0f} MiB", "", peak, PEAK_MIB, "MiB"),
    ]

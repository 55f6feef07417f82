"""ABC and 532 of the whole channel with their history, against one bare window query over the same roll-up."""

from datetime import date
from typing import Any

from benchmarks.report import Row, seconds
from benchmarks.timing import median
from benchmarks.work import Work

BAR = 2.0
TIMES = 3
NOTES = (
    "ABC and 532: both tiers classified at a month close by value and by volume (read, rank, dynamics, history, "
    "standing, events, audit, committed), against one `INSERT ... SELECT` with window functions over the roll-up into "
    "a table of the same columns, keys and foreign keys.",
)

FLOOR = """
INSERT INTO bench_floor (run_id, distributor_id, raw, settled, effective, pending, cause, rule, rank, basis, share,
                         cumulative, cumulative_share, volume_group, quantity, volume_rank, volume_share,
                         volume_cumulative_share, short_history, overridden)
SELECT run_id, id, klass, klass, klass, '', '', 1, place, basis, basis::numeric / nullif(total, 0), running,
       running / nullif(total, 0),
       CASE WHEN volume_running <= 0.5 * volume_total THEN '5' WHEN volume_running <= 0.8 * volume_total THEN '3'
            ELSE '2' END,
       quantity, volume_place, quantity::numeric / nullif(volume_total, 0), volume_running / nullif(volume_total, 0),
       false, false
FROM (
    SELECT *, CASE WHEN running <= 0.7 * total THEN 'A' WHEN running <= 0.9 * total THEN 'B' ELSE 'C' END AS klass
    FROM (
        SELECT d.id, r.run_id, coalesce(s.basis, 0) AS basis,
               rank() OVER each_tier AS place,
               sum(greatest(coalesce(s.basis, 0), 0)) OVER each_tier AS running,
               sum(greatest(coalesce(s.basis, 0), 0)) OVER (PARTITION BY d.tier) AS total,
               coalesce(s.quantity, 0) AS quantity, rank() OVER each_volume AS volume_place,
               sum(greatest(coalesce(s.quantity, 0), 0)) OVER each_volume AS volume_running,
               sum(greatest(coalesce(s.quantity, 0), 0)) OVER (PARTITION BY d.tier) AS volume_total
        FROM profiles_distributor d
        JOIN (SELECT p.tier, max(c.id) AS run_id FROM classification_classrun c
              JOIN classification_policy p ON p.id = c.policy_id GROUP BY 1) r ON r.tier = d.tier
        LEFT JOIN (SELECT distributor_id, sum(amount) AS basis, sum(quantity) AS quantity
                   FROM ledger_monthlysales
                   WHERE month >= %s AND month < %s AND kind IN ('sell_in', 'return') GROUP BY 1) s
               ON s.distributor_id = d.id
        WHERE d.merged_into_id IS NULL AND d.state IN ('approved', 'active', 'watch', 'exiting')
        WINDOW each_tier AS (PARTITION BY d.tier ORDER BY coalesce(s.basis, 0) DESC),
               each_volume AS (PARTITION BY d.tier ORDER BY coalesce(s.quantity, 0) DESC)
    ) ranked
) classed
"""


def measure() -> dict[str, Any]:
    """Return the seconds of ours and of the floor, and how many were classified."""
    from django.db import connection, transaction

    from core.database import run
    from core.periods import full_months
    from distributors.classification.models import ClassRun, Policy
    from distributors.classification.services import classification_run
    from distributors.classification.services.publishing import official_withdraw

    policies = list(Policy.objects.order_by("tier"))
    as_of = ClassRun.objects.filter(official=True).latest("as_of").as_of
    window = full_months(as_of, 12)

    def reopen() -> None:
        with transaction.atomic():
            for policy in policies:
                official_withdraw(run=ClassRun.objects.get(policy=policy, official=True, as_of=as_of))
        _vacuum("classification_classification", "profiles_standing", "classification_classevent")

    def ours() -> None:
        for policy in policies:
            classification_run(policy=policy, as_of=as_of, official=True)

    _floor_table(run)
    floor = median(
        lambda: run(FLOOR, [window.start, window.end]), times=TIMES, before=lambda: run("TRUNCATE bench_floor")
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bench_floor")
        (written,) = cursor.fetchone()
    run("DROP TABLE bench_floor")
    took = median(ours, times=TIMES, before=reopen)
    members = sum(ClassRun.objects.filter(official=True, as_of=as_of).values_list("members", flat=True))
    return {"ours": took, "floor": floor, "members": members, "floor_rows": written, "as_of": date.isoformat(as_of)}


def _floor_table(run: Any) -> None:
    run("DROP TABLE IF EXISTS bench_floor")
    run("CREATE TABLE bench_floor (LIKE classification_classification INCLUDING ALL)")
    run("ALTER TABLE bench_floor ADD FOREIGN KEY (run_id) REFERENCES classification_classrun")
    run("ALTER TABLE bench_floor ADD FOREIGN KEY (distributor_id) REFERENCES profiles_distributor")


def _vacuum(*tables: str) -> None:
    from core.database import run

    for table in tables:
        run(f"VACUUM ANALYZE {table}")


def rows(work: Work) -> list[Row]:
    """Return the lines of this benchmark."""
    found = []
    for size, (figures,) in work.by_size("bench_abc", "measure").items():
        title = f"ABC and 532, {figures['members']:,} distributors, history written"
        ours, floor = figures["ours"], figures["floor"]
        counts = size == work.largest
        found.append(Row(title, size, seconds(ours), seconds(floor), ours / floor, BAR, counts=counts))
    peak = figures["peak_mib"]
    found.append(Row("ABC and 532, peak memory of the process", size, f"{peak:.0f} MiB", "", peak, 600, "MiB"))
    return found

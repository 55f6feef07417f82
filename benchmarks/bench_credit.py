"""All credit cards scored and published, against the bare SQL that yields their inputs and writes as many rows."""

from datetime import timedelta
from typing import Any

from benchmarks.report import Row, seconds
from benchmarks.timing import median
from benchmarks.work import Work

BAR = 3.0
TIMES = 3
NOTES = (
    "Credit: every card scored as of today (read, scored, history, standing, events, audit, committed), against the "
    "plain statements that yield the same inputs and one `INSERT ... SELECT` of as many rows into a table of the same "
    "columns, keys and foreign keys.",
)

INPUTS = (
    """
    SELECT sum(due) FROM (
        SELECT i.distributor_id, sum(i.base_amount) AS due FROM ledger_invoice i
        WHERE i.superseded_by_id IS NULL AND i.kind = 'invoice' AND NOT i.cancelled AND NOT i.disputed
              AND i.due_on > %(year)s AND i.due_on <= %(day)s GROUP BY 1) x
    """,
    """
    SELECT sum(paid) FROM (
        SELECT i.distributor_id, sum(a.amount) AS paid FROM ledger_invoice i
        JOIN ledger_allocation a ON a.invoice_id = i.id
        WHERE i.superseded_by_id IS NULL AND i.kind = 'invoice' AND NOT i.cancelled AND NOT i.disputed
              AND i.due_on > %(year)s AND i.due_on <= %(day)s AND a.day - i.due_on <= 5 GROUP BY 1) x
    """,
    """
    SELECT sum(now), sum(before) FROM (
        SELECT distributor_id, sum(CASE WHEN month >= %(year)s THEN amount ELSE 0 END) AS now,
               sum(CASE WHEN month < %(year)s THEN amount ELSE 0 END) AS before
        FROM ledger_monthlysales WHERE kind IN ('sell_in', 'return') AND month >= %(years)s AND month < %(day)s
        GROUP BY 1) x
    """,
    """
    SELECT sum(stock) FROM (
        SELECT distributor_id, sum(value) / count(DISTINCT day) AS stock FROM ledger_stocksnapshot
        WHERE superseded_by_id IS NULL AND value IS NOT NULL AND day > %(year)s AND day <= %(day)s GROUP BY 1) x
    """,
    """
    SELECT sum(n) FROM (
        SELECT distributor_id, count(*) AS n FROM ledger_occurrence
        WHERE superseded_by_id IS NULL AND kind IN ('contract_breach', 'case_upheld') AND day > %(year)s GROUP BY 1) x
    """,
    """
    SELECT sum(score) FROM (
        SELECT score, row_number() OVER (PARTITION BY distributor_id, item ORDER BY reviewed_on DESC, id DESC) AS n
        FROM credit_evidence WHERE withdrawn_at IS NULL) x WHERE n = 1
    """,
    """
    SELECT sum(equity) FROM (
        SELECT equity, row_number() OVER (PARTITION BY distributor_id ORDER BY year DESC, id DESC) AS n
        FROM credit_accounts WHERE withdrawn_at IS NULL) x WHERE n = 1
    """,
)


def measure() -> dict[str, Any]:
    """Return the seconds of ours and of the floor, and how many cards were scored."""
    from core import clock
    from core.database import quoted, rows, run
    from distributors.credit.cards.runs import scores_run
    from distributors.credit.models import CreditScore

    today = clock.today()
    made = scores_run(as_of=today, monthly=False)
    names = quoted(field.column for field in CreditScore._meta.concrete_fields if not field.primary_key)
    copied = f"INSERT INTO bench_floor ({names}) SELECT {names} FROM credit_creditscore WHERE run_id = %s"
    days = {"day": today, "year": today - timedelta(days=365), "years": today - timedelta(days=730)}

    def floor() -> None:
        for statement in INPUTS:
            rows(statement, days)
        run(copied, [made.pk])

    run("DROP TABLE IF EXISTS bench_floor")
    run("CREATE TABLE bench_floor (LIKE credit_creditscore INCLUDING ALL)")
    run("ALTER TABLE bench_floor ADD FOREIGN KEY (run_id) REFERENCES credit_scorerun")
    run("ALTER TABLE bench_floor ADD FOREIGN KEY (distributor_id) REFERENCES profiles_distributor")
    bare = median(floor, times=TIMES, before=lambda: run("TRUNCATE bench_floor"))
    run("DROP TABLE bench_floor")
    took = median(lambda: scores_run(as_of=today, monthly=False), times=TIMES, before=_vacuum)
    return {"ours": took, "floor": bare, "members": made.members}


def _vacuum() -> None:
    from core.database import run

    for table in ("credit_creditscore", "profiles_standing", "credit_gradeevent"):
        run(f"VACUUM ANALYZE {table}")


def rows(work: Work) -> list[Row]:
    """Return the lines of this benchmark."""
    found = []
    for size, (figures,) in work.by_size("bench_credit", "measure").items():
        title = f"credit, {figures['members']:,} cards scored, history written"
        ours, floor = figures["ours"], figures["floor"]
        counts = size == work.largest
        found.append(Row(title, size, seconds(ours), seconds(floor), ours / floor, BAR, counts=counts))
    peak = figures["peak_mib"]
    found.append(Row("credit, peak memory of the process", size, f"{peak:.0f} MiB", "", peak, 600, "MiB"))
    return found

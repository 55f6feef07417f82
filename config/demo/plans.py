"""What distributors have in stock, what they are to reach, and a few dated facts that scores read."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from accounts.models import Territory
from config.demo.sales import Ledger
from config.demo.writing import rows_write
from core.database import rows
from core.periods import month_of, month_shift
from distributors.ledger.models import MonthlySales, SaleLine
from distributors.ledger.records import Occurrence, StockSnapshot, Target
from distributors.profiles.models import Distributor

SALES = MonthlySales._meta.db_table
STOCK_MONTHS, STOCK_MOST = 3, 12
AMBITION = 1.08
UP_TO_LEVEL = 3  # the country and its regions and provinces have targets of their own
REPORTS, IN_TIME = 3, 0.85
BREACHES = 0.04
COMPLAINTS = 0.05


def stock_write(ledger: Ledger, batch: int) -> int:
    """Write the stock of tier 1 at the last month's end, from what was bought in the months before."""
    last = month_of(ledger.demand.last)
    day = last - timedelta(days=1)
    since = month_shift(last, -STOCK_MONTHS)
    found = rows(
        "SELECT distributor_id, product_id, quantity, cost FROM ("
        "SELECT l.distributor_id, l.product_id, sum(l.base_quantity) AS quantity, sum(l.base_cost) AS cost, "
        "row_number() OVER (PARTITION BY l.distributor_id ORDER BY sum(l.base_quantity) DESC, l.product_id) AS place "
        f"FROM {SaleLine._meta.db_table} l JOIN {Distributor._meta.db_table} d ON d.id = l.distributor_id "
        f"WHERE l.superseded_by_id IS NULL AND d.tier = 1 AND l.day >= '{since}' AND l.day < '{last}' "
        "GROUP BY l.distributor_id, l.product_id HAVING sum(l.base_quantity) > 0) AS bought "
        f"WHERE place <= {STOCK_MOST} ORDER BY distributor_id, product_id"
    )
    if not found:
        return 0
    who, product, quantity, cost = (np.array(column, dtype=np.int64) for column in zip(*found, strict=True))
    rng = np.random.default_rng([ledger.seed, 6])
    share = rng.choice([0.08, 0.2, 0.35, 0.6, 1.2], len(who), p=[0.15, 0.3, 0.3, 0.2, 0.05])
    kept = np.maximum(1, np.rint(quantity / 10_000 * share)).astype(np.int64)
    value = kept * np.maximum(0, cost) * 10_000 // quantity
    rows_write(
        StockSnapshot,
        {
            **_revision(ledger, len(who), batch),
            "distributor_id": who,
            "product_id": product,
            "day": day,
            "quantity": kept * 10_000,
            "base_quantity": kept * 10_000,
            "unit": "pc",
            "value": value,
        },
        len(who),
    )
    return len(who)


def targets_write(ledger: Ledger, batch: int) -> int:
    """Write the months of this year for distributors, their reps and their territories: last year with some more."""
    year = date(ledger.demand.last.year, 1, 1)
    found = rows(
        f"SELECT m.distributor_id, d.owner_id, d.territory_path, m.month, sum(m.amount) FROM {SALES} m "
        f"JOIN {Distributor._meta.db_table} d ON d.id = m.distributor_id WHERE d.tier = 1 AND m.kind <> 'sell_through' "
        f"AND m.month >= '{month_shift(year, -12)}' AND m.month < '{year}' "
        "GROUP BY m.distributor_id, d.owner_id, d.territory_path, m.month HAVING sum(m.amount) > 0 "
        "ORDER BY m.distributor_id, m.month"
    )
    wanted: dict[tuple[str, int, date], int] = {}
    nodes = dict(Territory.objects.values_list("path", "pk"))
    width = min(map(len, nodes))
    for distributor, owner, path, before, amount in found:
        month = month_shift(date.fromisoformat(str(before)), 12)
        value = max(1, round(int(amount) * AMBITION / 1_000_000)) * 1_000_000
        for kind, key in (("distributor", distributor), ("person", owner), *_above(path, width, nodes)):
            if key is not None:
                wanted[kind, key, month] = wanted.get((kind, key, month), 0) + value
    if not wanted:
        return 0
    kinds, keys, months = zip(*wanted, strict=True)
    owners = {
        f"{name}_id": pa.array(
            [key if kind == name else None for kind, key in zip(kinds, keys, strict=True)], pa.int64()
        )
        for name in ("distributor", "person", "territory")
    }
    columns: dict[str, Any] = {**_revision(ledger, len(keys), batch), **owners}
    columns |= {"owner_kind": list(kinds), "owner_key": list(keys), "day": list(months), "value": list(wanted.values())}
    rows_write(Target, columns, len(keys))
    return len(keys)


def _above(path: str, width: int, nodes: dict[str, int]) -> list[tuple[str, int]]:
    return [("territory", nodes[path[: width * level]]) for level in range(1, min(UP_TO_LEVEL, len(path) // width) + 1)]


def occurrences_write(ledger: Ledger, batch: int) -> int:
    """Write the reports due and received, the complaints and the breaches of contract of the last months."""
    channel, last = ledger.demand.channel, ledger.demand.last
    rng = np.random.default_rng([ledger.seed, 7])
    active = np.flatnonzero((channel.tier == 1) & (channel.weight > 0) & (channel.state == "active"))
    kinds: list[str] = []
    who: list[int] = []
    days: list[date] = []
    names: list[str] = []

    def add(kind: str, chosen: np.ndarray, day: date, name: str) -> None:
        kinds.extend([kind] * len(chosen))
        who.extend(channel.pk[chosen].tolist())
        days.extend([min(day, last)] * len(chosen))
        names.extend([name] * len(chosen))

    for back in range(1, REPORTS + 1):
        month = month_shift(month_of(last), 1 - back)
        add(Occurrence.Kind.REPORT_DUE, active, month, f"REP-{month:%Y%m}")
        in_time = active[rng.random(len(active)) < IN_TIME]
        add(
            Occurrence.Kind.REPORT_RECEIVED,
            in_time,
            month + timedelta(days=int(rng.integers(0, 4))),
            f"REP-{month:%Y%m}",
        )
        unhappy = active[rng.random(len(active)) < COMPLAINTS]
        add(Occurrence.Kind.COMPLAINT_RECEIVED, unhappy, month + timedelta(days=9), f"COM-{month:%Y%m}")
    breaking = active[rng.random(len(active)) < BREACHES]
    add(Occurrence.Kind.CONTRACT_BREACH, breaking, last - timedelta(days=100), f"BR-{last:%Y%m}")
    rows_write(
        Occurrence,
        {
            **_revision(ledger, len(who), batch),
            "distributor_id": np.array(who, dtype=np.int64),
            "kind": [str(kind) for kind in kinds],
            "external_id": names,
            "day": days,
        },
        len(who),
    )
    return len(who)


def _revision(ledger: Ledger, count: int, batch: int) -> dict[str, Any]:
    return {"source_id": ledger.source, "batch_id": batch, "superseded_by_id": pa.nulls(count, pa.int64())}

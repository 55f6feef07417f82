"""Monthly roll-ups and the sales part of Standing, both written set-wise from the current lines."""

from datetime import date

from core.database import (
    Grouping,
    analyze,
    date_sql,
    days_between_sql,
    differs_sql,
    hashed_sql,
    insert_grouped,
    month_sql,
    next_month_sql,
    run,
)
from core.periods import full_months, whole_year_before
from distributors.ledger.merged import any_merged, counts_for, family_sql, members_sql
from distributors.ledger.models import (
    COUNTED_ORDER_TYPES,
    NET_SALES,
    MonthlyLineSales,
    MonthlySales,
    PeriodLock,
    Product,
    SaleLine,
)
from distributors.profiles.models import Standing

LINES = SaleLine._meta.db_table
PRODUCTS = Product._meta.db_table
SALES = MonthlySales._meta.db_table
LINE_SALES = MonthlyLineSales._meta.db_table
STANDING = Standing._meta.db_table
COUNTED = ", ".join(f"'{kind.value}'" for kind in COUNTED_ORDER_TYPES)
NET = "({})".format(", ".join(f"'{kind.value}'" for kind in NET_SALES))
LEAST_GAPS = 2
GROWTH_MOST = 99_999

ORDER = "CASE WHEN l.order_number = '' THEN CAST(l.day AS text) ELSE l.order_number END"
COARSE = Grouping(SALES, ("distributor_id", "month", "kind", "counted"))
FINE = Grouping(LINE_SALES, (*COARSE.keys, "line_id"))
FORCE = "l.superseded_by_id IS NULL"


def adjusted() -> bool:
    """Tell whether rows may count in another month than that of their date, because months were closed."""
    return PeriodLock.objects.exists()


def sums_sql(*, adjustments: bool) -> dict[str, str]:
    """Return the sums over `lines_sql` by the column that takes them; what is taken off counts below zero."""
    return {
        "quantity": "sum(base_quantity)",
        "amount": "sum(base_amount)",
        "tax": "sum(base_tax)",
        "cost": "coalesce(sum(base_cost), 0)",
        "lines": "sum(step)" if adjustments else "count(*)",
        "orders": "count(DISTINCT order_key)" + (" - count(DISTINCT order_out)" if adjustments else ""),
        "products": "count(DISTINCT product_id)",
        "first_on": "min(day)",
        "last_on": "max(day)",
    }


def lines_sql(*, pairs: str | None = None, adjustments: bool) -> str:
    """Return the SELECT of what the roll-ups sum: of the months in table `pairs`, or of all.

    A row counts in the month of its date, or in the one it is booked in. One that was superseded after its month was
    closed goes on counting there, and is taken off in the month that was open then; so closed months never change.
    """
    month = month_sql("l.day")
    # The range beside the equality lets few months be read by the index on distributor and day, many by one pass.
    own = f"t.month = {month} AND l.day >= t.month AND l.day < {next_month_sql('t.month')}"
    if not adjustments:
        return _part(month, own, FORCE, pairs)
    kept = f"({FORCE} OR l.removed_in IS NOT NULL)"
    return " UNION ALL ".join(
        (
            _part("l.removed_in", "t.month = l.removed_in", "l.removed_in IS NOT NULL", pairs, sign="-"),
            _part(month, own, f"l.booked_in IS NULL AND {kept}", pairs),
            _part("l.booked_in", "t.month = l.booked_in", f"l.booked_in IS NOT NULL AND {kept}", pairs),
        )
    )


def _part(month: str, same_month: str, where: str, pairs: str | None, sign: str = "") -> str:
    order, none = hashed_sql(ORDER), "NULL"
    plus = not sign
    joins, whose = _whose(pairs, same_month)
    return (
        f"SELECT {whose} AS distributor_id, {month} AS month, l.kind, l.order_type IN ({COUNTED}) AS counted, "
        f"p.line_id, {sign}1 AS step, {sign}l.base_quantity AS base_quantity, {sign}l.base_amount AS base_amount, "
        f"{sign}l.base_tax AS base_tax, {sign}l.base_cost AS base_cost, l.day, "
        f"{'l.product_id' if plus else none} AS product_id, {order if plus else none} AS order_key, "
        f"{none if plus else order} AS order_out "
        f"FROM {LINES} l JOIN {PRODUCTS} p ON p.id = l.product_id {joins}WHERE {where}"
    )


def _whose(pairs: str | None, same_month: str) -> tuple[str, str]:
    """Return the joins to the asked months, and for whom a line counts."""
    if not any_merged():
        return (f"JOIN {pairs} t ON t.distributor_id = l.distributor_id AND {same_month} " if pairs else ""), (
            "l.distributor_id"
        )
    if pairs:
        return f"JOIN ({members_sql(pairs)}) t ON t.id = l.distributor_id AND {same_month} ", "t.survivor"
    join, whose = counts_for("l")
    return f"{join} ", whose


def rollups_refresh(*, pairs: str | None = None) -> None:
    """Make the roll-ups again: of the (distributor_id, month) in table `pairs`, or all of them."""
    for table in (SALES, LINE_SALES):
        where = ""
        if pairs:
            where = (
                f" WHERE EXISTS (SELECT 1 FROM {pairs} t WHERE t.distributor_id = {table}.distributor_id "
                f"AND t.month = {table}.month)"
            )
        run(f"DELETE FROM {table}{where}")
    late = adjusted()
    insert_grouped(lines_sql(pairs=pairs, adjustments=late), sums_sql(adjustments=late), FINE, COARSE)


STANDING_COLUMNS = (
    "net_sales_12m",
    "net_sales_before",
    "growth",
    "orders_12m",
    "first_sale_on",
    "last_order_on",
    "order_gap_days",
    "sales_as_of",
)


def _ends_sql(family: str) -> str:
    """Return the CTEs of the first and last order day of those of whom a closed month holds what is in force no more.

    The sums of such a month never change, nor do the days beside them; of all others the days of the roll-ups hold.
    """
    join, whose = counts_for("l")
    return (
        f"gone AS MATERIALIZED (SELECT DISTINCT {whose} AS distributor_id FROM {LINES} l {join} "
        f"WHERE l.removed_in IS NOT NULL AND l.kind = 'sell_in' {family}), "
        f"ends AS MATERIALIZED (SELECT {whose} AS distributor_id, min(l.day) AS first_on, max(l.day) AS last_on "
        f"FROM {LINES} l {join} WHERE {FORCE} AND l.kind = 'sell_in' "
        f"AND l.distributor_id IN ({family_sql('gone')}) GROUP BY {whose}), "
    )


def _growth_sql(net: str, was: str, first: str, as_of: date) -> str:
    growth = f"round(1.0 * ({net} - {was}) / {was}, 4)"
    late = f"({first}) IS NULL OR ({first}) >= {date_sql(whole_year_before(as_of))}"
    return (
        f"CASE WHEN {was} <= 0 OR {late} THEN NULL WHEN {growth} > {GROWTH_MOST} THEN {GROWTH_MOST} "
        f"WHEN {growth} < -{GROWTH_MOST} THEN -{GROWTH_MOST} ELSE {growth} END"
    )


def standing_sql(*, as_of: date, pairs: str | None = None) -> str:
    """Return the SELECT that gives every distributor's sales figures as of a day, or those in table `pairs`.

    Net sales are sell-in and returns of the last 12 full months; the usual gap is the median of the days between
    the order days of the last twelve months, where there are at least three of them. First sale and last order are
    of lines in force. There is no growth without a whole year before.
    """
    window, only = full_months(as_of, 12), ""
    if pairs:
        only = f"AND {{alias}}.distributor_id IN (SELECT distributor_id FROM {pairs})"
    family = f"AND l.distributor_id IN ({family_sql(pairs)})" if pairs else ""
    join, whose = counts_for("l")
    year_ago = as_of.replace(year=as_of.year - 1, day=min(as_of.day, 28))

    def span(start: date, end: date) -> str:
        return f"m.month >= '{start}' AND m.month < '{end}'"

    now, before = span(window.start, window.end), span(window.before().start, window.before().end)
    net, was = "coalesce(s.net, 0)", "coalesce(s.was, 0)"
    late, ends, first, last = adjusted(), "", "s.first_on", "s.last_on"
    if late:
        ends = "".join(
            f"LEFT JOIN {name} {alias} ON {alias}.distributor_id = g.distributor_id "
            for name, alias in (("gone", "c"), ("ends", "e"))
        )
        first, last = (
            f"CASE WHEN c.distributor_id IS NULL THEN s.{name} ELSE e.{name} END" for name in ("first_on", "last_on")
        )
    return (
        f"WITH sums AS (SELECT m.distributor_id, sum(CASE WHEN {now} THEN m.amount ELSE 0 END) AS net, "
        f"sum(CASE WHEN {before} THEN m.amount ELSE 0 END) AS was, "
        f"sum(CASE WHEN {now} AND m.kind = 'sell_in' THEN m.orders ELSE 0 END) AS orders, "
        "min(CASE WHEN m.kind = 'sell_in' THEN m.first_on END) AS first_on, "
        "max(CASE WHEN m.kind = 'sell_in' THEN m.last_on END) AS last_on "
        f"FROM {SALES} m WHERE m.kind IN {NET} {only.format(alias='m')} GROUP BY m.distributor_id), "
        f"days AS (SELECT DISTINCT {whose} AS distributor_id, l.day FROM {LINES} l {join} "
        "WHERE l.superseded_by_id IS NULL "
        f"AND l.kind = 'sell_in' AND l.day > '{year_ago}' AND l.day <= '{as_of}' {family}), "
        f"gaps AS (SELECT distributor_id, {days_between_sql('day', 'lag(day) OVER each_one')} AS gap "
        "FROM days WINDOW each_one AS (PARTITION BY distributor_id ORDER BY day)), "
        "ranked AS (SELECT distributor_id, gap, row_number() OVER (PARTITION BY distributor_id ORDER BY gap) AS place, "
        "count(*) OVER (PARTITION BY distributor_id) AS total FROM gaps WHERE gap IS NOT NULL), "
        f"{_ends_sql(family) if late else ''}"
        f"usual AS (SELECT distributor_id, gap FROM ranked WHERE place = (total + 1) / 2 AND total >= {LEAST_GAPS}) "
        f"SELECT g.distributor_id, {net} AS net_sales_12m, {was} AS net_sales_before, "
        f"{_growth_sql(net, was, first, as_of)} AS growth, "
        "CASE WHEN s.orders > 0 THEN s.orders ELSE 0 END AS orders_12m, "
        f"{first} AS first_sale_on, {last} AS last_order_on, "
        f"u.gap AS order_gap_days, {date_sql(as_of)} AS sales_as_of "
        f"FROM {STANDING} g LEFT JOIN sums s ON s.distributor_id = g.distributor_id "
        f"{ends}"
        f"LEFT JOIN usual u ON u.distributor_id = g.distributor_id WHERE 1 = 1 {only.format(alias='g')}"
    )


def standings_refresh(*, as_of: date, pairs: str | None = None) -> int:
    """Write the sales figures of Standing as of a day where they differ; return how many rows changed."""
    if pairs is None:
        # What a first load has just written has no statistics: planned as one row each, the joins would never end.
        for table in (LINES, SALES, STANDING):
            analyze(table)
    sets = ", ".join(f"{name} = f.{name}" for name in STANDING_COLUMNS)
    differ = " OR ".join(differs_sql(f"t.{name}", f"f.{name}") for name in STANDING_COLUMNS)
    return run(
        f"UPDATE {STANDING} AS t SET {sets} FROM ({standing_sql(as_of=as_of, pairs=pairs)}) AS f "
        f"WHERE f.distributor_id = t.distributor_id AND ({differ})"
    )

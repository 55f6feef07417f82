"""Monthly roll-ups and the sales part of Standing, both written set-wise from the current lines."""

from datetime import date

from core.database import (
    Grouping,
    date_sql,
    days_between_sql,
    differs_sql,
    hashed_sql,
    insert_grouped,
    month_sql,
    next_month_sql,
    run,
)
from core.periods import full_months
from distributors.ledger.models import COUNTED_ORDER_TYPES, LineKind, MonthlyLineSales, MonthlySales, Product, SaleLine
from distributors.profiles.models import Standing

LINES = SaleLine._meta.db_table
PRODUCTS = Product._meta.db_table
SALES = MonthlySales._meta.db_table
LINE_SALES = MonthlyLineSales._meta.db_table
STANDING = Standing._meta.db_table
COUNTED = ", ".join(f"'{kind.value}'" for kind in COUNTED_ORDER_TYPES)
NET = f"('{LineKind.SELL_IN.value}', '{LineKind.RETURN.value}')"
LEAST_GAPS = 2
GROWTH_MOST = 99_999

ORDER = "CASE WHEN l.order_number = '' THEN CAST(l.day AS text) ELSE l.order_number END"
SUMS = {
    "quantity": "sum(base_quantity)",
    "amount": "sum(base_amount)",
    "tax": "sum(base_tax)",
    "cost": "coalesce(sum(base_cost), 0)",
    "lines": "count(*)",
    "orders": "count(DISTINCT order_key)",
    "products": "count(DISTINCT product_id)",
    "first_on": "min(day)",
    "last_on": "max(day)",
}
COARSE = Grouping(SALES, ("distributor_id", "month", "kind", "counted"))
FINE = Grouping(LINE_SALES, (*COARSE.keys, "line_id"))


def lines_sql(*, pairs: str | None = None) -> str:
    """Return the SELECT of the current lines as the roll-ups need them: of the months in table `pairs`, or all."""
    month = month_sql("l.day")
    # The range beside the equality lets few months be read by the index on distributor and day, many by one pass.
    joins = (
        f"JOIN {pairs} t ON t.distributor_id = l.distributor_id AND t.month = {month} "
        f"AND l.day >= t.month AND l.day < {next_month_sql('t.month')} "
        if pairs
        else ""
    )
    return (
        f"SELECT l.distributor_id, {month} AS month, l.kind, l.order_type IN ({COUNTED}) AS counted, p.line_id, "
        "l.base_quantity, l.base_amount, l.base_tax, l.base_cost, l.day, l.product_id, "
        f"{hashed_sql(ORDER)} AS order_key "
        f"FROM {LINES} l JOIN {PRODUCTS} p ON p.id = l.product_id {joins}WHERE l.superseded_by_id IS NULL"
    )


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
    insert_grouped(lines_sql(pairs=pairs), SUMS, FINE, COARSE)


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


def standing_sql(*, as_of: date, pairs: str | None = None) -> str:
    """Return the SELECT that gives every distributor's sales figures as of a day, or those in table `pairs`.

    Net sales are sell-in and returns of the last 12 full months; the usual gap is the median of the days between
    the order days of the last twelve months, where there are at least three of them.
    """
    window, only = full_months(as_of, 12), ""
    if pairs:
        only = f"AND {{alias}}.distributor_id IN (SELECT distributor_id FROM {pairs})"
    year_ago = as_of.replace(year=as_of.year - 1, day=min(as_of.day, 28))

    def span(start: date, end: date) -> str:
        return f"m.month >= '{start}' AND m.month < '{end}'"

    now, before = span(window.start, window.end), span(window.before().start, window.before().end)
    net, was = "coalesce(s.net, 0)", "coalesce(s.was, 0)"
    growth = f"round(1.0 * ({net} - {was}) / {was}, 4)"
    return (
        f"WITH sums AS (SELECT m.distributor_id, sum(CASE WHEN {now} THEN m.amount ELSE 0 END) AS net, "
        f"sum(CASE WHEN {before} THEN m.amount ELSE 0 END) AS was, "
        f"sum(CASE WHEN {now} AND m.kind = 'sell_in' THEN m.orders ELSE 0 END) AS orders, "
        "min(CASE WHEN m.kind = 'sell_in' THEN m.first_on END) AS first_on, "
        "max(CASE WHEN m.kind = 'sell_in' THEN m.last_on END) AS last_on "
        f"FROM {SALES} m WHERE m.kind IN {NET} {only.format(alias='m')} GROUP BY m.distributor_id), "
        f"days AS (SELECT DISTINCT l.distributor_id, l.day FROM {LINES} l WHERE l.superseded_by_id IS NULL "
        f"AND l.kind = 'sell_in' AND l.day > '{year_ago}' AND l.day <= '{as_of}' {only.format(alias='l')}), "
        f"gaps AS (SELECT distributor_id, {days_between_sql('day', 'lag(day) OVER each_one')} AS gap "
        "FROM days WINDOW each_one AS (PARTITION BY distributor_id ORDER BY day)), "
        "ranked AS (SELECT distributor_id, gap, row_number() OVER (PARTITION BY distributor_id ORDER BY gap) AS place, "
        "count(*) OVER (PARTITION BY distributor_id) AS total FROM gaps WHERE gap IS NOT NULL), "
        f"usual AS (SELECT distributor_id, gap FROM ranked WHERE place = (total + 1) / 2 AND total >= {LEAST_GAPS}) "
        f"SELECT g.distributor_id, {net} AS net_sales_12m, {was} AS net_sales_before, "
        f"CASE WHEN {was} <= 0 THEN NULL WHEN {growth} > {GROWTH_MOST} THEN {GROWTH_MOST} "
        f"WHEN {growth} < -{GROWTH_MOST} THEN -{GROWTH_MOST} ELSE {growth} END AS growth, "
        "coalesce(s.orders, 0) AS orders_12m, s.first_on AS first_sale_on, s.last_on AS last_order_on, "
        f"u.gap AS order_gap_days, {date_sql(as_of)} AS sales_as_of "
        f"FROM {STANDING} g LEFT JOIN sums s ON s.distributor_id = g.distributor_id "
        f"LEFT JOIN usual u ON u.distributor_id = g.distributor_id WHERE 1 = 1 {only.format(alias='g')}"
    )


def standings_refresh(*, as_of: date, pairs: str | None = None) -> int:
    """Write the sales figures of Standing as of a day where they differ; return how many rows changed."""
    sets = ", ".join(f"{name} = f.{name}" for name in STANDING_COLUMNS)
    differ = " OR ".join(differs_sql(f"t.{name}", f"f.{name}") for name in STANDING_COLUMNS)
    return run(
        f"UPDATE {STANDING} AS t SET {sets} FROM ({standing_sql(as_of=as_of, pairs=pairs)}) AS f "
        f"WHERE f.distributor_id = t.distributor_id AND ({differ})"
    )

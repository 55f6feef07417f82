"""The figures of accounts in SQL: limits in force, acceptances, what is late, whatever asks for them.

Everything is in ten-thousandths of the base currency, and for whom it counts after merges.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from core.database import date_sql, days_between_sql, rows
from distributors.credit.calculations.limits import Exposure
from distributors.credit.limits.collecting_models import Dispute
from distributors.credit.limits.models import CreditCheck, CreditLimit, Hold, HoldOverride, LimitPolicy
from distributors.ledger.merged import counts_for
from distributors.ledger.records import Invoice, OpenItem, Order, Payment
from distributors.profiles.models import Cooperation, Distributor, Standing

STANDING, DISTRIBUTORS = Standing._meta.db_table, Distributor._meta.db_table
LIMITS, HOLDS = CreditLimit._meta.db_table, Hold._meta.db_table
OVERRIDES, CHECKS = HoldOverride._meta.db_table, CreditCheck._meta.db_table
PAYMENTS, INVOICES = Payment._meta.db_table, Invoice._meta.db_table
ORDERS = Order._meta.db_table
OPEN_ITEMS, DISPUTES = OpenItem._meta.db_table, Dispute._meta.db_table
COOPERATION = Cooperation._meta.db_table
BEFORE = ("prepaid", "delivery")
PAYS_BEFORE = f"coalesce(c.settlement_method, '') IN {BEFORE}"
ACCOUNT_JOIN, ACCOUNT = counts_for("t")


def limits_sql(day: date, where: str = "") -> str:
    """Return the SELECT of (distributor_id, total, ends_on): the limits in force on a day, increases included."""
    at = f"state = 'approved' AND starts_on <= {date_sql(day)} AND ends_on >= {date_sql(day)}{where}"
    regular = (
        "SELECT distributor_id, base_amount, ends_on, row_number() OVER (PARTITION BY distributor_id "
        f"ORDER BY starts_on DESC, id DESC) AS place FROM {LIMITS} WHERE kind = 'regular' AND {at}"
    )
    more = (
        f"SELECT distributor_id, sum(base_amount) AS added, min(ends_on) AS ends_on FROM {LIMITS} "
        f"WHERE kind = 'temporary' AND {at} GROUP BY distributor_id"
    )
    return (
        "SELECT r.distributor_id, CAST(r.base_amount + coalesce(m.added, 0) AS bigint) AS total, "
        "CASE WHEN m.ends_on < r.ends_on THEN m.ends_on ELSE r.ends_on END AS ends_on "
        f"FROM ({regular}) r LEFT JOIN ({more}) m ON m.distributor_id = r.distributor_id WHERE r.place = 1"
    )


def acceptances_sql(day: date, where: str = "") -> str:
    """Return the SELECT of (distributor_id, total): bank acceptances that are not money yet on a day."""
    return (
        f"SELECT {ACCOUNT} AS distributor_id, CAST(sum(t.base_amount) AS bigint) AS total FROM {PAYMENTS} t "
        f"{ACCOUNT_JOIN} WHERE t.superseded_by_id IS NULL AND t.method = 'acceptance' AND t.amount > 0 "
        f"AND t.due_on > {date_sql(day)} AND NOT EXISTS (SELECT 1 FROM {PAYMENTS} r WHERE r.superseded_by_id IS NULL "
        f"AND NOT r.reverses = '' AND r.source_id = t.source_id AND r.reverses = t.external_id){where} "
        f"GROUP BY {ACCOUNT}"
    )


def late_sql(day: date, policy: LimitPolicy, base: str, where: str = "") -> str:
    """Return the SELECT of (distributor_id, largest): the largest undisputed item overdue beyond grace on a day.

    `base` is the base currency: who trades in another has the grace of abroad.
    """
    late = f"CASE WHEN d.currency IN ('', '{_letters(base)}') THEN {int(policy.grace_home)} "
    late += f"ELSE {int(policy.grace_abroad)} END"
    return (
        f"SELECT t.distributor_id, max(t.base_amount) AS largest FROM {OPEN_ITEMS} t "
        f"JOIN {DISTRIBUTORS} d ON d.id = t.distributor_id JOIN {INVOICES} i ON i.id = t.invoice_id "
        f"WHERE t.kind = 'invoice' AND NOT t.disputed AND t.due_on < {date_sql(day)} "
        f"AND {days_between_sql(date_sql(day), 't.due_on')} > {late} AND NOT EXISTS (SELECT 1 FROM {DISPUTES} q "
        "WHERE q.settled_on IS NULL AND q.source_id = i.source_id AND q.number = i.external_id)"
        f"{where} GROUP BY t.distributor_id"
    )


def _letters(code: str) -> str:
    return "".join(letter for letter in code if letter.isascii() and letter.isalpha())[:3]


@dataclass(frozen=True)
class Account:
    """What a decision on one distributor rests on, as of a day; amounts in ten-thousandths."""

    exposure: Exposure
    limit: int | None
    limit_ends: date | None
    pays_before: bool
    largest_late: int
    held: bool
    overridden: bool


def account_of(distributor_id: int, day: date, moment: Any, policy: LimitPolicy, base: str) -> Account:
    """Return the account of one distributor in one statement; `moment` is now, for reservations.

    A reservation counts until its order stands in the ledger, which counts it as ordered.
    """
    pk = int(distributor_id)
    only = f" AND distributor_id = {pk}"
    family = f"SELECT id FROM {DISTRIBUTORS} WHERE id = {pk} OR merged_into_id = {pk}"
    mine = f" AND t.distributor_id IN ({family})"
    found = rows(
        f"SELECT t.receivable, t.ordered_open, t.prepaid, coalesce(a.total, 0), coalesce(r.total, 0), l.total, "
        f"l.ends_on, CASE WHEN {PAYS_BEFORE} THEN 1 ELSE 0 END, coalesce(late.largest, 0), "
        f"CASE WHEN h.id IS NULL THEN 0 ELSE 1 END, CASE WHEN o.id IS NULL THEN 0 ELSE 1 END "
        f"FROM {STANDING} t LEFT JOIN {COOPERATION} c ON c.distributor_id = t.distributor_id "
        f"LEFT JOIN ({acceptances_sql(day, mine)}) a ON a.distributor_id = t.distributor_id "
        f"LEFT JOIN (SELECT distributor_id, CAST(sum(base_amount) AS bigint) AS total FROM {CHECKS} "
        f"k WHERE released_at IS NULL AND reserved_until > %s{only} AND NOT EXISTS (SELECT 1 FROM {ORDERS} o "
        f"WHERE o.superseded_by_id IS NULL AND o.distributor_id IN ({family}) AND o.external_id = k.order_number) "
        "GROUP BY distributor_id) r "
        "ON r.distributor_id = t.distributor_id "
        f"LEFT JOIN ({limits_sql(day, only)}) l ON l.distributor_id = t.distributor_id "
        f"LEFT JOIN ({late_sql(day, policy, base, f' AND t.distributor_id = {pk}')}) late "
        "ON late.distributor_id = t.distributor_id "
        f"LEFT JOIN {HOLDS} h ON h.distributor_id = t.distributor_id AND h.released_on IS NULL "
        f"LEFT JOIN {OVERRIDES} o ON o.distributor_id = t.distributor_id AND o.ended_at IS NULL "
        f"AND o.starts_on <= {date_sql(day)} AND o.ends_on >= {date_sql(day)} "
        f"WHERE t.distributor_id = {pk}",
        [connection.ops.adapt_datetimefield_value(moment)],
    )
    receivable, ordered, prepaid, accepted, reserved, limit, ends, before, late, held, overridden = found[0]
    return Account(
        exposure=Exposure(int(receivable), int(ordered), int(prepaid), int(accepted), int(reserved)),
        limit=None if before or limit is None else int(limit),
        limit_ends=date.fromisoformat(ends) if isinstance(ends, str) else ends,
        pays_before=bool(before),
        largest_late=int(late),
        held=bool(held),
        overridden=bool(overridden),
    )

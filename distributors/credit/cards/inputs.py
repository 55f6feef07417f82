"""What a scoring reads, as columns over all distributors: a handful of statements, whatever their number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from accounts.models import Territory
from core.company import company
from core.database import date_sql, days_between_sql, integer_columns
from core.money import to_units
from core.periods import full_months, month_shift, whole_year_before, year_before
from distributors.credit.cards.items import ENTERED
from distributors.credit.cards.models import Accounts, CreditPolicy, CreditReview, CreditScore, Evidence, ScoreRun
from distributors.credit.cards.securities import securities_read
from distributors.ledger.merged import counts_for
from distributors.ledger.models import NET_SALES, Batch, ExchangeRate, MonthlySales
from distributors.ledger.records import Allocation, Invoice, Occurrence, StockSnapshot
from distributors.profiles.models import OUR_TIER, Distributor, Lifecycle, Standing

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

UNKNOWN = -(2**62)
BREACHES = (Occurrence.Kind.CONTRACT_BREACH, Occurrence.Kind.CASE_UPHELD)
OTHERS = 5  # who must trade in a territory beside a distributor for its demand to be told
FIGURES = ("registered_capital", "equity", "liabilities", "current_assets", "current_liabilities")
_DISTRIBUTORS = Distributor._meta.db_table
_EPOCH = "'1970-01-01'"


@dataclass(frozen=True, eq=False)
class Inputs:
    """One row a distributor in the order of `ids`; UNKNOWN where nothing is recorded.

    Amounts are ten-thousandths, days whole days since 1970, margins hundredths of a per cent. `scored` marks who gets
    a card: an ended distributor only counts in the demand of its territory.
    """

    as_of: date
    ids: Ints
    scored: Flags
    territory: Ints
    batch: int | None
    columns: dict[str, Ints] = field(default_factory=dict)

    def spread(self, ids: Ints, values: Ints, default: int = UNKNOWN) -> Ints:
        """Return values by distributor as a column, `default` where there are none."""
        column = np.full(self.ids.size, default, dtype=np.int64)
        if self.ids.size and ids.size:
            place = np.minimum(np.searchsorted(self.ids, ids), self.ids.size - 1)
            known = self.ids[place] == ids
            column[place[known]] = values[known]
        return column


def inputs_read(*, as_of: date, policy: CreditPolicy, distributor: int | None = None) -> Inputs:
    """Read everything that a scoring as of a day needs; of one distributor where it is named.

    The demand of its territory is then that of its last card, where it has one.
    """
    last = _last_demand(distributor) if distributor else None
    chosen = _family(distributor) if distributor and last else None
    found = _population(as_of, chosen)
    columns = found.columns
    _invoices(found, policy, chosen)
    _breaches(found, chosen)
    _sales(found, chosen)
    _stock(found, chosen)
    _accounts(found, policy, chosen)
    _evidence(found, chosen)
    _reviews(found, chosen)
    keys, security, exposure = securities_read(as_of, chosen)
    columns["security"], columns["exposure"] = found.spread(keys, security), found.spread(keys, exposure)
    if last is None:
        columns["demand_now"], columns["demand_before"] = _demand(found)
    else:
        columns["demand_now"], columns["demand_before"] = (np.full(found.ids.size, one) for one in last)
    return found if distributor is None or chosen is not None else _only(found, distributor)


def _only(found: Inputs, distributor: int) -> Inputs:
    kept = found.ids == distributor
    columns = {name: values[kept] for name, values in found.columns.items()}
    return Inputs(found.as_of, found.ids[kept], found.scored[kept], found.territory[kept], found.batch, columns)


def _family(distributor: int) -> list[int]:
    """Return a distributor with those merged into it."""
    merged = Distributor.objects.filter(merged_into=distributor).values_list("pk", flat=True)
    return [distributor, *merged]


def _last_demand(distributor: int) -> tuple[int, int] | None:
    rows = CreditScore.objects.filter(distributor=distributor, run__monthly=False, demand_now__isnull=False)
    found = rows.values_list("demand_now", "demand_before").first()
    return (to_units(found[0] or 0), to_units(found[1] or 0)) if found else None


def _some(column: str, chosen: Sequence[int] | None) -> str:
    """Return SQL that narrows a statement to some distributors."""
    return f" AND {column} IN ({', '.join(str(int(pk)) for pk in chosen)})" if chosen is not None else ""


def _or_unknown(expression: str) -> str:
    return f"CAST(COALESCE({expression}, {UNKNOWN}) AS bigint)"


def _population(as_of: date, chosen: Sequence[int] | None) -> Inputs:
    sql = f"""
        SELECT CAST(d.id AS bigint), CAST(CASE WHEN d.state = %s THEN 0 ELSE 1 END AS bigint),
               CAST(d.territory_id AS bigint), CAST(d.tier AS bigint),
               {_or_unknown(days_between_sql("s.first_sale_on", _EPOCH))},
               {_or_unknown(f"(SELECT max(number) FROM {Batch._meta.db_table})")}
        FROM {_DISTRIBUTORS} d LEFT JOIN {Standing._meta.db_table} s ON s.distributor_id = d.id
        WHERE d.merged_into_id IS NULL{_some("d.id", chosen)}
    """
    read = integer_columns(sql, [Lifecycle.ENDED], 6)
    ids, scored, territory, tier, first, batch = read[:, np.argsort(read[0])]
    number = int(batch[0]) if batch.size and batch[0] != UNKNOWN else None
    day = (as_of - date(1970, 1, 1)).days
    first = np.where(first < day, first, UNKNOWN)
    return Inputs(as_of, ids, scored > 0, territory, number, {"tier": tier, "first_sale": first})


def _invoices(found: Inputs, policy: CreditPolicy, chosen: Sequence[int] | None) -> None:
    """Read what fell due within a year, and how much of it was settled by its due date and the grace."""
    grace = f"CASE WHEN d.currency IN ('', %s) THEN {int(policy.grace_home)} ELSE {int(policy.grace_overseas)} END"
    join, who = counts_for("i")
    where = f"""
        {join} JOIN {_DISTRIBUTORS} d ON d.id = {who}
        WHERE i.superseded_by_id IS NULL AND i.kind = 'invoice' AND NOT i.cancelled AND NOT i.disputed
              AND i.amount > 0 AND i.due_on > %s AND i.due_on <= %s
              AND {days_between_sql(date_sql(found.as_of), "i.due_on")} > {grace}{_some("i.distributor_id", chosen)}
    """
    settled = "CASE WHEN i.base_amount = i.amount THEN a.amount ELSE a.amount * (i.base_amount * 1.0 / i.amount) END"
    invoices, allocations = Invoice._meta.db_table, Allocation._meta.db_table
    base = str(company().base_currency)
    params: list[Any] = [year_before(found.as_of), found.as_of, base]
    due = integer_columns(
        f"SELECT CAST({who} AS bigint), CAST(sum(i.base_amount) AS bigint) FROM {invoices} i {where} GROUP BY 1",
        params,
        2,
    )
    keys, settled_by = integer_columns(
        f"SELECT CAST({who} AS bigint), CAST(sum({settled}) AS bigint) FROM {invoices} i "
        f"JOIN {allocations} a ON a.invoice_id = i.id {where} "
        f"AND {days_between_sql('a.day', 'i.due_on')} <= {grace} GROUP BY 1",
        [*params, base],
        2,
    )
    invoiced = found.spread(*due)
    found.columns["invoiced"] = invoiced
    found.columns["on_time"] = np.where(
        invoiced == UNKNOWN, UNKNOWN, np.minimum(found.spread(keys, settled_by, 0), invoiced)
    )


def _breaches(found: Inputs, chosen: Sequence[int] | None) -> None:
    """Count breaches of the last year that were not taken back; of who never traded nothing is known without any."""
    join, who = counts_for("o")
    marks = ", ".join(["%s"] * len(BREACHES))
    sql = f"""
        SELECT CAST({who} AS bigint), CAST(count(*) AS bigint) FROM {Occurrence._meta.db_table} o {join}
        WHERE o.superseded_by_id IS NULL AND o.kind IN ({marks}) AND o.reversed_by = ''
              AND o.day > %s AND o.day <= %s{_some("o.distributor_id", chosen)} GROUP BY 1
    """
    read = integer_columns(sql, [*BREACHES, year_before(found.as_of), found.as_of], 2)
    counts = found.spread(*read)
    traded = found.columns["first_sale"] != UNKNOWN
    found.columns["breach_count"] = np.where((counts == UNKNOWN) & traded, 0, counts)


def _sales(found: Inputs, chosen: Sequence[int] | None) -> None:
    """Read the last twelve full months and the twelve before; these are unknown of who began in them."""
    now = full_months(found.as_of, 12)
    before = now.before()
    marks = ", ".join(["%s"] * len(NET_SALES))
    sql = f"""
        SELECT CAST(distributor_id AS bigint),
               CAST(sum(CASE WHEN month >= %s THEN amount ELSE 0 END) AS bigint),
               CAST(sum(CASE WHEN month < %s THEN amount ELSE 0 END) AS bigint)
        FROM {MonthlySales._meta.db_table}
        WHERE kind IN ({marks}) AND month >= %s AND month < %s{_some("distributor_id", chosen)} GROUP BY 1
    """
    ids, sales, earlier = integer_columns(sql, [now.start, now.start, *NET_SALES, before.start, now.end], 3)
    whole = (whole_year_before(found.as_of) - date(1970, 1, 1)).days
    first = found.columns["first_sale"]
    traded = first != UNKNOWN
    found.columns["sales"] = np.where(traded, found.spread(ids, sales, 0), UNKNOWN)
    found.columns["sales_before"] = np.where(traded & (first < whole), found.spread(ids, earlier, 0), UNKNOWN)


def _stock(found: Inputs, chosen: Sequence[int] | None) -> None:
    """Read the mean value of the stock over the days of the last year that are known."""
    join, who = counts_for("k")
    sql = f"""
        SELECT CAST({who} AS bigint), CAST(sum(k.value) / count(DISTINCT k.day) AS bigint)
        FROM {StockSnapshot._meta.db_table} k {join}
        WHERE k.superseded_by_id IS NULL AND k.value IS NOT NULL AND k.day > %s AND k.day <= %s
              {_some("k.distributor_id", chosen)} GROUP BY 1
    """
    found.columns["stock"] = found.spread(*integer_columns(sql, [year_before(found.as_of), found.as_of], 2))


def first_year(as_of: date, months: int) -> int:
    """Return the oldest year whose accounts still count as of a day, so many months after its end."""
    year = as_of.year - months // 12 - 2
    while month_shift(date(year + 1, 1, 1), months) <= as_of:
        year += 1
    return year


def _rates_sql(as_of: date) -> str:
    """Return SQL for the rate of `currency` to the base currency, null where none is known."""
    found = company()
    rates: dict[str, Any] = {str(found.base_currency): 1}
    rows = ExchangeRate.objects.filter(kind=found.rate_kind, day__lte=as_of, day__gt=year_before(as_of))
    rates |= dict(rows.order_by("day").values_list("currency", "rate"))
    whens = " ".join(f"WHEN '{code}' THEN {rate}" for code, rate in rates.items() if re.fullmatch("[A-Z]{3}", code))
    return f"CASE currency {whens} ELSE NULL END"


def _accounts(found: Inputs, policy: CreditPolicy, chosen: Sequence[int] | None) -> None:
    """Read the last accounts that still count."""
    join, who = counts_for("e")
    plain = ", ".join(_or_unknown(name) for name in FIGURES)
    sql = f"""
        SELECT CAST(who AS bigint), {plain}, {_or_unknown("operating_margin * 100")},
               {_or_unknown("CASE WHEN own_premises THEN 1 WHEN NOT own_premises THEN 0 END")},
               {_or_unknown(f"registered_capital * ({_rates_sql(found.as_of)})")}
        FROM (SELECT {who} AS who, e.*, row_number() OVER (PARTITION BY {who} ORDER BY e.year DESC, e.id DESC) AS n
              FROM {Accounts._meta.db_table} e {join}
              WHERE e.withdrawn_at IS NULL AND e.reviewed_on <= %s{_some("e.distributor_id", chosen)}) x
        WHERE n = 1 AND year >= %s
    """
    names = [*FIGURES, "operating_margin", "own_premises", "capital_base"]
    least = first_year(found.as_of, policy.accounts_months)
    ids, *values = integer_columns(sql, [found.as_of, least], len(names) + 1)
    found.columns.update({name: found.spread(ids, one) for name, one in zip(names, values, strict=True)})


def _evidence(found: Inputs, chosen: Sequence[int] | None) -> None:
    """Read the latest evidence of each entered sub-criterion; what has expired is missing."""
    join, who = counts_for("e")
    whens = " ".join(f"WHEN '{item.value}' THEN {place}" for place, item in enumerate(ENTERED))
    sql = f"""
        SELECT CAST(who AS bigint), CAST(CASE item {whens} ELSE -1 END AS bigint), CAST(score AS bigint)
        FROM (SELECT {who} AS who, e.*,
                     row_number() OVER (PARTITION BY {who}, e.item ORDER BY e.reviewed_on DESC, e.id DESC) AS n
              FROM {Evidence._meta.db_table} e {join}
              WHERE e.withdrawn_at IS NULL AND e.reviewed_on <= %s{_some("e.distributor_id", chosen)}) x
        WHERE n = 1 AND expires_on >= %s
    """
    ids, items, scores = integer_columns(sql, [found.as_of, found.as_of], 3)
    for place, item in enumerate(ENTERED):
        mine = items == place
        found.columns[item.value] = found.spread(ids[mine], scores[mine])


def _reviews(found: Inputs, chosen: Sequence[int] | None) -> None:
    """Read when each card is to be looked at again: as its last review said, or else its last card."""
    reviewed = f"""
        SELECT CAST(distributor_id AS bigint), {_or_unknown(days_between_sql("next_on", _EPOCH))}
        FROM (SELECT r.*, row_number() OVER (PARTITION BY r.distributor_id ORDER BY r."on" DESC, r.id DESC) AS n
              FROM {CreditReview._meta.db_table} r WHERE r."on" <= %s{_some("r.distributor_id", chosen)}) x
        WHERE n = 1
    """
    said = found.spread(*integer_columns(reviewed, [found.as_of], 2))
    last = ScoreRun.objects.filter(as_of__lte=found.as_of).order_by("-as_of", "monthly", "-pk").first()
    carried = np.full(found.ids.size, UNKNOWN, dtype=np.int64)
    if last is not None:
        cards = f"""
            SELECT CAST(distributor_id AS bigint), {_or_unknown(days_between_sql("review_due", _EPOCH))}
            FROM {CreditScore._meta.db_table} WHERE run_id = %s{_some("distributor_id", chosen)}
        """
        carried = found.spread(*integer_columns(cards, [last.pk], 2))
    found.columns["next_on"] = np.where(said == UNKNOWN, carried, said)


def _demand(found: Inputs) -> tuple[Ints, Ints]:
    """Return what a territory bought without the distributor, this year and the year before.

    It is the nearest territory in which enough others trade; UNKNOWN where there is none.
    """
    sales, before = found.columns["sales"], found.columns["sales_before"]
    counts = (found.columns["tier"] == OUR_TIER) & (sales != UNKNOWN) & (before != UNKNOWN) & (before > 0)
    own_now, own_before = np.where(counts, sales, 0), np.where(counts, before, 0)
    now, then = np.full(found.ids.size, UNKNOWN, dtype=np.int64), np.full(found.ids.size, UNKNOWN, dtype=np.int64)
    for group in _levels(found.territory):
        size = int(group.max(initial=-1)) + 1
        totals = [np.zeros(size + 1, dtype=np.int64) for _one in range(3)]
        for total, values in zip(totals, (own_now, own_before, counts.astype(np.int64)), strict=True):
            np.add.at(total, group, values)
        others = totals[2][group] - counts
        taken = (now == UNKNOWN) & (others >= OTHERS) & (group >= 0)
        now = np.where(taken, totals[0][group] - own_now, now)
        then = np.where(taken, totals[1][group] - own_before, then)
    return now, then


def _levels(territory: Ints) -> list[Ints]:
    """Return for each level, the deepest first, the place of the territory of each row at it; -1 above its own."""
    paths = dict(Territory.objects.values_list("pk", "path"))
    step = min((len(path) for path in paths.values()), default=4)
    keys, place = np.unique(territory, return_inverse=True)
    depth = max((len(path) for path in paths.values()), default=0) // step
    found = []
    for level in range(depth, 0, -1):
        known: dict[str, int] = {}
        nodes = [paths.get(int(key), "") for key in keys]
        codes = [
            known.setdefault(path[: level * step], len(known)) if len(path) >= level * step else -1 for path in nodes
        ]
        found.append(np.array(codes, dtype=np.int64)[place] if codes else np.zeros(0, dtype=np.int64))
    return found

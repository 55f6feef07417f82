"""What a run reads: the members of a population with their months and amounts, as columns."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from django.db.models import Q

from core.database import days_between_sql, integer_columns
from core.periods import full_months, month_shift
from core.scope import in_subtree
from distributors.classification.calculations import CLASSES, AbcPolicy, AbcResult, abc_classes, full_months_since
from distributors.classification.models import Classification, ClassRun, Policy, PolicyVersion
from distributors.ledger.models import NET_SALES, Batch, MonthlySales
from distributors.profiles.models import Distributor, Lifecycle, Standing

Integers = npt.NDArray[np.int64]
Letters = npt.NDArray[np.str_]
Days = npt.NDArray[np.datetime64]

STATES = (Lifecycle.APPROVED, Lifecycle.ACTIVE, Lifecycle.WATCH, Lifecycle.EXITING)
LETTERS = np.array([*CLASSES, ""])
_NO_DAY = -(2**31)
_EPOCH = "'1970-01-01'"


@dataclass(frozen=True, eq=False)
class Population:
    """The distributors a policy classifies, one row each in the order of their keys, and the batch they were read at.

    `basis` and `quantity` are those of the window before the as-of day in ten-thousandths; days are NaT where there is
    none.
    """

    ids: Integers
    basis: Integers
    quantity: Integers
    first: Days
    start: Days
    in_force: Letters
    batch: int | None

    def members(self, day: date) -> npt.NDArray[np.bool_]:
        """Flag who belonged on `day`: traded before it, or cooperation began by then or on a day nobody recorded."""
        moment = np.datetime64(day)
        return np.isnat(self.start) | (self.start <= moment) | (self.first < moment)


@dataclass(frozen=True, eq=False)
class MonthEnds:
    """Raw classes at month-ends, oldest first: columns [months, distributors], '' where not a member then."""

    raw: Letters
    basis: Integers
    cumulative: Integers
    totals: list[int]


def population_members(policy: Policy) -> Q:
    """Return the condition that makes a distributor a member of the policy's population."""
    condition = Q(tier=policy.tier, merged_into=None, state__in=STATES)
    where = Q()
    for path in policy.territories.values_list("path", flat=True):
        where |= in_subtree("territory_path", path)
    return condition & where


def amount_sql(version: PolicyVersion) -> str:
    """Return SQL for what the version ranks by."""
    return "amount - cost" if version.basis == PolicyVersion.Basis.MARGIN else "amount"


def letter_sql(column: str) -> str:
    """Return SQL for the place of a class letter in `LETTERS`."""
    whens = " ".join(f"WHEN '{letter}' THEN {place}" for place, letter in enumerate(CLASSES))
    return f"CAST(CASE {column} {whens} ELSE {len(CLASSES)} END AS bigint)"


def _day_sql(column: str) -> str:
    return f"CAST(COALESCE({days_between_sql(column, _EPOCH)}, {_NO_DAY}) AS bigint)"


def _days(numbers: Integers) -> Days:
    return np.where(numbers == _NO_DAY, np.datetime64("NaT", "D"), numbers.astype("datetime64[D]"))


def population_read(*, version: PolicyVersion, as_of: date) -> Population:
    """Read the population of a version's policy in one statement, and so in one state of the database.

    The first sale is the one the ledger keeps in Standing, so that only the months of the window are read.
    """
    window = full_months(as_of, version.window_months)
    chosen, chosen_params = (
        Distributor.objects.filter(population_members(version.policy)).order_by().values("id").query.sql_with_params()
    )
    sales, standing = MonthlySales._meta.db_table, Standing._meta.db_table
    marks = ", ".join(["%s"] * len(NET_SALES))
    sql = f"""
        SELECT CAST(d.id AS bigint), CAST(COALESCE(s.basis, 0) AS bigint),
               CAST(COALESCE(s.quantity, 0) AS bigint), {_day_sql("t.first_sale_on")},
               {_day_sql("d.cooperation_since")}, {letter_sql("t.abc")},
               CAST(COALESCE((SELECT max(number) FROM {Batch._meta.db_table}), -1) AS bigint)
        FROM {Distributor._meta.db_table} d
        LEFT JOIN {standing} t ON t.distributor_id = d.id
        LEFT JOIN (
            SELECT distributor_id, sum({amount_sql(version)}) AS basis, sum(quantity) AS quantity
            FROM {sales} WHERE kind IN ({marks}) AND month >= %s AND month < %s AND distributor_id IN ({chosen})
            GROUP BY distributor_id
        ) s ON s.distributor_id = d.id
        WHERE d.id IN ({chosen})
    """  # noqa: S608
    params = [*NET_SALES, window.start, window.end, *chosen_params, *chosen_params]
    ids, basis, quantity, first, start, letter, batch = integer_columns(sql, params, 7)
    order = np.argsort(ids)
    found = Population(
        ids=ids[order],
        basis=basis[order],
        quantity=quantity[order],
        first=_days(first[order]),
        start=_days(start[order]),
        in_force=LETTERS[letter[order]],
        batch=int(batch[0]) if batch.size and batch[0] >= 0 else None,
    )
    return _kept(found, found.members(as_of), as_of)


def _kept(found: Population, kept: npt.NDArray[np.bool_], as_of: date) -> Population:
    """Drop who does not belong yet, and first sales that are still to come."""
    first = found.first[kept]
    return Population(
        ids=found.ids[kept],
        basis=found.basis[kept],
        quantity=found.quantity[kept],
        first=np.where(first < np.datetime64(as_of), first, np.datetime64("NaT", "D")),
        start=found.start[kept],
        in_force=found.in_force[kept],
        batch=found.batch,
    )


def classes_of(*, population: Population, basis: Integers, as_of: date, rules: AbcPolicy) -> AbcResult:
    """Classify a population as of a day by the amounts, or quantities, in `basis`."""
    moment = np.datetime64(as_of)
    first = np.where(population.first < moment, population.first, np.datetime64("NaT", "D"))
    return abc_classes(
        basis=basis,
        months_since_first=full_months_since(days=first, as_of=as_of),
        months_since_start=full_months_since(days=population.start, as_of=as_of),
        policy=rules,
    )


def month_ends_read(*, population: Population, version: PolicyVersion, as_of: date, count: int) -> MonthEnds:
    """Read the amounts once and give the raw classes at the `count` month-ends before the one of `as_of`."""
    closes = [month_shift(as_of, -step) for step in range(count, 0, -1)]
    start = month_shift(closes[0], -version.window_months)
    running = _running_sums(population, version, start, closes[-1])
    size = population.ids.size
    raw = np.full((count, size), "", dtype="<U1")
    basis, cumulative = np.zeros((count, size), dtype=np.int64), np.zeros((count, size), dtype=np.int64)
    totals = []
    for place, close in enumerate(closes):
        member = np.flatnonzero(population.members(close))
        amounts = (running[place + version.window_months] - running[place])[member]
        part = _part(population, member)
        result = classes_of(population=part, basis=amounts, as_of=close, rules=version.rules)
        raw[place, member], basis[place, member] = result.klass, result.basis
        cumulative[place, member] = result.cumulative
        totals.append(result.total)
    return MonthEnds(raw, basis, cumulative, totals)


def _part(population: Population, places: npt.NDArray[np.intp]) -> Population:
    return Population(
        ids=population.ids[places],
        basis=population.basis[places],
        quantity=population.quantity[places],
        first=population.first[places],
        start=population.start[places],
        in_force=population.in_force[places],
        batch=population.batch,
    )


def _running_sums(population: Population, version: PolicyVersion, start: date, end: date) -> Integers:
    """Add up amounts by month and distributor from `start`: row m holds the sums of the first m months."""
    marks = ", ".join(["%s"] * len(NET_SALES))
    sql = f"""
        SELECT CAST(distributor_id AS bigint), {_day_sql("month")}, CAST({amount_sql(version)} AS bigint)
        FROM {MonthlySales._meta.db_table} WHERE kind IN ({marks}) AND month >= %s AND month < %s
    """  # noqa: S608
    ids, days, amounts = integer_columns(sql, [*NET_SALES, start, end], 3)
    months = (days.astype("datetime64[D]").astype("datetime64[M]") - np.datetime64(start, "M")).astype(np.int64)
    count = (end.year - start.year) * 12 + end.month - start.month
    sums = np.zeros((count + 1, population.ids.size), dtype=np.int64)
    if population.ids.size:
        place = np.minimum(np.searchsorted(population.ids, ids), population.ids.size - 1)
        known = population.ids[place] == ids
        np.add.at(sums, (months[known] + 1, place[known]), amounts[known])
    return np.cumsum(sums, axis=0)


def run_letters(*, run: ClassRun, ids: Integers) -> tuple[Letters, Letters]:
    """Return the raw and the settled classes of a run for the distributors `ids`, '' where it has none."""
    sql = f"""
        SELECT CAST(distributor_id AS bigint), {letter_sql("raw")}, {letter_sql("settled")}
        FROM {Classification._meta.db_table} WHERE run_id = %s
    """  # noqa: S608
    known, raw, settled = integer_columns(sql, [run.pk], 3)
    codes = np.full((2, ids.size), len(CLASSES), dtype=np.int64)
    if ids.size and known.size:
        place = np.minimum(np.searchsorted(ids, known), ids.size - 1)
        hit = ids[place] == known
        codes[0, place[hit]], codes[1, place[hit]] = raw[hit], settled[hit]
    return LETTERS[codes[0]], LETTERS[codes[1]]

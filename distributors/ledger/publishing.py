"""Facts become true: new and changed rows of a stage go in as revisions of one batch, whatever their kind."""

from datetime import date

from django.utils.translation import gettext_noop as _

from core.database import analyze, create_stage, month_sql, rows, run
from distributors.ledger.batches import batch_issue
from distributors.ledger.books import booked_sql, first_open, leaves_sql, removed_sql
from distributors.ledger.facts import FactTable
from distributors.ledger.kinds.declaration import Check, Counts, Publish
from distributors.ledger.merged import counts_for
from distributors.ledger.models import Batch
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings

CURRENT = "t.superseded_by_id IS NULL"


def publish_as(fact: FactTable) -> Publish:
    """Return the publishing of a kind whose facts stand in `fact`."""

    def publish(stage: Stage, around: Surroundings) -> Counts:
        return revisions_publish(stage, around, fact)

    return publish


def revisions_publish(stage: Stage, around: Surroundings, fact: FactTable) -> Counts:
    """Write new and changed rows as revisions of one batch; what is the same already makes no batch."""
    source, table = around.source_made(), fact.table
    counts = _match(stage, fact, source.pk)
    if not counts.new and not counts.changed:
        return counts
    made = batch_issue(
        kind=stage.kind.name,
        actor=stage.actor,
        source=source,
        import_file_id=stage.import_id,
        rows_new=counts.new,
        rows_changed=counts.changed,
    )
    opened = first_open() if fact.booked else None
    if counts.changed:
        changed = f"id IN (SELECT prior_id FROM {stage.prior} WHERE changed)"
        supersede(fact, made.pk, opened, changed)
    # The first rows of all: everything derived is made anew, which is quicker than by what is touched.
    touched = stage.touched if rows(f"SELECT 1 FROM {table} LIMIT 1") else None
    if touched:
        _touch(stage, fact, counts, opened)
    _insert(stage, fact, counts, (source.pk, made.pk), opened)
    if opened:
        Batch.objects.filter(pk=made.pk).update(rows_late=late_count(fact, made.pk))
    fact.refresh(touched, around.today)
    return Counts(counts.new, counts.changed, counts.same, made.pk)


def supersede(fact: FactTable, batch: int, opened: date | None, where: str) -> int:
    """Put rows out of force by a batch; where their month is closed they stay in it and are taken off later."""
    removed = f", removed_in = {removed_sql(fact.table, opened)}" if opened else ""
    return run(f"UPDATE {fact.table} SET superseded_by_id = {batch}{removed} WHERE {where}")


def late_count(fact: FactTable, batch: int) -> int:
    """Return how many rows of a batch came for closed months."""
    return int(rows(f"SELECT count(*) FROM {fact.table} WHERE batch_id = {batch} AND booked_in IS NOT NULL")[0][0])


def late_rows(stage: Stage, fact: FactTable, batch: int) -> list[tuple[int, date]]:
    """Return which staged rows came for closed months, by number, and the month in which each counts instead."""
    if not fact.booked:
        return []
    same = " AND ".join(f"t.{name} = s.{name}" for name in fact.key if name != "source_id")
    late: list[tuple[int, date]] = rows(
        f"SELECT s.row, t.booked_in FROM {stage.table} s JOIN {fact.table} t ON {same} "
        f"WHERE t.batch_id = {batch} AND t.booked_in IS NOT NULL ORDER BY s.row"
    )
    return late


def _insert(stage: Stage, fact: FactTable, counts: Counts, keys: tuple[int, int], opened: date | None) -> None:
    columns = _columns(stage)
    names, mine = ", ".join(columns), ", ".join(f"s.{name}" for name in columns)
    booked, booking = (", booked_in", f", {booked_sql('s', opened)}") if opened else ("", "")
    priors, where, known = "", "", []
    if counts.changed or counts.same:
        priors = f"LEFT JOIN {stage.prior} p ON p.row = s.row LEFT JOIN {fact.table} t ON t.id = p.prior_id "
        where, known = "WHERE p.row IS NULL OR p.changed", ["t.revision"]
    if counts.new and undone(fact):
        same = [f"d.{name} = {keys[0] if name == 'source_id' else f's.{name}'}" for name in fact.key]
        priors += f"LEFT JOIN ({_ended_sql(fact)}) d ON {' AND '.join(same)} "
        known.append("d.revision")
    revision = f"coalesce({', '.join(known)}, 0) + 1" if known else "1"
    run(
        f"INSERT INTO {fact.table} (source_id, batch_id, revision, {names}{booked}) "
        f"SELECT {keys[0]}, {keys[1]}, {revision}, {mine}{booking} FROM {stage.table} s {priors}{where}"
    )


def undone(fact: FactTable) -> bool:
    """Tell whether a batch of these facts was ever undone."""
    return bool(Batch.objects.filter(kind=fact.kind, undoes__isnull=False).exists())


def _ended_sql(fact: FactTable) -> str:
    """Return the SELECT of the last revision of each key that an undo put out of force, perhaps with none after it."""
    keys = ", ".join(fact.key)
    return (
        f"SELECT {keys}, max(revision) AS revision FROM {fact.table} WHERE superseded_by_id IN "
        f"(SELECT number FROM {Batch._meta.db_table} WHERE undoes_id IS NOT NULL) GROUP BY {keys}"
    )


def _columns(stage: Stage) -> tuple[str, ...]:
    return tuple(name for name, _type in stage.kind.columns if name != "row")


def _match(stage: Stage, fact: FactTable, source_id: int) -> Counts:
    own = f"WHERE source_id = {source_id} " if "source_id" in fact.key else ""
    if not rows(f"SELECT 1 FROM {fact.table} {own}LIMIT 1"):
        return Counts(new=stage.count())
    same = [f"t.source_id = {source_id}" if name == "source_id" else f"t.{name} = s.{name}" for name in fact.key]
    compared = [name for name in _columns(stage) if name not in fact.fixed]
    on = " AND ".join([*same, CURRENT])
    return stage.match(fact.table, on, [(f"s.{name}", f"t.{name}") for name in compared])


def _touch(stage: Stage, fact: FactTable, counts: Counts, opened: date | None) -> None:
    """Write down which months of which distributors the published rows change."""
    left_out = ""
    if counts.same:
        left_out = f"AND NOT EXISTS (SELECT 1 FROM {stage.prior} p WHERE p.row = s.row AND NOT p.changed)"
    month = month_sql("s.day")
    if opened:
        month = f"coalesce({booked_sql('s', opened)}, {month})"
    found = f"SELECT s.distributor_id, {month} AS month FROM {stage.table} s WHERE 1 = 1 {left_out}"
    if opened and counts.changed:
        found += (
            f" UNION ALL SELECT t.distributor_id, {leaves_sql('t')} FROM {stage.prior} p "
            f"JOIN {fact.table} t ON t.id = p.prior_id WHERE p.changed"
        )
    touch(stage.touched, found)


def touch(table: str, found: str) -> None:
    """Make the work table of what a SELECT of (distributor_id, month) finds, each pair once and of the survivors."""
    join, whose = counts_for("x")
    create_stage(table, [("distributor_id", "bigint"), ("month", "date")])
    run(
        f"INSERT INTO {table} (distributor_id, month) SELECT DISTINCT {whose}, x.month FROM ({found}) AS x {join} "
        "WHERE x.distributor_id IS NOT NULL"
    )
    analyze(table)


def kept_checks(fact: FactTable) -> tuple[Check, Check]:
    """Return the checks that a correction keeps distributor and date, for facts whose key is their number."""
    joined = (
        f"SELECT s.row, s.external_id AS value FROM {{stage}} s JOIN {fact.table} t ON t.source_id = {{source}} "
        f"AND t.external_id = s.external_id AND {CURRENT} "
    )
    return (
        Check(
            "distributor",
            _("A correction keeps the distributor; send a reversal and a new line instead."),
            f"{joined}WHERE t.distributor_id <> s.distributor_id",
            last=True,
        ),
        Check(
            "day",
            _("A correction keeps the date; send a reversal and a new line instead."),
            f"{joined}WHERE t.day <> s.day",
            last=True,
        ),
    )

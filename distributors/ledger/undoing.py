"""Undo of a batch: a new batch that takes its rows out of force and puts back what they had put out of force.

Nothing is deleted. An undo is a batch like any other, so it can be undone too, which makes the first one again.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from accounts.models import User
from core import audit, clock, jobs
from core.database import drop_stage, lock, month_sql, rows, run
from core.errors import DomainError
from core.models import Job
from core.scope import require_permission
from core.sentences import Sentence
from distributors.ledger.batches import BATCH_LOCK, batch_issue
from distributors.ledger.books import booked_sql, first_open, leaves_sql
from distributors.ledger.facts import PAYMENTS, FactTable, fact_of
from distributors.ledger.models import Batch
from distributors.ledger.publishing import late_count, supersede, touch
from distributors.ledger.staging import PREFIX
from distributors.profiles.outbound import message_post

TOUCHED = f"{PREFIX}undo_touched"
NAMED_MOST = 3


@dataclass(frozen=True)
class Effect:
    """What an undo would do: rows that go, rows that come back, and what they touch."""

    goes: int
    returns: int
    distributors: int
    first_month: date | None
    last_month: date | None
    late: int


def _same(fact: FactTable, one: str, other: str) -> str:
    return " AND ".join(f"{one}.{name} = {other}.{name}" for name in fact.key)


def later_batches(batch: Batch) -> list[tuple[int, int]]:
    """Return the later batches for which rows of a batch are no longer as it left them, each with how many rows.

    As it left them is what was changed and put back since, too.
    """
    fact, number = fact_of(batch.kind), batch.pk
    now = f"LEFT JOIN {fact.table} y ON {_same(fact, 'y', 'x')} AND y.superseded_by_id IS NULL"
    changed = (
        f"SELECT coalesce(y.batch_id, x.superseded_by_id) AS later FROM {fact.table} x {now} "
        f"WHERE x.batch_id = {number} "
        "AND (y.id IS NULL OR coalesce(y.repeats, y.id) <> coalesce(x.repeats, x.id)) UNION ALL "
        f"SELECT y.batch_id FROM {fact.table} x {now} LEFT JOIN {fact.table} n ON {_same(fact, 'n', 'x')} "
        f"AND n.batch_id = {number} WHERE x.superseded_by_id = {number} AND n.id IS NULL AND y.id IS NOT NULL"
    )
    return rows(f"SELECT later, count(*) FROM ({changed}) AS found GROUP BY later ORDER BY later")


def refuse_undo(batch: Batch) -> None:
    """Raise DomainError where a batch is undone already, or where later ones changed or reversed what is in it."""
    again = Batch.objects.filter(undoes=batch.pk).first()
    if again is not None:
        raise DomainError(_("%(batch)s is undone already, by %(undo)s.") % {"batch": batch, "undo": again})
    text = _("Later batches changed rows of %(batch)s: %(later)s. Undo these first, the last one first.")
    _refuse_later(batch, later_batches(batch), text)
    if batch.kind != PAYMENTS.kind:
        return
    text = _("Later batches reversed payments of %(batch)s: %(later)s. Undo these first, the last one first.")
    _refuse_later(batch, reversing_batches(batch), text)
    text = _(
        "Reversals would come back with %(batch)s whose payments later batches took out: %(later)s. "
        "Undo these first, the last one first."
    )
    _refuse_later(batch, removing_batches(batch), text)


def _refuse_later(batch: Batch, later: list[tuple[int, int]], text: str) -> None:
    if not later:
        return
    named = ", ".join(
        ngettext("#%(batch)s (%(count)s row)", "#%(batch)s (%(count)s rows)", count)
        % {"batch": number, "count": f"{count:,}"}
        for number, count in later[:NAMED_MOST]
    )
    more = len(later) - NAMED_MOST
    if more > 0:
        named += ngettext(" and %(count)s more batch", " and %(count)s more batches", more) % {"count": more}
    raise DomainError(text % {"batch": batch, "later": named})


def reversing_batches(batch: Batch) -> list[tuple[int, int]]:
    """Return the batches whose reversals would be left without their payment, each with how many rows.

    A payment that only gets back another text, with the amount and currency that were reversed, is none of these.
    """
    table, number = PAYMENTS.table, batch.pk
    found = (
        f"SELECT r.batch_id AS later FROM {table} x JOIN {table} r ON r.source_id = x.source_id "
        "AND r.reverses = x.external_id AND r.superseded_by_id IS NULL "
        f"LEFT JOIN {table} own ON {_same(PAYMENTS, 'own', 'r')} AND own.batch_id = {number} "
        f"LEFT JOIN {table} o ON {_same(PAYMENTS, 'o', 'x')} AND o.superseded_by_id = {number} "
        f"WHERE x.batch_id = {number} AND own.id IS NULL "
        "AND (o.id IS NULL OR o.amount <> -r.amount OR o.currency <> r.currency)"
    )
    return rows(f"SELECT later, count(*) FROM ({found}) AS found GROUP BY later ORDER BY later")


def removing_batches(batch: Batch) -> list[tuple[int, int]]:
    """Return the batches that took out, or changed, payments whose reversals would come back, each with how many."""
    table, number = PAYMENTS.table, batch.pk
    gone = (
        f"(SELECT max(d.superseded_by_id) FROM {table} d "
        "WHERE d.source_id = o.source_id AND d.external_id = o.reverses)"
    )
    its = "source_id = o.source_id AND {0}.external_id = o.reverses AND {0}.superseded_by_id"
    found = (
        f"SELECT {gone} AS later FROM {table} o "
        f"LEFT JOIN {table} p ON p.{its.format('p')} IS NULL AND p.amount = -o.amount AND p.currency = o.currency "
        f"LEFT JOIN {table} back ON back.{its.format('back')} = {number} "
        f"WHERE o.superseded_by_id = {number} AND o.reverses <> '' AND p.id IS NULL AND back.id IS NULL"
    )
    return rows(f"SELECT later, count(*) FROM ({found}) AS found GROUP BY later ORDER BY later")


def undo_effect(batch: Batch) -> Effect:
    """Return what the undo of a batch that can be undone would do."""
    fact, number = fact_of(batch.kind), batch.pk
    opened = first_open() if fact.booked else None
    booked = "booked_in" if fact.booked else "NULL"
    both = (
        f"SELECT distributor_id, day, {booked} AS booked_in, 1 AS goes FROM {fact.table} WHERE batch_id = {number} "
        f"UNION ALL SELECT distributor_id, day, {booked}, 0 FROM {fact.table} WHERE superseded_by_id = {number}"
    )
    late = f"CASE WHEN coalesce(x.booked_in, x.day) < '{opened}' THEN 1 ELSE 0 END" if opened else "0"
    found = rows(
        "SELECT coalesce(sum(goes), 0), count(*), count(DISTINCT distributor_id), min(day), max(day), "
        f"coalesce(sum({late}), 0) FROM ({both}) AS x"
    )[0]
    return Effect(int(found[0]), int(found[1] - found[0]), found[2], _month(found[3]), _month(found[4]), int(found[5]))


def _month(value: Any) -> date | None:
    day = date.fromisoformat(value) if isinstance(value, str) else value
    return day.replace(day=1) if day else None


@transaction.atomic
def undo_start(*, actor: User, batch: Batch, reason: str) -> Job:
    """Ask a worker to undo a batch; raise DomainError where it cannot be undone, or without a reason."""
    require_permission(actor, "ledger.undo_batch")
    _refuse_silence(reason)
    refuse_undo(batch)
    return jobs.job_create(
        kind="ledger.undo",
        actor=actor,
        args={"batch": batch.pk, "reason": reason.strip()},
        title=Sentence(gettext_noop("Undo of batch %(batch)s"), batch=str(batch)),
    )


def undo_process(*, run: jobs.Run) -> dict[str, Any]:
    """Undo the batch of a job; an attempt after one that got through, but could not say so, finds it done."""
    batch = Batch.objects.get(pk=run.args["batch"])
    with transaction.atomic():
        lock(BATCH_LOCK)
        run.fence()
        made = Batch.objects.filter(undoes=batch.pk).first()
        if made is None:
            made = batch_undo(actor=run.job.created_by, batch=batch, reason=run.args["reason"])
    return {"batch": made.pk, "url": made.get_absolute_url()}


@transaction.atomic
def batch_undo(*, actor: User | None, batch: Batch, reason: str) -> Batch:
    """Undo a batch by a new one and bring what is derived in step; raise DomainError where it cannot be undone.

    Rows of months that were closed since stay in them and are taken off in the first open one. `actor` None is the
    machine's own administrator.
    """
    if actor is not None:
        require_permission(actor, "ledger.undo_batch")
    _refuse_silence(reason)
    lock(BATCH_LOCK)
    refuse_undo(batch)
    fact = fact_of(batch.kind)
    opened = first_open() if fact.booked else None
    made = batch_issue(
        kind=batch.kind, actor=actor, source_id=batch.source_id, undoes=batch, reason=reason.strip()[:200]
    )
    try:
        with transaction.atomic():
            goes, returns = _swap(fact, batch.pk, made.pk, opened)
    except IntegrityError as error:
        raise DomainError(_("What %(batch)s had replaced contradicts what came later.") % {"batch": batch}) from error
    late = late_count(fact, made.pk) if opened else 0
    made.rows_removed, made.rows_changed, made.rows_late = goes, returns, late
    made.save(update_fields=["rows_removed", "rows_changed", "rows_late"])
    leaves = leaves_sql("t") if fact.booked else month_sql("t.day")
    changed = f"t.batch_id = {made.pk} OR t.superseded_by_id = {made.pk}"
    touch(TOUCHED, f"SELECT t.distributor_id, {leaves} AS month FROM {fact.table} t WHERE {changed}")
    fact.refresh(TOUCHED, clock.today())
    drop_stage(TOUCHED)
    after = {"by": str(made), "taken out": goes, "put back": returns}
    audit.record(actor=actor, verb="batch.undone", target=batch, after=after, note=reason.strip())
    message_post(kind="batch.undone", data={"batch": batch.pk, "kind": batch.kind, "by": made.pk})
    return made


def _refuse_silence(reason: str) -> None:
    if not reason.strip():
        raise DomainError(_("Say why: the reason stays with the batch."))


def _swap(fact: FactTable, batch: int, undo: int, opened: date | None) -> tuple[int, int]:
    """Put what stands for a batch out of force and what it had replaced back; return how many rows went and came."""
    table = fact.table
    standing = (
        f"SELECT y.id FROM {table} x JOIN {table} y ON {_same(fact, 'y', 'x')} AND y.superseded_by_id IS NULL "
        f"WHERE x.batch_id = {batch}"
    )
    goes = supersede(fact, undo, opened, f"id IN ({standing})")
    names, theirs = ", ".join(fact.columns), ", ".join(f"o.{name}" for name in fact.columns)
    booked, booking = (", booked_in", f", {booked_sql('o', opened)}") if opened else ("", "")
    last = f"(SELECT max(m.revision) FROM {table} m WHERE {_same(fact, 'm', 'o')})"
    returns = run(
        f"INSERT INTO {table} (batch_id, revision, repeats, {names}{booked}) "
        f"SELECT {undo}, {last} + 1, coalesce(o.repeats, o.id), {theirs}{booking} FROM {table} o "
        f"WHERE o.superseded_by_id = {batch}"
    )
    return goes, returns

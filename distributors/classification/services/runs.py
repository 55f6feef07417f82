"""Runs: a population classified as of a day, and published in one transaction."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction
from django.utils.translation import gettext_noop as _

from core import audit, clock
from core.database import analyze, copy_rows, lock
from core.errors import DomainError
from core.jobs import Run
from core.money import from_units
from core.periods import month_of, month_shift
from core.sentences import Sentence
from distributors.classification.calculations import (
    CLASSES,
    AbcPolicy,
    AbcResult,
    clear_of_cut,
    effective_classes,
    next_effective,
    pending_class,
)
from distributors.classification.calculations.volume import ALL as GROUPS_AND_NEW
from distributors.classification.calculations.volume import groups_of
from distributors.classification.locks import IN_FORCE
from distributors.classification.models import (
    Cause,
    Classification,
    ClassRun,
    Policy,
    PolicyVersion,
)
from distributors.classification.selectors.overrides import classes_by_hand, overrides_on
from distributors.classification.selectors.population import (
    Letters,
    Population,
    classes_of,
    month_ends_read,
    population_read,
    run_letters,
)
from distributors.classification.selectors.runs import closed_before, version_on
from distributors.classification.services.notices import close_told
from distributors.classification.services.overrides import overrides_apply
from distributors.classification.services.publishing import official_publish, official_withdraw, preview_publish

FOLD_MONTHS = 24
PLANNED_ABOVE = 1_000
_NOTHING = np.array("", dtype="<U1")


@dataclass(frozen=True, eq=False)
class _Classes:
    """The columns of a run beside its result: one row a distributor."""

    settled: Letters
    effective: Letters
    pending: Letters
    cause: Letters
    overridden: np.ndarray[Any, np.dtype[np.bool_]]


def classification_run(
    *,
    policy: Policy,
    as_of: date,
    official: bool,
    actor: Any = None,
    run: Run | None = None,
    again: bool = False,
) -> ClassRun:
    """Classify a policy's population as of a day and publish the result; the same ask twice gives one result.

    An official run closes the month before `as_of`, the first of a month, once; `again` makes the last close again,
    on what is recorded by now. A preview replaces the preview before it. Raises DomainError where the month cannot be
    closed or nobody belongs to the population.
    """
    with transaction.atomic():
        lock(f"classification:{policy.pk}")
        lock(IN_FORCE)
        done = _closed_already(policy, as_of, again) if official else _previewed_already(policy, as_of, run)
        if done is not None:
            return done
        made = (_close if official else _preview)(policy, as_of, actor, run)
        if run is not None:
            run.fence()
    return made


def _close(policy: Policy, as_of: date, actor: Any, run: Run | None) -> ClassRun:
    """Close as of a first of month; what is set by hand since then stays in force, and is no change again."""
    day = max(clock.today(), as_of)
    known = classes_by_hand(day)
    for done in ClassRun.objects.filter(policy=policy, official=True, as_of=as_of):
        official_withdraw(run=done)
    made = _run_make(policy, as_of, True, actor, run)
    official_publish(run=made, day=day)
    close_told(run=made)
    overrides_apply(on=day, known=known)
    return made


def _preview(policy: Policy, as_of: date, actor: Any, run: Run | None) -> ClassRun:
    _previews_delete(policy)
    made = _run_make(policy, as_of, False, actor, run)
    preview_publish(run=made)
    return made


def _closed_already(policy: Policy, as_of: date, again: bool) -> ClassRun | None:
    """Return the close that is there and stays; refuse what is no month's close or lies before the last one."""
    if as_of.day != 1:
        raise DomainError(Sentence(_("A month closes on the first of the next one.")))
    closed = ClassRun.objects.filter(policy=policy, official=True)
    if closed.filter(as_of__gt=as_of).exists():
        done = closed.filter(as_of=as_of).first()
        if done is None or again:
            later = _("A later month is closed already; a preview can be made of any day.")
            raise DomainError(Sentence(later))
        return done
    return None if again else closed.filter(as_of=as_of).first()


def _previewed_already(policy: Policy, as_of: date, run: Run | None) -> ClassRun | None:
    """Return the preview that an earlier attempt of the same job made."""
    if run is None:
        return None
    return ClassRun.objects.filter(policy=policy, as_of=as_of, official=False, job=run.job).first()


def _previews_delete(policy: Policy) -> None:
    for preview in ClassRun.objects.filter(policy=policy, official=False):
        Classification.objects.filter(run=preview)._raw_delete(using="default")
        preview.delete()


def _run_make(policy: Policy, as_of: date, official: bool, actor: Any, run: Run | None) -> ClassRun:
    version = version_on(policy, as_of)
    population = population_read(version=version, as_of=as_of)
    if not population.ids.size:
        raise DomainError(Sentence(_("No distributor belongs to “%(policy)s” yet."), policy=policy.called))
    result = classes_of(population=population, basis=population.basis, as_of=as_of, rules=version.rules)
    volume = classes_of(population=population, basis=population.quantity, as_of=as_of, rules=version.volume_rules)
    classes = _classes(population, result, version, as_of, official)
    made = ClassRun.objects.create(
        policy=policy,
        version=version,
        as_of=as_of,
        official=official,
        batch_id=population.batch,
        job=run.job if run else None,
        members=population.ids.size,
        ranked=result.ranked,
        total=from_units(result.total),
        volume=from_units(volume.total),
        counts=_counts(result, volume, classes),
        created_by=actor,
    )
    copy_rows(Classification._meta.db_table, [_table(made, population, result, volume, classes)])
    if made.members >= PLANNED_ABOVE:
        # Without statistics the planner takes a run it never saw for a single row.
        transaction.on_commit(lambda: analyze(Classification._meta.db_table, "run_id"))
    verb = "classification.closed" if official else "classification.previewed"
    audit.record(actor=actor, verb=verb, target=made, after=made.counts["effective"] | {"batch": population.batch})
    return made


def _classes(
    population: Population, result: AbcResult, version: PolicyVersion, as_of: date, official: bool
) -> _Classes:
    """Take the fold one month-end on, and set what is set by hand."""
    rules = version.rules
    before, previous_raw = _before(population, version, as_of)
    clear = clear_of_cut(
        previous_effective=before,
        raw=result.klass,
        basis=result.basis,
        cumulative=result.cumulative,
        total=result.total,
        policy=rules,
    )
    settled = next_effective(previous_effective=before, previous_raw=previous_raw, raw=result.klass, clear=clear)
    pending = pending_class(effective=settled, previous_raw=previous_raw, raw=result.klass)
    effective, overridden = _overridden(population, settled, as_of)
    if not official:
        # Seen from the class in force now, a preview that would change it says so.
        in_force = np.where(population.in_force == "", effective, population.in_force)
        pending = np.where(effective != in_force, effective, pending)
    return _Classes(
        settled=settled,
        effective=effective,
        pending=np.where(overridden, _NOTHING, pending),
        cause=_causes(before, settled, clear),
        overridden=overridden,
    )


def _before(population: Population, version: PolicyVersion, as_of: date) -> tuple[Letters, Letters]:
    """Return the settled classes at the month-end before and the raw ones of the last `dynamics_periods` - 1.

    They come from the closes where these months are closed, else from the fold over the amounts of each month-end.
    """
    month, rules = month_of(as_of), version.rules
    wanted = max(rules.dynamics_periods - 1, 1)
    closed = closed_before(version.policy, month, wanted)
    if [one.as_of for one in closed] == [month_shift(month, -step) for step in range(1, wanted + 1)]:
        letters = [run_letters(run=one, ids=population.ids) for one in closed]
        raw = np.array([one[0] for one in reversed(letters)])
        return letters[0][1], _last(raw, rules)
    ends = month_ends_read(population=population, version=version, as_of=month, count=FOLD_MONTHS)
    settled = effective_classes(
        raw=ends.raw, basis=ends.basis, cumulative=ends.cumulative, totals=ends.totals, policy=rules
    )
    return settled[-1], _last(ends.raw, rules)


def _last(raw: Letters, rules: AbcPolicy) -> Letters:
    return raw[raw.shape[0] - (rules.dynamics_periods - 1) :]


def _overridden(population: Population, settled: Letters, as_of: date) -> tuple[Letters, Any]:
    """Put the classes set by hand, which are few, over the settled ones."""
    effective, flags = settled.copy(), np.zeros(settled.size, dtype=bool)
    for distributor_id, klass in overrides_on(as_of).values_list("distributor_id", "klass"):
        place = int(np.searchsorted(population.ids, distributor_id))
        if place < population.ids.size and population.ids[place] == distributor_id:
            effective[place], flags[place] = klass, True
    return effective, flags


def _causes(before: Letters, settled: Letters, clear: Any) -> Letters:
    """Say why the settled class changed, '' where it stayed."""
    causes = np.where(clear, Cause.JUMP, Cause.HELD)
    causes = np.where((before == "N") | (settled == "N"), Cause.NEW, causes)
    causes = np.where(before == "", Cause.FIRST, causes)
    return np.where(before == settled, "", causes)


def _counts(result: AbcResult, volume: AbcResult, classes: _Classes) -> dict[str, Any]:
    def by_class(letters: Letters) -> dict[str, int]:
        return {letter: int(np.count_nonzero(letters == letter)) for letter in CLASSES}

    return {
        "raw": by_class(result.klass),
        "effective": by_class(classes.effective),
        "groups": dict(zip(GROUPS_AND_NEW, by_class(volume.klass).values(), strict=True)),
        "short_history": int(result.short_history.sum()),
        "overridden": int(classes.overridden.sum()),
        "pending": int(np.count_nonzero(classes.pending != "")),
    }


def _table(run: ClassRun, population: Population, result: AbcResult, volume: AbcResult, classes: _Classes) -> pa.Table:
    """Return the rows of a run as they stand in the database."""
    unranked, unordered = result.rank == 0, volume.rank == 0
    return pa.table(
        {
            "run_id": pa.array(np.full(population.ids.size, run.pk, dtype=np.int64)),
            "distributor_id": pa.array(population.ids),
            "raw": pa.array(result.klass),
            "settled": pa.array(classes.settled),
            "effective": pa.array(classes.effective),
            "pending": pa.array(classes.pending),
            "cause": pa.array(classes.cause),
            "rule": pa.array(result.rule),
            "rank": pa.array(result.rank, mask=unranked),
            "basis": pa.array(result.basis),
            "share": _millionths(result.share, unranked),
            "cumulative": pa.array(result.cumulative),
            "cumulative_share": _millionths(result.cumulative_share, unranked),
            "volume_group": pa.array(groups_of(volume.klass)),
            "quantity": pa.array(volume.basis),
            "volume_rank": pa.array(volume.rank, mask=unordered),
            "volume_share": _millionths(volume.share, unordered),
            "volume_cumulative_share": _millionths(volume.cumulative_share, unordered),
            "short_history": pa.array(result.short_history),
            "overridden": pa.array(classes.overridden),
        }
    )


def _millionths(values: Any, absent: Any) -> pa.Array:
    """Return whole millionths as decimals of scale 6, null where `absent`; the high word carries the sign."""
    words = np.stack([values, values >> 63], axis=1)
    valid = pa.array(~absent).buffers()[1]
    return pa.Array.from_buffers(pa.decimal128(9, 6), len(values), [valid, pa.py_buffer(np.ascontiguousarray(words))])

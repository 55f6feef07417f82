"""Scorings: all credit cards as of a day, written and published in one transaction; or one card at once."""

from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import transaction
from django.utils.translation import gettext_noop as _

from accounts.models import Territory
from core import audit, clock
from core.database import analyze, copy_rows, lock, tuned
from core.errors import DomainError
from core.jobs import Run
from core.periods import month_shift
from core.sentences import Sentence
from distributors.credit.calculations.five_c import GRADES, MISSING, Cuts, Scored, score_cards
from distributors.credit.cards.inputs import UNKNOWN, Inputs, Ints, inputs_read
from distributors.credit.cards.items import CRITERIA, Item
from distributors.credit.cards.measures import by_criterion, scores_of
from distributors.credit.cards.models import CreditPolicy, CreditScore, ScoreRun
from distributors.credit.cards.policies import policy_on
from distributors.credit.cards.publishing import scores_publish
from distributors.profiles.models import Distributor

SCORES = "credit.scores"
PLANNED_ABOVE = 1_000
FEWEST = 5  # whose median tells of a territory and not of one of them
KEPT = (
    "invoiced",
    "on_time",
    "sales",
    "sales_before",
    "stock",
    "security",
    "exposure",
    "demand_now",
    "demand_before",
    "capital_base",
    "breach_count",
)
_EPOCH = date(1970, 1, 1)


def scores_run(
    *, as_of: date, monthly: bool, actor: Any = None, run: Run | None = None, publish: bool = True
) -> ScoreRun:
    """Score all cards as of a day; of a month-end once, else in place of the current run. The same ask twice is one.

    The latest run is published: standings, events, audit rows.
    """
    if monthly and as_of.day != 1:
        raise DomainError(Sentence(_("A month ends with the first of the next one.")))
    with transaction.atomic(), tuned():
        lock(SCORES)
        done = _done(as_of, monthly, run)
        if done is not None:
            return done
        made = _run_make(as_of, monthly, actor, run)
        if publish and not ScoreRun.objects.filter(as_of__gt=as_of).exists():
            changed = scores_publish(run=made, actor=actor, day=as_of)
            ScoreRun.objects.filter(pk=made.pk).update(counts={**made.counts, "changed": changed})
        audit.record(actor=actor, verb="credit.scored", target=made, after=made.counts)
        if run is not None:
            run.fence()
    return made


@transaction.atomic
def card_score(*, distributor: Distributor, actor: Any = None) -> CreditScore | None:
    """Score one card at once, in the current run and by its policy, and publish it; None of who gets no card."""
    lock(SCORES)
    run = ScoreRun.objects.filter(monthly=False).select_related("policy").first()
    today = clock.today()
    policy = run.policy if run else policy_on(today)
    found = inputs_read(as_of=today, policy=policy, distributor=distributor.pk)
    if not found.scored.any():
        return None
    scores, scored = _score(found, policy)
    if run is None:
        run = ScoreRun.objects.create(as_of=today, monthly=False, policy=policy, batch_id=found.batch, created_by=actor)
    CreditScore.objects.filter(run=run, distributor=distributor)._raw_delete(using="default")
    copy_rows(CreditScore._meta.db_table, [_table(run, found, scores, scored)])
    scores_publish(run=run, actor=actor, day=today, distributor=distributor.pk)
    card: CreditScore = CreditScore.objects.get(run=run, distributor=distributor)
    return card


def _done(as_of: date, monthly: bool, run: Run | None) -> ScoreRun | None:
    """Return the run of a month-end that is there, or the one that an earlier attempt of the same job made."""
    if monthly:
        return ScoreRun.objects.filter(as_of=as_of, monthly=True).first()
    return ScoreRun.objects.filter(as_of=as_of, monthly=False, job=run.job).first() if run else None


def _current_delete() -> None:
    for old in ScoreRun.objects.filter(monthly=False):
        CreditScore.objects.filter(run=old)._raw_delete(using="default")
        old.delete()


def _run_make(as_of: date, monthly: bool, actor: Any, run: Run | None) -> ScoreRun:
    policy = policy_on(as_of)
    found = inputs_read(as_of=as_of, policy=policy)
    scores, scored = _score(found, policy)
    if not monthly:
        _current_delete()
    made: ScoreRun = ScoreRun.objects.create(
        as_of=as_of,
        monthly=monthly,
        policy=policy,
        batch_id=found.batch,
        job=run.job if run else None,
        members=int(found.scored.sum()),
        counts={grade: int(np.count_nonzero(scored.grade[found.scored] == grade)) for grade in GRADES},
        medians=_medians(found, scored),
        created_by=actor,
    )
    copy_rows(CreditScore._meta.db_table, [_table(made, found, scores, scored)])
    if made.members >= PLANNED_ABOVE:
        # Without statistics the planner takes a run it never saw for a single row.
        analyze(CreditScore._meta.db_table, "run_id")
    return made


def _score(found: Inputs, policy: CreditPolicy) -> tuple[dict[Item, Ints], Scored]:
    scores = scores_of(found.columns, Fraction(policy.plan_turns))
    return scores, score_cards(by_criterion(scores), policy.weights, Cuts())


def _medians(found: Inputs, scored: Scored) -> dict[str, list[int | None]]:
    """Return the medians of the criteria by path of territory with all below it, null where too few are scored."""
    paths = dict(Territory.objects.values_list("pk", "path"))
    members: dict[str, list[Ints]] = {}
    for key in np.unique(found.territory[found.scored]):
        path, rows = paths[int(key)], np.flatnonzero(found.scored & (found.territory == key))
        for end in range(len(path), 0, -4):
            members.setdefault(path[:end], []).append(rows)
    return {path: [_median(one[np.concatenate(rows)]) for one in scored.criteria] for path, rows in members.items()}


def _median(values: Ints) -> int | None:
    there = values[values != MISSING]
    return int(np.median(there)) if there.size >= FEWEST else None


def _table(run: ScoreRun, found: Inputs, scores: dict[Item, Ints], scored: Scored) -> pa.Table:
    """Return the rows of a run as they stand in the database."""
    kept = found.scored
    count = int(kept.sum())
    columns: dict[str, Any] = {
        "run_id": pa.array(np.full(count, run.pk, dtype=np.int64)),
        "distributor_id": pa.array(found.ids[kept]),
        "as_of": pa.array(np.full(count, np.datetime64(found.as_of))),
        "scored_at": pa.array(np.full(count, np.datetime64(clock.instant().replace(tzinfo=None), "us"))),
        "score": _decimals(scored.score[kept]),
        "grade": pa.array(scored.grade[kept]),
        "confidence": _decimals(scored.confidence[kept]),
        "provisional": pa.array(scored.provisional[kept]),
        "review_due": pa.array(_review_days(found, run.policy)[kept], mask=scored.score[kept] == MISSING),
    }
    columns |= {one.value: _decimals(scored.criteria[place][kept]) for place, one in enumerate(CRITERIA)}
    columns |= {item.value: _decimals(values[kept]) for item, values in scores.items()}
    for name in KEPT:
        values = found.columns[name][kept]
        columns[name] = pa.array(values, mask=values == UNKNOWN)
    return pa.table(columns)


def _review_days(found: Inputs, policy: CreditPolicy) -> Any:
    """Return when each card is to be reviewed: as read, else an interval from now, when it is scored first."""
    first = (month_shift(found.as_of, policy.review_months) - _EPOCH).days
    known = found.columns["next_on"]
    return np.where(known == UNKNOWN, first, known).astype("datetime64[D]")


def _decimals(values: Ints) -> pa.Array:
    """Return hundredths as decimals of scale 2, null where MISSING; the high word carries the sign."""
    words = np.stack([values, values >> 63], axis=1).astype(np.int64)
    valid = pa.array(values != MISSING).buffers()[1]
    return pa.Array.from_buffers(pa.decimal128(5, 2), len(values), [valid, pa.py_buffer(np.ascontiguousarray(words))])

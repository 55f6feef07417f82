"""How one distributor came to its class."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.database import integer_columns
from core.figures import remembered
from distributors.classification.calculations import AbcResult, Working, explain
from distributors.classification.calculations.abc import Amounts
from distributors.classification.models import ClassEvent, Classification, ClassRun, Override
from distributors.classification.selectors.amounts import amounts_hide
from distributors.classification.selectors.runs import last_closed, newest

HISTORY = 24
KEPT_ABOVE = 5_000
KEPT_SECONDS = 86_400


@dataclass(frozen=True)
class Why:
    """The class of a distributor with its working; `ahead` is the row of a newer preview."""

    row: Classification
    working: Working
    ahead: Classification | None
    history: list[Classification]
    events: list[ClassEvent]
    overrides: list[Override]


def why_of(*, user: Any, distributor_id: int) -> Why | None:
    """Explain the class of a visible distributor, by the last close or else the preview; None where it has none."""
    rows = Classification.objects.visible_to(user).filter(distributor=distributor_id)
    related = rows.select_related("run", "run__policy", "run__version", "run__batch", "distributor")
    ahead = related.filter(run__in=newest().order_by().values("pk")).order_by("-run__as_of").first()
    row = related.filter(run__in=last_closed().order_by().values("pk")).order_by("-run__as_of").first() or ahead
    if row is None:
        return None
    working = working_of(row)
    history = list(
        rows.filter(run__official=True).select_related("run", "run__version").order_by("-run__as_of")[:HISTORY]
    )
    amounts_hide(user, [row, ahead, *history])
    return Why(
        row=row,
        working=working,
        ahead=ahead if ahead is not None and ahead.pk != row.pk else None,
        history=history,
        events=list(ClassEvent.objects.visible_to(user).filter(distributor=distributor_id)[:HISTORY]),
        overrides=list(
            Override.objects.visible_to(user).filter(distributor=distributor_id).select_related("created_by")[:HISTORY]
        ),
    )


def working_of(row: Classification) -> Working:
    """Explain a row from the ranked amounts of its run as they were stored."""
    run: ClassRun = row.run
    ranked, own = ranked_amounts(run), _units(row.basis)
    if row.rank is None:
        ranked, index = np.append(ranked, own), ranked.size
    else:
        index = int(np.flatnonzero(ranked == own)[0])
    rank = np.ones(ranked.size, dtype=np.int32)
    rank[index] = row.rank or 0

    def only(value: Any, kind: Any = np.int64) -> Any:
        """Return a column that is filled where it is looked at."""
        column = np.zeros(ranked.size, dtype=kind)
        column[index] = value
        return column

    rules = run.version.rules
    result = AbcResult(
        policy=rules,
        klass=only(row.raw, "<U1"),
        rank=rank,
        rule=only(row.rule, np.uint8),
        basis=ranked,
        share=only(_millionths(row.share)),
        cumulative=only(_units(row.cumulative)),
        cumulative_share=only(_millionths(row.cumulative_share)),
        total=_units(run.total),
        ranked=run.ranked,
        short_history=only(row.short_history, np.bool_),
        annualised=rules.annualise,
    )
    return explain(result=result, index=index)


def ranked_amounts(run: ClassRun) -> Amounts:
    """Return the amounts that a run ranked, in ten-thousandths; of a large run they are kept, for they never change."""
    if run.members <= KEPT_ABOVE:
        return _ranked_read(run)
    key = f"classification.ranked.{run.pk}.{run.created_at.timestamp()}"
    return remembered(key, KEPT_SECONDS, lambda: _ranked_read(run))


def _ranked_read(run: ClassRun) -> Amounts:
    sql = f"SELECT CAST(basis AS bigint) FROM {Classification._meta.db_table} WHERE run_id = %s AND rank > 0"  # noqa: S608
    return np.sort(integer_columns(sql, [run.pk], 1)[0])


def _millionths(share: Any) -> int:
    return int(share.scaleb(6)) if share is not None else 0


def _units(amount: Any) -> int:
    return int(amount.scaleb(4))

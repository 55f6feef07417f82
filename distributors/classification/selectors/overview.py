"""A run as a user sees it: figures by class, the curve, and the movements between two runs."""

import hashlib
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import BigIntegerField, Count, F, FilteredRelation, Q
from django.db.models.functions import Cast

from core.figures import remembered
from core.money import from_units
from distributors.classification.calculations import CLASSES, pareto
from distributors.classification.models import Classification, ClassRun
from distributors.classification.selectors.amounts import amounts_hide, amounts_shown
from distributors.classification.selectors.runs import newest

KEPT_SECONDS = 600


@dataclass(frozen=True)
class ClassFigure:
    """One class among the rows a user sees: how many are in it, how many by rank, and what they bring."""

    letter: str
    count: int
    count_share: Decimal | None
    basis: Decimal | None
    basis_share: Decimal | None
    by_rank: int
    by_rank_share: Decimal | None
    by_rank_basis_share: Decimal | None


@dataclass(frozen=True)
class CurvePoint:
    """The first `position` of the ranked: their share of all ranked, and of the sum; the class by rank of the last."""

    position: int
    distributors: Decimal
    cumulative: Decimal | None
    share: Decimal
    letter: str


@dataclass(frozen=True)
class Overview:
    """What a run comes to among the rows a user sees."""

    figures: list[ClassFigure]
    curve: list[CurvePoint]
    borders: dict[str, int]
    count: int
    ranked: int
    total: Decimal

    def figure(self, letter: str) -> ClassFigure:
        """Return the figures of one class."""
        return self.figures[CLASSES.index(letter)]


def overview_of(*, user: Any, run: ClassRun) -> Overview:
    """Return the overview of a run, as `shown_run` gives it, over the rows `user` sees; it is kept for ten minutes.

    Amounts that the user may not see are left out.
    """
    found: Overview = remembered(_key(user, run), KEPT_SECONDS, lambda: _overview(user, run))
    if amounts_shown(user, run.version):
        return found
    figures = [replace(figure, basis=None) for figure in found.figures]
    return replace(found, figures=figures, curve=[replace(point, cumulative=None) for point in found.curve])


def _key(user: Any, run: ClassRun) -> str:
    """Name what the overview depends on: the run, how far the user reaches, and who is assigned to whom."""
    reach = user.reach("classification.view_classification")
    text = f"{run.pk} {run.created_at.isoformat()} {reach} {run.last_assignment}"  # type: ignore[attr-defined]  # annotated by shown_run
    return "classification.overview." + hashlib.sha256(text.encode()).hexdigest()


def _overview(user: Any, run: ClassRun) -> Overview:
    rows = list(
        Classification.objects.visible_to(user)
        .filter(run=run)
        .order_by()
        .values_list(Cast("basis", BigIntegerField()), "raw", "effective")
    )
    columns = zip(*rows, strict=True) if rows else ((), (), ())
    amounts, letters, in_force = (list(column) for column in columns)
    basis, raw, effective = np.array(amounts, dtype=np.int64), np.array(letters, "<U1"), np.array(in_force, "<U1")
    curve = pareto(basis=basis, klass=raw)
    ranked = int(np.isin(raw, CLASSES[:3]).sum())
    positive = np.maximum(basis, 0) * (raw != "N")
    total = int(positive.sum())

    def figure(letter: str) -> ClassFigure:
        mine, by_rank = effective == letter, raw == letter
        return ClassFigure(
            letter=letter,
            count=int(mine.sum()),
            count_share=_share(int(mine.sum()), len(rows)),
            basis=from_units(int(basis[mine].sum())),
            basis_share=_share(int(positive[mine].sum()), total),
            by_rank=int(by_rank.sum()),
            by_rank_share=_share(int(by_rank.sum()), ranked),
            by_rank_basis_share=_share(int(positive[by_rank].sum()), total),
        )

    return Overview(
        figures=[figure(letter) for letter in CLASSES],
        curve=[
            CurvePoint(
                position=int(curve.position[place]),
                distributors=Decimal(int(curve.distributors[place])).scaleb(-6),
                cumulative=from_units(int(curve.cumulative[place])),
                share=Decimal(int(curve.share[place])).scaleb(-6),
                letter=str(curve.klass[place]),
            )
            for place in range(curve.position.size)
        ],
        borders=curve.borders,
        count=len(rows),
        ranked=ranked,
        total=from_units(total),
    )


def _share(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / Decimal(whole) if whole > 0 else None


@dataclass(frozen=True)
class MovementTable:
    """Counts from class to class between two runs; rows before, columns after, in the order of the classes."""

    matrix: list[list[int]]
    joined: list[int]
    left: list[int]
    before: ClassRun
    after: ClassRun

    @property
    def improved(self) -> int:
        """Count moves to a better class among A, B and C."""
        return sum(self.matrix[row][column] for row in range(3) for column in range(row))

    @property
    def worsened(self) -> int:
        """Count moves to a worse class among A, B and C."""
        return sum(self.matrix[row][column] for row in range(3) for column in range(row + 1, 3))

    @property
    def unchanged(self) -> int:
        """Count those in the same class before and after."""
        return sum(self.matrix[place][place] for place in range(len(CLASSES)))


def movements_between(*, user: Any, before: ClassRun, after: ClassRun) -> MovementTable:
    """Count the moves between two runs among the rows that `user` sees."""
    rows = Classification.objects.visible_to(user).order_by()
    names = ("other__effective", "effective")
    joined = against(rows.filter(run=after), before).values_list(*names).annotate(count=Count("pk"))
    counts = {(was, now): count for was, now, count in joined.values_list(*names, "count")}
    earlier = dict(rows.filter(run=before).values_list("effective").annotate(count=Count("pk")))
    matrix = [[counts.get((was, now), 0) for now in CLASSES] for was in CLASSES]
    return MovementTable(
        matrix=matrix,
        joined=[counts.get((None, now), 0) for now in CLASSES],
        left=[earlier.get(was, 0) - sum(row) for was, row in zip(CLASSES, matrix, strict=True)],
        before=before,
        after=after,
    )


def against(rows: Any, other: ClassRun) -> Any:
    """Join to each row of one run that of another run, as `other`; nulls where it has none."""
    condition = Q(distributor__classifications__run=other)
    return rows.annotate(other=FilteredRelation("distributor__classifications", condition=condition))


def about_to_change(*, user: Any, run: ClassRun, limit: int) -> list[Classification]:
    """Return whose class changes at the next month-end if it stays as it is, the largest first."""
    rows = Classification.objects.visible_to(user).filter(run=run).exclude(pending="")
    found = list(rows.select_related("distributor", "run__version").order_by(F("basis").desc(), "pk")[:limit])
    amounts_hide(user, found)
    return found


def ranked_of(user: Any, distributor_ids: list[int]) -> dict[int, Classification]:
    """Return, by distributor, its row in the newest run of its policy, whose next change standing announces."""
    rows = Classification.objects.filter(run__in=newest().order_by().values("pk"), distributor__in=distributor_ids)
    found = list(rows.select_related("run__version"))
    amounts_hide(user, found)
    return {row.distributor_id: row for row in found}

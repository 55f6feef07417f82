"""What the groups by volume have of each resource, against what the policy plans for them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Count, OuterRef, Subquery, Sum
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.contributors import collect
from core.money import from_units
from core.periods import Window, full_months
from distributors.classification.calculations.volume import ALL, NONE, Fit, resource_fit
from distributors.classification.models import Classification, ClassRun
from distributors.ledger.models import NET_SALES, MonthlyLineSales
from distributors.ledger.records import Occurrence

# What is given to distributors, in the order of the page; whoever records one of them contributes its facts.
RESOURCES = {
    "funds": gettext_lazy("Support funds"),
    "goods": gettext_lazy("Scarce goods"),
    "training": gettext_lazy("Training"),
    "visits": gettext_lazy("Visits"),
}


@dataclass(frozen=True)
class ResourceFacts:
    """What the groups have of a resource, in ten-thousandths of `unit`; `places` are the decimals worth showing."""

    code: str
    unit: Any
    by_group: dict[str, int]
    places: int = 0


@dataclass(frozen=True)
class ResourceRow:
    """One group's part of a resource, for a reader."""

    fit: Fit
    plan: Decimal
    fact: Decimal
    gap: Decimal
    url: str


@dataclass(frozen=True)
class ResourceView:
    """A resource with its groups; without rows where nobody records it yet, or nothing was given."""

    code: str
    label: Any
    recorded: bool
    unit: Any
    places: int
    rows: list[ResourceRow]


@dataclass(frozen=True)
class GroupFigure:
    """One group among the rows that a user sees."""

    group: str
    count: int
    quantity: Decimal
    share: Decimal | None


def group_figures(*, user: Any, run: ClassRun) -> list[GroupFigure]:
    """Return how many of the rows that `user` sees are in each group, and what volume they bring."""
    rows = Classification.objects.visible_to(user).filter(run=run).order_by()
    found = {
        group: (count, units)
        for group, count, units in rows.values("volume_group")
        .annotate(count=Count("pk"), units=Sum(Cast("quantity", BigIntegerField())))
        .values_list("volume_group", "count", "units")
    }
    total = sum(units for group, (_count, units) in found.items() if group != NONE)  # the new are not ranked
    return [
        GroupFigure(
            group=group,
            count=found.get(group, (0, 0))[0],
            quantity=from_units(found.get(group, (0, 0))[1]),
            share=Decimal(found.get(group, (0, 0))[1]) / Decimal(total) if total > 0 else None,
        )
        for group in ALL
    ]


def resources_of(*, user: Any, run: ClassRun, figures: list[GroupFigure]) -> list[ResourceView]:
    """Return each resource, plan against fact, over the months that the run counted."""
    window = full_months(run.as_of, run.version.window_months)
    known: dict[str, ResourceFacts] = {one.code: one for one in collect("class_resources", user, run, window)}
    members = {one.group: one.count for one in figures}
    return [_view(code, label, known.get(code), members, run) for code, label in RESOURCES.items()]


def _view(code: str, label: Any, facts: ResourceFacts | None, members: dict[str, int], run: ClassRun) -> ResourceView:
    if facts is None:
        return ResourceView(code, label, recorded=False, unit="", places=0, rows=[])
    if not sum(facts.by_group.values()):
        return ResourceView(code, label, recorded=True, unit=facts.unit, places=facts.places, rows=[])
    listing = f"{reverse('classification:classification-list')}?run={run.pk}&volume_group="
    fits = resource_fit(facts=facts.by_group, members=members, plan=run.version.plan)
    rows = [
        ResourceRow(fit, from_units(fit.plan), from_units(fit.fact), from_units(fit.gap), listing + fit.group)
        for fit in fits
    ]
    return ResourceView(code, label, recorded=True, unit=facts.unit, places=facts.places, rows=rows)


def ledger_resources(user: Any, run: ClassRun, window: Window) -> list[ResourceFacts]:
    """Return what the ledger knows: scarce goods by volume, once their product lines are chosen, and courses passed."""
    found = [ResourceFacts("training", _("courses passed"), _courses(user, run, window))]
    lines = list(run.policy.scarce_lines.values_list("pk", flat=True))
    if lines:
        found.append(ResourceFacts("goods", _("base units"), _goods(user, run, window, lines)))
    return found


def _courses(user: Any, run: ClassRun, window: Window) -> dict[str, int]:
    rows = Occurrence.objects.visible_to(user).filter(
        superseded_by=None,
        reversed_by="",
        kind=Occurrence.Kind.COURSE_PASSED,
        day__gte=window.start,
        day__lt=window.end,
    )
    return _by_group(rows, run, Count("pk") * 10_000)


def _goods(user: Any, run: ClassRun, window: Window, lines: list[int]) -> dict[str, int]:
    rows = MonthlyLineSales.objects.visible_to(user).filter(
        line__in=lines, kind__in=NET_SALES, month__gte=window.start, month__lt=window.end
    )
    return _by_group(rows, run, Sum(Cast("quantity", BigIntegerField())))


def _by_group(rows: Any, run: ClassRun, amount: Any) -> dict[str, int]:
    """Add up by the group in a run of the distributor, or of the one it was merged into; who has none is left out."""
    survivor = Coalesce("distributor__merged_into_id", "distributor_id")
    group = Classification.objects.filter(run=run, distributor=OuterRef("survivor")).values("volume_group")[:1]
    grouped = rows.order_by().annotate(survivor=survivor).annotate(group=Subquery(group)).exclude(group=None)
    found = dict(grouped.values("group").annotate(amount=amount).values_list("group", "amount"))
    return {key or NONE: int(value or 0) for key, value in found.items()}

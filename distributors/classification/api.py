"""REST: classes."""

from typing import Any

import django_filters
from django.db.models import QuerySet

from core.resources import ApiFilterSet, IsoDateFilter, ReadViewSet
from distributors.classification.models import AbcClass, Classification, ClassRun, VolumeGroup
from distributors.classification.selectors.amounts import amount_for
from distributors.classification.selectors.runs import last_of


class ClassificationApiFilter(ApiFilterSet):
    """Classes of one as-of date: by default the newest official one of each policy."""

    as_of = IsoDateFilter(field_name="run__as_of", label="As-of date; the newest if left out.")
    official = django_filters.BooleanFilter(
        field_name="run__official", label="true (default) for month closes, false for the nightly preview."
    )
    distributor = django_filters.CharFilter(field_name="distributor__code", label="Code of the distributor.")
    volume_group = django_filters.ChoiceFilter(choices=VolumeGroup.choices, label="Group by volume.")
    policy = django_filters.CharFilter(field_name="run__policy__name", label="Name of the policy.")

    @classmethod
    def get_filters(cls) -> Any:
        """Return the filters with `class`, which Python does not take as a name."""
        by_class = django_filters.ChoiceFilter(
            field_name="effective", choices=AbcClass.choices, label="Class in force."
        )
        return super().get_filters() | {"class": by_class}

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Keep the runs asked for, then what the other filters ask."""
        official = self.form.cleaned_data["official"]
        runs = ClassRun.objects.filter(official=True if official is None else official)
        if as_of := self.form.cleaned_data["as_of"]:
            runs = runs.filter(as_of=as_of)
        newest = last_of(runs).order_by().values_list("pk", flat=True)
        return super().filter_queryset(queryset.filter(run__in=list(newest)))


class ClassificationViewSet(ReadViewSet):
    """The ABC class of each distributor, with what it follows from."""

    model = Classification
    resource = "classifications"
    tag = "Classifications"
    lookup_value_regex = "[0-9]{1,19}"
    filterset_class = ClassificationApiFilter
    fields = {
        "id": "pk",
        "distributor": "distributor__code",
        "policy": "run__policy__name",
        "policy_version": "run__version__number",
        "as_of": "run__as_of",
        "official": "run__official",
        "class": "effective",
        "class_by_rank": "raw",
        "class_before_override": "settled",
        "about_to_become": "pending",
        "cause": "cause",
        "rank": "rank",
        "basis": "basis",
        "share": "share",
        "cumulative_share": "cumulative_share",
        "volume_group": "volume_group",
        "quantity": "quantity",
        "volume_rank": "volume_rank",
        "volume_share": "volume_share",
        "volume_cumulative_share": "volume_cumulative_share",
        "short_history": "short_history",
        "set_by_hand": "overridden",
    }
    nulls = frozenset({"basis"})
    notes = {
        "distributor": "Code of the distributor.",
        "policy": "Name of the policy.",
        "policy_version": "Version of the policy that was in force.",
        "as_of": "The full months before this day were counted.",
        "official": "true for a month close, false for the nightly preview.",
        "class": "The class in force: by the rules, or set by hand.",
        "class_by_rank": "The class that the cumulative share gives this time.",
        "class_before_override": "The class by the rules of change, without what was set by hand.",
        "about_to_become": "The class it takes at the next month-end if the class by rank stays; else empty.",
        "cause": "Why the class changed in this run; empty where it did not.",
        "basis": "What was ranked, in the base currency; null for margins without the scope costs:read.",
        "volume_group": "5, 3 or 2 by quantity in base units, N for new; empty in runs from before there were groups.",
        "quantity": "Quantity of the months counted, in base units.",
        "volume_share": "Share of the population's quantity; null for N and for zero or less.",
        "share": "Share of the population's sum; null for N and for zero or less.",
        "cumulative_share": "Share of all up to this rank, its own included.",
    }

    def looked_up(self, queryset: Any) -> tuple[Any, dict[str, str]]:
        """Read the amounts that the client may see."""
        rows, lookups = super().looked_up(queryset)
        if "basis" not in lookups:
            return rows, lookups
        return rows.annotate(amount=amount_for(self.request.user)), {**lookups, "basis": "amount"}

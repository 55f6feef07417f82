"""Filters of the list of classes; each is part of its URL."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.models import Territory
from core.filters import BaseFilterSet
from core.scope import in_subtree
from distributors.classification.models import AbcClass, ClassEvent, Classification, ClassRun, VolumeGroup
from distributors.classification.selectors.overview import against
from distributors.classification.selectors.runs import shown_run

SHOW = [
    ("pending", _("about to change")),
    ("changed", _("changed at this close")),
    ("differs", _("by rank another class")),
    ("hand", _("set by hand")),
    ("short", _("short history")),
]


class RunField(forms.ModelChoiceField):
    """A choice of runs by their day."""

    def label_from_instance(self, run: Any) -> str:
        """Return the day, and what kind of run it is."""
        kind = _("month close") if run.official else _("preview")
        return f"{run.policy} · {run.as_of} · {kind}"


class RunFilter(django_filters.ModelChoiceFilter):
    """A run; the filter set keeps its rows."""

    field_class = RunField

    def filter(self, qs: QuerySet, _value: Any) -> QuerySet:
        """Leave it to the filter set, which knows what holds when none is chosen."""
        return qs


RUNS = ClassRun.objects.select_related("policy", "version")


class ClassificationFilter(BaseFilterSet):
    """Classes by run, class, territory and what changes; `against`, `was` and `gone` stand for a cell of movements."""

    run = RunFilter(queryset=RUNS, label=_("As of"), empty_label=_("last month close"))
    effective = django_filters.ChoiceFilter(choices=AbcClass.choices, label=_("Class"), empty_label=_("all"))
    volume_group = django_filters.ChoiceFilter(
        choices=VolumeGroup.choices, label=_("Group by volume"), empty_label=_("all")
    )
    territory = django_filters.ModelChoiceFilter(
        queryset=Territory.objects.all(), method="by_territory", label=_("Territory"), empty_label=_("all")
    )
    show = django_filters.ChoiceFilter(choices=SHOW, method="by_show", label=_("Only"), empty_label=_("all"))
    raw = django_filters.ChoiceFilter(
        choices=AbcClass.choices, label=_("Class by rank"), empty_label=_("all"), widget=forms.HiddenInput
    )
    against = RunFilter(queryset=RUNS, label=_("Compared with"), widget=forms.HiddenInput)
    was = django_filters.ChoiceFilter(
        choices=[*AbcClass.choices, ("none", _("none"))],
        method="unchanged",
        label=_("Class then"),
        widget=forms.HiddenInput,
    )
    gone = django_filters.BooleanFilter(method="unchanged", label=_("Not classified then"), widget=forms.HiddenInput)

    search_fields = ("distributor__code", "distributor__legal_name", "distributor__short_name")

    class Meta:
        model = Classification
        fields: ClassVar[list[str]] = []

    def unchanged(self, queryset: QuerySet, _name: str, _value: Any) -> QuerySet:
        """Leave it to `filter_queryset`."""
        return queryset

    def by_territory(self, queryset: QuerySet, _name: str, value: Territory) -> QuerySet:
        """Keep the subtree, as a range of paths."""
        return queryset.filter(in_subtree("distributor__territory_path", value.path))

    def by_show(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep what a word stands for."""
        condition = {
            "pending": ~Q(pending=""),
            "changed": Exists(self._events()),
            "differs": ~Q(raw=F("effective")),
            "hand": Q(overridden=True),
            "short": Q(short_history=True),
        }[value]
        return queryset.filter(condition)

    def _events(self) -> QuerySet:
        return ClassEvent.objects.filter(run=OuterRef("run"), distributor=OuterRef("distributor")).exclude(before="")

    @cached_property
    def shown(self) -> ClassRun | None:
        """Return the run whose rows are listed."""
        chosen = self.form.cleaned_data.get("run") if self.form.is_valid() else None
        return chosen or shown_run(None)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Keep one run's rows, the last month close's unless another is chosen, then what the filters ask."""
        data = self.form.cleaned_data
        rows = super().filter_queryset(queryset.filter(run=self.shown))
        other, was = data.get("against"), data.get("was")
        if other is None:
            return rows
        rows = against(rows, other)
        if was or data.get("gone"):
            missing = was == "none" or bool(data.get("gone"))
            return rows.filter(other__effective=None) if missing else rows.filter(other__effective=was)
        return rows

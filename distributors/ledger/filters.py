"""Filters of the lists of facts and imports."""

from datetime import timedelta
from typing import Any, ClassVar, cast

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.filters import BaseFilterSet
from core.resources import WholeNumberFilter
from distributors.ledger.facts import FACTS
from distributors.ledger.kinds.declaration import kind_of, kinds_for
from distributors.ledger.models import NET, NET_SALES, Batch, Import, LineKind, Product, ProductLine, SaleLine
from distributors.ledger.querysets import RevisionQuerySet
from distributors.profiles.filters import CoverFilter
from distributors.profiles.models import Distributor


class ImportFilter(BaseFilterSet):
    """Imports by file name, kind and state."""

    kind = django_filters.ChoiceFilter(label=_("Kind"))
    state = django_filters.ChoiceFilter(choices=Import.State.choices, label=_("State"))
    origin = django_filters.ChoiceFilter(choices=Import.Origin.choices, label=_("Came from"))
    since = django_filters.DateFilter(
        "created_at", "date__gte", label=_("From"), widget=forms.DateInput(attrs={"type": "date"})
    )
    until = django_filters.DateFilter(
        "created_at", "date__lte", label=_("To"), widget=forms.DateInput(attrs={"type": "date"})
    )

    search_fields = ("filename", "profile_name", "created_by__name")

    class Meta:
        model = Import
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["kind"].extra["choices"] = [(kind.name, kind.title) for kind in kinds_for(self.request.user)]


class BatchFilter(BaseFilterSet):
    """Batches by file name and kind."""

    kind = django_filters.ChoiceFilter(label=_("Kind"))

    search_fields = ("import_file__filename",)

    class Meta:
        model = Batch
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["kind"].extra["choices"] = [(fact.kind, kind_of(fact.kind).title) for fact in FACTS]


class ProductFilter(BaseFilterSet):
    """Products by word and line."""

    line = django_filters.ModelChoiceFilter(queryset=ProductLine.objects.all(), label=_("Product line"))

    search_fields = ("sku", "name", "brand")

    class Meta:
        model = Product
        fields: ClassVar[list[str]] = []


MOST_DAYS = timedelta(days=31)


def _distributors(request: Any) -> QuerySet:
    return Distributor.objects.visible_to(request.user)


class SaleLineFilter(CoverFilter):
    """Lines of one distributor, one batch or the days of a month, by territory, owner, kind and word; else none."""

    distributor = django_filters.ModelChoiceFilter(
        queryset=_distributors, label=_("Distributor"), method="of_distributor", widget=forms.HiddenInput
    )
    batch = WholeNumberFilter(label=_("Batch"), widget=forms.HiddenInput)
    tier = WholeNumberFilter("distributor__tier", label=_("Tier"), widget=forms.HiddenInput)
    since = django_filters.DateFilter("day", "gte", label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = django_filters.DateFilter("day", "lte", label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))
    kind = django_filters.ChoiceFilter(
        choices=[(NET, _("sell-in and returns")), *LineKind.choices], method="by_kind", label=_("Kind")
    )
    line = django_filters.ModelChoiceFilter(
        "product__line", queryset=ProductLine.objects.all(), label=_("Product line")
    )

    late = django_filters.ChoiceFilter(
        choices=[("yes", _("came for a closed month"))], method="by_lateness", label=_("Adjustments")
    )

    search_fields = ("order_number", "external_id", "product__name", "product__sku")

    class Meta:
        model = SaleLine
        fields: ClassVar[list[str]] = []

    def by_kind(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep one kind, or the two that make net sales."""
        return queryset.filter(kind__in=NET_SALES if value == NET else [value])

    def of_distributor(self, queryset: QuerySet, _name: str, value: Distributor) -> QuerySet:
        """Keep the lines that count for a distributor."""
        found: QuerySet = cast(RevisionQuerySet, queryset).for_distributors([value.pk])
        return found

    def by_lateness(self, queryset: QuerySet, _name: str, _value: str) -> QuerySet:
        """Keep what counts in a later month, because its own was closed."""
        return queryset.filter(booked_in__isnull=False)

    @property
    def bounded(self) -> bool:
        """Tell whether a distributor, a batch or few days are chosen, by which the lines are indexed."""
        data = self.form.cleaned_data
        since, until = data.get("since"), data.get("until")
        few = since and until and until - since < MOST_DAYS
        return bool(data.get("distributor") or few) or data.get("batch") is not None

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Keep to what is chosen; nothing where that would be lines without end."""
        return super().filter_queryset(queryset) if self.bounded else queryset.none()

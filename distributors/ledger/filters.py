"""Filters of the lists of facts and imports."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.filters import BaseFilterSet
from distributors.ledger.kinds.declaration import kinds_for
from distributors.ledger.models import Import, LineKind, Product, ProductLine, SaleLine
from distributors.profiles.models import Distributor


class ImportFilter(BaseFilterSet):
    """Imports by file name, kind and state."""

    kind = django_filters.ChoiceFilter(label=_("Kind"))
    state = django_filters.ChoiceFilter(choices=Import.State.choices, label=_("State"))

    search_fields = ("filename", "profile_name")

    class Meta:
        model = Import
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["kind"].extra["choices"] = [(kind.name, kind.title) for kind in kinds_for(self.request.user)]


class ProductFilter(BaseFilterSet):
    """Products by word and line."""

    line = django_filters.ModelChoiceFilter(queryset=ProductLine.objects.all(), label=_("Product line"))

    search_fields = ("sku", "name", "brand")

    class Meta:
        model = Product
        fields: ClassVar[list[str]] = []


def _distributors(request: Any) -> QuerySet:
    return Distributor.objects.visible_to(request.user)


class SaleLineFilter(BaseFilterSet):
    """Lines of one distributor by days, kind, product line and word; without a distributor there are none."""

    distributor = django_filters.ModelChoiceFilter(
        queryset=_distributors, label=_("Distributor"), widget=forms.HiddenInput
    )
    since = django_filters.DateFilter("day", "gte", label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = django_filters.DateFilter("day", "lte", label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))
    kind = django_filters.ChoiceFilter(choices=LineKind.choices, label=_("Kind"))
    line = django_filters.ModelChoiceFilter(
        "product__line", queryset=ProductLine.objects.all(), label=_("Product line")
    )

    search_fields = ("order_number", "external_id", "product__name", "product__sku")

    class Meta:
        model = SaleLine
        fields: ClassVar[list[str]] = []

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Keep to the chosen distributor, by which the lines are indexed."""
        if not self.form.cleaned_data.get("distributor"):
            return queryset.none()
        return super().filter_queryset(queryset)

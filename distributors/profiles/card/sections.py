"""Outlets and brand shares as lists, with their exports."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.filters import BaseFilterSet
from core.sections import DetailView, Section
from core.tables import Column, Row, Table
from distributors.profiles.card.choices import OutletKind
from distributors.profiles.card.search import OUTLETS, OWNER_NAME
from distributors.profiles.filters import CoverFilter, DistributorCodeFilter
from distributors.profiles.models import BrandShare, Outlet
from distributors.profiles.page import may

OPEN = [("yes", _("open")), ("no", _("closed"))]


class OutletTable(Table):
    """Outlets by name."""

    columns_declared = (
        Column("name", pgettext_lazy("of a place", "Outlet"), kind="link", sub="city"),
        Column("distributor", _("Distributor"), path="distributor_name", sort="", sub="distributor__code"),
        Column("kind", _("Kind"), choices=dict(OutletKind.choices)),
        Column("address", _("Address"), hide="lg"),
        Column("size", _("Size"), path="size_m2", kind="number", unit="m²"),
        Column("opened_on", _("Opened on"), kind="date", hide="md"),
        Column("closed_on", _("Closed on"), kind="date", hide="md"),
        Column("city", _("City"), optional=True),
        Column("latitude", _("Latitude"), kind="number", places=6, optional=True),
        Column("longitude", _("Longitude"), kind="number", places=6, optional=True),
    )
    default_order = ("name",)

    def row_url(self, row: Row) -> str:
        """Lead to the outlet."""
        return OutletSection.url("detail", row["pk"])


class OutletFilter(CoverFilter):
    """Outlets by where their distributor is, who covers it, kind, and whether they are open."""

    kind = django_filters.ChoiceFilter(choices=OutletKind.choices, label=_("Kind"))
    open = django_filters.ChoiceFilter(choices=OPEN, method="by_days", label=_("Open"))
    distributor = DistributorCodeFilter("distributor", widget=forms.HiddenInput)

    search_kind = OUTLETS

    class Meta:
        model = Outlet
        fields: ClassVar[list[str]] = []

    def by_days(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep those that are open, or those that closed."""
        return queryset.filter(closed_on__isnull=value == "yes")


class OutletDetail(DetailView):
    """An outlet, with the way to its form, which is a part of its distributor."""

    def get(self, request: Any, pk: int) -> Any:
        """Add where it belongs and where it is changed."""
        response = super().get(request, pk)
        outlet = response.context_data["object"]
        response.context_data["subtitle"] = str(outlet.distributor)
        if outlet.distributor.merged_into_id is None and may(request.user, "change", outlet.distributor_id):
            found = reverse("profiles:cardrow-edit", args=[outlet.distributor_id, "outlets", pk])
            response.context_data["edit_url"] = found
        return response


class OutletSection(Section):
    """Outlets of the distributors in reach; they are entered on the card of their distributor."""

    model = Outlet
    title = _("Outlets")
    singular = _("outlet")
    table = OutletTable
    filterset = OutletFilter
    detail_view = OutletDetail

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return all outlets with their distributors."""
        return Outlet.objects.select_related("distributor").annotate(distributor_name=OWNER_NAME)

    @classmethod
    def groups(cls, instance: Any, user: Any) -> list[dict[str, Any]]:
        """Return the fields of an outlet."""
        where = f"{instance.latitude}, {instance.longitude}" if instance.latitude is not None else ""
        days = [date_format(day, "DATE_FORMAT") if day else "" for day in (instance.opened_on, instance.closed_on)]
        rows = [
            (_now("Distributor"), str(instance.distributor), instance.distributor.get_absolute_url()),
            (_now("Kind"), str(instance.get_kind_display()), ""),
            (_now("Address"), ", ".join(part for part in (instance.address, instance.city) if part), ""),
            (_now("Size"), f"{instance.size_m2:,} m²" if instance.size_m2 is not None else "", ""),
            (_now("Coordinates"), where, ""),
            (_now("Opened on"), days[0], ""),
            (_now("Closed on"), days[1], ""),
        ]
        return [
            {
                "title": _now("Outlet"),
                "rows": [{"label": label, "text": text, "url": url} for label, text, url in rows],
            }
        ]


class BrandShareTable(Table):
    """Brand shares, the latest first."""

    columns_declared = (
        Column(
            "distributor",
            _("Distributor"),
            path="distributor_name",
            sort="",
            kind="link",
            sub="survey__distributor__code",
        ),
        Column("as_of", _("As of"), path="survey__as_of", kind="date"),
        Column("brand", _("Brand")),
        Column("share", _("Share"), kind="number", unit="%", places=2),
        Column("ours", _("Ours")),
    )
    default_order = ("-survey__as_of", "-share")
    extra = ("pk", "distributor_pk")

    def row_url(self, row: Row) -> str:
        """Lead to the card."""
        return reverse("profiles:distributor-profile", args=[row["distributor_pk"]]) + "#brands"


class BrandShareFilter(BaseFilterSet):
    """Brand shares by brand and distributor."""

    brand = django_filters.CharFilter(lookup_expr="icontains", label=_("Brand"))
    distributor = DistributorCodeFilter("survey__distributor", widget=forms.HiddenInput)

    search_fields = ("brand",)

    class Meta:
        model = BrandShare
        fields: ClassVar[list[str]] = []


class BrandShareSection(Section):
    """Which brands distributors carry, with rough shares by day."""

    model = BrandShare
    title = _("Brand shares")
    singular = _("brand share")
    slug = "brand-shares"
    table = BrandShareTable
    filterset = BrandShareFilter
    has_detail = False

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return all shares with the name of their distributor."""
        name = Coalesce(NullIf("survey__distributor__short_name", Value("")), "survey__distributor__legal_name")
        return BrandShare.objects.annotate(distributor_name=name, distributor_pk=F("survey__distributor"))

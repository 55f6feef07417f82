"""Filters of the list of distributors; each is part of its URL."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import F, Func, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Territory
from accounts.territory_forms import TerritoryField
from core import clock
from core.filters import BaseFilterSet
from core.money import MoneyField
from core.scope import in_subtree
from distributors.profiles.models import CreditGrade, Distributor, DistributorType, Lifecycle, Tag
from distributors.profiles.search import SEARCH
from distributors.profiles.selectors import owners_for

VOLUME_GROUPS = [("5", "5"), ("3", "3"), ("2", "2"), ("N", _("N (new)"))]
CLASSES = [("A", "A"), ("B", "B"), ("C", "C"), ("N", _("N (new)"))]
ORDERS = [
    ("90", _("in the last 90 days")),
    ("silent", _("over twice the usual gap ago")),
    ("never", _("never")),
]
COMPLETE = [
    ("0-49", _("below 50 %")),
    ("50-79", _("50 to 79 %")),
    ("80-99", _("80 to 99 %")),
    ("100-100", _("whole")),
]
CREDIT = [
    ("held", _("on hold")),
    ("over", _("over the limit")),
    ("tight", _("less than a tenth left")),
    ("none", _("owes without a limit")),
]
RECENT_DAYS = 90


class TerritoryFilter(django_filters.ModelChoiceFilter):
    """A territory with all below it."""

    field_class = TerritoryField

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        """Keep the subtree, as a range of paths."""
        if not value:
            return qs
        return qs.filter(in_subtree(self.field_name, value.path))


class DistributorCodeFilter(django_filters.CharFilter):
    """A distributor by its code, where the reader may see it: a code beyond one's reach finds nothing."""

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        """Keep what belongs to that distributor."""
        if not value:
            return qs
        seen = Distributor.objects.visible_to(self.parent.request.user).filter(code=value)
        return qs.filter(**{f"{self.field_name}__in": seen.values("pk")})


class CoverFilter(BaseFilterSet):
    """Rows of distributors, by where these are today with all below, and by who covers them."""

    territory = TerritoryFilter(
        "distributor__territory_path", queryset=Territory.objects.all(), label=_("Territory"), empty_label=_("All")
    )
    owner = django_filters.ModelChoiceFilter(
        "distributor__owner",
        queryset=lambda request: owners_for(request.user),
        label=_("Owner"),
        empty_label=_("All"),
    )


class DistributorFilter(BaseFilterSet):
    """Distributors by word, territory, class, state, type, tier, owner, tag and their orders."""

    territory = TerritoryFilter(
        "territory_path", queryset=Territory.objects.all(), label=_("Territory"), empty_label=_("All")
    )
    abc = django_filters.ChoiceFilter("standing__abc", choices=CLASSES, label=_("Class"))
    volume_group = django_filters.ChoiceFilter(
        "standing__volume_group", choices=VOLUME_GROUPS, label=_("Group by volume")
    )
    state = django_filters.ChoiceFilter(choices=Lifecycle.choices, label=_("State"))
    type = django_filters.ModelChoiceFilter(
        queryset=DistributorType.objects.all(), label=_("Type"), empty_label=_("All")
    )
    tier = django_filters.ChoiceFilter(choices=[(tier, str(tier)) for tier in range(1, 6)], label=_("Tier"))
    owner = django_filters.ModelChoiceFilter(
        queryset=lambda request: owners_for(request.user), label=_("Owner"), empty_label=_("All")
    )
    orders = django_filters.ChoiceFilter(
        choices=ORDERS,
        method="by_orders",
        label=_("Ordered"),
        empty_label=_("Any time"),
    )
    no_order = django_filters.NumberFilter(
        method="by_silence",
        label=_("No order for"),
        min_value=1,
        max_value=36500,
        widget=forms.NumberInput(attrs={"placeholder": _("days"), "inputmode": "numeric"}),
    )
    owed = django_filters.ChoiceFilter(choices=[("overdue", _("overdue"))], method="by_debt", label=_("Receivable"))
    credit = django_filters.ChoiceFilter("standing__on_hold", choices=CREDIT, method="by_credit", label=_("Credit"))
    tag = django_filters.ModelChoiceFilter(
        "taggings__tag", queryset=Tag.objects.all(), label=_("Tag"), empty_label=_("All")
    )
    cover = django_filters.ChoiceFilter(choices=[("none", _("without owner"))], method="by_cover", label=_("Cover"))
    moving = django_filters.ChoiceFilter(choices=[("1", _("about to change"))], method="by_move", label=_("Movement"))

    grade = django_filters.ChoiceFilter("standing__credit_grade", choices=CreditGrade.choices, label=_("Credit grade"))
    complete = django_filters.ChoiceFilter(choices=COMPLETE, method="by_completeness", label=_("Card complete"))

    parent = DistributorCodeFilter("parent", label=_("Buys from"), widget=forms.HiddenInput)

    search_kind = SEARCH

    class Meta:
        model = Distributor
        fields: ClassVar[list[str]] = []

    def by_orders(self, queryset: Any, _name: str, value: str) -> QuerySet:
        """Keep those that ordered lately, are silent, or never ordered."""
        if value == "silent":
            return queryset.silent(clock.today())
        if value == "never":
            return queryset.filter(standing__last_order_on=None)
        return queryset.ordered_within(RECENT_DAYS, clock.today())

    def by_silence(self, queryset: Any, _name: str, value: Any) -> QuerySet:
        """Keep those whose last order is older than so many days."""
        return queryset.not_ordered_for(int(value), clock.today())

    def by_debt(self, queryset: QuerySet, _name: str, _value: str) -> QuerySet:
        """Keep those that owe something overdue."""
        return queryset.filter(standing__overdue__gt=0)

    def by_credit(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep those whose credit stands so."""
        if value == "held":
            return queryset.filter(standing__on_hold=True)
        if value == "over":
            return queryset.filter(standing__headroom__lt=0)
        if value == "none":
            return queryset.filter(standing__credit_limit=None, standing__exposure__gt=0)
        tenth = Func(F("standing__credit_limit"), template="%(expressions)s / 10", output_field=MoneyField())
        return queryset.filter(standing__headroom__gte=0, standing__headroom__lt=tenth)

    def by_completeness(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep those whose card is complete to a share within these."""
        least, most = value.split("-")
        return queryset.filter(standing__completeness__range=(int(least), int(most)))

    def by_cover(self, queryset: QuerySet, _name: str, _value: str) -> QuerySet:
        """Keep those that nobody covers."""
        return queryset.filter(owner=None)

    def by_move(self, queryset: QuerySet, _name: str, _value: str) -> QuerySet:
        """Keep those that get another class if the preview holds."""
        return queryset.exclude(standing__abc_next="")

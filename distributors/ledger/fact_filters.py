"""Filters of the lists of open items, invoices, payments, orders, stock, targets and occurrences."""

from typing import Any, ClassVar, cast

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Territory
from core import clock
from core.resources import WholeNumberFilter
from core.scope import in_subtree
from distributors.ledger.ageing import BUCKETS, bucket_days
from distributors.ledger.querysets import RevisionQuerySet
from distributors.ledger.records import Invoice, Occurrence, OpenItem, Order, Payment, StockSnapshot, Target
from distributors.profiles.filters import CoverFilter, TerritoryFilter
from distributors.profiles.models import Distributor
from distributors.profiles.selectors import owners_for


def _distributors(request: Any) -> QuerySet:
    return Distributor.objects.visible_to(request.user)


def _day(label: Any, field: str, lookup: str) -> django_filters.DateFilter:
    return django_filters.DateFilter(field, lookup, label=label, widget=forms.DateInput(attrs={"type": "date"}))


class FactFilter(CoverFilter):
    """Facts of one distributor or batch, by territory, owner, days and number."""

    distributor = django_filters.ModelChoiceFilter(
        queryset=_distributors, label=_("Distributor"), method="of_distributor", widget=forms.HiddenInput
    )
    batch = WholeNumberFilter(label=_("Batch"), widget=forms.HiddenInput)
    since = _day(_("From"), "day", "gte")
    until = _day(_("To"), "day", "lte")

    search_fields = ("external_id", "distributor__code", "distributor__legal_name", "distributor__short_name")

    def of_distributor(self, queryset: QuerySet, _name: str, value: Distributor) -> QuerySet:
        """Keep the facts that count for a distributor."""
        found: QuerySet = cast(RevisionQuerySet, queryset).for_distributors([value.pk])
        return found


class InvoiceFilter(FactFilter):
    """Invoices and credit notes by kind and due day."""

    kind = django_filters.ChoiceFilter(choices=Invoice.Kind.choices, label=_("Kind"))
    due_since = _day(_("Due from"), "due_on", "gte")
    due_until = _day(_("Due to"), "due_on", "lte")

    class Meta:
        model = Invoice
        fields: ClassVar[list[str]] = []


class PaymentFilter(FactFilter):
    """Payments by kind and method."""

    kind = django_filters.ChoiceFilter(choices=Payment.Kind.choices, label=_("Kind"))
    method = django_filters.ChoiceFilter(choices=Payment.Method.choices, label=_("Method"))

    class Meta:
        model = Payment
        fields: ClassVar[list[str]] = []


class OrderFilter(FactFilter):
    """Orders by state."""

    state = django_filters.ChoiceFilter(choices=Order.State.choices, label=_("State"))

    class Meta:
        model = Order
        fields: ClassVar[list[str]] = []


class StockFilter(FactFilter):
    """Stock by product."""

    search_fields = ("product__sku", "product__name", "distributor__code", "distributor__legal_name")

    class Meta:
        model = StockSnapshot
        fields: ClassVar[list[str]] = []


class TargetTerritoryFilter(TerritoryFilter):
    """A territory with all below it, and the distributors there."""

    def filter(self, qs: QuerySet, value: Any) -> QuerySet:
        """Keep what the territories and the distributors of the subtree are to reach."""
        if not value:
            return qs
        columns = ("territory__path", "distributor__territory_path")
        return qs.filter(in_subtree(columns[0], value.path) | in_subtree(columns[1], value.path))


class TargetFilter(FactFilter):
    """Targets by territory, owner or salesperson, for whom they are, metric and period."""

    territory = TargetTerritoryFilter(queryset=Territory.objects.all(), label=_("Territory"), empty_label=_("All"))
    owner = django_filters.ModelChoiceFilter(
        queryset=lambda request: owners_for(request.user), label=_("Owner"), empty_label=_("All"), method="of_owner"
    )
    owner_kind = django_filters.ChoiceFilter(choices=Target.Owner.choices, label=_("For whom"))
    metric = django_filters.ChoiceFilter(choices=Target.Metric.choices, label=_("Metric"))
    period = django_filters.ChoiceFilter(choices=Target.Period.choices, label=_("Period"))

    search_fields = ("distributor__code", "distributor__legal_name", "person__name", "territory__name")

    class Meta:
        model = Target
        fields: ClassVar[list[str]] = []

    def of_owner(self, queryset: QuerySet, _name: str, value: Any) -> QuerySet:
        """Keep what somebody is to reach, and the distributors that they cover."""
        return queryset.filter(Q(person=value) | Q(distributor__owner=value))


class OccurrenceFilter(FactFilter):
    """Occurrences by kind."""

    kind = django_filters.ChoiceFilter(choices=Occurrence.Kind.choices, label=_("Kind"))

    class Meta:
        model = Occurrence
        fields: ClassVar[list[str]] = []


class OpenItemFilter(CoverFilter):
    """Open items of one distributor by territory, owner, kind and age."""

    distributor = django_filters.ModelChoiceFilter(
        queryset=_distributors, label=_("Distributor"), widget=forms.HiddenInput
    )
    kind = django_filters.ChoiceFilter(choices=OpenItem.Kind.choices, label=_("Kind"))
    age = django_filters.ChoiceFilter(
        choices=[("overdue", _("overdue")), *((bucket.name, bucket.label) for bucket in BUCKETS)],
        label=_("Age"),
        method="of_age",
    )

    search_fields = (
        "invoice__external_id",
        "payment__external_id",
        "distributor__code",
        "distributor__legal_name",
        "distributor__short_name",
    )

    class Meta:
        model = OpenItem
        fields: ClassVar[list[str]] = []

    def of_age(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep the open invoices that are as long overdue as a bucket says, or overdue at all."""
        if value == "overdue":
            return queryset.filter(kind=OpenItem.Kind.INVOICE, due_on__lt=clock.today())
        return queryset.filter(kind=OpenItem.Kind.INVOICE, **bucket_days(value, clock.today()))

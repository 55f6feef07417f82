"""Messages of the outbound feed as a list for administrators."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.filters import BaseFilterSet
from core.sections import ListView, Section
from core.tables import Column, Row, Table
from distributors.profiles.models import OutboundMessage, OutboundReader
from distributors.profiles.outbound import KINDS, messages_number, waiting_for
from distributors.profiles.task_entries import distributor_name

HAPPENED = pgettext_lazy("outbound feed", "What happened")


class DataColumn(Column):
    """What a message says more, as programs read it."""

    def text(self, value: Any) -> str:
        """Return names and values for a reader, in an order that no database chooses."""
        return ", ".join(f"{name}: {'' if one is None else one}" for name, one in sorted((value or {}).items()))

    plain = text


def still_waiting(keys: list[Any]) -> Mapping[Any, Any]:
    """Return the names of the clients that each of these messages still waits for."""
    found: dict[Any, list[str]] = defaultdict(list)
    for reader in OutboundReader.objects.select_related("user").order_by("user__name"):
        for key in waiting_for(reader).filter(pk__in=keys).values_list("pk", flat=True):
            found[key].append(str(reader))
    return {key: ", ".join(names) for key, names in found.items()}


class OutboundTable(Table):
    """Messages, the last one first."""

    columns_declared = (
        Column("number", _("No."), kind="number", hide="sm"),
        Column("kind", HAPPENED, choices=KINDS),
        Column("distributor", _("Distributor"), path="distributor_name", sort=""),
        DataColumn("data", _("More"), sort="", hide="md"),
        Column("created_at", _("When"), kind="date"),
        Column("waits", _("Waits for"), fetch=still_waiting, hide="sm"),
    )
    default_order = ("-number",)

    def row_url(self, row: Row) -> str:
        """Lead nowhere: a message is all in its row."""
        return ""


class OutboundFilter(BaseFilterSet):
    """Messages by word, kind, and whom they wait for."""

    reader = django_filters.ModelChoiceFilter(
        queryset=OutboundReader.objects.select_related("user"), method="by_reader", label=_("Waits for")
    )
    kind = django_filters.ChoiceFilter(choices=KINDS.items, label=HAPPENED)
    distributor = django_filters.CharFilter("distributor__code", widget=forms.HiddenInput)

    search_fields = ("distributor__code", "distributor__legal_name", "distributor__short_name")

    class Meta:
        model = OutboundMessage
        fields: ClassVar[list[str]] = []

    def by_reader(self, queryset: QuerySet, _name: str, value: OutboundReader) -> QuerySet:
        """Keep what a client has still to acknowledge."""
        return queryset.filter(pk__in=waiting_for(value).values("pk"))


class OutboundList(ListView):
    """The list, in which everything has its number."""

    def get(self, request: Any) -> Any:
        """Number what came in since."""
        messages_number()
        return super().get(request)


class OutboundSection(Section):
    """The outbound feed."""

    model = OutboundMessage
    title = _("Messages of the outbound feed")
    singular = _("message")
    slug = "settings/outbound/messages"
    table = OutboundTable
    filterset = OutboundFilter
    list_view = OutboundList
    has_detail = False

    @classmethod
    def filename(cls) -> str:
        """Return what an export is called."""
        return "outbound"

    @classmethod
    def rows_for(cls, user: Any) -> QuerySet:
        """Return all messages with the distributor's name."""
        rows: QuerySet = OutboundMessage.objects.annotate(distributor_name=distributor_name(user))
        return rows

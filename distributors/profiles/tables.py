"""The list of distributors."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.company import company
from core.tables import Column, Row, Table
from distributors.profiles.models import Lifecycle
from distributors.profiles.querysets import DistributorQuerySet
from distributors.profiles.selectors import STATE_TONES


def class_tone(value: Any) -> str:
    """Return the tone of a class's chip."""
    return "a" if value == "A" else ""


def type_lookup() -> str:
    """Return the column with the type's name for the reader."""
    return "type__name_zh" if (get_language() or "").startswith("zh") else "type__name"


def distributor_columns(currency: str) -> tuple[Column, ...]:
    """Return the columns; amounts are in `currency`."""
    return (
        Column("name", _("Distributor"), kind="link", sub="city"),
        Column("code", _("Code"), hide="xl"),
        Column("type", _("Type"), path=type_lookup(), hide="xl"),
        Column("tier", _("Tier"), kind="number", hide="xl"),
        Column("territory", _("Territory"), path="territory__name", hide="md"),
        Column("owner", _("Owner"), path="owner__name", hide="lg"),
        Column("state", _("State"), kind="chip", choices=dict(Lifecycle.choices), tone=_state_tone, hide="lg"),
        Column("abc", _("Class"), path="standing__abc", kind="chip", tone=class_tone),
        Column("net_sales", _("Net sales 12 m"), path="standing__net_sales_12m", kind="number", unit=currency),
        Column("growth", _("Growth"), path="standing__growth", kind="growth", hide="sm"),
        Column("last_order", _("Last order"), path="standing__last_order_on", kind="date", hide="lg"),
    )


def _state_tone(value: Any) -> str:
    return STATE_TONES.get(value, "")


class DistributorTable(Table):
    """Distributors, the largest first."""

    default_order = ("-standing__net_sales_12m",)

    def __init__(self, queryset: DistributorQuerySet, params: Mapping[str, Any] | None = None):
        super().__init__(queryset.with_standing().named(), params)
        self._columns = distributor_columns(company().base_currency)

    def get_columns(self) -> tuple[Column, ...]:  # type: ignore[override]
        """Return the columns in the company's currency."""
        return self._columns

    def row_url(self, row: Row) -> str:
        """Lead to the distributor's page."""
        return reverse("profiles:distributor-detail", args=[row["pk"]])


class LargestTable(DistributorTable):
    """The short list on Home."""

    def __init__(self, queryset: DistributorQuerySet, params: Mapping[str, Any] | None = None):
        super().__init__(queryset, params)
        shown = {"name", "abc", "net_sales", "growth"}
        self._columns = tuple(column for column in self._columns if column.name in shown)

"""The list of classes."""

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.company import company
from core.tables import Column, Row, Table, address_of
from distributors.classification.models import AbcClass, VolumeGroup


def class_tone(letter: Any) -> str:
    """Return the tone of a class's chip."""
    return "a" if letter == AbcClass.A else ""


def group_tone(group: Any) -> str:
    """Return the tone of a group's chip."""
    return "a" if group == VolumeGroup.FIVE else ""


class ClassificationTable(Table):
    """Classes of one run by rank."""

    default_order = ("rank",)
    extra = ("pk", "distributor_id")

    def __init__(self, queryset: models.QuerySet, params: Mapping[str, Any] | None = None):
        super().__init__(queryset, params)
        currency = company().base_currency
        self._columns = (
            Column("rank", _("Rank"), kind="number"),
            Column("name", _("Distributor"), kind="link", sub="distributor__code"),
            Column("territory", _("Territory"), path="distributor__territory__name", hide="md"),
            Column("effective", _("Class"), kind="chip", tone=class_tone),
            Column("raw", _("By rank"), kind="chip", hide="sm"),
            Column("pending", _("Becomes"), kind="chip", tone=lambda letter: "w" if letter else "", hide="sm"),
            Column("volume_group", _("Group by volume"), kind="chip", tone=group_tone, hide="sm"),
            Column("cumulative_share", _("Cumulative share"), kind="share"),
            Column("share", _("Own share"), kind="share", hide="lg"),
            Column("basis", _("Amount ranked"), path="amount", sort="basis", kind="number", unit=currency),
            Column("quantity", _("Volume"), kind="number", hide="lg"),
            Column("volume_cumulative_share", _("Cumulative share of volume"), kind="share", hide="lg"),
            Column("short_history", _("Short history"), hide="lg"),
            Column("overridden", _("Set by hand"), hide="lg"),
        )

    def get_columns(self) -> tuple[Column, ...]:  # type: ignore[override]
        """Return the columns in the company's currency."""
        return self._columns

    def row_url(self, row: Row) -> str:
        """Lead to why the distributor has its class."""
        return address_of("classification:distributor", row["distributor_id"])

"""The columns of the lists of facts and imports."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

from django.db import models
from django.db.models import Q, Sum, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.tables import Column, Row, Table, Total, address_of
from distributors.ledger.kinds.declaration import kind_of, kinds_all
from distributors.ledger.models import NET_SALES, Import, LineKind, OrderType

STATE_TONES = {
    Import.State.DRAFT: "w",
    Import.State.PUBLISHED: "g",
    Import.State.VALID: "g",
    Import.State.REFUSED: "b",
    Import.State.STAGING: "a",
    Import.State.VALIDATING: "a",
}


class KindTitles(dict[str, Any]):
    """The titles of the kinds, asked when they are shown: apps register kinds after this module is read."""

    def get(self, name: str, default: Any = None) -> Any:
        return next((kind.title for kind in kinds_all() if kind.name == name), default)


class ImportTable(Table):
    """Imports, the last one first."""

    columns_declared = (
        Column("filename", _("File"), kind="link", sub="profile_name"),
        Column("kind", _("Kind"), choices=KindTitles()),
        Column(
            "state",
            _("State"),
            kind="chip",
            choices=dict(Import.State.choices),
            tone=lambda value: STATE_TONES.get(value, ""),
        ),
        Column("rows_read", _("Rows"), kind="number"),
        Column("rows_new", _("New"), kind="number", hide="sm"),
        Column("rows_changed", _("Changed"), kind="number", hide="sm"),
        Column("rows_same", _("Unchanged"), kind="number", hide="md"),
        Column("problems_count", _("Problems"), kind="number", hide="sm"),
        Column("created_by", _("By"), path="created_by__name", hide="md"),
        Column("origin", _("Came from"), choices=dict(Import.Origin.choices), hide="lg"),
        Column("created_at", _("Uploaded"), kind="date"),
    )
    default_order = ("-pk",)

    def row_url(self, row: Row) -> str:
        """Lead to the import."""
        from distributors.ledger.sections import ImportSection

        return ImportSection.url("detail", row["pk"])


class BatchTable(Table):
    """Batches, the last one first."""

    columns_declared = (
        Column("number", _("Batch"), kind="link"),
        Column("kind", _("Kind"), choices=KindTitles()),
        Column("file", _("File"), path="import_file__filename", hide="sm"),
        Column("rows_new", _("New"), kind="number"),
        Column("rows_changed", _("Changed"), kind="number"),
        Column("rows_removed", _("Taken out"), kind="number", hide="sm"),
        Column("rows_late", _("Of closed months"), kind="number", hide="sm"),
        Column("undoes", _("Undoes batch"), path="undoes_id", kind="number", hide="md"),
        Column("undone", _("Undone by batch"), path="undone_by__number", kind="number", hide="sm"),
        Column("created_by", _("By"), path="created_by__name", hide="md"),
        Column("created_at", _("At"), kind="date"),
    )
    default_order = ("-pk",)

    def row_url(self, row: Row) -> str:
        """Lead to the batch."""
        return address_of("ledger:batch-detail", row["pk"])


class ProblemTable(Table):
    """What is wrong in a file, in the order of its rows."""

    columns_declared = (
        Column("row", _("Row"), kind="number"),
        Column("column", _("Column")),
        Column("value", _("Value")),
        Column("reason", _("Reason")),
    )
    default_order = ("row",)


class FieldLabels(dict[str, str]):
    """What the fields are called that no column of a file feeds; columns of the file are called as they are in it."""

    @classmethod
    def of(cls, instance: Import) -> Self:
        """Return the labels for the problems of an import; a file whose columns are called like the fields has none."""
        tables = instance.profile.get("levels") or [instance.profile.get("columns") or {}]
        fed = {name for table in tables for name, plan in table.items() if {"from", "template"} & set(plan)}
        fields = kind_of(instance.kind).by_name if any(tables) else {}
        return cls({name: gettext(one.label) for name, one in fields.items() if name not in fed})


def problem_table(instance: Import) -> ProblemTable:
    """Return the problems of an import, in the words of whoever reads them."""
    labels = FieldLabels.of(instance)
    columns = tuple(
        replace(one, choices=labels) if one.name == "column" else one for one in ProblemTable.columns_declared
    )
    made = type("ProblemTable", (ProblemTable,), {"columns_declared": columns})
    table: ProblemTable = made(instance.problems.all())
    return table


class ProductTable(Table):
    """Products by SKU."""

    columns_declared = (
        Column("name", _("Product"), kind="link", sub="sku"),
        Column("sku", _("SKU"), hide="sm"),
        Column("line", _("Product line"), path="line__name"),
        Column("brand", _("Brand"), hide="md"),
        Column("base_unit", _("Base unit"), hide="md"),
        Column("list_price", _("List price"), kind="number", places=2),
        Column("cost", _("Cost"), kind="number", places=2, hide="sm"),
        Column("launched_on", _("Launched on"), kind="date", hide="md"),
    )
    default_order = ("sku",)

    def row_url(self, row: Row) -> str:
        """Lead to the product."""
        from distributors.ledger.sections import ProductSection

        return ProductSection.url("detail", row["pk"])


def _distributor_url(row: Row) -> str:
    return address_of("profiles:distributor-detail", row["distributor_id"])


class SaleLineTable(Table):
    """Sale lines in force, the latest day first; each with its distributor where not all are of one."""

    columns_declared = (
        Column("day", _("Date"), kind="date"),
        Column("product", _("Product"), path="product__name", sub="product__sku", sort=""),
        Column("quantity", _("Quantity"), kind="number", sub="unit", hide="sm"),
        Column("amount", _("Net amount"), kind="number", places=2, sub="currency", hide="sm"),
        Column("base_amount", _("In base currency"), kind="number", places=2),
        Column("kind", _("Kind"), choices=dict(LineKind.choices), hide="md"),
        Column("order_type", _("Order type"), choices=dict(OrderType.choices), hide="lg"),
        Column("order_number", _("Order"), hide="sm"),
        Column("booked_in", _("Counts in"), kind="date", hide="lg"),
        Column("external_id", _("Line"), hide="lg"),
    )
    default_order = ("-day",)
    totals = (
        Total(
            "net",
            "base_amount",
            _("Sell-in less returns, without tax"),
            Sum("base_amount", filter=Q(kind__in=NET_SALES)),
        ),
        Total(
            "through",
            "base_amount",
            _("Sell-through, without tax"),
            Sum("base_amount", filter=Q(kind=LineKind.SELL_THROUGH)),
        ),
    )

    def __init__(self, queryset: models.QuerySet, params: Mapping[str, Any] | None = None):
        self._columns: tuple[Column, ...] = self.columns_declared
        if not (params or {}).get("distributor"):
            name = Coalesce(NullIf("distributor__short_name", Value("")), "distributor__legal_name")
            queryset = queryset.annotate(name=name)
            whose = (
                Column("name", _("Distributor"), sort="", url=_distributor_url),
                Column("code", _("Code"), path="distributor__code", sort="", hide="xl"),
            )
            day, product, *others = self._columns
            self._columns = (day, *whose, replace(product, hide="sm"), *others)
            self.extra = ("pk", "distributor_id")  # type: ignore[misc]
        super().__init__(queryset, params)

    def get_columns(self) -> tuple[Column, ...]:  # type: ignore[override]
        """Return the columns, with the distributor where the lines are of several."""
        return self._columns

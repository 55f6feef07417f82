"""The columns of the lists of facts and imports."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.tables import Column, Row, Table
from distributors.ledger.kinds.declaration import kinds_all
from distributors.ledger.models import Import, LineKind, OrderType

STATE_TONES = {
    Import.State.PUBLISHED: "g",
    Import.State.VALID: "g",
    Import.State.REFUSED: "b",
    Import.State.STAGING: "a",
    Import.State.VALIDATING: "a",
}


class _KindTitles(dict[str, Any]):
    """The titles of the kinds, asked when they are shown: apps register kinds after this module is read."""

    def get(self, name: str, default: Any = None) -> Any:
        return next((kind.title for kind in kinds_all() if kind.name == name), default)


class ImportTable(Table):
    """Imports, the last one first."""

    columns_declared = (
        Column("filename", _("File"), kind="link", sub="profile_name"),
        Column("kind", _("Kind"), choices=_KindTitles()),
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
        Column("created_at", _("Uploaded"), kind="date"),
    )
    default_order = ("-pk",)

    def row_url(self, row: Row) -> str:
        """Lead to the import."""
        from distributors.ledger.sections import ImportSection

        return ImportSection.url("detail", row["pk"])


class ProblemTable(Table):
    """What is wrong in a file, in the order of its rows."""

    columns_declared = (
        Column("row", _("Row"), kind="number"),
        Column("column", _("Column")),
        Column("value", _("Value")),
        Column("reason", _("Reason")),
    )
    default_order = ("row",)


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


class SaleLineTable(Table):
    """Sale lines in force, the latest day first."""

    columns_declared = (
        Column("day", _("Date"), kind="date"),
        Column("product", _("Product"), path="product__name", sub="product__sku", sort=""),
        Column("quantity", _("Quantity"), kind="number", sub="unit"),
        Column("amount", _("Net amount"), kind="number", places=2, sub="currency"),
        Column("base_amount", _("In base currency"), kind="number", places=2),
        Column("kind", _("Kind"), choices=dict(LineKind.choices), hide="sm"),
        Column("order_type", _("Order type"), choices=dict(OrderType.choices), hide="md"),
        Column("order_number", _("Order"), hide="sm"),
        Column("external_id", _("Line"), hide="md"),
    )
    default_order = ("-day",)

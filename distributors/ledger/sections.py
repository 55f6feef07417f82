"""Imports, products and sale lines as sections."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.money import amount_text
from core.scope import visible_fields
from core.sections import Section
from core.tables import Column
from distributors.ledger.batch_views import BatchView
from distributors.ledger.filters import BatchFilter, ImportFilter, ProductFilter, SaleLineFilter
from distributors.ledger.models import Batch, Import, Product, SaleLine
from distributors.ledger.tables import BatchTable, ImportTable, ProductTable, SaleLineTable
from distributors.ledger.views import ImportListView, ImportView, SaleLineListView


class ImportSection(Section):
    """Files that came in."""

    model = Import
    title = _("Imports")
    singular = _("import")
    table = ImportTable
    filterset = ImportFilter
    list_view = ImportListView
    detail_view = ImportView


class BatchSection(Section):
    """What became true together."""

    model = Batch
    title = _("Batches")
    singular = _("batch")
    slug = "batches"
    table = BatchTable
    filterset = BatchFilter
    detail_view = BatchView


class ProductSection(Section):
    """Products; they come from the ERP and are only read here."""

    model = Product
    title = _("Products")
    singular = _("product")
    table = ProductTable
    filterset = ProductFilter

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return all products with their lines."""
        return Product.objects.select_related("line", "source")

    @classmethod
    def groups(cls, instance: Product, user: Any) -> list[dict[str, Any]]:
        """Return identity and prices."""
        units = ", ".join(
            f"{unit.unit} = {amount_text(unit.factor, 4).rstrip('0').rstrip('.')} {instance.base_unit}"
            for unit in instance.units.all()
        )
        day = Column("launched_on", "").text(instance.launched_on)
        identity = [
            (_("SKU"), instance.sku),
            (_("Product line"), str(instance.line)),
            (_("Brand"), instance.brand),
            (_("Base unit"), instance.base_unit),
            (_("Other units"), units),
            (_("Launched on"), day),
            (_("Source"), str(instance.source)),
        ]
        prices = [
            (_("List price"), amount_text(instance.list_price, 2)),
            (_("Floor price"), amount_text(instance.floor_price, 2)),
        ]
        if "cost" in visible_fields(user, instance):
            prices.append((_("Cost"), amount_text(instance.cost, 2)))
        return [
            {"title": title, "rows": [{"label": label, "text": text, "url": ""} for label, text in rows]}
            for title, rows in ((_("Product"), identity), (_("Prices"), prices))
        ]


class SaleLineSection(Section):
    """Sale lines in force."""

    model = SaleLine
    title = _("Sale lines")
    singular = _("sale line")
    slug = "sale-lines"
    table = SaleLineTable
    filterset = SaleLineFilter
    has_detail = False
    list_view = SaleLineListView

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return the lines in force."""
        return SaleLine.objects.current()

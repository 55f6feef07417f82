"""The columns of the lists of open items, invoices, payments, orders, stock, targets and occurrences."""

from typing import Any

from django.db.models import Case, F, Q, Sum, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.money import negated
from core.tables import Column, Row, Table, Total
from distributors.ledger.records import Invoice, Occurrence, OpenItem, Order, Payment, Target


def _to_distributor(row: Row) -> str:
    key = row["distributor_id"]
    return str(reverse("ledger:distributor-receivables", args=[key])) if key else ""


DISTRIBUTOR = Column(
    "distributor", _("Distributor"), path="distributor_name", sub="distributor__code", url=_to_distributor, sort=""
)
BASE = Column("base_amount", _("In base currency"), kind="number", places=2, hide="sm")


class FactTable(Table):
    """Facts in force, the latest day first."""

    default_order = ("-day",)
    extra = ("pk", "distributor_id")


def _less(credits: Q) -> Case:
    """Return the amount in base currency, below zero for credits."""
    return Case(When(credits, then=negated("base_amount")), default=F("base_amount"))


def _item_tone(kind: Any) -> str:
    return "" if kind == OpenItem.Kind.INVOICE else "g"


class OpenItemTable(FactTable):
    """Open items, the longest due first."""

    columns_declared = (
        Column("due_on", _("Due"), kind="date"),
        Column("number", _("Number"), sort="", hide="sm"),
        DISTRIBUTOR,
        Column("kind", _("Kind"), kind="chip", choices=dict(OpenItem.Kind.choices), tone=_item_tone),
        Column("amount", pgettext_lazy("amount", "Open"), kind="number", places=2, sub="currency"),
        BASE,
        Column("disputed", _("Disputed"), hide="md"),
    )
    default_order = ("due_on",)
    totals = (
        Total(
            "open",
            "base_amount",
            _("Open invoices less credits"),
            Sum(_less(~Q(kind=OpenItem.Kind.INVOICE))),
        ),
    )


class InvoiceTable(FactTable):
    """Invoices and credit notes, the latest first."""

    columns_declared = (
        Column("day", _("Issued"), kind="date"),
        Column("number", _("Number"), path="external_id", hide="sm"),
        DISTRIBUTOR,
        Column("kind", _("Kind"), choices=dict(Invoice.Kind.choices), hide="sm"),
        Column("due_on", _("Due"), kind="date", hide="sm"),
        Column("amount", _("Amount with tax"), kind="number", places=2, sub="currency"),
        Column("base_amount", _("In base currency"), kind="number", places=2, hide="sm"),
        Column("settles", _("Settles"), hide="lg"),
        Column("disputed", _("Disputed"), hide="md"),
        Column("cancelled", _("Cancelled"), hide="md"),
    )
    totals = (
        Total(
            "invoiced",
            "base_amount",
            _("Invoices with tax less credit notes, without cancelled ones"),
            Sum(_less(Q(kind=Invoice.Kind.CREDIT_NOTE)), filter=Q(cancelled=False)),
        ),
    )


class PaymentTable(FactTable):
    """Payments, the latest first."""

    columns_declared = (
        Column("day", _("Date"), kind="date"),
        Column("number", _("Number"), path="external_id", hide="sm"),
        DISTRIBUTOR,
        Column("kind", _("Kind"), choices=dict(Payment.Kind.choices), hide="sm"),
        Column("method", _("Method"), choices=dict(Payment.Method.choices), hide="sm"),
        Column("due_on", _("Due"), kind="date", hide="lg"),
        Column("amount", _("Amount"), kind="number", places=2, sub="currency"),
        Column("base_amount", _("In base currency"), kind="number", places=2, hide="sm"),
        Column("settles", _("Settles"), hide="lg"),
        Column("reverses", _("Reverses"), hide="md"),
    )
    totals = (Total("paid", "base_amount", _("Payments less reversals"), Sum("base_amount")),)


def _order_tone(state: Any) -> str:
    return "a" if state == Order.State.OPEN else ""


class OrderTable(FactTable):
    """Orders, the latest first."""

    columns_declared = (
        Column("day", _("Date"), kind="date"),
        Column("number", _("Order"), path="external_id", hide="sm"),
        DISTRIBUTOR,
        Column("state", _("State"), kind="chip", choices=dict(Order.State.choices), tone=_order_tone, hide="sm"),
        Column("open_amount", _("Not invoiced"), kind="number", places=2, sub="currency"),
        Column("base_open_amount", _("In base currency"), kind="number", places=2, hide="sm"),
    )
    totals = (
        Total(
            "ordered",
            "base_open_amount",
            _("Not invoiced, of open orders"),
            Sum("base_open_amount", filter=Q(state=Order.State.OPEN)),
        ),
    )


class StockTable(FactTable):
    """Stock, the latest day first."""

    columns_declared = (
        Column("day", _("Date"), kind="date", hide="sm"),
        DISTRIBUTOR,
        Column("product", _("Product"), path="product__name", sub="product__sku", sort=""),
        Column("quantity", _("Quantity"), kind="number", sub="unit"),
        Column("base_quantity", _("In base units"), kind="number", hide="md"),
        Column("value", _("Value in base currency"), kind="number", places=2, hide="sm"),
    )


class TargetTable(FactTable):
    """Targets, the latest period first."""

    columns_declared = (
        Column("owner", _("Owner"), path="owner_name", sort=""),
        Column("owner_kind", _("Kind"), choices=dict(Target.Owner.choices), hide="sm"),
        Column("metric", _("Metric"), choices=dict(Target.Metric.choices)),
        Column("period", _("Period"), choices=dict(Target.Period.choices), hide="sm"),
        Column("day", _("Begins on"), kind="date"),
        Column("value", _("Value"), kind="number"),
        Column("reason", _("Reason of the change"), hide="md"),
    )


class OccurrenceTable(FactTable):
    """Occurrences, the latest first."""

    columns_declared = (
        Column("day", _("Occurred on"), kind="date"),
        DISTRIBUTOR,
        Column("kind", _("Kind"), choices=dict(Occurrence.Kind.choices)),
        Column("reference", _("Reference"), path="external_id", hide="sm"),
        Column("ends_on", _("Ends on"), kind="date", hide="sm"),
        Column("value", _("Value"), kind="number", hide="sm"),
        Column("code", _("Code"), hide="md"),
        Column("reversed_by", _("Reversed by"), hide="md"),
    )

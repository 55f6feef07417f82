"""What comes from the ERP in revisions beside sale lines: orders, invoices, payments, stock, targets, occurrences.

Relations are named by text, because `models` takes the base of sale lines from here.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.money import MoneyField, QuantityField
from core.scope import ScopedModel
from distributors.ledger.querysets import RevisionQuerySet, TargetQuerySet

COSTS = {"cost": "ledger.view_cost", "base_cost": "ledger.view_cost"}


def reference(to: str, **options: Any) -> models.ForeignKey:
    """Return a relation that the load path validates set-wise and `verify` proves: no triggers, no index of its own."""
    without = {"on_delete": models.DO_NOTHING, "db_constraint": False, "db_index": False, "related_name": "+"}
    return models.ForeignKey(to, **{**without, **options})


def revision_constraints(name: str, *key: str) -> list[models.BaseConstraint]:
    """Return the constraints of a table of revisions: each revision once, and one of each key in force."""
    return [
        models.UniqueConstraint(fields=[*key, "revision"], name=f"ledger_{name}_revision"),
        models.UniqueConstraint(fields=list(key), condition=Q(superseded_by=None), name=f"ledger_{name}_current"),
    ]


def superseded_index(name: str) -> models.Index:
    """Return the index by which an undo, or a pull of changes, finds what a batch put out of force."""
    return models.Index(
        fields=["superseded_by", "id"], name=f"ledger_{name}_superseded", condition=~Q(superseded_by=None)
    )


class Revision(ScopedModel):
    """One revision of one fact of the ERP.

    A fact is never overwritten: a changed re-import is a new revision in a new batch, and the old one keeps the batch
    that superseded it. What was true up to batch b: `batch <= b` and not superseded by then. Its key, distributor and
    date never change. One that an undo put back `repeats` another, by its id.
    """

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    objects: ClassVar[Any] = RevisionQuerySet.as_manager()

    source = reference("ledger.Source")
    revision = models.PositiveIntegerField(_("revision"), default=1)
    batch = reference("ledger.Batch", db_index=True)
    superseded_by = reference("ledger.Batch", null=True)
    repeats = models.PositiveBigIntegerField(null=True)
    distributor = reference("profiles.Distributor", verbose_name=_("distributor"))

    class Meta:
        abstract = True


class BookedRevision(Revision):
    """A revision that counts in a month: that of its date, unless finance had closed it when the revision came.

    Then `booked_in` is the first month that was open. `removed_in` is set where the month in which it counts was
    closed when it was superseded: there it stays, and from that month it is taken off.
    """

    booked_in = models.DateField(_("counts in"), null=True)
    removed_in = models.DateField(_("taken off in"), null=True)

    class Meta:
        abstract = True


class Order(Revision):
    """What a distributor ordered: the open amount is what is not invoiced yet."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        CLOSED = "closed", _("closed")
        CANCELLED = "cancelled", _("cancelled")

    external_id = models.CharField(_("order"), max_length=60)
    day = models.DateField(_("date"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    open_amount = MoneyField(_("not invoiced"))
    currency = models.CharField(_("currency"), max_length=3)
    base_open_amount = MoneyField(_("not invoiced, in base currency"))
    rate_carried = models.BooleanField(_("rate carried forward"), default=False)

    class Meta:
        ordering = ["-day", "-id"]
        constraints = revision_constraints("order", "source", "external_id")
        indexes = [
            superseded_index("order"),
            models.Index(fields=["distributor", "day"], name="ledger_order_distributor"),
            models.Index(fields=["-day"], name="ledger_order_day", condition=Q(superseded_by=None)),
        ]

    def __str__(self) -> str:
        return self.external_id


class Invoice(BookedRevision):
    """An invoice or a credit note, with tax; a credit note settles the invoice that it states, else the oldest."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("invoice")
        CREDIT_NOTE = "credit_note", _("credit note")

    external_id = models.CharField(_("number"), max_length=60)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.INVOICE)
    day = models.DateField(_("issued"))
    due_on = models.DateField(_("due"))
    amount = MoneyField(_("amount with tax"))
    currency = models.CharField(_("currency"), max_length=3)
    base_amount = MoneyField(_("amount in base currency"))
    rate_carried = models.BooleanField(_("rate carried forward"), default=False)
    disputed = models.BooleanField(_("disputed"), default=False)
    cancelled = models.BooleanField(_("cancelled"), default=False)
    settles = models.CharField(_("settles"), max_length=60, blank=True)

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            *revision_constraints("invoice", "source", "external_id"),
            models.CheckConstraint(condition=Q(due_on__gte=F("day")), name="ledger_invoice_due"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="ledger_invoice_positive"),
        ]
        indexes = [
            superseded_index("invoice"),
            models.Index(fields=["distributor", "day"], name="ledger_invoice_distributor"),
            models.Index(fields=["-day"], name="ledger_invoice_day", condition=Q(superseded_by=None)),
            models.Index(fields=["due_on"], name="ledger_invoice_due_on", condition=Q(superseded_by=None)),
        ]

    def __str__(self) -> str:
        return self.external_id


class Payment(BookedRevision):
    """Money that came in, or, with `reverses` and below zero, money that went back.

    `settles` names what it is for: one invoice, or several with their amounts as in "R1=100.00;R2=50". A bank
    acceptance settles at once and is money on its due day.
    """

    class Kind(models.TextChoices):
        SETTLEMENT = "settlement", _("settlement")
        PREPAYMENT = "prepayment", _("prepayment")

    class Method(models.TextChoices):
        CASH = "cash", _("cash")
        TRANSFER = "transfer", _("transfer")
        ACCEPTANCE = "acceptance", _("bank acceptance")

    external_id = models.CharField(_("number"), max_length=60)
    day = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.SETTLEMENT)
    method = models.CharField(_("method"), max_length=12, choices=Method, default=Method.TRANSFER)
    due_on = models.DateField(_("due"), null=True)
    amount = MoneyField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    base_amount = MoneyField(_("amount in base currency"))
    rate_carried = models.BooleanField(_("rate carried forward"), default=False)
    settles = models.CharField(_("settles"), max_length=2000, blank=True)
    reverses = models.CharField(_("reverses"), max_length=60, blank=True)

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            *revision_constraints("payment", "source", "external_id"),
            models.UniqueConstraint(
                fields=["source", "reverses"],
                condition=Q(superseded_by=None) & ~Q(reverses=""),
                name="ledger_payment_reversed_once",
            ),
            models.CheckConstraint(
                condition=Q(reverses="", amount__gt=0) | (~Q(reverses="") & Q(amount__lt=0)),
                name="ledger_payment_sign",
            ),
            models.CheckConstraint(
                condition=Q(due_on=None) ^ Q(method="acceptance"), name="ledger_payment_acceptance_due"
            ),
        ]
        indexes = [
            superseded_index("payment"),
            models.Index(fields=["distributor", "day"], name="ledger_payment_distributor"),
            models.Index(fields=["-day"], name="ledger_payment_day", condition=Q(superseded_by=None)),
        ]

    def __str__(self) -> str:
        return self.external_id


class StockSnapshot(Revision):
    """What a distributor had of a product at the end of a day."""

    product = reference("ledger.Product", verbose_name=_("product"))
    day = models.DateField(_("date"))
    quantity = QuantityField(_("quantity"))
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    base_quantity = QuantityField(_("quantity in base units"))
    value = MoneyField(_("value in base currency"), null=True)

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            *revision_constraints("stock", "distributor", "product", "day"),
            models.CheckConstraint(condition=Q(base_quantity__gte=0), name="ledger_stock_positive"),
        ]
        indexes = [
            superseded_index("stock"),
            models.Index(fields=["-day"], name="ledger_stock_day", condition=Q(superseded_by=None)),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.day}"


class Target(Revision):
    """What an owner is to reach in a month or a quarter: a distributor, a salesperson or a territory."""

    class Owner(models.TextChoices):
        DISTRIBUTOR = "distributor", _("distributor")
        PERSON = "person", _("salesperson")
        TERRITORY = "territory", _("territory")

    class Metric(models.TextChoices):
        NET_SALES = "net_sales", _("net sales")
        QUANTITY = "quantity", _("quantity")
        COLLECTIONS = "collections", _("collections")
        NEW_OUTLETS = "new_outlets", _("new outlets")

    class Period(models.TextChoices):
        MONTH = "month", _("month")
        QUARTER = "quarter", _("quarter")

    objects: ClassVar[Any] = TargetQuerySet.as_manager()

    distributor = reference("profiles.Distributor", verbose_name=_("distributor"), null=True)
    person = reference(settings.AUTH_USER_MODEL, verbose_name=_("salesperson"), null=True)
    territory = reference("accounts.Territory", verbose_name=_("territory"), null=True)
    owner_kind = models.CharField(_("owner"), max_length=12, choices=Owner)
    owner_key = models.PositiveBigIntegerField()
    metric = models.CharField(_("metric"), max_length=12, choices=Metric, default=Metric.NET_SALES)
    period = models.CharField(_("period"), max_length=8, choices=Period, default=Period.MONTH)
    day = models.DateField(_("begins on"))
    value = MoneyField(_("value"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            *revision_constraints("target", "owner_kind", "owner_key", "metric", "period", "day"),
            models.CheckConstraint(
                condition=Q(owner_kind="distributor", owner_key=F("distributor"), person=None, territory=None)
                | Q(owner_kind="person", owner_key=F("person"), distributor=None, territory=None)
                | Q(owner_kind="territory", owner_key=F("territory"), distributor=None, person=None),
                name="ledger_target_owner",
            ),
            models.CheckConstraint(condition=Q(value__gte=0), name="ledger_target_positive"),
        ]
        indexes = [
            superseded_index("target"),
            models.Index(fields=["-day"], name="ledger_target_day", condition=Q(superseded_by=None)),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} {self.day}"


class Occurrence(Revision):
    """Anything dated about a distributor that scores read; `reversed_by` names what took it back."""

    class Kind(models.TextChoices):
        CASE_UPHELD = "case_upheld", _("case upheld")
        PENALTY = "penalty", _("penalty")
        PRICE_VIOLATION = "price_violation", _("price violation")
        CONTRACT_BREACH = "contract_breach", _("contract breach")
        COMPLAINT_RECEIVED = "complaint_received", _("complaint received")
        COMPLAINT_CLOSED = "complaint_closed", _("complaint closed")
        REPORT_DUE = "report_due", _("report due")
        REPORT_RECEIVED = "report_received", _("report received")
        COURSE_PASSED = "course_passed", _("course passed")
        PROMOTION_JOINED = "promotion_joined", _("promotion joined")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    external_id = models.CharField(_("reference"), max_length=60)
    day = models.DateField(_("occurred on"))
    ends_on = models.DateField(_("ends on"), null=True)
    value = QuantityField(_("value"), null=True)
    code = models.CharField(_("code"), max_length=40, blank=True)
    reversed_by = models.CharField(_("reversed by"), max_length=60, blank=True)

    class Meta:
        ordering = ["-day", "-id"]
        constraints = [
            *revision_constraints("occurrence", "source", "distributor", "kind", "external_id"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("day")), name="ledger_occurrence_ends_later"
            ),
        ]
        indexes = [
            superseded_index("occurrence"),
            models.Index(fields=["distributor", "day"], name="ledger_occur_distributor"),
            models.Index(fields=["-day"], name="ledger_occurrence_day", condition=Q(superseded_by=None)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.external_id}"


class Allocation(ScopedModel):
    """What a payment or a credit note settled of an invoice.

    `amount` is in the invoice's currency and `used` in that of the payment or credit note. The rows follow from the
    facts in force and are made again for each distributor whose facts change.
    """

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = reference("profiles.Distributor", db_index=True)
    invoice = reference("ledger.Invoice", db_index=True)
    payment = reference("ledger.Payment", null=True, db_index=True)
    credit_note = reference("ledger.Invoice", null=True)
    day = models.DateField(_("settled on"))
    amount = MoneyField(_("settled"))
    used = MoneyField(_("used"))
    stated = models.BooleanField(_("stated"))

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(payment=None) ^ Q(credit_note=None), name="ledger_allocation_one_side"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_allocation_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id} {self.amount}"


class OpenItem(ScopedModel):
    """What of an invoice is not settled, or what of a payment or credit note has settled nothing; always above zero."""

    class Kind(models.TextChoices):
        INVOICE = "invoice", _("invoice")
        CREDIT = "credit", _("credit")
        PREPAID = "prepaid", _("prepaid")

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = reference("profiles.Distributor", verbose_name=_("distributor"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    invoice = reference("ledger.Invoice", null=True)
    payment = reference("ledger.Payment", null=True)
    due_on = models.DateField(_("due"))
    amount = MoneyField(_("open"))
    currency = models.CharField(_("currency"), max_length=3)
    base_amount = MoneyField(_("open, in base currency"))
    disputed = models.BooleanField(_("disputed"), default=False)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(invoice=None) ^ Q(payment=None), name="ledger_open_one_side"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="ledger_open_positive"),
        ]
        indexes = [
            models.Index(fields=["distributor", "due_on"], name="ledger_open_distributor"),
            models.Index(fields=["due_on"], name="ledger_open_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"

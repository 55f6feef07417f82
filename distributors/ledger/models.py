"""Facts that come from the ERP, the batches they came in, and the monthly roll-ups that pages read."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.models import Blob, Job
from core.money import MoneyField, QuantityField
from core.scope import ScopedModel
from core.sentences import SentenceField
from distributors.ledger.drop_models import DropFile as DropFile
from distributors.ledger.drop_models import DropLook as DropLook
from distributors.ledger.drop_models import DropRule as DropRule
from distributors.ledger.fields import RateField
from distributors.ledger.profile_models import ImportProfile as ImportProfile
from distributors.ledger.querysets import ImportQuerySet
from distributors.ledger.records import COSTS, BookedRevision, reference, revision_constraints, superseded_index
from distributors.ledger.retail_models import RetailPrice as RetailPrice
from distributors.profiles.models import Distributor


class Source(models.Model):
    """Where facts come from: one ERP, one country's system; keys are unique within it."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)

    def __str__(self) -> str:
        return self.name or self.code


class ProductLine(ScopedModel):
    """A line of products."""

    scope_open: ClassVar[bool] = True

    code = models.CharField(_("code"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Product(ScopedModel):
    """What is sold, by source and SKU."""

    scope_open: ClassVar[bool] = True
    scope_fields = COSTS

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    sku = models.CharField(_("SKU"), max_length=60)
    name = models.CharField(_("name"), max_length=160)
    line = models.ForeignKey(ProductLine, verbose_name=_("product line"), on_delete=models.PROTECT, related_name="+")
    brand = models.CharField(_("brand"), max_length=80, blank=True)
    base_unit = models.CharField(_("base unit"), max_length=20, default="pc")
    launched_on = models.DateField(_("launched on"), null=True, blank=True)
    list_price = MoneyField(_("list price"), null=True, blank=True)
    floor_price = MoneyField(_("floor price"), null=True, blank=True)
    cost = MoneyField(_("cost"), null=True, blank=True)

    class Meta:
        ordering = ["sku"]
        constraints = [models.UniqueConstraint(fields=["source", "sku"], name="ledger_product_key")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("ledger:product-detail", args=[self.pk])


class ProductUnit(models.Model):
    """Another unit of a product: how many base units it holds."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="units")
    unit = models.CharField(_("unit"), max_length=20)
    factor = QuantityField(_("base units"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "unit"], name="ledger_unit_key"),
            models.CheckConstraint(condition=Q(factor__gt=0), name="ledger_unit_positive"),
        ]

    def __str__(self) -> str:
        return self.unit


class ExchangeRate(ScopedModel):
    """How much of the base currency one unit of a currency is worth on a day."""

    class Kind(models.TextChoices):
        AVERAGE = "average", _("day's average")
        CLOSE = "close", _("end of day")

    scope_open: ClassVar[bool] = True

    currency = models.CharField(_("currency"), max_length=3)
    day = models.DateField(_("day"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.AVERAGE)
    rate = RateField(_("rate"))
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    updated_at = models.DateTimeField(null=True, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-day", "currency"]
        constraints = [
            models.UniqueConstraint(fields=["currency", "kind", "day"], name="ledger_rate_key"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="ledger_rate_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.day}"


class Import(ScopedModel):
    """One file on its way in: staged, validated whole, published in one transaction."""

    class State(models.TextChoices):
        DRAFT = "draft", _("columns not confirmed")
        WAITING = "waiting", _("waiting")
        STAGING = "staging", _("reading")
        VALIDATING = "validating", _("checking")
        VALID = "valid", _("checked, nothing published")
        PUBLISHED = "published", _("published")
        REFUSED = "refused", _("refused")
        CANCELLED = "cancelled", _("cancelled")

    class Origin(models.TextChoices):
        FOLDER = "folder", _("drop folder")

    scope_open: ClassVar[bool] = True

    objects: ClassVar[Any] = ImportQuerySet.as_manager()

    kind = models.CharField(_("kind"), max_length=20)
    filename = models.CharField(_("file"), max_length=200)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(_("from"), max_length=10, choices=Origin, blank=True)
    profile_name = models.CharField(_("mapping"), max_length=80, blank=True)
    profile = models.JSONField(default=dict)
    dry_run = models.BooleanField(_("check only"), default=False)
    good_only = models.BooleanField(_("good rows only"), default=False)
    rejects = models.ForeignKey(Blob, null=True, on_delete=models.PROTECT, related_name="+")
    rows_rejected = models.PositiveBigIntegerField(_("left out"), default=0)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    rows_read = models.PositiveBigIntegerField(_("rows"), default=0)
    rows_new = models.PositiveBigIntegerField(_("new"), default=0)
    rows_changed = models.PositiveBigIntegerField(_("changed"), default=0)
    rows_same = models.PositiveBigIntegerField(_("unchanged"), default=0)
    problems_count = models.PositiveBigIntegerField(_("problems"), default=0)
    notes = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        return reverse("ledger:import-detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Tell whether the file is still on its way."""
        return self.state in {self.State.WAITING, self.State.STAGING, self.State.VALIDATING}


class ImportProblem(models.Model):
    """Why a row of a file cannot go in."""

    import_file = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="problems")
    row = models.PositiveBigIntegerField()
    column = models.CharField(max_length=80, blank=True)
    value = models.CharField(max_length=200, blank=True)
    reason = SentenceField()

    class Meta:
        ordering = ["row", "id"]
        indexes = [models.Index(fields=["import_file", "row"], name="ledger_problem_row")]

    def __str__(self) -> str:
        return f"{self.row}: {self.reason}"


class Batch(ScopedModel):
    """A set of facts that became true together; numbers are issued under a lock, in commit order.

    `rows_removed` are out of force since, with none in their place; `rows_late` came for months that were closed.
    """

    scope_open: ClassVar[bool] = True

    number = models.PositiveBigIntegerField(primary_key=True)
    kind = models.CharField(max_length=20)
    source = models.ForeignKey(Source, null=True, on_delete=models.PROTECT, related_name="+")
    import_file = models.OneToOneField(Import, null=True, on_delete=models.PROTECT, related_name="batch")
    rows_new = models.PositiveBigIntegerField(default=0)
    rows_changed = models.PositiveBigIntegerField(default=0)
    rows_removed = models.PositiveBigIntegerField(default=0)
    rows_late = models.PositiveBigIntegerField(default=0)
    undoes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"#{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("ledger:batch-detail", args=[self.pk])


class PeriodLock(ScopedModel):
    """One move of the line up to which the books are closed: who moved it when and why; the last one holds.

    Months before `first_open` are closed. `batch` is the last batch before the move.
    """

    scope_open: ClassVar[bool] = True

    number = models.PositiveIntegerField(primary_key=True)
    first_open = models.DateField(_("first open month"))
    reopened = models.BooleanField(default=False)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    batch = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(condition=Q(first_open__day=1), name="ledger_lock_month"),
            models.CheckConstraint(condition=Q(reopened=False) | ~Q(reason=""), name="ledger_lock_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.first_open}"


class LineKind(models.TextChoices):
    """Which movement of goods a line records."""

    SELL_IN = "sell_in", _("sell-in")
    SELL_THROUGH = "sell_through", _("sell-through")
    RETURN = "return", _("return")


# What a distributor bought less what it gave back; `NET` names the two together in addresses.
NET_SALES = (LineKind.SELL_IN, LineKind.RETURN)
NET = "net"


class OrderType(models.TextChoices):
    """On what terms goods were ordered; special price, gift and sample do not count for incentives."""

    REGULAR = "regular", _("regular")
    PROMOTION = "promotion", _("promotion")
    SPECIAL = "special", _("special price")
    GIFT = "gift", _("gift")
    SAMPLE = "sample", _("sample")
    REPLACEMENT = "replacement", _("replacement")


COUNTED_ORDER_TYPES = (OrderType.REGULAR, OrderType.PROMOTION, OrderType.REPLACEMENT)


class SaleLine(BookedRevision):
    """One revision of one line of the ERP.

    Nobody has a foreign key to a line. The load path validates references set-wise and `verify` proves them, so the
    table carries no foreign key triggers, which would double the time of a load.
    """

    scope_fields = COSTS

    external_id = models.CharField(_("line"), max_length=80)
    product = reference("ledger.Product", verbose_name=_("product"))
    day = models.DateField(_("date"))
    kind = models.CharField(_("kind"), max_length=12, choices=LineKind, default=LineKind.SELL_IN)
    order_type = models.CharField(_("order type"), max_length=12, choices=OrderType, default=OrderType.REGULAR)
    quantity = QuantityField(_("quantity"))
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    base_quantity = QuantityField(_("quantity in base units"))
    amount = MoneyField(_("net amount"))
    tax = MoneyField(_("tax"), default=0)
    cost = MoneyField(_("cost"), null=True)
    currency = models.CharField(_("currency"), max_length=3)
    base_amount = MoneyField(_("net amount in base currency"))
    base_tax = MoneyField(_("tax in base currency"), default=0)
    base_cost = MoneyField(_("cost in base currency"), null=True)
    rate_carried = models.BooleanField(_("rate carried forward"), default=False)
    order_number = models.CharField(_("order"), max_length=60, blank=True)
    promotion = models.CharField(_("promotion"), max_length=60, blank=True)
    salesperson = models.CharField(_("salesperson"), max_length=40, blank=True)
    ship_to = models.CharField(_("ship-to territory"), max_length=40, blank=True)
    buyer = models.CharField(_("buyer"), max_length=120, blank=True)
    serial = models.CharField(_("batch or serial"), max_length=80, blank=True)
    promised_on = models.DateField(_("promised delivery"), null=True)
    delivered_on = models.DateField(_("actual delivery"), null=True)

    class Meta:
        ordering = ["-day", "-id"]
        constraints = revision_constraints("line", "source", "external_id")
        indexes = [
            models.Index(fields=["distributor", "day"], name="ledger_line_distributor"),
            models.Index(fields=["day"], condition=Q(superseded_by=None), name="ledger_line_day"),
            superseded_index("line"),
            models.Index(fields=["distributor", "booked_in"], name="ledger_line_booked", condition=~Q(booked_in=None)),
            models.Index(
                fields=["distributor", "removed_in"], name="ledger_line_removed", condition=~Q(removed_in=None)
            ),
        ]

    def __str__(self) -> str:
        return self.external_id


class MonthlySales(ScopedModel):
    """Sale lines summed by distributor, month, kind and whether the order type counts; base currency.

    A month that takes off what came too late for a closed one may have fewer lines and orders than none.
    """

    pk = models.CompositePrimaryKey("distributor_id", "month", "kind", "counted")

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"
    scope_fields = COSTS

    distributor = models.ForeignKey(
        Distributor, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="monthly_sales"
    )
    month = models.DateField()
    kind = models.CharField(max_length=12, choices=LineKind)
    counted = models.BooleanField()
    quantity = QuantityField()
    amount = MoneyField()
    tax = MoneyField()
    cost = MoneyField()
    lines = models.IntegerField()
    orders = models.IntegerField()
    products = models.PositiveIntegerField()
    first_on = models.DateField()
    last_on = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["month", "distributor"], name="ledger_monthly_month")]

    def __str__(self) -> str:
        return f"{self.distributor_id} {self.month} {self.kind}"


class MonthlyLineSales(ScopedModel):
    """The same by product line."""

    pk = models.CompositePrimaryKey("distributor_id", "month", "kind", "counted", "line_id")

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"
    scope_fields = COSTS

    distributor = models.ForeignKey(
        Distributor, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="monthly_line_sales"
    )
    line = models.ForeignKey(
        ProductLine, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    month = models.DateField()
    kind = models.CharField(max_length=12, choices=LineKind)
    counted = models.BooleanField()
    quantity = QuantityField()
    amount = MoneyField()
    tax = MoneyField()
    cost = MoneyField()
    lines = models.IntegerField()
    orders = models.IntegerField()
    products = models.PositiveIntegerField()
    first_on = models.DateField()
    last_on = models.DateField()

    def __str__(self) -> str:
        return f"{self.distributor_id} {self.line_id} {self.month}"

"""The distributor card: identity, places, lifecycle, assignments, and the standing that other apps compute."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.absences import decided_by
from accounts.models import Territory, validate_time_zone
from core.database import DaysAfter
from core.money import MoneyField
from core.scope import ScopedModel
from distributors.profiles.bulk_models import BulkChange as BulkChange
from distributors.profiles.bulk_models import BulkCover as BulkCover
from distributors.profiles.bulk_models import BulkMove as BulkMove
from distributors.profiles.card.models import BrandShare as BrandShare
from distributors.profiles.card.models import BrandSurvey as BrandSurvey
from distributors.profiles.card.models import Business as Business
from distributors.profiles.card.models import BusinessFigures as BusinessFigures
from distributors.profiles.card.models import CardFile as CardFile
from distributors.profiles.card.models import Cooperation as Cooperation
from distributors.profiles.card.models import EarlyClass as EarlyClass
from distributors.profiles.card.models import Organisation as Organisation
from distributors.profiles.card.models import OtherName as OtherName
from distributors.profiles.card.models import Outlet as Outlet
from distributors.profiles.contracts.models import Contract as Contract
from distributors.profiles.contracts.models import ContractDocument as ContractDocument
from distributors.profiles.contracts.models import ContractMonth as ContractMonth
from distributors.profiles.contracts.models import Coverage as Coverage
from distributors.profiles.outbound_models import OutboundMessage as OutboundMessage
from distributors.profiles.outbound_models import OutboundReader as OutboundReader
from distributors.profiles.outbound_models import OutboundReceipt as OutboundReceipt
from distributors.profiles.people.models import Contact as Contact
from distributors.profiles.people.models import ContactPersonal as ContactPersonal
from distributors.profiles.people.models import ContactRelation as ContactRelation
from distributors.profiles.querysets import TRADING, DistributorQuerySet
from distributors.profiles.selection.models import Assessment as Assessment
from distributors.profiles.tag_models import Tag as Tag
from distributors.profiles.tag_models import TagChange as TagChange
from distributors.profiles.tag_models import TagChangePair as TagChangePair
from distributors.profiles.tag_models import Tagging as Tagging
from distributors.profiles.task_models import Task as Task
from distributors.profiles.task_models import TaskState as TaskState

SILENT_GAPS = 2
OUR_TIER = 1  # the tier that buys from us: what lower tiers buy is a sale of the distributor above them


class DistributorType(ScopedModel):
    """A partner type: general, authorised, ordinary distributor, value-added reseller, and what else is added."""

    scope_open: ClassVar[bool] = True

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_zh = models.CharField(_("Chinese name"), max_length=80, blank=True)
    order = models.PositiveSmallIntegerField(default=100)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        from django.utils.translation import get_language

        return self.name_zh if self.name_zh and (get_language() or "").startswith("zh") else self.name


class Lifecycle(models.TextChoices):
    """The states of a distributor."""

    PROSPECT = "prospect", _("prospect")
    REVIEW = "review", _("under review")
    APPROVED = "approved", _("approved")
    ACTIVE = "active", _("active")
    WATCH = "watch", _("on watch")
    EXITING = "exiting", _("exiting")
    ENDED = "ended", _("ended")


class Distributor(ScopedModel):
    """A company that buys from us, or from one that does.

    `territory_path` and `owner` are copies of today's assignment: a scope is one indexed range or one owner match.
    """

    scope_territory: ClassVar[str] = "territory_path"
    scope_owner: ClassVar[str] = "owner"

    objects: ClassVar[Any] = DistributorQuerySet.as_manager()

    code = models.CharField(_("code"), max_length=40, unique=True)
    legal_name = models.CharField(_("legal name"), max_length=160)
    short_name = models.CharField(_("short name"), max_length=80, blank=True)
    other_name = models.CharField(_("name in another language"), max_length=160, blank=True)
    type = models.ForeignKey(DistributorType, verbose_name=_("type"), on_delete=models.PROTECT, related_name="+")
    tier = models.PositiveSmallIntegerField(
        _("tier"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text=_("1 buys from us, 2 buys from a tier 1."),
    )
    parent = models.ForeignKey(
        "self", verbose_name=_("buys from"), null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    registration_number = models.CharField(_("registration number"), max_length=60, blank=True)
    tax_number = models.CharField(_("tax number"), max_length=60, blank=True)
    legal_representative = models.CharField(_("legal representative"), max_length=80, blank=True)
    founded_on = models.DateField(_("founded on"), null=True, blank=True)
    registered_capital = MoneyField(_("registered capital"), null=True, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, validators=[validate_time_zone])
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    cooperation_since = models.DateField(_("cooperation since"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=Lifecycle, default=Lifecycle.PROSPECT)
    territory = models.ForeignKey(Territory, verbose_name=_("territory"), on_delete=models.PROTECT, related_name="+")
    territory_path = models.CharField(max_length=60, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    city = models.CharField(_("city"), max_length=80, blank=True, editable=False)
    merged_into = models.ForeignKey("self", null=True, editable=False, on_delete=models.PROTECT, related_name="merged")
    tags = models.ManyToManyField(Tag, through=Tagging, related_name="+", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["code"]
        indexes = [
            models.Index(fields=["territory_path", "id"], name="profiles_territory"),
            models.Index(fields=["owner", "id"], name="profiles_owner"),
            # With what a list asks for besides, so that it is counted in the index alone.
            models.Index(fields=["state", "id"], include=["merged_into"], name="profiles_by_state"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="profiles_not_own_parent"),
            models.CheckConstraint(condition=Q(tier__gte=1), name="profiles_tier"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="profiles_not_merged_into_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.short_name or self.legal_name

    def get_absolute_url(self) -> str:
        return reverse("profiles:distributor-detail", args=[self.pk])


class Card(Distributor):
    """A distributor as the card in whole: what may be read and written of it beside its identity."""

    class Meta:
        proxy = True


class Place(ScopedModel):
    """An address of a distributor; the registered one gives the list its city."""

    class Kind(models.TextChoices):
        REGISTERED = "registered", _("registered address")
        SHIPPING = "shipping", _("shipping address")

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = models.ForeignKey(Distributor, on_delete=models.PROTECT, related_name="places")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.REGISTERED)
    address = models.CharField(_("address"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    province = models.CharField(_("province or state"), max_length=80, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=9, decimal_places=6, null=True, blank=True)

    class Meta:
        ordering = ["kind", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["distributor"], condition=Q(kind="registered"), name="profiles_one_registered_address"
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.address, self.city, self.province, self.country) if part)


class Assignment(ScopedModel):
    """From which month on which territory and owner cover a distributor.

    An assignment lasts until the next one starts, so two can never overlap; a month belongs to the last one that
    started on or before it.
    """

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = models.ForeignKey(Distributor, on_delete=models.PROTECT, related_name="assignments")
    starts_on = models.DateField(_("from"))
    territory = models.ForeignKey(Territory, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["distributor", "starts_on"], name="profiles_assignment_start"),
            models.CheckConstraint(condition=Q(starts_on__day=1), name="profiles_assignment_month"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on}: {self.territory}"


class LifecycleChange(ScopedModel):
    """Who moved a distributor from which state to which, when and why."""

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = models.ForeignKey(Distributor, on_delete=models.PROTECT, related_name="lifecycle")
    before = models.CharField(max_length=10, choices=Lifecycle)
    after = models.CharField(max_length=10, choices=Lifecycle)
    on = models.DateField()
    reason = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.before} → {self.after}"

    @property
    def who(self) -> str:
        """Return who made the move, with the absent person in whose place."""
        return decided_by(self.by, self.on_behalf_of) if self.by else ""


class Merge(ScopedModel):
    """Two cards of one company made one: who did it, why, and what must come back when it is undone.

    Facts keep the card they came for; sums, standings, receivables and classes are those of the survivor.
    """

    scope_territory: ClassVar[str] = "survivor__territory_path"
    scope_owner: ClassVar[str] = "survivor__owner"

    source = models.ForeignKey(Distributor, on_delete=models.PROTECT, related_name="merges")
    survivor = models.ForeignKey(Distributor, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=200)
    before = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undo_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["source"], condition=Q(undone_at=None), name="profiles_merged_into_one"),
            models.CheckConstraint(condition=~Q(source=F("survivor")), name="profiles_merge_of_two"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.survivor}"


class CreditGrade(models.TextChoices):
    """The grades of the credit card, the best first."""

    AAA = "AAA", "AAA"
    AA = "AA", "AA"
    A = "A", "A"
    BBB = "BBB", "BBB"
    BB = "BB", "BB"
    C = "C", "C"
    D = "D", "D"


class Standing(models.Model):
    """What other apps computed of a distributor: one row each, every column written set-wise by the app that owns it.

    Every distributor has its row from the start, so that lists join and sort without nulls where they can. What is
    decided about credit asks for a permission of its own.
    """

    scope_fields: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("exposure", "credit_limit", "headroom", "on_hold", "exposure_as_of"), "credit.view_creditlimit"
    )

    distributor = models.OneToOneField(Distributor, primary_key=True, on_delete=models.PROTECT, related_name="standing")

    # ledger
    net_sales_12m = MoneyField(_("net sales, 12 months"), default=0)
    net_sales_before = MoneyField(_("net sales, 12 months before"), default=0)
    growth = models.DecimalField(_("growth"), max_digits=9, decimal_places=4, null=True)
    orders_12m = models.PositiveIntegerField(_("orders, 12 months"), default=0)
    first_sale_on = models.DateField(_("first sale"), null=True)
    last_order_on = models.DateField(_("last order"), null=True)
    order_gap_days = models.PositiveIntegerField(_("usual days between orders"), null=True)
    silent_from = models.GeneratedField(
        expression=DaysAfter(F("last_order_on"), F("order_gap_days") * SILENT_GAPS + 1),
        output_field=models.DateField(null=True),
        db_persist=True,
    )
    sales_as_of = models.DateField(null=True)
    receivable = MoneyField(_("receivable"), default=0)
    overdue = MoneyField(_("overdue"), default=0)
    oldest_overdue_on = models.DateField(_("oldest overdue since"), null=True)
    prepaid = MoneyField(_("paid in advance"), default=0)
    ordered_open = MoneyField(_("ordered, not invoiced"), default=0)
    receivable_as_of = models.DateField(null=True)

    # classification
    abc = models.CharField(_("ABC class"), max_length=1, blank=True)
    abc_next = models.CharField(_("class it is about to get"), max_length=1, blank=True)
    abc_share = models.DecimalField(_("cumulative share"), max_digits=9, decimal_places=6, null=True)
    abc_rank = models.PositiveIntegerField(_("rank"), null=True)
    abc_short_history = models.BooleanField(default=False)
    abc_overridden = models.BooleanField(default=False)
    volume_group = models.CharField(_("group by volume"), max_length=1, blank=True)
    abc_as_of = models.DateField(null=True)

    # credit
    credit_score = models.DecimalField(_("credit score"), max_digits=5, decimal_places=2, null=True)
    credit_grade = models.CharField(_("credit grade"), max_length=3, choices=CreditGrade, blank=True)
    credit_provisional = models.BooleanField(_("provisional credit grade"), default=False)
    credit_confidence = models.DecimalField(
        _("confidence in the credit grade, %"), max_digits=5, decimal_places=2, null=True
    )
    credit_as_of = models.DateField(null=True)
    exposure = MoneyField(_("exposure"), default=0)
    credit_limit = MoneyField(_("credit limit"), null=True)
    headroom = MoneyField(_("headroom"), null=True)
    on_hold = models.BooleanField(_("on hold"), default=False)
    exposure_as_of = models.DateField(null=True)

    # profiles
    completeness = models.PositiveSmallIntegerField(_("completeness, %"), default=0)

    class Meta:
        indexes = [
            models.Index(fields=["completeness", "distributor"], name="profiles_standing_complete"),
            models.Index(fields=["distributor"], name="profiles_standing_held", condition=Q(on_hold=True)),
            models.Index(fields=["-exposure", "distributor"], name="profiles_standing_exposure"),
            models.Index(fields=["-net_sales_12m", "distributor"], name="profiles_standing_sales"),
            models.Index(fields=["abc", "-net_sales_12m", "distributor"], name="profiles_standing_class"),
            models.Index(fields=["last_order_on", "distributor"], name="profiles_standing_last"),
            models.Index(
                fields=["-net_sales_12m", "distributor"], name="profiles_standing_moving", condition=~Q(abc_next="")
            ),
            models.Index(fields=["credit_score", "distributor"], name="profiles_standing_score"),
            models.Index(fields=["credit_grade", "distributor"], name="profiles_standing_grade"),
            models.Index(fields=["silent_from"], name="profiles_standing_silent"),
            models.Index(fields=["-overdue", "distributor"], name="profiles_standing_overdue"),
            models.Index(
                fields=["oldest_overdue_on", "distributor"],
                name="profiles_standing_oldest",
                condition=Q(oldest_overdue_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.distributor_id}"

    def silent(self, as_of: date) -> bool:
        """Tell whether the distributor still trades and has not ordered for more than twice its usual gap."""
        since = self.silent_from
        return self.distributor.state in TRADING and since is not None and since <= as_of

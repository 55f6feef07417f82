"""Contracts: what was agreed with a distributor from which day to which, and where it covers what."""

from datetime import date
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import Territory
from core.money import MoneyField
from core.scope import ScopedModel, ScopedQuerySet

MONTHS = 12
LONG = 2000


class ContractKind(models.TextChoices):
    """What a contract makes of a distributor."""

    GENERAL = "general", _("general agency")
    AUTHORISED = "authorised", _("authorised distribution")
    ORDINARY = "ordinary", _("ordinary distribution")
    SERVICE = "service", _("after-sales service")


class ContractState(models.TextChoices):
    """The states of a version of a contract."""

    DRAFT = "draft", _("draft")
    IN_FORCE = "in_force", _("in force")
    ENDED = "ended", _("ended")
    TERMINATED = "terminated", _("terminated")
    WITHDRAWN = "withdrawn", _("withdrawn")


SIGNED = (ContractState.IN_FORCE, ContractState.ENDED, ContractState.TERMINATED)


class ContractQuerySet(ScopedQuerySet):
    """Versions of contracts."""

    def not_over(self, day: date) -> Self:
        """Return those that are signed and hold on a day or from a later one on; one may end before its time later."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), state__in=SIGNED)

    def holding_on(self, day: date) -> Self:
        """Return those that are signed and hold on a day."""
        return self.not_over(day).filter(valid_from__lte=day)


class Contract(ScopedModel):
    """One version of a contract: the versions of one number replace each other, each from a day on.

    `valid_to` is the last day that was agreed, empty where none was; `ends_on` the one that counts: earlier where a new
    version replaced it or it was terminated. What is signed does not change any more.
    """

    class Split(models.TextChoices):
        EVEN = "even", _("evenly")
        LAST_YEAR = "last_year", _("like net sales of the year before")
        TYPED = "typed", _("as entered below")

    class Exclusivity(models.TextChoices):
        NONE = "", _("not agreed")
        TARGET = "target", _("when the yearly target is missed")
        MINIMUM = "minimum", _("when the minimum purchase is missed")
        BOTH = "both", _("when target or minimum purchase are missed")

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    objects: ClassVar[Any] = ContractQuerySet.as_manager()

    distributor = models.ForeignKey(
        "profiles.Distributor", verbose_name=_("distributor"), on_delete=models.PROTECT, related_name="contracts"
    )
    number = models.CharField(_("number"), max_length=40)
    edition = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=ContractKind, default=ContractKind.ORDINARY)
    state = models.CharField(
        _("state"), max_length=10, choices=ContractState, default=ContractState.DRAFT, editable=False
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(
        _("valid to"), null=True, blank=True, help_text=_("The last day; empty: until further notice.")
    )
    ends_on = models.DateField(_("ends on"), null=True, editable=False)

    yearly_target = MoneyField(_("yearly target"), null=True, blank=True)
    split = models.CharField(_("months of the target"), max_length=10, choices=Split, default=Split.EVEN)
    minimum_purchase = MoneyField(_("minimum purchase a year"), null=True, blank=True)
    coverage_commitment = models.CharField(
        _("coverage commitment"), max_length=300, blank=True, help_text=_("For example: 80 outlets in every county.")
    )
    sub_distributors = models.PositiveIntegerField(_("sub-distributors committed"), null=True, blank=True)
    advertising_share = models.DecimalField(
        _("advertising, share of sales"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("In per cent."),
    )
    reporting_duty = models.CharField(_("reporting duty"), max_length=300, blank=True)
    spare_parts = models.CharField(_("spare-parts stock"), max_length=300, blank=True)
    exclusivity_loss = models.CharField(
        _("exclusivity is lost"), max_length=10, choices=Exclusivity, blank=True, default=Exclusivity.NONE
    )
    price_terms = models.CharField(_("price terms"), max_length=300, blank=True)
    credit_days = models.PositiveSmallIntegerField(_("credit, days"), null=True, blank=True)
    credit_terms = models.CharField(_("credit terms"), max_length=300, blank=True)
    minimum_stock = models.CharField(_("minimum stock"), max_length=300, blank=True)
    buy_back = models.CharField(_("buy-back clause"), max_length=300, blank=True)
    delivery_term = models.CharField(_("delivery term"), max_length=120, blank=True)
    governing_law = models.CharField(_("governing law"), max_length=120, blank=True)
    notes = models.TextField(_("notes"), blank=True, max_length=LONG)

    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["number", "-edition"]
        indexes = [
            models.Index(fields=["distributor", "-valid_from"], name="profiles_contract_of"),
            models.Index(fields=["ends_on"], name="profiles_contract_ends", condition=Q(state="in_force")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["number", "edition"], name="profiles_contract_version"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")), name="profiles_contract_days"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("valid_from")), name="profiles_contract_end"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["in_force", "ended", "terminated"]) | Q(signed_on__isnull=False),
                name="profiles_contract_signed",
            ),
            models.CheckConstraint(
                condition=Q(advertising_share=None) | Q(advertising_share__range=(0, 100)),
                name="profiles_contract_advertising",
            ),
        ]

    def __str__(self) -> str:
        if self.edition == 1:
            return self.number
        return _now("%(number)s, version %(version)s") % {"number": self.number, "version": self.edition}

    def get_absolute_url(self) -> str:
        return reverse("profiles:contract-detail", args=[self.pk])


class Coverage(ScopedModel):
    """Where a contract covers which product line: a territory with all below it; no line means all of them.

    The copies of path and days, and whether the row is `binding` (exclusive, and its contract is in force), are what
    the database compares: no two binding rows overlap in territory, line and time.
    """

    scope_territory: ClassVar[str] = "contract__distributor__territory_path"
    scope_owner: ClassVar[str] = "contract__distributor__owner"
    path_copies: ClassVar[tuple[str, ...]] = ("territory_path",)

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="coverage")
    territory = models.ForeignKey(Territory, verbose_name=_("territory"), on_delete=models.PROTECT, related_name="+")
    line = models.CharField(_("product line"), max_length=80, blank=True)
    exclusive = models.BooleanField(_("exclusive"), default=False)
    territory_path = models.CharField(max_length=60, editable=False)
    starts_on = models.DateField(editable=False)
    ends_on = models.DateField(null=True, editable=False)
    binding = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["territory_path", "line", "pk"]
        indexes = [models.Index(fields=["territory_path"], name="profiles_coverage_binding", condition=Q(binding=True))]
        constraints = [
            models.UniqueConstraint(fields=["contract", "territory", "line"], name="profiles_coverage_once"),
            models.CheckConstraint(condition=Q(binding=False) | Q(exclusive=True), name="profiles_coverage_exclusive"),
        ]

    def __str__(self) -> str:
        return f"{self.territory} · {self.line or _now('all lines')}"


class ContractMonth(models.Model):
    """The share of one month in the yearly target; `place` counts from 1, the month in which the contract begins."""

    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="months")
    place = models.PositiveSmallIntegerField()
    value = MoneyField()

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "place"], name="profiles_contract_month"),
            models.CheckConstraint(condition=Q(place__range=(1, MONTHS)), name="profiles_contract_month_place"),
            models.CheckConstraint(condition=Q(value__gte=0), name="profiles_contract_month_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.contract_id} {self.place}"


class ContractDocument(ScopedModel):
    """A file that belongs to a version of a contract; whoever sees the contract may fetch it."""

    scope_territory: ClassVar[str] = "contract__distributor__territory_path"
    scope_owner: ClassVar[str] = "contract__distributor__owner"

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="documents")
    blob = models.ForeignKey("core.Blob", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    content_type = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["contract", "blob"], name="profiles_document_once")]

    def __str__(self) -> str:
        return self.name

"""The groups of the distributor card beside its identity: organisation, business, cooperation, and what is dated."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.money import MoneyField
from core.scope import ScopedModel
from distributors.profiles.card.choices import RATINGS, FileKind, InvoiceKind, OutletKind, Settlement

LONG = 2000
MOST = 10_000_000
WORST, BEST = 1, 5


def _count(label: Any) -> Any:
    return models.PositiveIntegerField(label, null=True, blank=True, validators=[MaxValueValidator(MOST)])


class Versioned(ScopedModel):
    """A part of a card that two may change at once: the version is 0 until it is saved first."""

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    version = models.PositiveIntegerField(default=0, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        abstract = True


class CardGroup(Versioned):
    """A group of the card of which each distributor has one row, from the first time that somebody fills it in."""

    distributor = models.OneToOneField(
        "profiles.Distributor", on_delete=models.PROTECT, related_name="%(class)s", editable=False
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.distributor_id}"


class Organisation(CardGroup):
    """How the company works: its house rules, and who settles accounts there in which way."""

    house_rules = models.TextField(
        _("house rules"),
        blank=True,
        max_length=LONG,
        help_text=_("Whom to see first, opening hours, what to avoid."),
    )
    settlement_procedure = models.TextField(
        _("settlement procedure"),
        blank=True,
        max_length=LONG,
        help_text=_("Who checks, who signs, on which day they pay."),
    )


class Business(CardGroup):
    """What it sells to whom."""

    lines_carried = models.CharField(_("product lines carried"), max_length=600, blank=True)
    main_customers = models.TextField(
        _("main customers"), blank=True, max_length=LONG, help_text=_("The largest buyers, and what they do.")
    )


class Cooperation(CardGroup):
    """How working together began, and how it is done from day to day."""

    first_contact_on = models.DateField(_("first contact on"), null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("opened by, on our side"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    opened_with = models.ForeignKey(
        "profiles.Contact",
        verbose_name=_("opened by, on their side"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    delivery_windows = models.CharField(
        _("delivery windows"), max_length=200, blank=True, help_text=_("For example: Monday to Friday, 8 to 11.")
    )
    delivery_requirements = models.TextField(_("delivery requirements"), blank=True, max_length=LONG)
    settlement_method = models.CharField(_("settlement method"), max_length=12, choices=Settlement, blank=True)
    settlement_days = models.PositiveSmallIntegerField(
        _("settlement, days"), null=True, blank=True, validators=[MaxValueValidator(730)]
    )
    invoice_kind = models.CharField(_("kind of invoice"), max_length=12, choices=InvoiceKind, blank=True)
    settlement_contact = models.ForeignKey(
        "profiles.Contact",
        verbose_name=_("settlement contact"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(settlement_days=None) | Q(settlement_days__lte=730), name="profiles_settlement_days"
            )
        ]


def _rating(name: str) -> Any:
    label, anchors = RATINGS[name]
    return models.PositiveSmallIntegerField(
        label, null=True, blank=True, choices=anchors, validators=[MinValueValidator(WORST), MaxValueValidator(BEST)]
    )


class EarlyClass(CardGroup):
    """What a distributor without a history is judged by: six sides, each 1 to 5 by its anchors."""

    main_goods = _rating("main_goods")
    reputation = _rating("reputation")
    site = _rating("site")
    attitude = _rating("attitude")
    volume = _rating("volume")
    stock = _rating("stock")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(**{name: None}) | Q(**{f"{name}__range": (WORST, BEST)}), name=f"profiles_early_{name}"
            )
            for name in RATINGS
        ]


class OtherName(Versioned):
    """What a company is called in another language."""

    distributor = models.ForeignKey("profiles.Distributor", on_delete=models.PROTECT, related_name="other_names")
    language = models.CharField(_("language"), max_length=10)
    name = models.CharField(pgettext_lazy("of a company", "name"), max_length=160)

    class Meta:
        ordering = ["language", "pk"]
        constraints = [models.UniqueConstraint(fields=["distributor", "language"], name="profiles_name_of_language")]

    def __str__(self) -> str:
        return self.name


class BusinessFigures(Versioned):
    """What was known of the size of a company on a day; `wallet` is all it could sell of our category in a year."""

    distributor = models.ForeignKey("profiles.Distributor", on_delete=models.PROTECT, related_name="figures")
    as_of = models.DateField(_("as of"))
    turnover = MoneyField(_("own turnover a year"), null=True, blank=True)
    wallet = MoneyField(
        _("selling capacity in our category a year"),
        null=True,
        blank=True,
        help_text=_("All brands together: what it could sell of goods like ours."),
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    staff = _count(_("staff"))
    sales_staff = _count(_("sales staff"))
    warehouse_m2 = _count(_("warehouse, m²"))
    showroom_m2 = _count(_("showroom, m²"))
    vehicles = _count(_("vehicles"))

    class Meta:
        ordering = ["-as_of", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["distributor", "as_of"], name="profiles_figures_of_day"),
            models.CheckConstraint(
                condition=Q(sales_staff=None) | Q(staff=None) | Q(sales_staff__lte=F("staff")),
                name="profiles_figures_staff",
                violation_error_message=_("More sellers than staff: mend one of both."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.as_of}"


class BrandSurvey(Versioned):
    """The brands that a distributor carried on a day, each with its rough share."""

    distributor = models.ForeignKey("profiles.Distributor", on_delete=models.PROTECT, related_name="brand_surveys")
    as_of = models.DateField(_("as of"))

    class Meta:
        ordering = ["-as_of", "-pk"]
        constraints = [models.UniqueConstraint(fields=["distributor", "as_of"], name="profiles_brands_of_day")]

    def __str__(self) -> str:
        return f"{self.as_of}"


class BrandShare(ScopedModel):
    """A brand's rough share in what a distributor sells of our category, in per cent."""

    scope_territory: ClassVar[str] = "survey__distributor__territory_path"
    scope_owner: ClassVar[str] = "survey__distributor__owner"

    survey = models.ForeignKey(BrandSurvey, on_delete=models.CASCADE, related_name="shares")
    brand = models.CharField(_("brand"), max_length=80)
    share = models.DecimalField(_("share, %"), max_digits=5, decimal_places=2)
    ours = models.BooleanField(_("ours"), default=False)

    class Meta:
        ordering = ["-ours", "-share", "brand"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "brand"], name="profiles_brand_once"),
            models.CheckConstraint(condition=Q(share__range=(0, 100)), name="profiles_brand_share"),
        ]

    def __str__(self) -> str:
        return f"{self.brand} {self.share} %"


class Outlet(Versioned):
    """A place where a distributor sells to those who use the goods."""

    distributor = models.ForeignKey(
        "profiles.Distributor", verbose_name=_("distributor"), on_delete=models.PROTECT, related_name="outlets"
    )
    name = models.CharField(pgettext_lazy("of a place", "name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=OutletKind, default=OutletKind.STORE)
    address = models.CharField(_("address"), max_length=200, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    size_m2 = _count(_("size, m²"))
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["distributor", "name"], name="profiles_outlet_name"),
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(opened_on=None) | Q(closed_on__gte=F("opened_on")),
                name="profiles_outlet_days",
                violation_error_message=_("It closed before it opened: mend one of both days."),
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="profiles_outlet_where",
                violation_error_message=_("A place has a latitude and a longitude: give both or none."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("profiles:outlet-detail", args=[self.pk])


class CardFile(Versioned):
    """A paper of a company: a licence, a certificate, accounts, a photograph; whoever sees the card may fetch it."""

    distributor = models.ForeignKey("profiles.Distributor", on_delete=models.PROTECT, related_name="files")
    blob = models.ForeignKey("core.Blob", on_delete=models.PROTECT, related_name="+", editable=False)
    name = models.CharField(pgettext_lazy("of a file", "name"), max_length=120, editable=False)
    content_type = models.CharField(max_length=80, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=FileKind)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["kind", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["distributor", "blob"], name="profiles_file_once"),
            models.CheckConstraint(
                condition=Q(issued_on=None) | Q(valid_until=None) | Q(valid_until__gte=F("issued_on")),
                name="profiles_file_days",
                violation_error_message=_("It ends before it was issued: mend one of both days."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

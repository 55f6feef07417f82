"""ABC classes: policies with their versions, runs, one class per distributor and run, changes, overrides."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts.models import Territory
from core.models import Job
from core.money import MoneyField, QuantityField
from core.scope import ScopedModel
from core.sentences import Sentence
from distributors.classification.calculations import AbcPolicy
from distributors.classification.calculations.volume import volume_policy
from distributors.ledger.models import Batch, ProductLine
from distributors.profiles.models import Distributor


class AbcClass(models.TextChoices):
    """The classes by value."""

    A = "A", _("A")
    B = "B", _("B")
    C = "C", _("C")
    N = "N", _("N, new")


class VolumeGroup(models.TextChoices):
    """The groups by volume."""

    FIVE = "5", "5"
    THREE = "3", "3"
    TWO = "2", "2"
    NEW = "N", _("N, new")


class Policy(ScopedModel):
    """How one population is classified: a tier, and of it some territories or all."""

    scope_open: ClassVar[bool] = True

    name = models.CharField(_("name"), max_length=80, unique=True)
    tier = models.PositiveSmallIntegerField(
        _("tier"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(9)],
        help_text=_("Tier 1 is ranked by what it buys from us, a lower tier by what it buys from the tier above."),
    )
    territories = models.ManyToManyField(
        Territory,
        verbose_name=_("territories"),
        blank=True,
        related_name="+",
        help_text=_("Each with everything below it; none means all."),
    )
    scarce_lines = models.ManyToManyField(
        ProductLine,
        verbose_name=_("scarce goods"),
        blank=True,
        related_name="+",
        help_text=_("Product lines of which there is not enough for all; their volume is compared with the plan."),
    )

    class Meta:
        ordering = ["tier", "id"]

    def __str__(self) -> str:
        return str(self.called)

    def get_absolute_url(self) -> str:
        return f"{reverse('classification:policy')}?policy={self.pk}"

    @property
    def called(self) -> Sentence:
        """Return the name; one that the product gave is told in the language of the reader."""
        given = self.name == f"Tier {self.tier}"
        return Sentence(gettext_noop("Tier %(tier)s"), tier=self.tier) if given else Sentence(self.name)


class PolicyVersion(ScopedModel):
    """The settings of a policy from a date on; never edited, a change is a new version."""

    class Basis(models.TextChoices):
        NET_SALES = "net_sales", _("net sales")
        MARGIN = "margin", _("margin")

    scope_open: ClassVar[bool] = True

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    basis = models.CharField(_("ranked by"), max_length=10, choices=Basis, default=Basis.NET_SALES)
    cut_a = models.DecimalField(_("A up to"), max_digits=5, decimal_places=4, default=Decimal("0.70"))
    cut_b = models.DecimalField(_("B up to"), max_digits=5, decimal_places=4, default=Decimal("0.90"))
    crossing_above = models.BooleanField(_("the one that crosses a cut stays above it"), default=False)
    window_months = models.PositiveSmallIntegerField(
        _("full months counted"), default=12, validators=[MinValueValidator(1), MaxValueValidator(36)]
    )
    new_months = models.PositiveSmallIntegerField(
        _("new for"), default=3, validators=[MaxValueValidator(12)], help_text=_("Full months since the first sale.")
    )
    annualise = models.BooleanField(_("scale a short history to the whole window"), default=False)
    dynamics_margin = models.DecimalField(
        _("changes at once beyond a cut by"), max_digits=5, decimal_places=4, default=Decimal("0.02")
    )
    dynamics_periods = models.PositiveSmallIntegerField(
        _("else after so many month-ends"), default=2, validators=[MinValueValidator(1), MaxValueValidator(6)]
    )
    cut_five = models.DecimalField(_("5 up to"), max_digits=5, decimal_places=4, default=Decimal("0.50"))
    cut_three = models.DecimalField(_("3 up to"), max_digits=5, decimal_places=4, default=Decimal("0.80"))
    plan_five = models.PositiveSmallIntegerField(_("resources for 5, %"), default=50)
    plan_three = models.PositiveSmallIntegerField(_("resources for 3, %"), default=30)
    plan_two = models.PositiveSmallIntegerField(_("resources for 2, %"), default=20)
    valid_from = models.DateField(_("valid from"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="classification_version_key"),
            models.CheckConstraint(
                condition=Q(cut_a__gt=0, cut_a__lt=F("cut_b"), cut_b__lte=1), name="classification_cuts_rise"
            ),
            models.CheckConstraint(
                condition=Q(window_months__gte=1, new_months__lte=F("window_months"), dynamics_periods__gte=1),
                name="classification_months",
            ),
            models.CheckConstraint(
                condition=Q(cut_five__gt=0, cut_five__lt=F("cut_three"), cut_three__lte=1),
                name="classification_volume_cuts_rise",
            ),
            models.CheckConstraint(
                condition=Q(plan_five=100 - F("plan_three") - F("plan_two")),
                name="classification_plan_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy}, v{self.number}"

    def get_absolute_url(self) -> str:
        return self.policy.get_absolute_url()

    @property
    def rules(self) -> AbcPolicy:
        """Return the settings as the calculation takes them."""
        return AbcPolicy(
            cut_a=self.cut_a,
            cut_b=self.cut_b,
            crossing_above=self.crossing_above,
            window_months=self.window_months,
            new_months=self.new_months,
            annualise=self.annualise,
            dynamics_margin=self.dynamics_margin,
            dynamics_periods=self.dynamics_periods,
        )

    @property
    def volume_rules(self) -> AbcPolicy:
        """Return the settings of the groups by volume as the calculation takes them."""
        return volume_policy(cut_five=self.cut_five, cut_three=self.cut_three, like=self.rules)

    @property
    def plan(self) -> tuple[Decimal, ...]:
        """Return the shares of resources that the groups are to have, in the order of the groups."""
        return tuple(Decimal(part) / 100 for part in (self.plan_five, self.plan_three, self.plan_two))


class ClassRun(ScopedModel):
    """One computation of a policy as of a day: official at a month close, else the preview, of which there is one."""

    scope_open: ClassVar[bool] = True

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="runs")
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="runs")
    as_of = models.DateField(_("as of"))
    official = models.BooleanField(_("official"))
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    members = models.PositiveIntegerField(default=0)
    ranked = models.PositiveIntegerField(default=0)
    total = MoneyField(default=0)
    volume = QuantityField(default=0)
    counts = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-as_of", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "as_of"], condition=Q(official=True), name="classification_one_close"
            ),
            models.UniqueConstraint(fields=["policy"], condition=Q(official=False), name="classification_one_preview"),
            models.CheckConstraint(condition=Q(official=False) | Q(as_of__day=1), name="classification_close_day"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.as_of}"


class Cause(models.TextChoices):
    """Why a class changed."""

    FIRST = "first", _("first classification")
    HELD = "held", _("held at successive month-ends")
    JUMP = "jump", _("passed the cut clearly")
    NEW = "new", _("begin or end of being new")
    OVERRIDE = "override", _("set by hand")
    RETURNED = "returned", _("end of a class set by hand")
    LEFT = "left", _("left the population")


class Classification(ScopedModel):
    """The class of one distributor in one run.

    `raw` follows from the rank, `settled` is the fold over the raw month-ends, `effective` is in force: the settled
    class, or the one set by hand. `pending` is the class it takes at the next month-end if the raw class stays.
    """

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    run = models.ForeignKey(ClassRun, on_delete=models.PROTECT, db_index=False, related_name="classifications")
    distributor = models.ForeignKey(Distributor, on_delete=models.PROTECT, related_name="classifications")
    raw = models.CharField(_("class by rank"), max_length=1, choices=AbcClass)
    settled = models.CharField(max_length=1, choices=AbcClass)
    effective = models.CharField(_("class"), max_length=1, choices=AbcClass)
    pending = models.CharField(_("about to become"), max_length=1, choices=AbcClass, blank=True)
    cause = models.CharField(max_length=8, choices=Cause, blank=True)
    rule = models.PositiveSmallIntegerField()
    rank = models.PositiveIntegerField(_("rank"), null=True)
    basis = MoneyField(_("basis"))
    share = models.DecimalField(_("share"), max_digits=9, decimal_places=6, null=True)
    cumulative = MoneyField()
    cumulative_share = models.DecimalField(_("cumulative share"), max_digits=9, decimal_places=6, null=True)
    volume_group = models.CharField(_("group by volume"), max_length=1, choices=VolumeGroup, blank=True)
    quantity = QuantityField(_("volume"), default=0)
    volume_rank = models.PositiveIntegerField(_("rank by volume"), null=True)
    volume_share = models.DecimalField(_("share of volume"), max_digits=9, decimal_places=6, null=True)
    volume_cumulative_share = models.DecimalField(
        _("cumulative share of volume"), max_digits=9, decimal_places=6, null=True
    )
    short_history = models.BooleanField(_("short history"), default=False)
    overridden = models.BooleanField(_("set by hand"), default=False)

    class Meta:
        ordering = ["rank", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "distributor"], name="classification_run_distributor"),
        ]
        indexes = [
            models.Index(fields=["run", "rank"], name="classification_run_rank"),
            models.Index(fields=["run", "distributor"], condition=~Q(pending=""), name="classification_run_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.distributor_id} {self.effective}"


class ClassEvent(ScopedModel):
    """A change of the class in force, for whoever follows classes."""

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = models.ForeignKey(Distributor, on_delete=models.PROTECT, related_name="class_events")
    on = models.DateField(_("on"))
    before = models.CharField(_("before"), max_length=1, choices=AbcClass, blank=True)
    after = models.CharField(_("after"), max_length=1, choices=AbcClass, blank=True)
    cause = models.CharField(_("cause"), max_length=8, choices=Cause)
    run = models.ForeignKey(ClassRun, null=True, on_delete=models.PROTECT, related_name="events")

    class Meta:
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.before or '–'} → {self.after or '–'}"


class Override(ScopedModel):
    """A class set by hand, with its reason, until a day; ending it early keeps the row."""

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = models.ForeignKey(Distributor, on_delete=models.PROTECT, related_name="class_overrides")
    klass = models.CharField(_("class"), max_length=1, choices=AbcClass)
    reason = models.CharField(_("reason"), max_length=200)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    ended_on = models.DateField(_("ended early"), null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="classification_override_ends"),
            models.CheckConstraint(condition=~Q(reason=""), name="classification_override_reason"),
            models.UniqueConstraint(
                fields=["distributor", "starts_on"],
                condition=Q(ended_on=None),
                name="classification_override_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.klass} → {self.ends_on}"

    def is_on(self, day: date) -> bool:
        """Tell whether the override is in force on a day."""
        return self.starts_on <= day <= self.ends_on and (self.ended_on is None or day < self.ended_on)

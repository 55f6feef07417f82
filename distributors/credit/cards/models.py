"""The credit card: how it is weighed, what it rests on, the scores that come of it, and who confirmed it."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.models import Job
from core.money import MoneyField
from core.scope import ScopedModel
from distributors.credit.calculations.five_c import WHOLE, Weights
from distributors.credit.cards.items import CRITERIA, ENTERED_CHOICES, LEVELS, RULES, WITHIN, Criterion, Item
from distributors.ledger.models import Batch
from distributors.profiles.models import CreditGrade, Distributor

NOTE = 500
PERSON: dict[str, Any] = {"null": True, "editable": False, "on_delete": models.PROTECT, "related_name": "+"}
PARTS = [MaxValueValidator(WHOLE)]


def _part(of: Any) -> models.PositiveSmallIntegerField:
    """Return the column of a weight in parts of 10,000."""
    usual = CRITERIA[of] if isinstance(of, Criterion) else RULES[of].weight
    return models.PositiveSmallIntegerField(of.label, default=usual, validators=PARTS)


def _adds_up(level: str) -> models.CheckConstraint:
    """Return the constraint that the weights of a level make up the whole."""
    first, *others = LEVELS[level]
    rest: Any = WHOLE
    for name in others:
        rest = rest - F(name)
    return models.CheckConstraint(condition=Q(**{first: rest}), name=f"credit_policy_{level}_whole")


class CreditPolicy(ScopedModel):
    """One version of how credit cards are scored; never edited, a change is a new version.

    Weights are parts of 10,000; `judgements` keeps, by level, the comparisons that weights were made of.
    """

    scope_open: ClassVar[bool] = True

    number = models.PositiveIntegerField(_("version"), unique=True)
    character = _part(Criterion.CHARACTER)
    capacity = _part(Criterion.CAPACITY)
    capital = _part(Criterion.CAPITAL)
    collateral = _part(Criterion.COLLATERAL)
    conditions = _part(Criterion.CONDITIONS)
    punctuality = _part(Item.PUNCTUALITY)
    breaches = _part(Item.BREACHES)
    references = _part(Item.REFERENCES)
    litigation = _part(Item.LITIGATION)
    trend = _part(Item.TREND)
    turns = _part(Item.TURNS)
    margin = _part(Item.MARGIN)
    management = _part(Item.MANAGEMENT)
    registered = _part(Item.REGISTERED)
    debt = _part(Item.DEBT)
    current = _part(Item.CURRENT)
    premises = _part(Item.PREMISES)
    coverage = _part(Item.COVERAGE)
    guarantor = _part(Item.GUARANTOR)
    demand = _part(Item.DEMAND)
    outlook = _part(Item.OUTLOOK)
    concentration = _part(Item.CONCENTRATION)
    country = _part(Item.COUNTRY)
    grace_home = models.PositiveSmallIntegerField(
        _("grace at home, days"), default=5, validators=[MaxValueValidator(90)]
    )
    grace_overseas = models.PositiveSmallIntegerField(
        _("grace overseas, days"),
        default=10,
        validators=[MaxValueValidator(90)],
        help_text=_("Overseas is who trades in another currency than ours."),
    )
    plan_turns = models.DecimalField(
        _("planned inventory turns a year"),
        max_digits=5,
        decimal_places=2,
        default=6,
        validators=[MinValueValidator(0.1), MaxValueValidator(100)],
    )
    accounts_months = models.PositiveSmallIntegerField(
        _("accounts count for, months"),
        default=18,
        validators=[MinValueValidator(12), MaxValueValidator(60)],
        help_text=_("After the end of their year; older ones count as missing."),
    )
    review_months = models.PositiveSmallIntegerField(
        _("months between reviews"), default=12, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    valid_from = models.DateField(_("valid from"))
    judgements = models.JSONField(default=dict, editable=False)
    note = models.CharField(_("why"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)

    class Meta:
        ordering = ["-number"]
        constraints = [
            *(_adds_up(level) for level in LEVELS),
            models.CheckConstraint(
                condition=Q(plan_turns__gt=0, accounts_months__gte=12, review_months__gte=1),
                name="credit_policy_settings",
            ),
        ]

    def __str__(self) -> str:
        return _now("version %(number)s") % {"number": self.number}

    def get_absolute_url(self) -> str:
        return reverse("credit:policy")

    @property
    def weights(self) -> Weights:
        """Return the weights as the calculation takes them."""
        return Weights(
            criteria=tuple(getattr(self, one.value) for one in CRITERIA),
            within=tuple(tuple(getattr(self, item.value) for item in items) for items in WITHIN.values()),
        )


class Recorded(ScopedModel):
    """What somebody found out about a distributor, with what it rests on; never edited.

    A correction is a new entry, and one that was wrong is withdrawn: what counted at any moment can be found again.
    """

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    reviewed_on = models.DateField(_("reviewed on"))
    note = models.CharField(_("what it rests on"), max_length=NOTE, blank=True)
    blob = models.ForeignKey("core.Blob", null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    document = models.CharField(_("document"), max_length=120, blank=True, editable=False)
    content_type = models.CharField(max_length=80, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("reviewer"), **PERSON)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)

    class Meta:
        abstract = True


class Evidence(Recorded):
    """The score of one entered sub-criterion, until a day; the latest counts while it has not expired."""

    distributor = models.ForeignKey(
        Distributor, verbose_name=_("distributor"), on_delete=models.PROTECT, related_name="credit_evidence"
    )
    item = models.CharField(_("sub-criterion"), max_length=14, choices=ENTERED_CHOICES)
    score = models.PositiveSmallIntegerField(_("score, 0 to 100"), validators=[MaxValueValidator(100)])
    expires_on = models.DateField(_("counts until"))

    class Meta:
        ordering = ["-reviewed_on", "-pk"]
        verbose_name = _("evidence")
        indexes = [
            models.Index(fields=["distributor", "item", "-reviewed_on"], name="credit_evidence_of"),
            models.Index(fields=["expires_on"], name="credit_evidence_expiry", condition=Q(withdrawn_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["distributor", "item", "reviewed_on"],
                condition=Q(withdrawn_at=None),
                name="credit_evidence_once_a_day",
            ),
            models.CheckConstraint(condition=Q(score__lte=100), name="credit_evidence_scale"),
            models.CheckConstraint(condition=Q(expires_on__gte=F("reviewed_on")), name="credit_evidence_expires_later"),
            models.CheckConstraint(condition=~Q(note="") | Q(blob__isnull=False), name="credit_evidence_rests"),
        ]

    def __str__(self) -> str:
        return f"{self.get_item_display()} {self.score}"


class Accounts(Recorded):
    """The accounts of a distributor for a year; of one year the latest entry counts, of several years the last."""

    distributor = models.ForeignKey(
        Distributor, verbose_name=_("distributor"), on_delete=models.PROTECT, related_name="credit_accounts"
    )
    year = models.PositiveSmallIntegerField(_("year"), validators=[MinValueValidator(1990), MaxValueValidator(2200)])
    currency = models.CharField(_("currency"), max_length=3)
    registered_capital = MoneyField(_("registered capital"), null=True, blank=True)
    equity = MoneyField(_("equity"), null=True, blank=True)
    liabilities = MoneyField(_("debt"), null=True, blank=True)
    current_assets = MoneyField(_("current assets"), null=True, blank=True)
    current_liabilities = MoneyField(_("current liabilities"), null=True, blank=True)
    operating_margin = models.DecimalField(
        _("operating margin, %"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(-100), MaxValueValidator(100)],
    )
    own_premises = models.BooleanField(_("own premises"), null=True, blank=True)

    class Meta:
        ordering = ["-year", "-pk"]
        verbose_name = _("accounts")
        indexes = [models.Index(fields=["distributor", "-year", "-id"], name="credit_accounts_of")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(registered_capital=None) | Q(registered_capital__gte=0))
                & (Q(liabilities=None) | Q(liabilities__gte=0))
                & (Q(current_assets=None) | Q(current_assets__gte=0))
                & (Q(current_liabilities=None) | Q(current_liabilities__gte=0)),
                name="credit_accounts_positive",
            ),
            models.CheckConstraint(
                condition=Q(registered_capital__isnull=False)
                | Q(equity__isnull=False)
                | Q(liabilities__isnull=False)
                | Q(current_assets__isnull=False)
                | Q(current_liabilities__isnull=False)
                | Q(operating_margin__isnull=False)
                | Q(own_premises__isnull=False),
                name="credit_accounts_filled",
            ),
        ]

    def __str__(self) -> str:
        return str(self.year)


class ScoreRun(ScopedModel):
    """One scoring of all credit cards: of a month-end, kept as history, or the current one, of which there is one.

    `medians` are those of the five criteria by path of territory, in hundredths.
    """

    scope_open: ClassVar[bool] = True

    as_of = models.DateField(_("as of"))
    monthly = models.BooleanField(_("month-end"))
    policy = models.ForeignKey(CreditPolicy, on_delete=models.PROTECT, related_name="runs")
    batch = models.ForeignKey(Batch, null=True, on_delete=models.PROTECT, related_name="+")
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    members = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    medians = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)

    class Meta:
        ordering = ["-as_of", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["as_of"], condition=Q(monthly=True), name="credit_one_month_end"),
            models.UniqueConstraint(fields=["monthly"], condition=Q(monthly=False), name="credit_one_current_run"),
            models.CheckConstraint(condition=Q(monthly=False) | Q(as_of__day=1), name="credit_month_end_day"),
        ]

    def __str__(self) -> str:
        return f"{self.as_of}"


def _score(label: Any) -> models.DecimalField:
    """Return the column of a score from 0 to 100."""
    return models.DecimalField(label, max_digits=5, decimal_places=2, null=True)


class CreditScore(ScopedModel):
    """The card of one distributor in one run: score, criteria, sub-criteria, and what the ledger said."""

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    run = models.ForeignKey(ScoreRun, on_delete=models.PROTECT, db_index=False, related_name="scores")
    distributor = models.ForeignKey(Distributor, on_delete=models.PROTECT, related_name="credit_scores")
    as_of = models.DateField(_("as of"))
    scored_at = models.DateTimeField()
    score = _score(_("credit score"))
    grade = models.CharField(_("credit grade"), max_length=3, choices=CreditGrade, blank=True)
    confidence = _score(_("confidence, %"))
    provisional = models.BooleanField(_("provisional"), default=False)
    review_due = models.DateField(_("next review"), null=True)
    character = _score(Criterion.CHARACTER.label)
    capacity = _score(Criterion.CAPACITY.label)
    capital = _score(Criterion.CAPITAL.label)
    collateral = _score(Criterion.COLLATERAL.label)
    conditions = _score(Criterion.CONDITIONS.label)
    punctuality = _score(Item.PUNCTUALITY.label)
    breaches = _score(Item.BREACHES.label)
    references = _score(Item.REFERENCES.label)
    litigation = _score(Item.LITIGATION.label)
    trend = _score(Item.TREND.label)
    turns = _score(Item.TURNS.label)
    margin = _score(Item.MARGIN.label)
    management = _score(Item.MANAGEMENT.label)
    registered = _score(Item.REGISTERED.label)
    debt = _score(Item.DEBT.label)
    current = _score(Item.CURRENT.label)
    premises = _score(Item.PREMISES.label)
    coverage = _score(Item.COVERAGE.label)
    guarantor = _score(Item.GUARANTOR.label)
    demand = _score(Item.DEMAND.label)
    outlook = _score(Item.OUTLOOK.label)
    concentration = _score(Item.CONCENTRATION.label)
    country = _score(Item.COUNTRY.label)
    invoiced = MoneyField(null=True)
    on_time = MoneyField(null=True)
    breach_count = models.IntegerField(null=True)
    sales = MoneyField(null=True)
    sales_before = MoneyField(null=True)
    stock = MoneyField(null=True)
    security = MoneyField(null=True)
    exposure = MoneyField(null=True)
    demand_now = MoneyField(null=True)
    demand_before = MoneyField(null=True)
    capital_base = MoneyField(null=True)

    class Meta:
        ordering = ["-score", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "distributor"], name="credit_run_distributor"),
            models.CheckConstraint(
                condition=Q(score=None, grade="") | (Q(score__range=(0, 100)) & ~Q(grade="")),
                name="credit_score_graded",
            ),
        ]
        indexes = [
            models.Index(fields=["run", "-score", "distributor"], name="credit_run_score"),
            models.Index(fields=["run", "review_due"], name="credit_run_review"),
        ]

    def __str__(self) -> str:
        return f"{self.distributor_id} {self.grade}"


class GradeEvent(ScopedModel):
    """A change of the grade in force, for whoever follows grades."""

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = models.ForeignKey(Distributor, on_delete=models.PROTECT, related_name="grade_events")
    on = models.DateField(_("on"))
    before = models.CharField(_("before"), max_length=3, choices=CreditGrade, blank=True)
    after = models.CharField(_("after"), max_length=3, choices=CreditGrade, blank=True)
    score = _score(_("credit score"))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-on", "-pk"]

    def __str__(self) -> str:
        return f"{self.before or '–'} → {self.after or '–'}"


class CreditReview(ScopedModel):
    """That somebody went through a credit card and stands by it, and when it is to be looked at again."""

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = models.ForeignKey(Distributor, on_delete=models.PROTECT, related_name="credit_reviews")
    on = models.DateField(_("reviewed on"))
    next_on = models.DateField(_("next review"))
    grade = models.CharField(_("credit grade"), max_length=3, choices=CreditGrade, blank=True, editable=False)
    score = models.DecimalField(_("credit score"), max_digits=5, decimal_places=2, null=True, editable=False)
    note = models.CharField(_("note"), max_length=NOTE, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("reviewer"), **PERSON)

    class Meta:
        ordering = ["-on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["distributor", "on"], name="credit_review_once_a_day"),
            models.CheckConstraint(condition=Q(next_on__gt=F("on")), name="credit_review_later"),
        ]

    def __str__(self) -> str:
        return f"{self.on}"

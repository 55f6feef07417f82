"""Selection of prospects: scorecards with their weights, due diligence with its documents, risks."""

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.scope import ScopedModel
from distributors.profiles.selection.calculations import HIGHEST, LOWEST, RISK_LIMIT, THRESHOLD, WEIGHTS, WHOLE

NOTE = 500
PERCENT = [MinValueValidator(0), MaxValueValidator(100)]
RATED = [MinValueValidator(LOWEST), MaxValueValidator(HIGHEST)]
DISTRIBUTOR: dict[str, Any] = {"on_delete": models.PROTECT, "verbose_name": _("distributor")}
PERSON: dict[str, Any] = {"null": True, "editable": False, "on_delete": models.PROTECT, "related_name": "+"}


class Criterion(models.TextChoices):
    """What a scorecard rates."""

    WILLINGNESS = "willingness", _("willingness")
    ABILITY = "ability", _("operating ability")
    REPUTATION = "reputation", _("reputation and credit")
    NETWORK = "network", _("social and customer network")
    COVERAGE = "coverage", _("coverage of the territory")
    FINANCE = "finance", _("financial strength")


class SelectionPolicy(ScopedModel):
    """One version of how prospects are selected: weights that make up 100, the threshold, and the limit of a risk.

    Never edited: a change is a new version, and an assessment keeps the one that made it.
    """

    scope_open: ClassVar[bool] = True

    number = models.PositiveIntegerField(_("version"), unique=True)
    willingness = models.PositiveSmallIntegerField(_("willingness"), default=WEIGHTS["willingness"], validators=PERCENT)
    ability = models.PositiveSmallIntegerField(_("operating ability"), default=WEIGHTS["ability"], validators=PERCENT)
    reputation = models.PositiveSmallIntegerField(
        _("reputation and credit"), default=WEIGHTS["reputation"], validators=PERCENT
    )
    network = models.PositiveSmallIntegerField(
        _("social and customer network"), default=WEIGHTS["network"], validators=PERCENT
    )
    coverage = models.PositiveSmallIntegerField(
        _("coverage of the territory"), default=WEIGHTS["coverage"], validators=PERCENT
    )
    finance = models.PositiveSmallIntegerField(_("financial strength"), default=WEIGHTS["finance"], validators=PERCENT)
    threshold = models.PositiveSmallIntegerField(
        _("minimum score"),
        default=THRESHOLD,
        validators=PERCENT,
        help_text=_("Below it only a director approves. 0 asks for none."),
    )
    risk_limit = models.PositiveSmallIntegerField(
        _("limit of a risk"),
        default=RISK_LIMIT,
        validators=[MinValueValidator(2), MaxValueValidator(26)],
        help_text=_("Likelihood x impact; from it on only a director approves. 26 asks for none."),
    )
    note = models.CharField(_("why"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    willingness=WHOLE - F("ability") - F("reputation") - F("network") - F("coverage") - F("finance")
                ),
                name="profiles_selection_weights",
            ),
            models.CheckConstraint(
                condition=Q(threshold__lte=100, risk_limit__range=(2, 26)), name="profiles_selection_limits"
            ),
        ]

    def __str__(self) -> str:
        return _now("version %(number)s") % {"number": self.number}

    def get_absolute_url(self) -> str:
        return reverse("profiles:selection-policy")

    @property
    def weights(self) -> dict[str, int]:
        """Return the weights as the calculation takes them."""
        return {name: getattr(self, name) for name in WEIGHTS}


class AssessmentState(models.TextChoices):
    """Whether a scorecard is still being filled in."""

    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")


class Assessment(ScopedModel):
    """A scorecard of a distributor: a draft until it is complete and submitted, then history that does not change.

    The latest submitted one counts; a distributor has at most one draft.
    """

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = models.ForeignKey("profiles.Distributor", related_name="assessments", **DISTRIBUTOR)
    state = models.CharField(
        _("state"), max_length=10, choices=AssessmentState, default=AssessmentState.DRAFT, editable=False
    )
    policy = models.ForeignKey(
        SelectionPolicy, null=True, editable=False, on_delete=models.PROTECT, related_name="assessments"
    )
    score = models.DecimalField(_("score"), max_digits=4, decimal_places=1, null=True, editable=False)
    rated_on = models.DateField(_("rated on"), null=True, editable=False)
    rated_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("rated by"), **PERSON)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["distributor", "-id"], name="profiles_assessment_of")]
        constraints = [
            models.UniqueConstraint(
                fields=["distributor"], condition=Q(state="draft"), name="profiles_one_draft_assessment"
            ),
            models.CheckConstraint(
                condition=Q(state="draft", score=None)
                | Q(state="submitted", score__range=(0, 100), policy__isnull=False, rated_on__isnull=False),
                name="profiles_assessment_complete",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_state_display()) if self.score is None else f"{self.score}"

    def get_absolute_url(self) -> str:
        return reverse("profiles:assessment-detail", args=[self.pk])


class Rating(models.Model):
    """One criterion of a scorecard, from 1 to 5 by its written anchors, and what the rating rests on."""

    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="ratings")
    criterion = models.CharField(max_length=12, choices=Criterion)
    value = models.PositiveSmallIntegerField(null=True, validators=RATED)
    note = models.CharField(max_length=NOTE, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["assessment", "criterion"], name="profiles_rating_once"),
            models.CheckConstraint(condition=Q(value=None) | Q(value__range=(1, 5)), name="profiles_rating_scale"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.value}"


class Check(models.TextChoices):
    """The items of due diligence."""

    REGISTRATION = "registration", _("registration verified")
    LITIGATION = "litigation", _("litigation")
    ACCOUNTS = "accounts", _("three years’ accounts")
    TAX = "tax", pgettext_lazy("due diligence", "tax")
    LICENCES = "licences", _("licences")
    REFERENCES = "references", _("references")
    VISIT = "visit", _("site visit")


class CheckState(models.TextChoices):
    """What an item of due diligence found."""

    OPEN = "open", pgettext_lazy("due diligence", "open")
    CLEAR = "clear", _("clear")
    CONCERN = "concern", _("concern")
    BLOCKING = "blocking", _("blocking")


class DiligenceItem(ScopedModel):
    """One item of the due diligence on a distributor: what it found, by whom, when; without a row it is open."""

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = models.ForeignKey("profiles.Distributor", related_name="diligence", **DISTRIBUTOR)
    kind = models.CharField(_("item"), max_length=12, choices=Check)
    state = models.CharField(_("finding"), max_length=8, choices=CheckState, default=CheckState.OPEN)
    note = models.CharField(_("note"), max_length=NOTE, blank=True)
    decided_on = models.DateField(_("decided on"), null=True, editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("decided by"), **PERSON)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["distributor", "kind"], name="profiles_diligence_once"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "clear"]) | ~Q(note=""), name="profiles_diligence_noted"
            ),
            models.CheckConstraint(
                condition=Q(state="open") ^ Q(decided_on__isnull=False), name="profiles_diligence_decided"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())


class DiligenceDocument(ScopedModel):
    """A file that an item of due diligence rests on; whoever sees the item may fetch it."""

    scope_territory: ClassVar[str] = "item__distributor__territory_path"
    scope_owner: ClassVar[str] = "item__distributor__owner"

    item = models.ForeignKey(DiligenceItem, on_delete=models.PROTECT, related_name="documents")
    blob = models.ForeignKey("core.Blob", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    content_type = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["item", "blob"], name="profiles_diligence_document_once")]

    def __str__(self) -> str:
        return self.name


class Risk(ScopedModel):
    """What may go wrong with a distributor: how likely, how bad, what is done about it and by whom."""

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = models.ForeignKey("profiles.Distributor", related_name="risks", **DISTRIBUTOR)
    title = models.CharField(_("risk"), max_length=160)
    likelihood = models.PositiveSmallIntegerField(_("likelihood"), validators=RATED)
    impact = models.PositiveSmallIntegerField(_("impact"), validators=RATED)
    level = models.GeneratedField(
        expression=F("likelihood") * F("impact"), output_field=models.PositiveSmallIntegerField(), db_persist=True
    )
    mitigation = models.CharField(_("what is done about it"), max_length=NOTE, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("who sees to it"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)

    class Meta:
        ordering = ["-level", "pk"]
        indexes = [models.Index(fields=["distributor", "-level"], name="profiles_risk_of")]
        constraints = [
            models.CheckConstraint(
                condition=Q(likelihood__range=(1, 5), impact__range=(1, 5)), name="profiles_risk_scale"
            )
        ]

    def __str__(self) -> str:
        return self.title

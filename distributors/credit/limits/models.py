"""Limits and what they rest on: the rules, requests and decisions, securities, holds, checks of orders."""

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.absences import decided_by
from core.money import MoneyField, amount_text
from core.scope import ScopedModel
from distributors.credit.limits.base import DISTRIBUTOR, NOTE, PERCENT, PERSON, OfDistributor


def _days(most: int) -> list[Any]:
    return [MinValueValidator(1), MaxValueValidator(most)]


class LimitPolicy(ScopedModel):
    """One version of the rules: who approves up to which amount, for how long, and what puts an account on hold.

    Never edited: a change is a new version. Amounts are in the base currency.
    """

    scope_open: ClassVar[bool] = True

    number = models.PositiveIntegerField(_("version"), unique=True)
    manager_most = MoneyField(
        _("sales managers approve up to"), default=300_000, help_text=_("Above it, finance. 0: always finance.")
    )
    second_from = MoneyField(_("two persons above"), default=1_000_000)
    limit_days = models.PositiveSmallIntegerField(_("a limit holds at most, days"), default=400, validators=_days(1100))
    temporary_days = models.PositiveSmallIntegerField(
        _("a temporary increase at most, days"), default=90, validators=_days(365)
    )
    override_days = models.PositiveSmallIntegerField(_("an override at most, days"), default=30, validators=_days(365))
    grace_home = models.PositiveSmallIntegerField(
        _("grace at home, days"), default=5, validators=[MaxValueValidator(90)]
    )
    grace_abroad = models.PositiveSmallIntegerField(
        _("grace abroad, days"),
        default=10,
        validators=[MaxValueValidator(90)],
        help_text=_("Abroad is who trades in another currency than the base currency."),
    )
    hold_least = MoneyField(_("an overdue item holds above"), default=1_000)
    hold_share = models.PositiveSmallIntegerField(
        _("and above this share of the limit, %"), default=1, validators=PERCENT
    )
    reserve_hours = models.PositiveSmallIntegerField(
        _("a check reserves at most, hours"), default=72, validators=_days(720)
    )
    note = models.CharField(_("why"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(manager_most__gte=0, second_from__gte=F("manager_most"), hold_least__gte=0),
                name="credit_policy_amounts",
            ),
            models.CheckConstraint(
                condition=Q(hold_share__lte=100, limit_days__gte=1, temporary_days__gte=1, override_days__gte=1),
                name="credit_policy_spans",
            ),
        ]

    def __str__(self) -> str:
        return _now("version %(number)s") % {"number": self.number}

    def get_absolute_url(self) -> str:
        return reverse("credit:limit-policy")


class LimitKind(models.TextChoices):
    """A limit, or what is added to it for a time."""

    REGULAR = "regular", _("limit")
    TEMPORARY = "temporary", _("temporary increase")


class LimitState(models.TextChoices):
    """How far a request came."""

    REQUESTED = "requested", _("requested")
    APPROVED = "approved", _("approved")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


class CreditLimit(OfDistributor):
    """A limit of a distributor: asked for, decided, and in force between two dates.

    Of the approved ones the last to start holds; temporary increases are added to it while they last. `base_amount` is
    the amount at the rate of `converted_on`. Above a threshold there is a `first_by` before the one who decides.
    """

    distributor = models.ForeignKey("profiles.Distributor", related_name="credit_limits", **DISTRIBUTOR)
    kind = models.CharField(_("kind"), max_length=10, choices=LimitKind, default=LimitKind.REGULAR)
    amount = MoneyField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    base_amount = MoneyField(_("amount in base currency"), editable=False)
    converted_on = models.DateField(editable=False)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=NOTE)
    recommended = MoneyField(_("recommended"), null=True, editable=False)
    working = models.JSONField(default=dict, editable=False)
    state = models.CharField(
        _("state"), max_length=10, choices=LimitState, default=LimitState.REQUESTED, editable=False
    )
    requested_at = models.DateTimeField(_("requested at"), auto_now_add=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("requested by"), **PERSON)
    first_at = models.DateTimeField(null=True, editable=False)
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("first approved by"), **PERSON)
    first_for = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)
    decided_at = models.DateTimeField(_("decided at"), null=True, editable=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("decided by"), **PERSON)
    decided_for = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)
    note = models.CharField(_("note of the decision"), max_length=NOTE, blank=True, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["distributor", "-starts_on"], name="credit_limit_of"),
            models.Index(fields=["-id"], name="credit_limit_requested", condition=Q(state="requested")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["distributor", "kind"], condition=Q(state="requested"), name="credit_limit_one_request"
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="credit_limit_span"),
            models.CheckConstraint(condition=Q(amount__gte=0, base_amount__gte=0), name="credit_limit_amount"),
            models.CheckConstraint(
                condition=~Q(decided_by=F("requested_by"), state__in=["approved", "declined"])
                & ~Q(first_by=F("requested_by"))
                & ~Q(first_by=F("decided_by"), state="approved"),
                name="credit_limit_other_people",
            ),
            models.CheckConstraint(
                condition=Q(state="requested", decided_at=None) | (~Q(state="requested") & Q(decided_at__isnull=False)),
                name="credit_limit_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{amount_text(self.amount)} {self.currency}"

    def get_absolute_url(self) -> str:
        return reverse("credit:creditlimit-detail", args=[self.pk])

    @property
    def who(self) -> str:
        """Return who decided, with the absent person in whose place."""
        return decided_by(self.decided_by, self.decided_for) if self.decided_by else ""

    @property
    def first_who(self) -> str:
        """Return who approved first, with the absent person in whose place."""
        return decided_by(self.first_by, self.first_for) if self.first_by else ""

    def holds_on(self, day: date) -> bool:
        """Tell whether it is approved and a day lies between its dates."""
        return self.state == LimitState.APPROVED and self.starts_on <= day <= self.ends_on


class SecurityKind(models.TextChoices):
    """What secures a receivable."""

    DEPOSIT = "deposit", _("cash deposit")
    GUARANTEE = "guarantee", _("bank guarantee or letter of credit")
    INSURANCE = "insurance", _("export credit insurance")
    PROPERTY = "property", _("property")
    PERSONAL = "personal", _("personal guarantee")


class Security(OfDistributor):
    """A security of a distributor: what it is worth, what counts of it after the haircut, until when."""

    distributor = models.ForeignKey("profiles.Distributor", related_name="securities", **DISTRIBUTOR)
    reference = models.CharField(_("reference"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=SecurityKind)
    amount = MoneyField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    base_amount = MoneyField(_("amount in base currency"), editable=False)
    converted_on = models.DateField(editable=False)
    counts = models.PositiveSmallIntegerField(
        _("counts, %"),
        null=True,
        blank=True,
        validators=PERCENT,
        help_text=_("Left empty: what its kind usually does."),
    )
    holder = models.CharField(_("holder"), max_length=160, blank=True)
    starts_on = models.DateField(_("from"))
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    released_on = models.DateField(_("given back on"), null=True, editable=False)
    note = models.CharField(_("note"), max_length=NOTE, blank=True)
    blob = models.ForeignKey("core.Blob", null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=120, blank=True, editable=False)
    content_type = models.CharField(max_length=80, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)

    class Meta:
        ordering = ["expires_on", "pk"]
        indexes = [
            models.Index(fields=["distributor", "expires_on"], name="credit_security_of"),
            models.Index(fields=["expires_on"], name="credit_security_expires", condition=Q(released_on=None)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, base_amount__gte=0), name="credit_security_amount"),
            models.CheckConstraint(condition=Q(counts__lte=100), name="credit_security_counts"),
            models.CheckConstraint(
                condition=Q(expires_on=None) | Q(expires_on__gte=F("starts_on")), name="credit_security_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {amount_text(self.amount)} {self.currency}"

    def get_absolute_url(self) -> str:
        return reverse("credit:security-detail", args=[self.pk])

    @property
    def trail_text(self) -> str:
        """Return what the trail calls it: a file knows of it no more."""
        return str(self.reference)

    def holds_on(self, day: date) -> bool:
        """Tell whether it secures something on a day."""
        return (
            self.released_on is None and self.starts_on <= day and (self.expires_on is None or day <= self.expires_on)
        )


class Hold(OfDistributor):
    """A time during which rules kept an account on hold, with the figures it was set for."""

    distributor = models.ForeignKey("profiles.Distributor", related_name="credit_holds", **DISTRIBUTOR)
    overdue = models.BooleanField(_("overdue beyond grace"), default=False)
    over_limit = models.BooleanField(_("over the limit"), default=False)
    largest_late = MoneyField(_("largest item overdue"), default=0)
    exposure = MoneyField(_("exposure"), default=0)
    credit_limit = MoneyField(_("limit"), null=True)
    set_on = models.DateField(_("held since"))
    set_at = models.DateTimeField(auto_now_add=True)
    released_on = models.DateField(_("released on"), null=True)

    class Meta:
        ordering = ["-set_on", "-pk"]
        indexes = [models.Index(fields=["distributor", "-set_on"], name="credit_hold_of")]
        constraints = [
            models.UniqueConstraint(fields=["distributor"], condition=Q(released_on=None), name="credit_hold_once"),
            models.CheckConstraint(condition=Q(overdue=True) | Q(over_limit=True), name="credit_hold_reason"),
        ]

    def __str__(self) -> str:
        return _now("hold since %(day)s") % {"day": date_format(self.set_on, "SHORT_DATE_FORMAT")}


class HoldOverride(OfDistributor):
    """A signed decision to deliver in spite of a hold, until a day; it lifts the hold, not the limit."""

    distributor = models.ForeignKey("profiles.Distributor", related_name="hold_overrides", **DISTRIBUTOR)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=NOTE)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, **PERSON)
    signed_at = models.DateTimeField(_("signed at"), auto_now_add=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("signed by"), **PERSON)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["distributor"], condition=Q(ended_at=None), name="credit_override_once"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="credit_override_span"),
            models.CheckConstraint(condition=~Q(reason=""), name="credit_override_reason"),
        ]

    def __str__(self) -> str:
        return _now("override until %(day)s") % {"day": date_format(self.ends_on, "SHORT_DATE_FORMAT")}


class CreditCheck(OfDistributor):
    """The answer to "may this order go?", kept as it was given; it may reserve its amount until a moment."""

    distributor = models.ForeignKey("profiles.Distributor", related_name="credit_checks", **DISTRIBUTOR)
    amount = MoneyField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    base_amount = MoneyField(_("amount in base currency"))
    order_number = models.CharField(_("order"), max_length=60, blank=True)
    approved = models.BooleanField(_("approved"))
    reasons = models.CharField(_("reasons"), max_length=100, blank=True)
    receivable = MoneyField(_("receivable"))
    ordered = MoneyField(_("ordered, not invoiced"))
    prepaid = MoneyField(_("paid in advance"))
    acceptances = MoneyField(_("bank acceptances not due"))
    reserved = MoneyField(_("reserved"))
    exposure = MoneyField(_("exposure"))
    credit_limit = MoneyField(_("limit"), null=True)
    headroom = MoneyField(_("headroom"))
    pays_before = models.BooleanField(_("pays before delivery"))
    on = models.DateField(_("date"))
    asked_at = models.DateTimeField(_("asked at"), auto_now_add=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("asked by"), **PERSON)
    key = models.CharField(max_length=120, blank=True, editable=False)
    valid_until = models.DateTimeField(_("valid until"), null=True)
    reserved_until = models.DateTimeField(_("reserved until"), null=True)
    released_at = models.DateTimeField(_("reservation released at"), null=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["distributor", "-id"], name="credit_check_of"),
            models.Index(
                fields=["distributor", "reserved_until"],
                name="credit_check_reserved",
                condition=Q(reserved_until__isnull=False, released_at=None),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["asked_by", "key"], condition=~Q(key=""), name="credit_check_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="credit_check_amount"),
            models.CheckConstraint(
                condition=Q(approved=True, reasons="", headroom__gte=0)
                | (Q(approved=False, reserved_until=None) & ~Q(reasons="")),
                name="credit_check_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{amount_text(self.amount)} {self.currency}"

    def get_absolute_url(self) -> str:
        return reverse("credit:creditcheck-detail", args=[self.pk])

    @property
    def reason_list(self) -> list[str]:
        """Return the codes of the reasons."""
        return self.reasons.split(",") if self.reasons else []

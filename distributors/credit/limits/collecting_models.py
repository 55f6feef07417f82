"""What is promised and contested, and how distributors were reminded."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.money import MoneyField, amount_text
from distributors.credit.limits.base import DISTRIBUTOR, NOTE, PERSON, OfDistributor


class Promise(OfDistributor):
    """A payment that a distributor promised; whether it was kept follows from the payments up to its day."""

    distributor = models.ForeignKey("profiles.Distributor", related_name="credit_promises", **DISTRIBUTOR)
    amount = MoneyField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    base_amount = MoneyField(_("amount in base currency"), editable=False)
    made_on = models.DateField(_("promised on"), editable=False)
    due_on = models.DateField(_("to be paid by"))
    note = models.CharField(_("note"), max_length=NOTE, blank=True)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("entered by"), **PERSON)

    class Meta:
        ordering = ["-due_on", "-pk"]
        indexes = [models.Index(fields=["distributor", "-due_on"], name="credit_promise_of")]
        constraints = [
            models.UniqueConstraint(
                fields=["distributor", "due_on", "amount", "currency", "made_on"],
                condition=Q(withdrawn_at=None),
                name="credit_promise_once",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="credit_promise_amount"),
            models.CheckConstraint(condition=Q(due_on__gte=F("made_on")), name="credit_promise_span"),
        ]

    def __str__(self) -> str:
        return f"{amount_text(self.amount)} {self.currency}"


class Dispute(OfDistributor):
    """An invoice that a distributor contests: who raised it and why, who settled it and how.

    It names the invoice by source and number, as the ledger keeps it in revisions.
    """

    distributor = models.ForeignKey("profiles.Distributor", related_name="credit_disputes", **DISTRIBUTOR)
    source = models.ForeignKey("ledger.Source", on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("invoice"), max_length=60)
    reason = models.CharField(_("reason"), max_length=NOTE)
    raised_on = models.DateField(_("raised on"), editable=False)
    raised_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("raised by"), **PERSON)
    settled_on = models.DateField(_("settled on"), null=True, editable=False)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("settled by"), **PERSON)
    outcome = models.CharField(_("outcome"), max_length=NOTE, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["distributor", "-id"], name="credit_dispute_of")]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "number"], condition=Q(settled_on=None), name="credit_dispute_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="credit_dispute_reason"),
            models.CheckConstraint(
                condition=Q(settled_on=None, outcome="") | (Q(settled_on__isnull=False) & ~Q(outcome="")),
                name="credit_dispute_outcome",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Reminder(OfDistributor):
    """A reminder that was sent: its stage, how, and what was overdue."""

    class Way(models.TextChoices):
        PHONE = "phone", _("phone")
        MESSAGE = "message", _("message or e-mail")
        LETTER = "letter", _("letter")
        VISIT = "visit", pgettext_lazy("way of a reminder", "visit")

    distributor = models.ForeignKey("profiles.Distributor", related_name="credit_reminders", **DISTRIBUTOR)
    stage = models.PositiveSmallIntegerField(_("stage"), validators=[MinValueValidator(1), MaxValueValidator(4)])
    way = models.CharField(_("how"), max_length=8, choices=Way, default=Way.PHONE)
    note = models.CharField(_("note"), max_length=NOTE, blank=True)
    overdue = MoneyField(_("overdue"), editable=False)
    days_late = models.PositiveIntegerField(_("days late"), editable=False)
    sent_on = models.DateField(_("sent on"), editable=False)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("sent by"), **PERSON)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["distributor", "-id"], name="credit_reminder_of")]
        constraints = [
            models.UniqueConstraint(fields=["distributor", "sent_on", "stage", "way"], name="credit_reminder_once"),
            models.CheckConstraint(condition=Q(stage__range=(1, 4)), name="credit_reminder_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.stage}"

"""The company, the audit trail, jobs, schedules and stored files."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedModel


class Company(models.Model):
    """The manufacturer this installation serves."""

    name = models.CharField(_("name"), max_length=120, default="Qudao")
    base_currency = models.CharField(_("base currency"), max_length=3, default="CNY")
    time_zone = models.CharField(_("time zone"), max_length=60, default="Asia/Shanghai")
    fiscal_start_month = models.PositiveSmallIntegerField(
        _("fiscal year starts in month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    rate_kind = models.CharField(
        _("kind of exchange rate"),
        max_length=8,
        default="average",
        choices=[("average", _("day's average")), ("close", _("end of day"))],
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="core_one_company")]

    def __str__(self) -> str:
        return self.name


class AuditEvent(models.Model):
    """What happened, to what, by whom; written in the transaction of the change and never edited."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=80, blank=True)
    verb = models.CharField(max_length=60)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=40)
    target_text = models.CharField(max_length=200)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    note = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["target_type", "target_id", "at"], name="core_audit_target")]

    def __str__(self) -> str:
        return f"{self.verb} {self.target_text}"


class Job(ScopedModel):
    """One piece of long work; the row is the truth, the broker only a signal."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    scope_owner: ClassVar[str] = "created_by"

    kind = models.CharField(_("kind"), max_length=60)
    title = models.CharField(_("title"), max_length=200, blank=True)
    args = models.JSONField(default=dict)
    key = models.CharField(max_length=120, null=True, unique=True)  # noqa: DJ001  null: no key, never equal to another
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="jobs")
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    message = models.CharField(max_length=200, blank=True)
    place = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    cancel_requested = models.BooleanField(default=False)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["created_at"], name="core_job_open", condition=Q(state__in=["queued", "running"])),
            models.Index(fields=["created_by", "-created_at"], name="core_job_owner"),
        ]

    def __str__(self) -> str:
        return self.title or self.kind

    def get_absolute_url(self) -> str:
        return reverse("core:job", args=[self.pk])

    @property
    def is_open(self) -> bool:
        """Tell whether the job may still do something."""
        return self.state in {self.State.QUEUED, self.State.RUNNING}

    @property
    def percent(self) -> int | None:
        """Return the share done in whole percent, or None while the total is not known."""
        return min(100, 100 * self.done // self.total) if self.total else None


class Schedule(models.Model):
    """When a declared piece of work is due each day, and the last due time that was served."""

    name = models.CharField(max_length=60, unique=True)
    at = models.TimeField()
    active = models.BooleanField(default=True)
    last_due = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Blob(models.Model):
    """The bytes of a stored file, once per content."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    path = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sha256[:12]


class IdempotencyKey(models.Model):
    """The answer to a write of a machine, kept so that the same request again gets the same answer."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    answer = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="core_idempotency_key")]

    def __str__(self) -> str:
        return self.key

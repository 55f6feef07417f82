"""The company, the audit trail, jobs, schedules and stored files."""

from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.periods import FiscalCalendar
from core.scope import ScopedModel, ScopedQuerySet
from core.sentences import SentenceField


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
    cut_off_day = models.PositiveSmallIntegerField(
        _("cut-off day"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(28)]
    )
    go_live_on = models.DateField(_("go-live date"), null=True, blank=True)
    default_language = models.CharField(_("language of new people"), max_length=10, default="en")
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(null=True, editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="core_one_company"),
            models.CheckConstraint(
                condition=Q(cut_off_day=None) | Q(cut_off_day__range=(1, 28)), name="core_company_cut_off"
            ),
            models.CheckConstraint(condition=Q(fiscal_start_month__range=(1, 12)), name="core_company_fiscal_start"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def fiscal(self) -> FiscalCalendar:
        """Return the fiscal calendar."""
        return FiscalCalendar(self.fiscal_start_month, self.cut_off_day)


class AuditEvent(ScopedModel):
    """What happened, to what, by whom; written in the transaction of the change and never edited."""

    scope_open: ClassVar[bool] = True

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    origin = models.CharField(max_length=80, blank=True)
    verb = models.CharField(max_length=60)
    target_type = models.CharField(max_length=60)
    target_id = models.CharField(max_length=40)
    target_text = models.CharField(max_length=200)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    note = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["target_type", "target_id", "at"], name="core_audit_target"),
            models.Index(fields=["actor", "-at"], name="core_audit_actor"),
            models.Index(fields=["verb", "-at"], name="core_audit_verb"),
            models.Index(fields=["target_type", "-at"], name="core_audit_type"),
        ]

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
    title = SentenceField(_("title"), blank=True)
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
    message = SentenceField(blank=True)
    place = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    error = SentenceField(blank=True)
    cancel_requested = models.BooleanField(default=False)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["created_at"], name="core_job_open", condition=Q(state__in=["queued", "running"])),
            models.Index(fields=["created_by", "-created_at"], name="core_job_owner"),
        ]

    def __str__(self) -> str:
        return str(self.title or self.kind)

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

    @property
    def took(self) -> timedelta | None:
        """Return the time from its first begin to its end, or None where it has not both."""
        return self.finished_at - self.started_at if self.finished_at and self.started_at else None


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


class SearchTerm(models.Model):
    """One term that a record can be found by."""

    pk = models.CompositePrimaryKey("kind", "object_id", "term")

    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    term = models.CharField(max_length=40)

    class Meta:
        indexes = [
            models.Index(
                fields=["kind", "term", "object_id"],
                opclasses=["varchar_ops", "varchar_pattern_ops", "int8_ops"],
                name="core_searchterm_term",
            )
        ]

    def __str__(self) -> str:
        return self.term


class SavedViewQuerySet(ScopedQuerySet):
    """Saved views."""

    def visible_to(self, user: Any, action: str = "view") -> Self:
        """Return one's own, to look at also those shared with one, and to change all shared ones where one may."""
        reach = user.reach(f"core.{action}_savedview")
        if reach is None:
            return self.none()
        reached = Q(owner=user.pk)
        if action == "view":
            reached |= Q(shared_with__in=(SavedView.EVERYBODY, user.role))
        if reach.everything:
            reached |= ~Q(shared_with="")
        return self.filter(reached)


class SavedView(ScopedModel):
    """A list as somebody likes to see it: filter, order and columns under a name."""

    EVERYBODY = "*"
    scope_owner: ClassVar[str] = "owner"
    objects: ClassVar[Any] = SavedViewQuerySet.as_manager()

    section = models.CharField(max_length=80)
    name = models.CharField(_("name"), max_length=60)
    query = models.TextField(blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    shared_with = models.CharField(_("shared with"), max_length=12, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["section", "owner", "name"], name="core_savedview_name"),
        ]

    def __str__(self) -> str:
        return self.name


class FirstView(models.Model):
    """The view with which a list begins for a person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    section = models.CharField(max_length=80)
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="first_for")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "section"], name="core_one_first_view")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.section}"


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


class Snooze(models.Model):
    """An item of "Needs you" that one person put aside until a day, and why."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=120)
    until = models.DateField()
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="core_snoozed_once")]

    def __str__(self) -> str:
        return self.key

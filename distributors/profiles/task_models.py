"""Tasks: what one person is to do until a day."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedModel
from distributors.profiles.querysets import TaskQuerySet


class TaskState(models.TextChoices):
    """What became of a task."""

    OPEN = "open", _("open")
    DONE = "done", _("done")
    DROPPED = "dropped", _("dropped")


class Task(ScopedModel):
    """Something one person is to do until a day, mostly about a distributor; `source` says where it came from."""

    class Source(models.TextChoices):
        PERSON = "person", _("entered by a person")
        REST = "rest", _("another system")

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "owner"

    objects: ClassVar[Any] = TaskQuerySet.as_manager()

    distributor = models.ForeignKey(
        "profiles.Distributor",
        verbose_name=_("distributor"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
    )
    title = models.CharField(_("what is to be done"), max_length=160)
    note = models.TextField(_("note"), blank=True, max_length=4000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("whose task"), on_delete=models.PROTECT, related_name="tasks"
    )
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=8, choices=TaskState, default=TaskState.OPEN, editable=False)
    source = models.CharField(_("source"), max_length=12, choices=Source, default=Source.PERSON, editable=False)
    ended_on = models.DateField(_("ended on"), null=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
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
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["owner", "due_on"], name="profiles_task_open", condition=Q(state="open")),
            models.Index(fields=["distributor", "state", "due_on"], name="profiles_task_distributor"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state="open") ^ Q(ended_on__isnull=False), name="profiles_task_ended")
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("profiles:task-detail", args=[self.pk])

"""Changes of many distributors at once, kept so that just these can be undone."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedModel


class BulkChange(ScopedModel):
    """What somebody did to many distributors at once: reassigned them, or moved them on in their life."""

    class Kind(models.TextChoices):
        REASSIGN = "reassign", _("Reassign")
        MOVE = "move", _("Move on")

    scope_owner: ClassVar[str] = "created_by"

    kind = models.CharField(max_length=10, choices=Kind)
    move = models.CharField(max_length=20, blank=True)
    starts_on = models.DateField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        said = ngettext("%(action)s: %(count)s distributor", "%(action)s: %(count)s distributors", self.count)
        return said % {"action": gettext(self.get_kind_display()), "count": f"{self.count:,}"}

    def get_absolute_url(self) -> str:
        return reverse("profiles:bulkchange-undo", args=[self.pk])


class BulkCover(models.Model):
    """Who covered one distributor before a change and who does by it, both from the month of the change on.

    `had` tells whether an assignment started in that very month, with its own reason and maker; else what held then
    had started before, and territory is empty where nobody covered it.
    """

    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="covers")
    distributor = models.ForeignKey("profiles.Distributor", on_delete=models.PROTECT, related_name="+")
    had = models.BooleanField(default=False)
    territory = models.ForeignKey("accounts.Territory", null=True, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    to_territory = models.ForeignKey("accounts.Territory", on_delete=models.PROTECT, related_name="+")
    to_owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "distributor"], name="profiles_bulk_cover_once"),
        ]

    def __str__(self) -> str:
        return f"{self.change_id}: {self.distributor_id}"


class BulkMove(models.Model):
    """One move of a change of many, and the move by which it was undone."""

    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="moves")
    moved = models.OneToOneField("profiles.LifecycleChange", on_delete=models.PROTECT, related_name="in_bulk")
    undoing = models.OneToOneField(
        "profiles.LifecycleChange", null=True, on_delete=models.PROTECT, related_name="undoes_bulk"
    )

    def __str__(self) -> str:
        return f"{self.change_id}: {self.moved_id}"

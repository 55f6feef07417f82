"""Mappings of files that are kept."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedModel


class ImportProfile(ScopedModel):
    """A mapping kept for the next file of the same make: which column becomes which field, as TOML."""

    scope_open: ClassVar[bool] = True

    kind = models.CharField(_("kind"), max_length=20)
    name = models.CharField(_("name"), max_length=80)
    source = models.CharField(_("source"), max_length=40, blank=True)
    text = models.TextField(_("mapping"))
    header = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        ordering = ["kind", "name"]
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="ledger_profile_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("ledger:importprofile-detail", args=[self.pk])

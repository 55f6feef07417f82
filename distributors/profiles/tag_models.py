"""Tags: words of a company's own by which distributors are put together, and the changes of many that can be undone."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedModel

LONGEST = 40


class Tag(ScopedModel):
    """A word that distributors carry; `key` is the name as it is compared, whatever its case and width."""

    scope_open: ClassVar[bool] = True

    name = models.CharField(_("name"), max_length=LONGEST)
    key = models.CharField(max_length=LONGEST, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("profiles:tag-detail", args=[self.pk])


class Tagging(ScopedModel):
    """That a distributor carries a tag: who put it there, and when."""

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = models.ForeignKey("profiles.Distributor", on_delete=models.PROTECT, related_name="taggings")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="taggings")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["tag__key"]
        constraints = [models.UniqueConstraint(fields=["tag", "distributor"], name="profiles_tagged_once")]

    def __str__(self) -> str:
        return f"{self.distributor_id} {self.tag_id}"


class TagChange(ScopedModel):
    """One change of the tags of many distributors, kept so that just this can be undone."""

    scope_owner: ClassVar[str] = "created_by"

    adds = models.BooleanField()
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{'+' if self.adds else '-'} {self.created_at:%F %T}"

    def get_absolute_url(self) -> str:
        return reverse("profiles:tagchange-undo", args=[self.pk])


class TagChangePair(models.Model):
    """One tag that one distributor was given, or lost, by a change."""

    change = models.ForeignKey(TagChange, on_delete=models.CASCADE, related_name="pairs")
    distributor = models.ForeignKey("profiles.Distributor", on_delete=models.PROTECT, related_name="+")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.change_id}: {self.distributor_id} {self.tag_id}"

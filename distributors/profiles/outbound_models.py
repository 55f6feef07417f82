"""What other systems must act on, who reads it, and what each reader has acknowledged."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedModel
from distributors.profiles.querysets import OutboundQuerySet


class OutboundMessage(ScopedModel):
    """One thing that happened and that other systems must act on; never changed, removed once all have acted.

    Its `number` is its place in the feed, given once it is committed (ADR 011). Without a distributor it is about the
    company. `data` names no row of another scope; `other` is a second distributor, for who may see it.
    """

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    objects: ClassVar[Any] = OutboundQuerySet.as_manager()

    number = models.PositiveBigIntegerField(_("number"), null=True, unique=True)
    kind = models.CharField(_("kind"), max_length=40)
    distributor = models.ForeignKey(
        "profiles.Distributor",
        verbose_name=_("distributor"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    other = models.ForeignKey("profiles.Distributor", null=True, on_delete=models.PROTECT, related_name="+")
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("happened"), auto_now_add=True)

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["id"], name="profiles_outbound_new", condition=models.Q(number=None)),
            models.Index(fields=["created_at"], name="profiles_outbound_at"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind}"


class OutboundReader(ScopedModel):
    """An API client that acts on the messages after the one numbered `begins_after`; they are kept until it has."""

    scope_open: ClassVar[bool] = True

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    begins_after = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.user)


class OutboundReceipt(models.Model):
    """That a reader has acted on a message, and when it said so."""

    reader = models.ForeignKey(OutboundReader, on_delete=models.CASCADE, related_name="receipts")
    message = models.ForeignKey(OutboundMessage, on_delete=models.CASCADE, related_name="receipts")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "message"], name="profiles_outbound_receipt")]

    def __str__(self) -> str:
        return f"{self.reader_id} {self.message_id}"

"""What one person was told, and the e-mails that said it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedModel
from core.sentences import SentenceField


class DigestMail(models.Model):
    """One e-mail with what one person has not read; it is taken up once, and marked when the server took it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="accounts_one_digest_a_day")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.day}"


class Notification(ScopedModel):
    """Something one person should hear of, said once for each `key`."""

    class Kind(models.TextChoices):
        JOB = "job", _("job")
        CLASS = "class", _("class")
        TASK = "task", _("task")
        DECISION = "decision", _("decision")
        ABSENCE = "absence", _("absence")
        CONTRACT = "contract", _("contract")
        HANDOVER = "handover", _("hand-over")

    scope_owner: ClassVar[str] = "user"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=10, choices=Kind)
    said = SentenceField()
    url = models.CharField(max_length=200)
    key = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    mail = models.ForeignKey(DigestMail, null=True, on_delete=models.SET_NULL, related_name="notifications")

    class Meta:
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["user", "-id"], name="accounts_told"),
            models.Index(fields=["user"], name="accounts_unread", condition=Q(read_at=None)),
        ]
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="accounts_notified_once")]

    def __str__(self) -> str:
        return str(self.said)

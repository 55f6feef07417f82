"""The drop folder: what its files are, and each file that was seen in it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedModel
from core.sentences import SentenceField


class DropRule(ScopedModel):
    """How files of the drop folder are read whose names fit a pattern."""

    scope_open: ClassVar[bool] = True

    pattern = models.CharField(_("files named"), max_length=120)
    kind = models.CharField(_("are read as"), max_length=20)
    profile = models.ForeignKey(
        "ledger.ImportProfile",
        verbose_name=_("with the mapping"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="drop_rules",
    )
    good_only = models.BooleanField(_("good rows only"), default=False)
    active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(_("changed"), editable=False)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["pattern"]
        constraints = [
            models.UniqueConstraint(
                Lower("pattern"),
                name="ledger_drop_pattern",
                violation_error_message=_("There is a row for this pattern already; change that one."),
            )
        ]

    def __str__(self) -> str:
        return self.pattern


class DropFile(ScopedModel):
    """One file that lay in the drop folder, from the moment it was seen until it is put away.

    `size` and `modified` (in nanoseconds) are as they were seen last, `seen_at` is when they were seen so first: a
    file that stays the same long enough is complete. The row is the truth, the place of the file follows from it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        UNKNOWN = "unknown", _("nobody has said what it is")
        TAKING = "taking", _("being read")
        TAKEN = "taken", _("being imported")
        DONE = "done", _("imported")
        REFUSED = "refused", _("refused")

    scope_open: ClassVar[bool] = True

    name = models.CharField(_("file"), max_length=500)
    size = models.BigIntegerField(_("size"))
    modified = models.BigIntegerField()
    seen_at = models.DateTimeField()
    first_seen_at = models.DateTimeField(_("seen"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    rule = models.ForeignKey(DropRule, null=True, on_delete=models.PROTECT, related_name="+")
    import_file = models.OneToOneField("ledger.Import", null=True, on_delete=models.PROTECT, related_name="drop_file")
    why = SentenceField(blank=True)
    kept_as = models.CharField(max_length=600, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(state__in=["waiting", "unknown"]), name="ledger_drop_lies_once"
            )
        ]
        indexes = [models.Index(fields=["state", "-id"], name="ledger_drop_state")]

    def __str__(self) -> str:
        return self.name


class DropLook(models.Model):
    """When the folder was looked at last, and what stood against it; one row."""

    looked_at = models.DateTimeField()
    trouble = SentenceField(blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="ledger_one_look")]

    def __str__(self) -> str:
        return str(self.looked_at)

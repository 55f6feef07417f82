"""What the tables of limits share: the row of a distributor, seen with it."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedModel
from distributors.profiles.models import Standing

NOTE = 500
PERCENT = [MinValueValidator(0), MaxValueValidator(100)]
DISTRIBUTOR: dict[str, Any] = {"on_delete": models.PROTECT, "verbose_name": _("distributor")}
PERSON: dict[str, Any] = {"null": True, "editable": False, "on_delete": models.PROTECT, "related_name": "+"}


class OfDistributor(ScopedModel):
    """A row about one distributor, seen with it."""

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    class Meta:
        abstract = True


def account_lock(distributor_id: int) -> None:
    """Hold the account of a distributor until the transaction ends; on SQLite every writer is alone already."""
    rows = Standing.objects.filter(pk=distributor_id)
    if connection.features.has_select_for_no_key_update:
        rows = rows.select_for_update(no_key=True)
    rows.values_list("pk").first()

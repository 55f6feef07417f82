"""What our goods cost at retail: a price seen at a place on a day."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.money import MoneyField
from core.scope import ScopedModel


class RetailPrice(ScopedModel):
    """A price of a product that somebody saw where a distributor sells; a wrong one is removed."""

    scope_territory: ClassVar[str] = "distributor__territory_path"
    scope_owner: ClassVar[str] = "distributor__owner"

    distributor = models.ForeignKey("profiles.Distributor", on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey("ledger.Product", verbose_name=_("product"), on_delete=models.PROTECT, related_name="+")
    place = models.CharField(
        _("where"), max_length=120, blank=True, help_text=_("The outlet or shop; empty: at the distributor itself.")
    )
    price = MoneyField(_("price"))
    currency = models.CharField(_("currency"), max_length=3)
    seen_on = models.DateField(_("seen on"))
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-seen_on", "-pk"]
        indexes = [models.Index(fields=["distributor", "product", "seen_on"], name="ledger_retail_price_of")]
        constraints = [
            models.UniqueConstraint(
                fields=["distributor", "product", "place", "seen_on"], name="ledger_retail_price_once"
            ),
            models.CheckConstraint(condition=Q(price__gt=0), name="ledger_retail_price_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.seen_on} {self.place}".strip()

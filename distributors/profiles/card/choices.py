"""The words that parts of the card are chosen from, and the anchors of the early class."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Settlement(models.TextChoices):
    """How a distributor pays."""

    PREPAID = "prepaid", _("paid in advance")
    DELIVERY = "delivery", _("on delivery")
    TRANSFER = "transfer", _("bank transfer on account")
    ACCEPTANCE = "acceptance", _("bank acceptance")
    DOCUMENTS = "documents", _("against documents")
    MIXED = "mixed", _("part in advance, part on account")


class InvoiceKind(models.TextChoices):
    """Which invoice a distributor needs."""

    VAT_SPECIAL = "vat_special", _("special VAT invoice")
    VAT_ORDINARY = "vat_ordinary", _("ordinary VAT invoice")
    COMMERCIAL = "commercial", _("commercial invoice")
    NONE = "none", _("no invoice")


class OutletKind(models.TextChoices):
    """What an outlet is."""

    STORE = "store", _("shop")
    COUNTER = "counter", _("counter in another shop")
    SHOWROOM = "showroom", _("showroom")
    SERVICE = "service", _("service point")
    ONLINE = "online", _("online shop")
    OTHER = "other", _("other")


class FileKind(models.TextChoices):
    """What a file of the card shows."""

    LICENCE = "licence", _("business licence")
    TAX = "tax", _("tax certificate")
    ACCOUNTS = "accounts", _("accounts")
    PHOTO = "photo", _("photograph")
    OTHER = "other", _("other")


def _anchors(*texts: Any) -> tuple[tuple[int, Any], ...]:
    return tuple(enumerate(texts, 1))


# Name -> (label, anchors from 1 to 5).
RATINGS: dict[str, tuple[Any, tuple[tuple[int, Any], ...]]] = {
    "main_goods": (
        _("main goods"),
        _anchors(
            _("1: other goods altogether"),
            _("2: ours would stand at the edge"),
            _("3: goods of our trade among others"),
            _("4: mostly goods of our trade"),
            _("5: goods of our trade only, of our level"),
        ),
    ),
    "reputation": (
        _("reputation"),
        _anchors(
            _("1: complaints and broken promises are known"),
            _("2: colleagues warn of it"),
            _("3: unknown, nothing against it"),
            _("4: customers speak well of it"),
            _("5: the first name in its town"),
        ),
    ),
    "site": (
        _("site and area"),
        _anchors(
            _("1: hard to find, no room"),
            _("2: side street, little room"),
            _("3: in the trade street, enough room"),
            _("4: good place, showroom and warehouse"),
            _("5: the best place, room to grow"),
        ),
    ),
    "attitude": (
        _("attitude"),
        _anchors(
            _("1: wants nothing from us"),
            _("2: listens, promises nothing"),
            _("3: would try a few goods"),
            _("4: asks for terms and training"),
            _("5: sets people and money aside for us"),
        ),
    ),
    "volume": (
        _("volume"),
        _anchors(
            _("1: far below our smallest distributor"),
            _("2: like our smallest ones"),
            _("3: like the middle of our distributors"),
            _("4: like our large ones"),
            _("5: above our largest one of the region"),
        ),
    ),
    "stock": (
        _("stock"),
        _anchors(
            _("1: keeps none, orders piece by piece"),
            _("2: a few pieces"),
            _("3: two weeks of sales"),
            _("4: a month of sales, kept in order"),
            _("5: six weeks and more, counted and renewed"),
        ),
    ),
}

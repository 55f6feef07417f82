"""Prices seen at retail: noted, and removed where they were wrong."""

import re
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from accounts.models import User
from core import audit, clock
from core.errors import DomainError
from core.sentences import Sentence
from distributors.ledger.models import Product, RetailPrice
from distributors.profiles.models import Distributor

CURRENCY = re.compile("^[A-Z]{3}$")


@transaction.atomic
def retail_price_add(
    *,
    actor: User,
    distributor: Distributor,
    product: Product,
    price: Decimal,
    currency: str,
    seen_on: date,
    place: str = "",
) -> RetailPrice:
    """Note a price that was seen; raise DomainError for one that cannot be, or that is noted already."""
    if not Distributor.objects.filter(pk=distributor.pk, merged_into=None).exists():
        raise DomainError(Sentence(_("This card is merged into another one; undo the merge first.")))
    if price <= 0:
        raise DomainError(Sentence(_("A price lies above zero.")), "price")
    if not CURRENCY.match(currency):
        raise DomainError(Sentence(_("Write the currency as three letters, such as CNY.")), "currency")
    if seen_on > clock.today():
        raise DomainError(Sentence(_("This day is still to come.")), "seen_on")
    fields = {"product": product, "place": place.strip(), "price": price, "currency": currency, "seen_on": seen_on}
    try:
        with transaction.atomic():
            made: RetailPrice = RetailPrice.objects.create(distributor_id=distributor.pk, created_by=actor, **fields)
    except IntegrityError as error:
        taken = _("The price of this product at this place is noted for this day already; remove that one first.")
        raise DomainError(Sentence(taken), "seen_on") from error
    _was, now = audit.changes({}, fields)
    audit.record(actor=actor, verb="price.seen", target=distributor, after={k: v for k, v in now.items() if v})
    return made


@transaction.atomic
def retail_price_remove(*, actor: User, row: RetailPrice) -> None:
    """Remove a price; the trail says which."""
    gone, _models = RetailPrice.objects.filter(pk=row.pk).delete()
    if gone:
        before = {"product": str(row.product), "price": f"{row.price} {row.currency}", "seen_on": str(row.seen_on)}
        audit.record(actor=actor, verb="price.removed", target=row.distributor, before=before)

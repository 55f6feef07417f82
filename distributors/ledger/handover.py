"""The last and the open orders of distributors, for the sheet of who takes them over."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.money import amount_text
from distributors.ledger.records import Order

LATEST = 5


def order_blocks(user: Any, ids: Sequence[int], as_of: date) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield for each distributor the block of its orders: the latest, and the oldest that are open."""
    rows = Order.objects.visible_to(user).current().by_account(ids).filter(day__lte=as_of)
    latest = Window(RowNumber(), partition_by=F("account"), order_by=(F("day").desc(), F("pk").desc()))
    oldest = Window(RowNumber(), partition_by=F("account"), order_by=(F("day"), F("pk")))
    ways = (
        (_("Last orders"), rows.annotate(place=latest)),
        (_("Oldest open orders"), rows.filter(state=Order.State.OPEN).annotate(place=oldest)),
    )
    for title, asked in ways:
        found: dict[int, list[str]] = {}
        for row in asked.filter(place__lte=LATEST).order_by("account", "place"):
            found.setdefault(row.account, []).append(_order_text(row))
        for pk, texts in found.items():
            yield pk, {"title": title, "rows": texts}


def _order_text(order: Order) -> str:
    parts = [order.external_id, date_format(order.day, "DATE_FORMAT"), str(order.get_state_display())]
    if order.state == Order.State.OPEN:
        parts.append(
            _("%(amount)s %(currency)s not invoiced")
            % {"amount": amount_text(order.open_amount), "currency": order.currency}
        )
    return " · ".join(parts)

"""The orders of a distributor on its timeline."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.company import company
from core.contributors import Event
from core.money import amount_text
from distributors.ledger.models import LineKind, SaleLine

DAYS = timedelta(days=90)
ROWS = 60


def order_events(user: Any, distributor_ids: Sequence[int], as_of: date) -> list[Event]:
    """Return the orders of the last 90 days of the given distributors that the user may see, one event each."""
    if user.reach("ledger.view_saleline") is None:
        return []
    rows = (
        SaleLine.objects.visible_to(user)
        .current()
        .filter(distributor__in=distributor_ids, day__gt=as_of - DAYS, day__lte=as_of, kind=LineKind.SELL_IN)
        .order_by()
        .values("distributor_id", "day", "order_number")
        .annotate(lines=Count("pk"), total=Sum("base_amount"))
        .order_by("-day", "order_number")[:ROWS]
    )
    currency = company().base_currency
    return [_event(dict(row), currency) for row in rows]


def _event(row: dict[str, Any], currency: str) -> Event:
    lines = ngettext("%(count)s line", "%(count)s lines", row["lines"]) % {"count": f"{row['lines']:,}"}
    query = {"distributor": row["distributor_id"], "q": row["order_number"]}
    return Event(
        on=row["day"],
        kind=_("Order"),
        title=row["order_number"] or lines,
        text=f"{lines} · {amount_text(row['total'])} {currency}",
        url=f"{reverse('ledger:saleline-list')}?{urlencode(query)}",
    )

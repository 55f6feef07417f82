"""The orders, invoices and payments of a distributor on its timeline, month by month."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, F, Max, Sum, When
from django.db.models.functions import Cast, TruncMonth
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.contributors import Event
from core.money import amount_text
from core.periods import full_months, month_last, month_of
from distributors.ledger.models import LineKind, SaleLine
from distributors.ledger.records import Invoice, Payment

MONTHS = 12


def order_events(user: Any, distributor_ids: Sequence[int], as_of: date) -> list[Event]:
    """Return the orders of this month and twelve before of the distributors the user may see, one event a month."""
    if user.reach("ledger.view_saleline") is None:
        return []
    # A line without a number belongs to the order of its day, as in the roll-ups.
    order = Case(When(order_number="", then=Cast("day", CharField())), default=F("order_number"))
    rows = (
        SaleLine.objects.visible_to(user)
        .current()
        .by_account(distributor_ids)
        .filter(day__gte=full_months(as_of, MONTHS).start, day__lte=as_of)
        .filter(kind=LineKind.SELL_IN)
        .order_by()
        .annotate(month=TruncMonth("day"))
        .values("account", "month")
        .annotate(orders=Count(order, distinct=True), total=Sum("base_amount"), last=Max("day"))
    )
    currency = user.company.base_currency
    return [_event(dict(row), currency, as_of) for row in rows]


def _event(row: dict[str, Any], currency: str, as_of: date) -> Event:
    until = as_of if month_of(as_of) == row["month"] else month_last(row["month"])
    query = {
        "distributor": row["account"],
        "kind": LineKind.SELL_IN.value,
        "since": row["month"].isoformat(),
        "until": until.isoformat(),
    }
    title = ngettext(
        "%(count)s order, %(amount)s %(currency)s without tax",
        "%(count)s orders, %(amount)s %(currency)s without tax",
        row["orders"],
    )
    return Event(
        on=row["last"],
        when=date_format(row["month"], "YEAR_MONTH_FORMAT"),
        code="order",
        kind=_("Orders"),
        title=title % {"count": f"{row['orders']:,}", "amount": amount_text(row["total"]), "currency": currency},
        url=f"{reverse('ledger:saleline-list')}?{urlencode(query)}",
    )


def money_events(user: Any, distributor_ids: Sequence[int], as_of: date) -> list[Event]:
    """Return the invoices and the payments of this month and twelve before, one event a month for each."""
    found, currency = [], user.company.base_currency
    for model, code, kind, kept in (
        (Invoice, "invoice", _("Invoices"), {"kind": Invoice.Kind.INVOICE, "cancelled": False}),
        (Payment, "payment", _("Payments"), {}),
    ):
        rows = (
            model.objects.visible_to(user)
            .current()
            .by_account(distributor_ids)
            .filter(day__gte=full_months(as_of, MONTHS).start, day__lte=as_of, **kept)
            .order_by()
            .annotate(month=TruncMonth("day"))
            .values("account", "month")
            .annotate(count=Count("pk"), total=Sum("base_amount"), last=Max("day"))
        )
        found += [_money_event(dict(row), model, code, kind, currency) for row in rows]
    return found


def _money_event(row: dict[str, Any], model: Any, code: str, kind: str, currency: str) -> Event:
    query = {
        "distributor": row["account"],
        "since": row["month"].isoformat(),
        "until": month_last(row["month"]).isoformat(),
    }
    counted = {"count": f"{row['count']:,}", "amount": amount_text(row["total"]), "currency": currency}
    invoices = ngettext(
        "%(count)s invoice, %(amount)s %(currency)s with tax",
        "%(count)s invoices, %(amount)s %(currency)s with tax",
        row["count"],
    )
    payments = ngettext(
        "%(count)s payment, %(amount)s %(currency)s", "%(count)s payments, %(amount)s %(currency)s", row["count"]
    )
    return Event(
        on=row["last"],
        when=date_format(row["month"], "YEAR_MONTH_FORMAT"),
        code=code,
        kind=kind,
        title=(invoices if code == "invoice" else payments) % counted,
        url=f"{reverse(f'ledger:{model._meta.model_name}-list')}?{urlencode(query)}",
    )

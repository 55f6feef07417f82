"""The facts of a distributor on its timeline: what is frequent month by month, the rest one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, F, Max, Min, Sum, When
from django.db.models.functions import Cast, TruncMonth
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from core.contributors import Event
from core.money import amount_text
from core.periods import month_last, month_of
from core.timeline import Span, timeline_add
from distributors.ledger.contracts import reason_words
from distributors.ledger.models import LineKind, SaleLine
from distributors.ledger.records import Invoice, Occurrence, Payment, StockSnapshot, Target

MONEY = {Target.Metric.NET_SALES, Target.Metric.COLLECTIONS}


@dataclass(frozen=True)
class _Sum:
    """How the sum of a month is told: its code, its word, its sentence, and its list."""

    code: str
    kind: Any
    text: Any
    url_name: str
    fact: str = ""


ORDERS = _Sum(
    "order",
    gettext_lazy("Orders"),
    ngettext_lazy(
        "%(count)s order, %(amount)s %(currency)s without tax",
        "%(count)s orders, %(amount)s %(currency)s without tax",
        "number",
    ),
    "ledger:saleline-list",
    LineKind.SELL_IN,
)
RETURNS = _Sum(
    "return",
    gettext_lazy("Returns"),
    ngettext_lazy(
        "%(count)s return, %(amount)s %(currency)s without tax",
        "%(count)s returns, %(amount)s %(currency)s without tax",
        "number",
    ),
    "ledger:saleline-list",
    LineKind.RETURN,
)
SOLD_ON = _Sum(
    "sell_through",
    gettext_lazy("Sell-through"),
    ngettext_lazy(
        "%(count)s sale, %(amount)s %(currency)s without tax",
        "%(count)s sales, %(amount)s %(currency)s without tax",
        "number",
    ),
    "ledger:saleline-list",
    LineKind.SELL_THROUGH,
)
INVOICES = _Sum(
    "invoice",
    gettext_lazy("Invoices"),
    ngettext_lazy(
        "%(count)s invoice, %(amount)s %(currency)s with tax",
        "%(count)s invoices, %(amount)s %(currency)s with tax",
        "number",
    ),
    "ledger:invoice-list",
    Invoice.Kind.INVOICE,
)
CREDITS = _Sum(
    "credit_note",
    gettext_lazy("Credit notes"),
    ngettext_lazy(
        "%(count)s credit note, %(amount)s %(currency)s with tax",
        "%(count)s credit notes, %(amount)s %(currency)s with tax",
        "number",
    ),
    "ledger:invoice-list",
    Invoice.Kind.CREDIT_NOTE,
)
PAYMENTS = _Sum(
    "payment",
    gettext_lazy("Payments"),
    ngettext_lazy(
        "%(count)s payment, %(amount)s %(currency)s", "%(count)s payments, %(amount)s %(currency)s", "number"
    ),
    "ledger:payment-list",
)
SALES, BILLS = ({one.fact: one for one in told} for told in ((ORDERS, RETURNS, SOLD_ON), (INVOICES, CREDITS)))


def _kinds(*told: _Sum) -> dict[str, Any]:
    return {one.code: one.kind for one in told}


def register() -> None:
    """Add the sources of this app."""
    timeline_add(sale_events, _kinds(ORDERS, RETURNS, SOLD_ON), glance=True)
    timeline_add(bill_events, _kinds(INVOICES, CREDITS), glance=True)
    timeline_add(payment_events, _kinds(PAYMENTS), glance=True)
    timeline_add(stock_events, {"stock": gettext_lazy("Stock count")})
    timeline_add(target_events, {"target": gettext_lazy("Targets set")})
    timeline_add(occurrence_events, {"occurrence": gettext_lazy("Occurrence")})


def _wanted(told: Mapping[str, _Sum], span: Span) -> list[str]:
    return [fact for fact, one in told.items() if span.wants(one.code)]


def sale_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return what the distributors ordered, gave back and sold on, one event a month for each of these."""
    # A line without a number belongs to the order of its day, as in the roll-ups.
    order = Case(When(order_number="", then=Cast("day", CharField())), default=F("order_number"))
    rows = SaleLine.objects.visible_to(user).filter(kind__in=_wanted(SALES, span))
    found = _monthly(rows, ids, span, "kind", count=Count(order, distinct=True))
    return [_sum_event(SALES[row["kind"]], row, user, span) for row in found]


def bill_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return the invoices and the credit notes, one event a month for each."""
    rows = Invoice.objects.visible_to(user).filter(kind__in=_wanted(BILLS, span), cancelled=False)
    return [_sum_event(BILLS[row["kind"]], row, user, span) for row in _monthly(rows, ids, span, "kind")]


def payment_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return the payments, one event a month."""
    rows = _monthly(Payment.objects.visible_to(user), ids, span)
    return [_sum_event(PAYMENTS, row, user, span) for row in rows]


def _monthly(rows: Any, ids: Sequence[int], span: Span, *by: str, count: Any = None) -> list[dict[str, Any]]:
    """Return the sums of the newest months; a month is told once, on the day of its last fact."""
    summed = (
        rows.current()
        .by_account(ids)
        .filter(span.months("day"))
        .order_by()
        .annotate(month=TruncMonth("day"))
        .values("account", "month", *by)
        .annotate(number=count or Count("pk"), total=Sum("base_amount"), last=Max("day"))
    )
    if span.before is not None:
        summed = summed.filter(last__lte=span.before)
    return [dict(row) for row in summed.order_by("-last", *by, "account")[: span.most]]


def _sum_event(told: _Sum, row: dict[str, Any], user: Any, span: Span) -> Event:
    until = span.today if month_of(span.today) == row["month"] else month_last(row["month"])
    query = {"distributor": row["account"], "since": row["month"].isoformat(), "until": until.isoformat()}
    if told.fact:
        query["kind"] = told.fact
    given = {
        "number": row["number"],
        "count": f"{row['number']:,}",
        "amount": amount_text(row["total"]),
        "currency": user.company.base_currency,
    }
    return Event(
        on=row["last"],
        when=date_format(row["month"], "YEAR_MONTH_FORMAT"),
        code=told.code,
        kind=str(told.kind),
        title=told.text % given,
        url=f"{reverse(told.url_name)}?{urlencode(query)}",
    )


def stock_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return the days on which stock was counted: how many products, and what they were worth where that is known."""
    rows = (
        StockSnapshot.objects.visible_to(user)
        .current()
        .by_account(ids)
        .filter(span.days("day"))
        .order_by()
        .values("account", "day")
        .annotate(number=Count("product", distinct=True), total=Sum("value"))
    )
    return [_stock_event(dict(row), user) for row in rows.order_by("-day", "account")[: span.most]]


def _stock_event(row: dict[str, Any], user: Any) -> Event:
    worth = "" if row["total"] is None else f"{amount_text(row['total'])} {user.company.base_currency}"
    day = row["day"].isoformat()
    counted = ngettext_lazy("%(count)s product", "%(count)s products", "number") % {
        "number": row["number"],
        "count": f"{row['number']:,}",
    }
    query = urlencode({"distributor": row["account"], "since": day, "until": day})
    return Event(
        on=row["day"],
        code="stock",
        kind=_("Stock count"),
        title=", ".join(part for part in (str(counted), worth) if part),
        url=f"{reverse('ledger:stocksnapshot-list')}?{query}",
    )


def target_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return when targets were set or set anew, those of one batch and one reason together."""
    rows = (
        Target.objects.visible_to(user)
        .by_account(ids)
        .filter(span.moments("batch__created_at"), repeats=None)
        .order_by()
        .values("account", "batch", "metric", "reason")
        .annotate(
            number=Count("pk"), total=Sum("value"), first=Min("day"), last=Max("day"), at=Max("batch__created_at")
        )
    )
    ordered = rows.order_by("-at", "-batch", "metric", "reason", "account")
    return [_target_event(dict(row), user) for row in ordered[: span.most]]


def _target_event(row: dict[str, Any], user: Any) -> Event:
    unit = f" {user.company.base_currency}" if row["metric"] in MONEY else ""
    days = [date_format(day, "YEAR_MONTH_FORMAT") for day in (row["first"], row["last"])]
    query = urlencode({"distributor": row["account"], "metric": row["metric"]})
    return Event(
        on=localdate(row["at"]),
        code="target",
        kind=_("Targets set"),
        title=_("%(metric)s, %(period)s: %(value)s")
        % {
            "metric": Target.Metric(row["metric"]).label,
            "period": " – ".join(dict.fromkeys(days)),
            "value": f"{amount_text(row['total'])}{unit}",
        },
        text=reason_words(row["reason"]),
        url=f"{reverse('ledger:target-list')}?{query}",
    )


def occurrence_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return what scores read of the distributors: penalties, breaches, courses and the like."""
    rows = Occurrence.objects.visible_to(user).current().by_account(ids).filter(span.days("day"))
    return [_occurrence_event(row, row.account) for row in rows.order_by("-day", "-pk")[: span.most]]


def _occurrence_event(row: Occurrence, account: int) -> Event:
    taken_back = _("taken back by %(reference)s") % {"reference": row.reversed_by} if row.reversed_by else ""
    value = "" if row.value is None else f"{row.value.normalize():f}"
    until: date | None = row.ends_on
    ends = _("until %(day)s") % {"day": date_format(until, "DATE_FORMAT")} if until else ""
    query = urlencode([("distributor", account), ("kind", row.kind), ("since", f"{row.day}"), ("until", f"{row.day}")])
    return Event(
        on=row.day,
        code="occurrence",
        kind=_("Occurrence"),
        title=" · ".join(part for part in (str(row.get_kind_display()), row.code, value) if part),
        text=" · ".join(part for part in (row.external_id, ends, taken_back) if part),
        url=f"{reverse('ledger:occurrence-list')}?{query}",
    )

"""Reads of prices at retail: the latest of a distributor, and one product over time against what it should cost."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.money import amount_text
from distributors.ledger.models import Product, RetailPrice
from distributors.profiles.models import Distributor

ROWS = 300
CENT_PLACES = 2


def prices_of(user: Any, distributor_pk: int) -> list[RetailPrice]:
    """Return the latest prices seen at a distributor and at cards merged into it, with their products."""
    cards = Distributor.objects.with_merged([distributor_pk])
    rows = RetailPrice.objects.visible_to(user).filter(distributor__in=cards).select_related("product", "distributor")
    return list(rows.order_by("-seen_on", "-pk")[:ROWS])


def products_in(rows: list[RetailPrice], asked: str, path: str) -> tuple[Product | None, list[dict[str, Any]]]:
    """Return the product that is asked for, or the one with most prices, and a link for each product."""
    counts = Counter(row.product_id for row in rows)
    products = {row.product_id: row.product for row in rows}
    ordered = sorted(products.values(), key=lambda one: (-counts[one.pk], one.name))
    if not ordered:
        return None, []
    chosen = next((one for one in ordered if str(one.pk) == asked), ordered[0])
    links = [
        {"label": one.name, "url": f"{path}?{urlencode({'product': one.pk})}", "active": one.pk == chosen.pk}
        for one in ordered[:12]
    ]
    return chosen, links if len(links) > 1 else []


def price_chart(rows: list[RetailPrice], product: Product, base: str) -> dict[str, Any]:
    """Return the chart of one product's prices by day, the mean of each day, in its most usual currency.

    List and floor price stand beside it where the prices are in the base currency, in which those are.
    """
    mine = [row for row in rows if row.product_id == product.pk]
    currency = Counter(row.currency for row in mine).most_common(1)[0][0]
    by_day: dict[date, list[Decimal]] = {}
    for row in reversed(mine):
        if row.currency == currency:
            by_day.setdefault(row.seen_on, []).append(row.price)
    days = list(by_day)
    means = [sum(by_day[day], Decimal(0)) / len(by_day[day]) for day in days]
    lines = [(_("seen at retail"), means, "var(--accent)")]
    for label, value, colour in (
        (_("list price"), product.list_price, "var(--ink-3)"),
        (_("floor price"), product.floor_price, "var(--warn)"),
    ):
        if value is not None and currency == base:
            lines.append((label, [value] * len(days), colour))
    labels = [date_format(day, "SHORT_DATE_FORMAT") for day in days]
    table = [
        [label, *(amount_text(values[place], CENT_PLACES) for _name, values, _colour in lines)]
        for place, label in enumerate(labels)
    ]
    return {
        "id": "retail-prices",
        "title": _("%(product)s at retail") % {"product": product.name},
        "subtitle": currency,
        "option": {
            "legend": {},
            "tooltip": {"trigger": "axis", "valueFormatter": "money"},
            "xAxis": {"type": "category", "data": labels},
            "yAxis": {"type": "value", "scale": True, "axisLabel": {"formatter": "money"}},
            "series": [_line(name, values, colour) for name, values, colour in lines],
        },
        "table": {"columns": [_("Seen on"), *(name for name, _values, _colour in lines)], "rows": table},
        "note": _("List and floor price as they are today.") if len(lines) > 1 else "",
    }


def _line(name: str, values: list[Decimal], colour: str) -> dict[str, Any]:
    data = [float(round(value, CENT_PLACES)) for value in values]
    return {"type": "line", "name": name, "data": data, "itemStyle": {"color": colour}, "lineStyle": {"color": colour}}


def price_rows(rows: list[RetailPrice], product: Product) -> list[dict[str, Any]]:
    """Return the prices of a product for a table."""
    return [
        {
            "pk": row.pk,
            "card": row.distributor,
            "seen_on": row.seen_on,
            "place": row.place,
            "price": f"{amount_text(row.price, CENT_PLACES)} {row.currency}",
        }
        for row in rows
        if row.product_id == product.pk
    ]

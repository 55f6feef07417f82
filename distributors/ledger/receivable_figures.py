"""What is owed and overdue, as figures: on Home and on a distributor's page."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from core.money import amount_text, short_text
from distributors.ledger.ageing import Aged
from distributors.profiles.models import Standing
from distributors.profiles.standing_sums import standing_sums, whole

ZERO = Decimal(0)

OWED_COLUMNS = "name,territory,owner,abc,overdue,receivable,last_order"


def receivable_figures(user: Any, as_of: date) -> list[dict[str, Any]]:
    """Return what the user's distributors owe and what of it is overdue; nothing where nothing is owed."""
    if user.reach("ledger.view_openitem") is None:
        return []
    found = whole(standing_sums(user, as_of))
    if not found["receivable"]:
        return []
    return [{"kpis": [_overdue(found, user.company.base_currency)]}]


def _overdue(found: dict[str, Any], currency: str) -> dict[str, Any]:
    share = found["overdue"] / found["receivable"] * 100
    late = ngettext("%(count)s distributor", "%(count)s distributors", found["late"]) % {"count": f"{found['late']:,}"}
    return {
        "order": 25,
        "label": _("Overdue"),
        "value": short_text(found["overdue"], get_language() or "en"),
        "unit": currency,
        "detail": _("from the first day on: %(share)s %% of what is owed, %(late)s")
        % {"share": amount_text(share, 1), "late": late},
        "tone": "w" if found["overdue"] else "",
        "url": f"{reverse('profiles:distributor-list')}?owed=overdue&sort=-overdue&columns={OWED_COLUMNS}",
    }


def standing_kpis(standing: Standing, pk: int, currency: str) -> list[dict[str, Any]]:
    """Return what one distributor owes, is overdue with, has paid in advance and has ordered."""
    items = f"{reverse('ledger:openitem-list')}?distributor={pk}"
    since = standing.oldest_overdue_on
    return [
        _kpi(_("Receivable, with tax"), standing.receivable, currency, items),
        _kpi(_("Overdue, with tax"), standing.overdue, currency, items, "w" if since else ""),
        _kpi(_("Paid in advance"), standing.prepaid, currency, items),
        _kpi(
            _("Ordered, not invoiced"),
            standing.ordered_open,
            currency,
            f"{reverse('ledger:order-list')}?distributor={pk}&state=open",
        ),
    ]


def _kpi(label: str, amount: Decimal, currency: str, url: str, tone: str = "") -> dict[str, Any]:
    return {"label": label, "value": amount_text(amount), "unit": currency, "url": url, "tone": tone}


def ageing_chart(aged: list[Aged], currency: str) -> dict[str, Any]:
    """Return the open invoices by age as bars, with their table."""
    labels = [str(one.bucket.label) for one in aged]
    late = sum((one.amount for one in aged[1:]), ZERO)
    whole = sum((one.amount for one in aged), ZERO)
    title = _("Nothing is overdue")
    if late:
        title = _("%(share)s %% of what is owed is overdue") % {"share": amount_text(late / whole * 100, 1)}
    data = [
        {"value": float(round(one.amount, 2)), "itemStyle": {"color": "var(--accent)" if place else "var(--quiet)"}}
        for place, one in enumerate(aged)
    ]
    return {
        "id": "ageing",
        "title": title,
        "subtitle": _("%(currency)s with tax") % {"currency": currency},
        "option": {
            "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, "valueFormatter": "money"},
            "xAxis": {"type": "category", "data": labels},
            "yAxis": {"type": "value", "axisLabel": {"formatter": "money"}},
            "series": [{"type": "bar", "name": pgettext("amount", "Open"), "data": data}],
        },
        "table": {
            "columns": [_("Age"), pgettext("amount", "Open"), _("Invoices"), _("Share")],
            "rows": [
                [label, amount_text(one.amount), f"{one.items:,}", f"{amount_text(one.share * 100, 1)} %"]
                for label, one in zip(labels, aged, strict=True)
            ],
        },
    }

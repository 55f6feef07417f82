"""The figures at the top of a distributor's page, and what needs someone there."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.money import amount_text
from core.periods import month_shift, whole_year_before
from distributors.profiles.models import Distributor, Lifecycle, Standing


def overview_kpis(standing: Standing, as_of: date, currency: str) -> list[dict[str, Any]]:
    """Return the figures at the top of the overview, with what each is measured against."""
    return [
        _sales_kpi(standing, currency),
        _class_kpi(standing),
        _last_order_kpi(standing, as_of),
        _orders_kpi(standing),
        *([_overdue_kpi(standing, as_of, currency)] if standing.overdue else []),
    ]


def is_new(first_sale_on: date | None, sales_as_of: date | None) -> bool:
    """Tell whether a distributor began so late that it has no whole year to be compared with."""
    return bool(first_sale_on and sales_as_of and first_sale_on >= whole_year_before(sales_as_of))


def growth_text(standing: Standing) -> tuple[str, str]:
    """Return (text, tone) of the growth on the year before, or why there is none."""
    growth = standing.growth
    if is_new(standing.first_sale_on, standing.sales_as_of):
        return _("new: no whole year before"), ""
    if growth is None:
        return (_("no sales the year before") if not standing.net_sales_before else ""), ""
    text = f"{growth * 100:+.1f} %".replace("-", "\N{MINUS SIGN}")
    return _("%(growth)s on the year before") % {"growth": text}, "up" if growth > 0 else "down" if growth < 0 else ""


def _sales_kpi(standing: Standing, currency: str) -> dict[str, Any]:
    detail, tone = growth_text(standing)
    return {
        "label": _("Net sales, 12 months, without tax"),
        "value": amount_text(standing.net_sales_12m),
        "unit": currency,
        "detail": detail,
        "tone": tone,
    }


def _class_kpi(standing: Standing) -> dict[str, Any]:
    words = []
    if standing.abc_rank:
        words.append(_("rank %(rank)s") % {"rank": f"{standing.abc_rank:,}"})
    if standing.abc_share is not None:
        words.append(_("cumulative share %(share)s") % {"share": f"{standing.abc_share * 100:.1f} %"})
    if standing.abc_next and standing.abc_next != standing.abc:
        words.append(_("about to be %(name)s") % {"name": standing.abc_next})
    if standing.abc_short_history:
        words.append(_("short history"))
    return {
        "label": _("ABC class"),
        "value": standing.abc or "–",
        "detail": " · ".join(words) or _("not classified yet"),
    }


def _overdue_kpi(standing: Standing, as_of: date, currency: str) -> dict[str, Any]:
    share = _("%(share)s %% of what it owes") % {"share": amount_text(standing.overdue / standing.receivable * 100, 1)}
    return {
        "label": _("Overdue, with tax"),
        "value": amount_text(standing.overdue),
        "unit": currency,
        "detail": " · ".join(part for part in (_overdue_text(standing, as_of), share) if part),
        "tone": "w",
    }


def _overdue_text(standing: Standing, as_of: date) -> str:
    if standing.oldest_overdue_on is None:
        return ""
    days = (as_of - standing.oldest_overdue_on).days
    return ngettext("the oldest for %(days)s day", "the oldest for %(days)s days", days) % {"days": days}


def _usual_text(gap: int) -> str:
    return ngettext("usually every %(days)s day", "usually every %(days)s days", gap) % {"days": gap}


def _last_order_kpi(standing: Standing, as_of: date) -> dict[str, Any]:
    last, gap = standing.last_order_on, standing.order_gap_days
    if last is None:
        return {"label": _("Last order"), "value": "–", "detail": _("never ordered")}
    days = (as_of - last).days
    ago = ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": f"{days:,}"}
    usual = _usual_text(gap) if gap else ""
    return {
        "label": _("Last order"),
        "value": date_format(last, "SHORT_DATE_FORMAT"),
        "detail": " · ".join(part for part in (ago, usual) if part),
        "tone": "w" if standing.silent(as_of) else "",
    }


def _orders_kpi(standing: Standing) -> dict[str, Any]:
    first = standing.first_sale_on
    each = standing.net_sales_12m / standing.orders_12m if standing.orders_12m else None
    detail = _("%(amount)s an order without tax") % {"amount": amount_text(each)} if each else ""
    since = _("first sale %(day)s") % {"day": date_format(first, "YEAR_MONTH_FORMAT")} if first else ""
    return {
        "label": _("Orders, 12 months"),
        "value": f"{standing.orders_12m:,}",
        "detail": " · ".join(part for part in (detail, since) if part),
    }


def open_points(distributor: Distributor, standing: Standing, as_of: date, currency: str) -> list[dict[str, Any]]:
    """Return what needs someone at this distributor, by its standing."""
    points = []
    if standing.overdue:
        amount = {"amount": amount_text(standing.overdue), "currency": currency}
        points.append(
            {
                "chip": _("Overdue"),
                "tone": "b",
                "title": _("%(amount)s %(currency)s with tax are overdue") % amount,
                "text": _overdue_text(standing, as_of),
            }
        )
    if standing.abc_next and standing.abc_next != standing.abc:
        points.append(
            {
                "chip": _("Class"),
                "tone": "w",
                "title": _("Would move from %(now)s to %(next)s")
                % {"now": standing.abc or "–", "next": standing.abc_next},
                "text": _("on %(day)s, if it holds until then")
                % {"day": date_format(month_shift(as_of, 1), "MONTH_DAY_FORMAT")},
            }
        )
    if standing.silent(as_of):
        days = (as_of - standing.last_order_on).days if standing.last_order_on else 0
        points.append(
            {
                "chip": _("Silent"),
                "tone": "w",
                "title": ngettext("No order for %(days)s day", "No order for %(days)s days", days) % {"days": days},
                "text": _usual_text(standing.order_gap_days or 0),
            }
        )
    if distributor.state == Lifecycle.REVIEW:
        points.append(
            {"chip": _("Review"), "tone": "", "title": _("Waits for approval"), "text": _("by a second person")}
        )
    return points

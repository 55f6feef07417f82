"""The pages over many accounts: queue, ageing with dunning, portfolio; and the statement of one."""

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Territory
from core import clock
from core.company import company
from core.errors import DomainError
from core.filters import BaseFilterSet
from core.money import amount_text
from core.periods import month_shift
from core.scope import require_permission
from distributors.credit.limits.charts import concentration_chart, group_chart, trend_chart, use_chart
from distributors.credit.limits.dunning import dunning_list
from distributors.credit.limits.portfolio import portfolio_of
from distributors.credit.limits.queue import queue_blocks
from distributors.credit.limits.statement import open_invoices, statement_of
from distributors.credit.limits.trends import ageing_trend
from distributors.credit.limits.ways import credit_tabs
from distributors.ledger.ageing import ageing
from distributors.ledger.receivable_selectors import open_items
from distributors.profiles.filters import TerritoryFilter
from distributors.profiles.models import Distributor
from distributors.profiles.page import distributor_for
from distributors.profiles.selectors import owners_for

VIEW = "credit.view_creditlimit"


def _page(request: Any, name: str, title: str, **context: Any) -> HttpResponse:
    context |= {"title": title, "tabs": credit_tabs(name), "as_of": clock.today()}
    return TemplateResponse(request, f"credit/limits/{name}.html", context)


@require_GET
def queue(request: Any) -> HttpResponse:
    """Show what waits for whoever looks after credit."""
    require_permission(request.user, VIEW)
    asks = request.user.reach("credit.add_creditcheck") is not None
    return _page(request, "queue", _("Credit"), blocks=queue_blocks(request.user, clock.today()), may_check=asks)


class AgeingFilter(BaseFilterSet):
    """Whose receivable: of a territory with all below, and of who covers it."""

    territory = TerritoryFilter(
        "territory_path", queryset=Territory.objects.all(), label=_("Territory"), empty_label=_("All")
    )
    owner = django_filters.ModelChoiceFilter(
        queryset=lambda request: owners_for(request.user), label=_("Owner"), empty_label=_("All")
    )
    q = django_filters.CharFilter(method="search", widget=forms.HiddenInput)

    class Meta:
        model = Distributor
        fields: list[str] = []


@require_GET
def ageing_page(request: Any) -> HttpResponse:
    """Show what is owed by age, now and at each month's end, with DSO; each age leads to its invoices."""
    require_permission(request.user, VIEW)
    today, currency = clock.today(), company().base_currency
    rows = Distributor.objects.visible_to(request.user)
    filterset = AgeingFilter(request.GET, queryset=rows, request=request)
    chosen = {key: request.GET[key] for key in ("territory", "owner") if request.GET.get(key)}
    some = filterset.qs.order_by() if chosen else None
    items = open_items(request.user, distributor_ids=None if some is None else some.values("pk"))
    aged = ageing(items, today)
    items_url = reverse("ledger:openitem-list") + "?"
    ends = ageing_trend(request.user, today, some, currency)
    return _page(
        request,
        "ageing",
        _("Ageing"),
        filterset=filterset,
        kpis=_ageing_kpis(aged, ends[-1], currency),
        chart=trend_chart(ends, currency) if any(one.total for one in ends) else None,
        buckets=[
            {
                "label": one.bucket.label,
                "amount": one.amount,
                "items": one.items,
                "share": one.share * 100,
                "url": items_url + urlencode({"kind": "invoice", "age": one.bucket.name, **chosen}),
            }
            for one in aged
        ],
        currency=currency,
    )


def _ageing_kpis(aged: list[Any], end: Any, currency: str) -> list[dict[str, Any]]:
    whole = sum((one.amount for one in aged), 0)
    late = whole - aged[0].amount
    days = "–" if end.dso.days is None else amount_text(end.dso.days, 1)
    best = "–" if end.dso.best is None else amount_text(end.dso.best, 1)
    return [
        {"label": _("Receivable"), "value": amount_text(whole), "unit": currency, "detail": _("with tax")},
        {"label": _("Overdue"), "value": amount_text(late), "unit": currency, "tone": "w" if late else ""},
        {
            "label": _("DSO"),
            "value": days,
            "unit": _("days"),
            "detail": _("best possible: %(days)s, of sales of 90 days") % {"days": best},
        },
    ]


@require_GET
def dunning(request: Any) -> HttpResponse:
    """Show who is to be reminded, and of which stage."""
    require_permission(request.user, "credit.view_reminder")
    found, more = dunning_list(request.user, clock.today())
    may = request.user.reach("credit.add_reminder") is not None
    return _page(
        request, "dunning", _("Dunning"), due=found, more=more, may_remind=may, currency=company().base_currency
    )


@require_GET
def portfolio(request: Any) -> HttpResponse:
    """Show exposure by grade and territory, how concentrated it is, and how limits are used."""
    require_permission(request.user, VIEW)
    found, currency = portfolio_of(request.user), company().base_currency
    whole = found.total.exposure
    charts = [
        group_chart("by-grade", _("Exposure by grade"), found.grades, whole, currency),
        group_chart("by-territory", _("Exposure by territory"), found.territories, whole, currency),
        concentration_chart(found, currency),
        use_chart(found, currency),
    ]
    return _page(
        request,
        "portfolio",
        _("Portfolio"),
        kpis=[
            {"label": _("Exposure"), "value": amount_text(whole), "unit": currency},
            {"label": _("Limits"), "value": amount_text(found.total.limit), "unit": currency},
            {
                "label": _("On hold"),
                "value": f"{found.total.held:,}",
                "tone": "w" if found.total.held else "",
                "url": reverse("credit:hold-list") + "?open=1",
            },
        ],
        charts=charts if found.total.count else [],
    )


def _day(text: str | None, default: date) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return default


@require_GET
def statement(request: Any, pk: int) -> HttpResponse:
    """Show the statement of account of a distributor, to print and sign."""
    require_permission(request.user, "ledger.view_invoice")
    require_permission(request.user, VIEW)
    distributor = distributor_for(request, pk)
    today = clock.today()
    since = _day(request.GET.get("since"), month_shift(today, -2))
    until = max(since, min(today, _day(request.GET.get("until"), today)))
    sheets, refused = [], ""
    try:
        sheets = statement_of(request.user, pk, since, until)
    except DomainError as error:
        refused = str(error)
    context = {
        "title": _("Statement of account"),
        "refused": refused,
        "distributor": distributor,
        "since": since,
        "until": until,
        "sheets": sheets,
        "items": open_invoices(request.user, pk),
        "company": company(),
        "today": today,
        "open_today": until == today,
    }
    return TemplateResponse(request, "credit/limits/statement.html", context, status=422 if refused else 200)

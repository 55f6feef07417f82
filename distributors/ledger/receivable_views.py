"""The receivables tab of a distributor's page."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from core import clock
from core.company import company
from core.scope import require_permission
from distributors.ledger.ageing import ageing
from distributors.ledger.receivable_figures import ageing_chart, standing_kpis
from distributors.ledger.receivable_selectors import items_of, open_items, orders_of, payments_of, stock_of
from distributors.profiles.page import distributor_for, tab_response


@require_GET
def distributor_receivables(request: Any, pk: int) -> HttpResponse:
    """Show what a distributor owes by age, with what has settled it, its payments, open orders and stock."""
    require_permission(request.user, "ledger.view_openitem")
    distributor = distributor_for(request, pk)
    today, currency = clock.today(), company().base_currency
    aged = ageing(open_items(request.user, distributor_ids=[pk]), today)
    query = f"?distributor={pk}"
    context = {
        "kpis": standing_kpis(distributor.standing, pk, currency),
        "chart": ageing_chart(aged, currency) if any(one.items for one in aged) else None,
        "items": items_of(request.user, pk, today),
        "payments": payments_of(request.user, pk),
        "orders": orders_of(request.user, pk),
        "stock": stock_of(request.user, pk),
        "as_of": today,
        "urls": {
            name: reverse(f"ledger:{model}-list") + query
            for name, model in (
                ("items", "openitem"),
                ("invoices", "invoice"),
                ("payments", "payment"),
                ("orders", "order"),
                ("stock", "stocksnapshot"),
            )
        },
    }
    return tab_response(request, distributor, "receivables", "ledger/_distributor_receivables.html", context)

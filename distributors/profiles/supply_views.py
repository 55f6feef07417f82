"""The pictures of who buys from whom, each with its table."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import Territory
from core.scope import require_permission
from core.sections import FormView
from distributors.profiles.models import Distributor
from distributors.profiles.page import distributor_for, tab_response
from distributors.profiles.supply import supplier_apart, supply_picture, territory_tree, tree_of


@require_GET
def supply(request: Any, pk: int) -> HttpResponse:
    """Show whom a distributor buys from and who buys from it, with the table that says the same."""
    distributor = distributor_for(request, pk)
    context = supply_picture(tree_of(distributor, request.user), request.user.company.base_currency, marked=pk)
    return tab_response(request, distributor, "overview", "profiles/_supply.html", context)


@require_GET
def territory_supply(request: Any, pk: int) -> HttpResponse:
    """Show who in a territory buys from whom."""
    require_permission(request.user, "profiles.view_distributor")
    territory = get_object_or_404(Territory.objects.visible_to(request.user), pk=pk)
    tree, alone = territory_tree(territory, request.user)
    context = {
        **supply_picture(tree, request.user.company.base_currency),
        "title": _("Supply in %(name)s") % {"name": territory},
        "alone": alone,
        "crumbs": [
            {"label": _("Territories"), "url": reverse("accounts:territory-list")},
            {"label": territory.name, "url": reverse("accounts:territory-detail", args=[territory.pk])},
        ],
        "list_url": f"{reverse('profiles:distributor-list')}?territory={territory.pk}",
    }
    return TemplateResponse(request, "profiles/territory_supply.html", context)


class DistributorFormView(FormView):
    """The form of the card, which says where a distributor buys in another territory."""

    def saved(self, instance: Any) -> None:
        """Say so once it is saved: goods that cross a border may be read as diversion."""
        saved = Distributor.objects.select_related("parent").get(pk=instance.pk)
        if supplier_apart(saved):
            messages.warning(self.request, apart_sentence())


def apart_sentence() -> str:
    """Return what is said where the supplier lies in another territory; it names nobody."""
    return _("It buys from a distributor in another territory: check that this is agreed.")

"""The page of a distributor: the frame that tabs of this app and of higher ones fill."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from core.panels import panels_for
from core.sections import wants_fragment
from distributors.profiles.models import Distributor
from distributors.profiles.selectors import standing_chips, subtitle, territory_crumbs
from distributors.profiles.workflow import DECISIONS, moves_from

RELATED = ("type", "territory", "owner", "parent", "standing")


def distributor_for(request: Any, pk: int, action: str = "view") -> Distributor:
    """Return the distributor on which the user may do `action`; 404 elsewhere."""
    return get_object_or_404(Distributor.objects.visible_to(request.user, action).select_related(*RELATED), pk=pk)


def tab_response(
    request: HttpRequest, distributor: Distributor, tab: str, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Answer the tab called `tab` (its panel's name), filled by `template`: alone to htmx, else within the page."""
    context = {"distributor": distributor, **context}
    if wants_fragment(request):
        response = TemplateResponse(request, template, context, status=status)
    else:
        frame = {"tab_template": template, **_frame(request, distributor, tab), **context}
        response = TemplateResponse(request, "profiles/distributor_page.html", frame, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _frame(request: Any, distributor: Distributor, tab: str) -> dict[str, Any]:
    user, pk = request.user, distributor.pk
    editable = may(user, "change", pk)
    actions = []
    if may(user, "assign", pk):
        actions.append({"label": _("Reassign"), "url": reverse("profiles:distributor-reassign", args=[pk])})
    return {
        "title": str(distributor),
        "subtitle": subtitle(distributor),
        "chips": standing_chips(distributor, distributor.standing),
        "crumbs": territory_crumbs(distributor.territory, user),
        "tabs": [
            {"label": panel.title, "url": reverse(panel.url_name, args=[pk]), "active": panel.name == tab}
            for panel in panels_for(Distributor, user)
        ],
        "edit_url": reverse("profiles:distributor-edit", args=[pk]) if editable else None,
        "actions": actions,
    }


def may(user: Any, action: str, pk: int) -> bool:
    """Tell whether the user may do `action` on the distributor."""
    return bool(Distributor.objects.visible_to(user, action).filter(pk=pk).exists())


def move_links(user: Any, distributor: Distributor) -> list[dict[str, Any]]:
    """Return the moves the user may make, each a link to its form."""
    if not may(user, "change", distributor.pk):
        return []
    decides = may(user, "approve", distributor.pk)
    return [
        {"label": step.label, "url": reverse("profiles:distributor-move", args=[distributor.pk, step.name])}
        for step in moves_from(distributor.state)
        if decides or step.name not in DECISIONS
    ]

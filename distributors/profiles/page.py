"""The page of a distributor: the frame that tabs of this app and of higher ones fill."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Case, Q, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from accounts.absences import represented_by
from core import clock
from core.panels import panels_for
from core.scope import visibility
from core.sections import wants_fragment
from distributors.profiles.decisions import decidable
from distributors.profiles.models import Distributor
from distributors.profiles.querysets import DistributorQuerySet
from distributors.profiles.selectors import standing_chips, subtitle, survivor_link, territory_crumbs
from distributors.profiles.tag_sections import carriers_url
from distributors.profiles.tagging import tags_by_distributor
from distributors.profiles.workflow import DECISIONS, label_from, moves_from

FRAME_RIGHTS = ("merge", "change", "assign")
RELATED = ("type", "territory", "owner", "parent", "standing")


def distributor_for(request: Any, pk: int, action: str = "view", more: Sequence[str] = ()) -> Distributor:
    """Return the distributor on which the user may do `action`, with `more` relations read along; 404 elsewhere."""
    rows = Distributor.objects.visible_to(request.user, action).select_related(*RELATED, *more)
    return get_object_or_404(rows, pk=pk)


def _decidable(user: Any) -> DistributorQuerySet:
    return decidable(user, represented_by(user, clock.today(user.company)))


def decidable_for(request: Any, pk: int) -> Distributor:
    """Return the distributor on which the user may decide, also in place of someone absent; 404 elsewhere."""
    return get_object_or_404(_decidable(request.user).select_related(*RELATED), pk=pk)


def may_decide(user: Any, pk: int) -> bool:
    """Tell whether the user may decide on the distributor, also in place of someone absent."""
    return _decidable(user).filter(pk=pk).exists()


def tab_response(
    request: HttpRequest, distributor: Distributor, tab: str, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Answer the tab called `tab` (its panel's name), filled by `template`: alone to htmx, else within the page.

    The context may say as `rights` which of FRAME_RIGHTS the user has, and as `merged` the keys of the cards merged
    into this one, where that was asked already.
    """
    context = {"distributor": distributor, **context}
    if wants_fragment(request):
        response = TemplateResponse(request, template, context, status=status)
    else:
        frame = {"tab_template": template, **_frame(request, distributor, tab, context), **context}
        response = TemplateResponse(request, "profiles/distributor_page.html", frame, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _frame(request: Any, distributor: Distributor, tab: str, context: Mapping[str, Any]) -> dict[str, Any]:
    user, pk = request.user, distributor.pk
    rights: set[str] = context["rights"] if "rights" in context else rights_on(user, pk, *FRAME_RIGHTS)
    here = Distributor.objects.visible_to(user).filter(merged_into=pk).order_by("code")
    merged, merges = distributor.merged_into_id is not None, "merge" in rights
    editable = not merged and "change" in rights
    actions = []
    if merges and not merged:
        actions.append({"label": _("Merge duplicates"), "url": reverse("profiles:distributor-merge", args=[pk])})
    if not merged and "assign" in rights:
        actions.append({"label": _("Reassign"), "url": reverse("profiles:distributor-reassign", args=[pk])})
    return {
        "title": str(distributor),
        "subtitle": subtitle(distributor),
        "chips": standing_chips(distributor, distributor.standing) + tag_chips(distributor),
        "crumbs": territory_crumbs(distributor.territory, user),
        "tabs": [
            {"label": panel.title, "url": reverse(panel.url_name, args=[pk]), "active": panel.name == tab}
            for panel in panels_for(Distributor, user)
        ],
        "edit_url": reverse("profiles:distributor-edit", args=[pk]) if editable else None,
        "actions": actions,
        "merged_into": survivor_link(distributor, user) if merged else None,
        "merged_here": [] if context.get("merged") == [] else list(here),
        "unmerge_url": reverse("profiles:distributor-unmerge", args=[pk]) if merged and merges else "",
    }


def tag_chips(distributor: Distributor) -> list[dict[str, str]]:
    """Return the tags of a distributor, each the way to all who carry it."""
    tags = tags_by_distributor([distributor.pk]).get(distributor.pk, [])
    return [{"text": tag.name, "tone": "tag", "url": carriers_url(tag.pk), "title": _("Tag")} for tag in tags]


def rights_on(user: Any, pk: int, *actions: str) -> set[str]:
    """Return which of `actions` the user may do on the distributor, in one query."""
    asked = {action: visibility(Distributor, user, action) for action in actions}
    conditions: dict[str, Any] = {
        f"may_{action}": Case(When(condition or Q(pk__isnull=False), then=Value(True)), default=Value(False))
        for action, condition in asked.items()
        if condition is not None
    }
    found = Distributor.objects.filter(pk=pk).annotate(**conditions).values(*conditions).first() if conditions else None
    return {name.removeprefix("may_") for name, granted in (found or {}).items() if granted}


def may(user: Any, action: str, pk: int) -> bool:
    """Tell whether the user may do `action` on the distributor."""
    return bool(Distributor.objects.visible_to(user, action).filter(pk=pk).exists())


def move_links(user: Any, distributor: Distributor, changes: bool | None = None) -> list[dict[str, Any]]:
    """Return the moves the user may make, each a link to its form; `changes` where it is known who may change it."""
    if distributor.merged_into_id is not None:
        return []
    decides = may_decide(user, distributor.pk)
    changes = may(user, "change", distributor.pk) if changes is None else changes
    return [
        {
            "name": step.name,
            "label": label_from(step, distributor.state),
            "url": reverse("profiles:distributor-move", args=[distributor.pk, step.name]),
        }
        for step in moves_from(distributor.state)
        if (decides if step.name in DECISIONS else changes)
    ]

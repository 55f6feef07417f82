"""The territory tree: the tree itself, one territory, and the forms that move, close and open it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import territory_services as services
from accounts.models import STEP, Territory, TerritoryMove, User
from accounts.territory_forms import TerritoryCloseForm, TerritoryMoveForm
from accounts.tree import subtree_sums, tree_counts, tree_nodes
from core.errors import DomainError
from core.panels import panels_for
from core.scope import require_permission
from core.sections import DetailView, FormView, ListView, wants_fragment

MOVES_SHOWN = 50


class TerritoryTreeView(ListView):
    """The tree, indented and folding; the same address exports it as a list."""

    def get(self, request: Any) -> Any:
        """Answer the tree, its fragment to htmx, or the CSV."""
        filterset = self.section.filterset(request.GET, queryset=self.queryset(), request=request)
        if {"export", "choices"} & set(request.GET) or not filterset.is_valid():
            return super().get(request)
        asked = filterset.form.cleaned_data
        on = asked.get("on")
        counts = [] if on else tree_counts(request.user)
        shown = {"words": asked.get("q") or "", "on": on, "closed": bool(asked.get("closed"))}
        params = request.GET.copy()
        params["export"] = "csv"
        return self.render(
            "list_rows" if wants_fragment(request) else "list",
            title=self.section.title,
            nodes=tree_nodes(request.user, counts=counts, **shown),
            heads=[count.label for count in counts],
            on=on,
            named=request.user.has_perm("accounts.view_user"),
            filterset=filterset,
            active_filters=filterset.active(),
            export_url=f"?{params.urlencode()}",
            add_url=self.section.url("add") if self.may("add") else None,
            may_change=self.may("change"),
        )


class TerritoryAdd(FormView):
    """A new territory, below the one it was asked for; or another name for one."""

    def get(self, request: Any, **_kwargs: Any) -> Any:
        """Answer the form."""
        instance = self.instance()
        first = {} if instance.pk else {"parent": request.GET.get("parent", "")}
        return self.show(self.section.form(instance=instance, user=request.user, initial=first))


class TerritoryDetail(DetailView):
    """One territory: where it lies, what it holds, its moves, and what can be done to it."""

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Add the moves, the territories below, and the actions."""
        territory: Territory = context["object"]
        editable = bool(context["edit_url"])
        moves = list(territory.moves.select_related("before", "after", "created_by")[:MOVES_SHOWN])
        user: Any = self.request.user
        inside = Territory.objects.visible_to(user)
        context |= {
            "crumbs": _crumbs(territory, user),
            "chips": [{"text": _("closed"), "tone": "w"}] if territory.closed_on else [],
            "kpis": _figures(territory, user),
            "children": list(inside.filter(parent=territory).order_by("path")),
            "moves": moves,
            "planned": any(move.state == TerritoryMove.State.PLANNED for move in moves),
            "may_change": editable,
            "actions": _pages(territory, user) + (_actions(territory) if editable else []),
        }
        if self.request.user.has_perm("accounts.view_user"):
            context["people"] = list(User.objects.filter(territories=territory).order_by("name"))
        return super().render(template, status, **context)


def _crumbs(territory: Territory, user: User) -> list[dict[str, str]]:
    above = [territory.path[:end] for end in range(STEP, len(territory.path), STEP)]
    found = Territory.objects.visible_to(user).filter(path__in=above).order_by("path")
    crumbs = [{"label": _("Territories"), "url": reverse("accounts:territory-list")}]
    return crumbs + [{"label": one.name, "url": reverse("accounts:territory-detail", args=[one.pk])} for one in found]


def _figures(territory: Territory, user: User) -> list[dict[str, Any]]:
    return [
        {
            "label": count.label,
            "value": f"{subtree_sums(count.by_path).get(territory.path, 0):,}",
            "detail": _("with everything below"),
            "url": f"{count.url}{territory.pk}",
        }
        for count in tree_counts(user)
    ]


def _pages(territory: Territory, user: User) -> list[dict[str, Any]]:
    """Return the ways to what higher apps show of a territory."""
    panels = panels_for(Territory, user)
    return [{"label": panel.title, "url": reverse(panel.url_name, args=[territory.pk])} for panel in panels]


def _actions(territory: Territory) -> list[dict[str, Any]]:
    pk = territory.pk
    if territory.closed_on:
        return []
    return [
        {"label": _("Move"), "url": reverse("accounts:territory-move", args=[pk])},
        {"label": _("Close"), "url": reverse("accounts:territory-close", args=[pk])},
        {"label": _("Add below"), "url": f"{reverse('accounts:territory-add')}?parent={pk}", "primary": True},
    ]


def _to_change(request: Any, pk: int) -> Territory:
    require_permission(request.user, "accounts.change_territory")
    return get_object_or_404(Territory.objects.visible_to(request.user, "change"), pk=pk)


def _form(request: Any, form: Any, texts: dict[str, Any], status: int = 200) -> HttpResponse:
    return TemplateResponse(request, "core/form.html", {"form": form, **texts}, status=status)


@require_http_methods(["GET", "POST"])
def territory_move(request: Any, pk: int) -> HttpResponse:
    """Move a territory with all below it, from a month on."""
    territory = _to_change(request, pk)
    form = TerritoryMoveForm(request.POST or None, user=request.user, territory=territory)
    texts = {
        "title": _("Move %(name)s") % {"name": territory},
        "intro": _(
            "All below it moves with it, and so do the distributors. Months before keep the territory of their day."
        ),
        "submit_label": _("Move"),
        "cancel_url": reverse("accounts:territory-detail", args=[pk]),
    }
    if request.method == "GET":
        return _form(request, form, texts)
    if not form.is_valid():
        return _form(request, form, texts, 422)
    try:
        move = services.territory_move(actor=request.user, territory=territory, **form.cleaned_data)
    except DomainError as error:
        form.refuse(str(error), error.field)
        return _form(request, form, texts, 422)
    messages.success(request, _moved_text(move))
    return redirect("accounts:territory-detail", pk)


def _moved_text(move: TerritoryMove) -> str:
    words = {
        "name": move.territory,
        "to": move.after or _("the top"),
        "day": date_format(move.starts_on, "DATE_FORMAT"),
    }
    if move.state == TerritoryMove.State.DONE:
        return _("“%(name)s” lies within “%(to)s” from %(day)s on.") % words
    return _("“%(name)s” will move to “%(to)s” in the night to %(day)s.") % words


@require_POST
def territory_move_withdraw(request: Any, pk: int) -> HttpResponse:
    """Give up a planned move."""
    services.territory_move_withdraw(actor=request.user, territory=_to_change(request, pk))
    messages.success(request, _("The move is withdrawn."))
    return redirect("accounts:territory-detail", pk)


@require_http_methods(["GET", "POST"])
def territory_close(request: Any, pk: int) -> HttpResponse:
    """Close a territory; what it holds goes over to its successor."""
    territory = _to_change(request, pk)
    form = TerritoryCloseForm(request.POST or None, user=request.user, territory=territory)
    held = ", ".join(one.label for one in services.territory_holdings(territory))
    texts = {
        "title": _("Close %(name)s") % {"name": territory},
        "intro": _("It holds %(what)s.") % {"what": held} if held else _("It is empty."),
        "submit_label": _("Close"),
        "cancel_url": reverse("accounts:territory-detail", args=[pk]),
    }
    if request.method == "GET":
        return _form(request, form, texts)
    if not form.is_valid():
        return _form(request, form, texts, 422)
    try:
        services.territory_close(actor=request.user, territory=territory, **form.cleaned_data)
    except DomainError as error:
        form.refuse(str(error), error.field)
        return _form(request, form, texts, 422)
    messages.success(request, _("“%(name)s” is closed.") % {"name": territory})
    return redirect("accounts:territory-detail", pk)


@require_POST
def territory_open(request: Any, pk: int) -> HttpResponse:
    """Open a closed territory again."""
    services.territory_open(actor=request.user, territory=_to_change(request, pk))
    return redirect("accounts:territory-detail", pk)

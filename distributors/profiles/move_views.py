"""The forms that move a distributor through its life, and the page on which a second person decides."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core import clock
from core.errors import DomainError
from core.workflow import Move
from distributors.profiles import services
from distributors.profiles.decisions import decision_on
from distributors.profiles.forms import MoveForm
from distributors.profiles.models import Distributor, Lifecycle
from distributors.profiles.page import decidable_for, distributor_for, may, may_decide, move_links
from distributors.profiles.selection.rules import GUARDED, SelectionRefused, standing_of
from distributors.profiles.selectors import decision_rows, last_move, own_reviews, territory_crumbs
from distributors.profiles.views import form_page
from distributors.profiles.workflow import CONFIRMED, DECISIONS, MOVES, label_from


@require_http_methods(["GET", "POST"])
def move(request: Any, pk: int, name: str) -> HttpResponse:
    """Move a distributor to another state, with the reason; where that is not possible now, say so."""
    distributor = _door(request, pk, name)
    if name not in MOVES:
        raise Http404
    step, form = MOVES[name], MoveForm(request.POST or None)
    if distributor.state not in step.sources:
        return _impossible(request, distributor, step, 200 if request.method == "GET" else 409)
    if request.method == "GET":
        return _form(request, distributor, step, form)
    if not form.is_valid():
        return _form(request, distributor, step, form, 422)
    if name in CONFIRMED and form.cleaned_data["confirmed"] != name:
        form.ask_again(name)
        return _form(request, distributor, step, form, asked=True)
    reason = form.cleaned_data["reason"]
    try:
        services.lifecycle_move(actor=request.user, distributor=distributor, name=name, reason=reason)
    except SelectionRefused:
        form.refuse(_("Nothing was changed: what is missing stands above, each with the way to it."))
        return _form(request, _door(request, pk, name), step, form, 409)
    except DomainError as error:
        form.refuse(str(error), error.field)
        return _form(request, _door(request, pk, name), step, form, 409)
    messages.success(
        request, _("%(name)s is now: %(state)s.") % {"name": distributor, "state": distributor.get_state_display()}
    )
    return redirect("profiles:distributor-profile", pk) if may(request.user, "view", pk) else redirect("core:home")


def _door(request: Any, pk: int, name: str) -> Distributor:
    return decidable_for(request, pk) if name in DECISIONS else distributor_for(request, pk, "change")


def _form(
    request: Any, distributor: Distributor, step: Move, form: MoveForm, status: int = 200, *, asked: bool = False
) -> HttpResponse:
    """Ask for the reason; whoever decides on a review sees what it rests on, and every way it may go.

    Where the move is `asked` for, it is said what it does, and the next press makes it.
    """
    label = label_from(step, distributor.state)
    warning = ""
    if asked:
        warning = _(
            "“%(move)s”: %(name)s is ended then and leaves the work lists; only a sales manager reopens it, as a "
            "prospect. Press once more to confirm."
        ) % {"move": label, "name": distributor}
    if distributor.state != Lifecycle.REVIEW or not may_decide(request.user, distributor.pk):
        title = _("%(move)s: %(name)s") % {"move": label, "name": distributor}
        submit = _("Confirm: %(move)s") % {"move": label} if asked else label
        page = form_page(request, distributor, form, title, submit, status, warning)
        if step.name in GUARDED:
            page.template_name = "profiles/selection/move_form.html"
            found = page.context_data or {}
            page.context_data = {**found, **standing_of(distributor, request.user), "linked": True}
        return page
    own = own_reviews(request.user).filter(distributor=distributor).exists()
    standing = standing_of(distributor, request.user)
    kept = own or standing["reasons"]
    moves = [one for one in move_links(request.user, distributor) if not (kept and one["name"] == "approve")]
    context = {
        **_frame(request, distributor),
        "title": _("Decide on %(name)s") % {"name": distributor},
        "proposal": last_move(distributor),
        "rows": decision_rows(distributor, request.user),
        "own": own,
        **standing,
        "linked": may(request.user, "change", distributor.pk),
        "absent": decision_on(distributor, request.user, clock.today()).on_behalf_of,
        "moves": sorted(moves, key=lambda one: one["name"] == "approve"),
        "asked": step.name if asked else "",
        "warning": warning,
        "form": form,
    }
    return TemplateResponse(request, "profiles/decision.html", context, status=status)


def _impossible(request: Any, distributor: Distributor, step: Move, status: int) -> HttpResponse:
    context = {
        **_frame(request, distributor),
        "title": _("%(move)s: %(name)s") % {"move": step.label, "name": distributor},
        "change": last_move(distributor),
        "move": step,
        "reason": request.POST.get("reason", ""),
        "moves": move_links(request.user, distributor),
    }
    return TemplateResponse(request, "profiles/move_impossible.html", context, status=status)


def _frame(request: Any, distributor: Distributor) -> dict[str, Any]:
    return {
        "distributor": distributor,
        "crumbs": territory_crumbs(distributor.territory, request.user),
        "may_view": may(request.user, "view", distributor.pk),
    }

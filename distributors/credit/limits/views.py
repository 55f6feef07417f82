"""The account of a distributor, requests of limits and what is decided on them, checks, overrides."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.absences import represented_by
from core import clock
from core.company import company
from core.errors import DomainError, StaleVersion
from core.money import from_units
from core.scope import require_permission, visibility
from core.sections import DetailView
from distributors.credit.limits.checks import credit_check, reservation_release
from distributors.credit.limits.entries import decidable_requests
from distributors.credit.limits.forms import CheckForm, DecisionForm, LimitForm, OverrideForm, PolicyForm
from distributors.credit.limits.holds import hold_override, override_end
from distributors.credit.limits.models import CreditCheck, CreditLimit, HoldOverride, LimitPolicy, LimitState
from distributors.credit.limits.pages import account_for, done, form_page, tab_url
from distributors.credit.limits.recommending import recommendation
from distributors.credit.limits.rules import account_now, decider, level_of, policy_now, total_of
from distributors.credit.limits.selectors import account_page, check_groups, limit_groups, rights_of, working_rows
from distributors.credit.limits.services import (
    limit_decide,
    limit_request,
    limit_withdraw,
    policy_change,
)
from distributors.profiles.page import distributor_for, tab_response

__all__ = ["CheckDetail", "LimitDetail", "tab_url"]


@require_GET
def distributor_limit(request: Any, pk: int) -> HttpResponse:
    """Show limit, exposure and headroom of a distributor, the hold, what secures it, and what was promised."""
    require_permission(request.user, "credit.view_creditlimit")
    distributor = distributor_for(request, pk)
    context = {
        **account_page(distributor, request.user),
        "may_credit": rights_of(request.user),
        "merged": distributor.merged_into_id is not None,
    }
    return tab_response(request, distributor, "limit", "credit/limits/_account.html", context)


@require_http_methods(["GET", "POST"])
def limit_ask(request: Any, pk: int) -> HttpResponse:
    """Ask for a limit or an increase, beside the recommendation with its arithmetic."""
    distributor = account_for(request, pk, "credit.add_creditlimit")
    policy = policy_now()
    found = recommendation(distributor, policy, clock.today())
    initial = {"amount": found.amount} if not found.lacks else {}
    form = LimitForm(request.POST or None, distributor=distributor, initial=initial)

    def act(data: dict[str, Any]) -> HttpResponse:
        made = limit_request(actor=request.user, distributor=distributor, **data)
        return done(request, _("The request waits for a decision."), made.get_absolute_url())

    account = account_now(distributor, policy)
    return form_page(
        request,
        form,
        act,
        "credit/limits/request.html",
        title=_("Credit limit of %(name)s") % {"name": distributor},
        recommended=found,
        working=working_rows(found.kept(), company().base_currency),
        limit_now=None if account.limit is None else from_units(account.limit),
        exposure=from_units(account.exposure.total),
        currency=company().base_currency,
        cancel_url=tab_url(pk),
        submit_label=_("Ask"),
    )


def requests_for(user: Any) -> Any:
    """Return the limits that the user may see, and the requests that wait for them in place of someone absent."""
    seen = visibility(CreditLimit, user, "view")
    if seen is not None and not seen:
        return CreditLimit.objects.all()
    waiting = Q(pk__in=decidable_requests(user, represented_by(user, clock.today())).values("pk"))
    return CreditLimit.objects.filter(waiting if seen is None else seen | waiting)


class LimitDetail(DetailView):
    """A request with the recommendation of its day, who decided, and the presses of who may."""

    def queryset(self) -> Any:
        """Return what the user sees or decides on."""
        return requests_for(self.request.user)

    def get(self, request: Any, pk: int) -> Any:
        """Add the working and the presses."""
        response = super().get(request, pk)
        found: CreditLimit = response.context_data["object"]
        response.context_data |= decision_context(request, found)
        response.context_data |= {
            "title": capfirst(f"{found.get_kind_display()} {found}"),
            "groups": limit_groups(found, company().base_currency),
            "working": working_rows(found.working, company().base_currency),
            "account_url": tab_url(found.distributor_id),
        }
        return response


def decision_context(request: Any, found: CreditLimit) -> dict[str, Any]:
    """Return whether the reader may decide on a request or take it back, and how many must approve."""
    if found.state != LimitState.REQUESTED:
        return {}
    policy = policy_now()
    level = level_of(total_of(found, found.base_amount), policy)
    who = decider(found, request.user, level, clock.today())
    return {
        "level": int(level),
        "may_decide": who.allowed,
        "absent": who.on_behalf_of,
        "refusal": who.refusal,
        "mine": request.user.pk == found.requested_by_id,
        "decision": DecisionForm(),
    }


@require_POST
def limit_decision(request: Any, pk: int, name: str) -> HttpResponse:
    """Approve or decline a request, also in place of someone absent."""
    if name not in ("approve", "decline"):
        raise Http404
    if request.user.reach("credit.approve_creditlimit") is None and not represented_by(request.user, clock.today()):
        raise PermissionDenied
    found = get_object_or_404(requests_for(request.user).select_related("distributor"), pk=pk)
    form = DecisionForm(request.POST)
    try:
        note = form.cleaned_data["note"] if form.is_valid() else ""
        limit_decide(actor=request.user, request=found, approve=name == "approve", note=note)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(found)
    found.refresh_from_db()
    waits = found.state == LimitState.REQUESTED
    said = _("Approved; a second person decides.") if waits else str(found.get_state_display()).capitalize() + "."
    return done(request, said, found.get_absolute_url())


@require_POST
def limit_back(request: Any, pk: int) -> HttpResponse:
    """Take back one's own request."""
    require_permission(request.user, "credit.add_creditlimit")
    found = get_object_or_404(CreditLimit.objects.visible_to(request.user), pk=pk)
    try:
        limit_withdraw(actor=request.user, request=found)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(found)


@require_http_methods(["GET", "POST"])
def override(request: Any, pk: int) -> HttpResponse:
    """Sign that orders go in spite of the hold."""
    distributor = account_for(request, pk, "credit.add_holdoverride")

    def act(data: dict[str, Any]) -> HttpResponse:
        made = hold_override(actor=request.user, distributor=distributor, **data)
        return done(request, _("Signed: orders go until %(day)s.") % {"day": made.ends_on}, tab_url(pk))

    return form_page(
        request,
        OverrideForm(request.POST or None),
        act,
        title=_("Deliver in spite of the hold: %(name)s") % {"name": distributor},
        intro=_("It lifts the hold, not the limit: an order must still fit into the headroom."),
        cancel_url=tab_url(pk),
        submit_label=_("Sign"),
        narrow=True,
    )


@require_POST
def override_stop(request: Any, pk: int) -> HttpResponse:
    """End an override before its day."""
    require_permission(request.user, "credit.add_holdoverride")
    rows = HoldOverride.objects.visible_to(request.user, "add").select_related("distributor")
    found = get_object_or_404(rows, pk=pk)
    try:
        override_end(actor=request.user, override=found)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(tab_url(found.distributor_id))


@require_http_methods(["GET", "POST"])
def check_ask(request: Any) -> HttpResponse:
    """Ask whether an order may go."""
    require_permission(request.user, "credit.add_creditcheck")
    initial = {"distributor": request.GET.get("distributor", "")[:40], "currency": company().base_currency}

    def act(data: dict[str, Any]) -> HttpResponse:
        hours = data.pop("reserve_hours")
        until = clock.now() + timedelta(hours=hours) if hours else None
        made = credit_check(actor=request.user, reserve_until=until, **data)
        return redirect(made)

    return form_page(
        request,
        CheckForm(request.POST or None, user=request.user, initial=initial),
        act,
        title=_("May this order go?"),
        cancel_url=reverse("credit:creditcheck-list"),
        submit_label=_("Check"),
        narrow=True,
    )


class CheckDetail(DetailView):
    """The answer to a check, as it was given."""

    def get(self, request: Any, pk: int) -> Any:
        """Add the figures and the press that gives the reservation back."""
        response = super().get(request, pk)
        found: CreditCheck = response.context_data["object"]
        reserves = found.released_at is None and found.reserved_until and found.reserved_until > clock.now()
        response.context_data |= {
            "title": _("%(amount)s for %(name)s") % {"amount": found, "name": found.distributor},
            "chips": [{"text": _("approved") if found.approved else _("held"), "tone": "g" if found.approved else "b"}],
            "groups": check_groups(found, company().base_currency),
            "reserves": bool(reserves) and request.user.reach("credit.add_creditcheck") is not None,
        }
        return response


@require_POST
def check_release(request: Any, pk: int) -> HttpResponse:
    """Give back what a check has reserved."""
    require_permission(request.user, "credit.add_creditcheck")
    found = get_object_or_404(CreditCheck.objects.visible_to(request.user, "add"), pk=pk)
    try:
        reservation_release(actor=request.user, instance=found)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(found)


@require_http_methods(["GET", "POST"])
def policy(request: Any) -> HttpResponse:
    """Show the rules and their versions, and change them."""
    require_permission(request.user, "credit.change_limitpolicy")
    current = policy_now()
    form = PolicyForm(request.POST or None, current=current)
    page = {
        "title": _("Credit limits and holds"),
        "versions": list(LimitPolicy.objects.select_related("created_by")),
        "currency": company().base_currency,
    }

    def act(data: dict[str, Any]) -> HttpResponse:
        try:
            made = policy_change(actor=request.user, opened=data["opened"], note=data["note"], **form.settings())
        except StaleVersion as error:
            form.data = {**request.POST.dict(), "opened": str(policy_now().number)}
            form.add_error(None, str(error))
            return TemplateResponse(request, "credit/limits/policy.html", {"form": form, **page}, status=409)
        return done(request, _("%(version)s holds from now on.") % {"version": str(made).capitalize()}, request.path)

    return form_page(request, form, act, "credit/limits/policy.html", **page)

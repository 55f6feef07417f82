"""The tab of selection on a distributor's page, the form of a scorecard, and a scorecard that is history."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError, StaleVersion
from distributors.profiles.models import Distributor
from distributors.profiles.page import distributor_for, may, move_links, tab_response
from distributors.profiles.selection.anchors import RISK_WORDS
from distributors.profiles.selection.forms import ScorecardForm
from distributors.profiles.selection.models import Assessment, AssessmentState
from distributors.profiles.selection.rules import standing_of
from distributors.profiles.selection.selectors import (
    assessments_of,
    checks_of,
    draft_of,
    policy_now,
    risk_matrix,
    risks_of,
    scorecard_rows,
)
from distributors.profiles.selection.services import EDITABLE, assessment_save


def require(user: Any, *permissions: str) -> None:
    """Refuse a user who lacks one of the permissions of this app."""
    if any(user.reach(f"profiles.{name}") is None for name in permissions):
        raise PermissionDenied


def editable_for(request: Any, pk: int, model: str) -> Distributor:
    """Return the distributor whose `model` the user may change; refused without the right, 404 out of reach."""
    require(request.user, f"change_{model}")
    return distributor_for(request, pk, "change")


def tab_url(distributor_pk: int, place: str = "") -> str:
    """Return the address of the tab, at one of its parts."""
    return reverse("profiles:distributor-selection", args=[distributor_pk]) + (f"#{place}" if place else "")


@require_GET
def distributor_tab(request: Any, pk: int) -> HttpResponse:
    """Show the scorecard, the due diligence and the risks of a distributor, and what is missing for the next step."""
    user = request.user
    require(user, "view_assessment", "view_diligenceitem", "view_risk")
    distributor = distributor_for(request, pk)
    opened = distributor.state in EDITABLE and distributor.merged_into_id is None
    standing, policy = standing_of(distributor, user), policy_now()
    assessments = assessments_of(pk, user)
    risks = risks_of(pk, user, policy.risk_limit)
    moves = [one for one in move_links(user, distributor) if one["name"] == standing["next"]]
    context = {
        **standing,
        "policy": policy,
        "opened": opened,
        "editable": opened and may(user, "change", pk),
        "latest": assessments[0] if assessments else None,
        "rows": scorecard_rows(assessments[0] if assessments else None),
        "earlier": assessments[1:],
        "draft": draft_of(pk) if opened else None,
        "checks": checks_of(pk, user),
        "risks": risks,
        "matrix": risk_matrix(risks, policy.risk_limit),
        "impacts": list(enumerate(RISK_WORDS["impact"], 1)),
        "move": moves[0] if moves else None,
    }
    return tab_response(request, distributor, "selection", "profiles/selection/_tab.html", context)


@require_http_methods(["GET", "POST"])
def rate(request: Any, pk: int) -> HttpResponse:
    """Rate a prospect: kept as a draft, or submitted once it is complete."""
    distributor = editable_for(request, pk, "assessment")
    draft, policy = draft_of(pk), policy_now()
    form = ScorecardForm(request.POST or None, draft=draft or _latest(pk), weights=policy.weights)
    if draft is None:
        form.fields["version"].initial = 0
    if request.method == "GET":
        return _rate_page(request, distributor, form)
    if not form.is_valid():
        return _rate_page(request, distributor, form, 422)
    submit = "submit" in request.POST
    try:
        made = assessment_save(
            actor=request.user,
            distributor=distributor,
            ratings=form.ratings(),
            version=form.cleaned_data["version"],
            submit=submit,
        )
    except StaleVersion:
        form.data = {**request.POST.dict(), "version": str(draft.version if draft else 0)}
        form.add_error(None, _("Someone kept this scorecard meanwhile. Save again to replace theirs with yours."))
        return _rate_page(request, distributor, form, 409)
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _rate_page(request, distributor, form, 422)
    said = _("The scorecard is submitted: %(score)s of 100.") % {"score": made.score} if submit else _("Draft kept.")
    messages.success(request, said)
    return redirect(tab_url(pk, "scorecard"))


def _latest(pk: int) -> Assessment | None:
    """Return the last submitted scorecard, from whose ratings the next one begins."""
    found: Assessment | None = Assessment.objects.filter(distributor=pk, state=AssessmentState.SUBMITTED).first()
    return found


def _rate_page(request: Any, distributor: Distributor, form: ScorecardForm, status: int = 200) -> HttpResponse:
    context = {
        "title": _("Scorecard of %(name)s") % {"name": distributor},
        "distributor": distributor,
        "form": form,
        "cancel_url": tab_url(distributor.pk),
    }
    return TemplateResponse(request, "profiles/selection/rate.html", context, status=status)


@require_GET
def assessment_detail(request: Any, pk: int) -> HttpResponse:
    """Show a submitted scorecard with the weights that made it and its working."""
    require(request.user, "view_assessment")
    rows = Assessment.objects.visible_to(request.user).filter(state=AssessmentState.SUBMITTED)
    found = get_object_or_404(rows.select_related("distributor", "policy", "rated_by"), pk=pk)
    context = {
        "title": _("Scorecard of %(name)s") % {"name": found.distributor},
        "latest": found,
        "rows": scorecard_rows(found),
        "back_url": tab_url(found.distributor_id, "scorecard"),
    }
    return TemplateResponse(request, "profiles/selection/assessment.html", context)

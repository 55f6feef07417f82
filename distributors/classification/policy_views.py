"""The policy tab, and the forms that change a policy."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from core.errors import DomainError, StaleVersion
from core.scope import require_permission
from distributors.classification import services
from distributors.classification.forms import PolicyForm, VersionForm
from distributors.classification.models import Policy, PolicyVersion
from distributors.classification.page import chosen_policy, page
from distributors.classification.selectors.policies import moves_if
from distributors.classification.selectors.runs import shown_run, version_on
from distributors.classification.wording import version_rows


@require_GET
def policy(request: Any) -> HttpResponse:
    """Show the settings in force, what they mean, and their history."""
    require_permission(request.user, "classification.view_policy")
    found = chosen_policy(request)
    if found is None:
        return page(request, "policy", "policy", None)
    versions = list(found.versions.select_related("created_by"))
    current = version_on(found, clock.today())
    return page(
        request,
        "policy",
        "policy",
        found,
        current=current,
        rows=version_rows(current),
        versions=versions,
        territories=list(found.territories.visible_to(request.user)),
        may_change=request.user.has_perm("classification.change_policy"),
    )


@require_http_methods(["GET", "POST"])
def version_add(request: Any, pk: int) -> HttpResponse:
    """Change a policy: first shows who would move, then saves a new version."""
    require_permission(request.user, "classification.change_policy")
    found = get_object_or_404(Policy.objects.visible_to(request.user, "change"), pk=pk)
    current = found.versions.order_by("-number")[0]
    current.policy = found
    form = VersionForm(request.POST or None, current=current)
    moves = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.settings_refuse(**form.settings())
            if "save" in request.POST:
                services.version_add(
                    actor=request.user,
                    policy=found,
                    opened=data["opened"],
                    valid_from=data["valid_from"],
                    note=data["note"],
                    **form.settings(),
                )
                messages.success(request, _("The new version is saved."))
                return redirect(found)
            moves = _moves(request.user, current, form.settings())
        except StaleVersion as error:
            form.add_error(None, str(error))
            return _version_page(request, form, current, moves, 409)
        except DomainError as error:
            form.add_error(None, str(error))
    return _version_page(request, form, current, moves, 422 if form.errors else 200)


def _moves(user: Any, current: PolicyVersion, settings: dict[str, Any]) -> Any:
    run = shown_run(current.policy)
    proposed = PolicyVersion(policy=current.policy, **settings)
    return moves_if(user=user, current=current, proposed=proposed, as_of=run.as_of if run else clock.today())


def _version_page(request: Any, form: Any, current: PolicyVersion, moves: Any, status: int) -> HttpResponse:
    context = {
        "title": _("Change the policy “%(policy)s”") % {"policy": current.policy},
        "form": form,
        "moves": moves,
        "current": current,
        "cancel_url": current.policy.get_absolute_url(),
    }
    return TemplateResponse(request, "classification/version_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def policy_add(request: Any) -> HttpResponse:
    """Add a policy for a further population."""
    require_permission(request.user, "classification.change_policy")
    form = PolicyForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.policy_add(actor=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return redirect(made)
    context = {
        "title": _("New population"),
        "form": form,
        "cancel_url": reverse("classification:policy"),
        "submit_label": _("Add"),
    }
    return TemplateResponse(request, "core/form.html", context, status=422 if form.errors else 200)

"""The tab of the groups by volume: who is in them, and whether resources went where the plan says."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.scope import require_permission
from distributors.classification import services
from distributors.classification.forms import ScarceForm
from distributors.classification.models import Policy
from distributors.classification.page import chosen_policy, page
from distributors.classification.selectors.resources import group_figures, resources_of
from distributors.classification.selectors.runs import shown_run
from distributors.classification.wording import list_url, run_text


@require_GET
def resources(request: Any) -> HttpResponse:
    """Show the groups by volume among the user's distributors, and each resource, plan against fact."""
    require_permission(request.user, "classification.view_classification")
    policy = chosen_policy(request)
    run = shown_run(policy) if policy else None
    if run is None or policy is None:
        return page(request, "resources", "resources", policy, run=None)
    figures = group_figures(user=request.user, run=run)
    return page(
        request,
        "resources",
        "resources",
        policy,
        run=run,
        run_text=run_text(run),
        figures=[{"row": one, "url": list_url(run=run.pk, volume_group=one.group)} for one in figures],
        version=run.version,
        resources=resources_of(user=request.user, run=run, figures=figures),
        scarce=list(policy.scarce_lines.all()),
        grouped=any(one.count for one in figures),
        may_change=request.user.has_perm("classification.change_policy"),
    )


@require_http_methods(["GET", "POST"])
def scarce(request: Any, pk: int) -> HttpResponse:
    """Choose the product lines of which there is not enough for all."""
    require_permission(request.user, "classification.change_policy")
    found = get_object_or_404(Policy.objects.visible_to(request.user, "change"), pk=pk)
    form = ScarceForm(request.POST or None, instance=found)
    back = f"{reverse('classification:resources')}?policy={found.pk}"
    if request.method == "POST" and form.is_valid():
        services.scarce_set(actor=request.user, policy=found, lines=form.cleaned_data["scarce_lines"])
        messages.success(request, _("The scarce goods are saved."))
        return redirect(back)
    context = {
        "title": _("Scarce goods of “%(policy)s”") % {"policy": found},
        "form": form,
        "cancel_url": back,
        "submit_label": _("Save"),
    }
    return TemplateResponse(request, "core/form.html", context, status=422 if form.errors else 200)

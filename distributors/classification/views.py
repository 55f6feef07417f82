"""The classification page, and the tab on a distributor's page."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock
from core.company import company
from core.errors import DomainError
from core.schedules import schedule_ensure
from core.scope import require_permission
from distributors.classification import services
from distributors.classification.charts import history_chart, pareto_chart
from distributors.classification.forms import OverrideForm
from distributors.classification.models import ClassRun, Override
from distributors.classification.page import chosen_policy, page
from distributors.classification.selectors.overview import about_to_change, movements_between, overview_of
from distributors.classification.selectors.runs import next_close, preview_of, shown_run
from distributors.classification.selectors.working import why_of
from distributors.classification.tables import class_tone
from distributors.classification.wording import (
    class_kpis,
    in_force_text,
    movement_rows,
    pending_text,
    run_text,
    working_rows,
)
from distributors.profiles.page import distributor_for, tab_response

ABOUT_TO_CHANGE = 8


@require_GET
def overview(request: Any) -> HttpResponse:
    """Show the classes among the user's distributors, the curve, and who is about to change."""
    require_permission(request.user, "classification.view_classification")
    policy = chosen_policy(request)
    run = shown_run(policy) if policy else None
    if run is None:
        return page(request, "overview", "overview", policy, run=None)
    found, currency = overview_of(user=request.user, run=run), company().base_currency
    reach = request.user.reach("classification.view_classification")
    preview = preview_of(run.policy)
    return page(
        request,
        "overview",
        "overview",
        policy,
        run=run,
        run_text=run_text(run),
        kpis=class_kpis(found, run, currency),
        overview=found,
        currency=currency,
        pareto=pareto_chart(found, run=run, currency=currency, whole=reach.everything),
        whole=reach.everything,
        moving=about_to_change(user=request.user, run=preview or run, limit=ABOUT_TO_CHANGE),
        moving_run=preview or run,
        moving_on=next_close((preview or run).as_of),
    )


@require_GET
def movements(request: Any) -> HttpResponse:
    """Show how many went from class to class between two closed months."""
    require_permission(request.user, "classification.view_classification")
    policy = chosen_policy(request)
    runs = list(ClassRun.objects.visible_to(request.user).filter(policy=policy).select_related("policy")[:60])
    closed = [run for run in runs if run.official]
    after = _chosen(runs, request.GET.get("after")) or next(iter(closed), None)
    earlier = [run for run in closed if after and run.as_of < after.as_of]
    before = _chosen(runs, request.GET.get("before")) or next(iter(earlier), None)
    context: dict[str, Any] = {"runs": runs, "after": after, "before": before}
    if after and before:
        table = movements_between(user=request.user, before=before, after=after)
        context |= {"movements": table, "rows": movement_rows(table)}
    return page(request, "movements", "movements", policy, **context)


def _chosen(runs: list[ClassRun], key: str | None) -> ClassRun | None:
    return next((run for run in runs if str(run.pk) == key), None)


@require_POST
def run_now(request: Any) -> HttpResponse:
    """Close the months that lack their close and make the preview of today, as the night does."""
    require_permission(request.user, "classification.run_policy")
    return redirect(schedule_ensure(actor=request.user, name="classification.nightly"))


@require_GET
def distributor(request: Any, pk: int) -> HttpResponse:
    """Show why a distributor has its class."""
    require_permission(request.user, "classification.view_classification")
    found = distributor_for(request, pk)
    why, currency = why_of(user=request.user, distributor_id=pk), company().base_currency
    context: dict[str, Any] = {"why": why}
    if why is not None:
        today = clock.today()
        context |= {
            "run_text": run_text(why.row.run),
            "tone": class_tone(found.standing.abc),
            "in_force": in_force_text(why, today),
            "pending": pending_text(why.ahead or why.row),
            "ahead_text": run_text(why.ahead.run) if why.ahead else "",
            "rows": working_rows(why, currency),
            "history": history_chart(why.history, currency=currency) if why.history else None,
            "overrides": [{"row": row, "open": row.is_on(today)} for row in why.overrides],
            "may_override": request.user.has_perm("classification.add_override"),
            "standing": found.standing,
        }
    return tab_response(request, found, "classification", "classification/_distributor.html", context)


@require_http_methods(["GET", "POST"])
def override(request: Any, pk: int) -> HttpResponse:
    """Set the class of a distributor by hand."""
    require_permission(request.user, "classification.add_override")
    found = distributor_for(request, pk)
    form = OverrideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.override_add(actor=request.user, distributor=found, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The class is set by hand until %(day)s.") % {"day": form["ends_on"].value()})
            return redirect("classification:distributor", pk)
    context = {
        "title": _("Set the class of %(name)s by hand") % {"name": found},
        "form": form,
        "cancel_url": reverse("classification:distributor", args=[pk]),
        "submit_label": _("Set the class"),
    }
    return TemplateResponse(request, "core/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def override_end(request: Any, pk: int) -> HttpResponse:
    """End a class set by hand, after asking."""
    require_permission(request.user, "classification.add_override")
    rows = Override.objects.visible_to(request.user, "add").select_related("distributor")
    found = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        services.override_end(actor=request.user, override=found)
        messages.success(request, _("The class by the rules holds again."))
        return redirect("classification:distributor", found.distributor_id)
    context = {
        "title": _("End the class set by hand for %(name)s?") % {"name": found.distributor},
        "override": found,
        "cancel_url": reverse("classification:distributor", args=[found.distributor_id]),
    }
    return TemplateResponse(request, "classification/override_end.html", context)

"""The tabs of a distributor's page and the forms that change one thing."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.generic import View

from core import clock
from core.audit_sections import AuditSection
from core.contributors import collect
from core.errors import DomainError
from core.timeline import Span, timeline_events
from distributors.profiles import services
from distributors.profiles.assignments import assignment_start
from distributors.profiles.forms import AssignmentForm, PlaceForm
from distributors.profiles.models import Distributor, Place
from distributors.profiles.overview import open_points, overview_kpis
from distributors.profiles.page import distributor_for, may, tab_response
from distributors.profiles.querysets import Accounts
from distributors.profiles.selectors import history, supply, timeline_filter
from distributors.profiles.supply import supplier_apart


class OverviewView(View):
    """The first tab: figures, supply, what needs someone, and the timeline."""

    section: Any = None

    def get(self, request: Any, pk: int) -> HttpResponse:
        """Answer the overview of a visible distributor."""
        company = request.user.company
        distributor, as_of = distributor_for(request, pk), clock.today(company)
        accounts = Accounts([pk])
        events = timeline_events(request.user, accounts, Span(today=as_of, glance=True))
        kinds, shown = timeline_filter(events, request.GET.get("kind", ""), request.path)
        context = {
            "merged": accounts.merged,
            "charts": collect("overview", request.user, pk, as_of),
            "kpis": overview_kpis(distributor.standing, as_of, company.base_currency),
            "points": open_points(distributor, distributor.standing, as_of, company.base_currency),
            "kinds": kinds,
            "events": shown,
            **supply(distributor, request.user, company.base_currency),
            "apart": supplier_apart(distributor),
        }
        return tab_response(request, distributor, "overview", "profiles/_overview.html", context)


@require_GET
def trail(request: Any, pk: int) -> HttpResponse:
    """Show who changed what."""
    distributor = distributor_for(request, pk, "audit")
    context = {
        "history": history(distributor, request.user),
        "trail_url": AuditSection.trail_url(distributor, request.user),
    }
    return tab_response(request, distributor, "history", "profiles/_history.html", context)


def form_page(
    request: HttpRequest,
    distributor: Distributor,
    form: Any,
    title: str,
    submit: str,
    status: int = 200,
    warning: str = "",
) -> TemplateResponse:
    """Answer a form that changes one thing of a distributor, with the way back to its profile."""
    context = {
        "form": form,
        "warning": warning,
        "title": title,
        "submit_label": submit,
        "cancel_url": reverse("profiles:distributor-profile", args=[distributor.pk]),
    }
    return TemplateResponse(request, "core/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def reassign(request: Any, pk: int) -> HttpResponse:
    """Give a distributor to a territory and an owner from a month on."""
    distributor = distributor_for(request, pk, "assign")
    if request.method == "GET" and distributor.merged_into_id is not None:
        return redirect("profiles:distributor-detail", pk)
    form = AssignmentForm(request.POST or None, user=request.user, distributor=distributor)
    title, submit = _("Reassign %(name)s") % {"name": distributor}, _("Reassign")
    if request.method == "GET":
        return form_page(request, distributor, form, title, submit)
    if not form.is_valid():
        return form_page(request, distributor, form, title, submit, 422)
    try:
        assignment_start(actor=request.user, distributors=[distributor], **form.cleaned_data)
    except DomainError as error:
        form.refuse(str(error), error.field)
        return form_page(request, distributor, form, title, submit, 422)
    messages.success(request, _("The assignment is saved. For a new owner, the hand-over sheet stands beside it."))
    if not may(request.user, "view", pk):
        return redirect("core:home")
    return redirect("profiles:distributor-profile", pk)


@require_http_methods(["GET", "POST"])
def place_edit(request: Any, pk: int, place_pk: int | None = None) -> HttpResponse:
    """Add a shipping address, or change one."""
    distributor = distributor_for(request, pk, "change")
    place = _shipping(distributor, place_pk) if place_pk else None
    form = PlaceForm(request.POST or None, instance=place)
    title = _("Shipping address of %(name)s") % {"name": distributor}
    if request.method == "GET":
        return form_page(request, distributor, form, title, _("Save"))
    if not form.is_valid():
        return form_page(request, distributor, form, title, _("Save"), 422)
    try:
        services.place_save(actor=request.user, distributor=distributor, place=place, **form.cleaned_data)
    except DomainError as error:
        form.add_error(None, str(error))
        return form_page(request, distributor, form, title, _("Save"), 422)
    return redirect("profiles:distributor-profile", pk)


@require_POST
def place_remove(request: Any, pk: int, place_pk: int) -> HttpResponse:
    """Remove a shipping address."""
    distributor = distributor_for(request, pk, "change")
    services.place_remove(actor=request.user, place=_shipping(distributor, place_pk))
    return redirect("profiles:distributor-profile", pk)


def _shipping(distributor: Distributor, pk: int) -> Place:
    return get_object_or_404(Place, pk=pk, distributor=distributor, kind=Place.Kind.SHIPPING)

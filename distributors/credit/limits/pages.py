"""What the pages of credit share: the form that does one thing, and the doors."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from core.errors import DomainError, TransitionRefused
from core.scope import require_permission
from distributors.profiles.models import Distributor
from distributors.profiles.page import distributor_for


def tab_url(distributor_pk: int, place: str = "") -> str:
    """Return the address of the account on a distributor's page, at one of its parts."""
    return reverse("credit:distributor-limit", args=[distributor_pk]) + (f"#{place}" if place else "")


def account_for(request: Any, pk: int, permission: str) -> Distributor:
    """Return the distributor whose account the user may write so; refused without the right, 404 out of reach."""
    require_permission(request.user, permission)
    found = distributor_for(request, pk)
    if not reaches(request.user, permission, found):
        raise Http404
    return found


def reaches(user: Any, permission: str, distributor: Distributor) -> bool:
    """Tell whether the reach of a permission holds a distributor."""
    reach = user.reach(permission)
    if reach is None or reach.everything:
        return reach is not None
    inside = any(low <= distributor.territory_path < high for low, high in reach.ranges)
    return inside or (reach.owner_id is not None and reach.owner_id == distributor.owner_id)


def done(request: Any, said: str, where: str) -> HttpResponse:
    """Say what was done and lead on."""
    messages.success(request, said)
    return redirect(where)


def form_page(
    request: Any,
    form: Any,
    act: Callable[[dict[str, Any]], HttpResponse],
    template: str = "core/form.html",
    **page: Any,
) -> HttpResponse:
    """Show a form, and on POST do `act` with what was entered; what stands against it is said beside its field."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return act(form.cleaned_data)
            except TransitionRefused as error:
                form.add_error(None, str(error))
                status = 409
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
    return TemplateResponse(request, template, {"form": form, **page}, status=status)

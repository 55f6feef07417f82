"""How prospects are selected: the weights and limits that hold, their versions, and the form that adds one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError, StaleVersion
from core.scope import require_permission
from distributors.profiles.selection.forms import PolicyForm
from distributors.profiles.selection.models import SelectionPolicy
from distributors.profiles.selection.selectors import policy_now
from distributors.profiles.selection.services import policy_change


@require_http_methods(["GET", "POST"])
def policy(request: Any) -> HttpResponse:
    """Show the policy and its versions, and change it."""
    require_permission(request.user, "profiles.change_selectionpolicy")
    current = policy_now()
    form = PolicyForm(request.POST or None, current=current)
    if request.method == "GET":
        return _page(request, form, 200)
    if not form.is_valid():
        return _page(request, form, 422)
    data = form.cleaned_data
    try:
        made = policy_change(actor=request.user, opened=data["opened"], note=data["note"], **form.settings())
    except StaleVersion as error:
        form.data = {**request.POST.dict(), "opened": str(current.number)}
        form.add_error(None, str(error))
        return _page(request, form, 409)
    except DomainError as error:
        form.add_error(None, str(error))
        return _page(request, form, 422)
    messages.success(request, _("%(version)s holds from now on.") % {"version": str(made).capitalize()})
    return redirect("profiles:selection-policy")


def _page(request: Any, form: PolicyForm, status: int) -> HttpResponse:
    context = {
        "title": _("Selection of prospects"),
        "form": form,
        "versions": list(SelectionPolicy.objects.select_related("created_by")),
    }
    return TemplateResponse(request, "profiles/selection/policy.html", context, status=status)

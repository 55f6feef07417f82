"""The form of a risk, and its way off the matrix."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError, StaleVersion
from distributors.profiles.selection.forms import RiskForm
from distributors.profiles.selection.models import Risk
from distributors.profiles.selection.services import risk_remove, risk_save
from distributors.profiles.selection.views import editable_for, require, tab_url


@require_http_methods(["GET", "POST"])
def risk_add(request: Any, pk: int) -> HttpResponse:
    """Name a risk of a prospect."""
    distributor = editable_for(request, pk, "risk")
    return _answer(request, Risk(distributor=distributor), _("New risk of %(name)s") % {"name": distributor})


@require_http_methods(["GET", "POST"])
def risk_edit(request: Any, pk: int) -> HttpResponse:
    """Change a risk."""
    return _answer(request, _risk(request, pk), _("Change the risk"))


def _risk(request: Any, pk: int) -> Risk:
    require(request.user, "change_risk")
    found: Risk = get_object_or_404(
        Risk.objects.visible_to(request.user, "change").select_related("distributor"), pk=pk
    )
    return found


def _answer(request: Any, risk: Risk, title: str) -> HttpResponse:
    place = tab_url(risk.distributor_id, "risks")
    form = RiskForm(request.POST or None, instance=risk, user=request.user)
    context = {
        "form": form,
        "title": title,
        "submit_label": _("Save"),
        "cancel_url": place,
        "remove_pk": risk.pk,
    }
    status = 200
    if request.method == "POST":
        status = _save(request, form)
        if status == 302:
            return redirect(place)
    return TemplateResponse(request, "profiles/selection/risk_form.html", context, status=status)


def _save(request: Any, form: RiskForm) -> int:
    """Save the risk, and return the status of the answer."""
    if not form.is_valid():
        return 422
    data = {name: value for name, value in form.cleaned_data.items() if name != "version"}
    try:
        risk_save(actor=request.user, instance=form.instance, version=form.cleaned_data["version"], **data)
    except StaleVersion:
        current = Risk.objects.filter(pk=form.instance.pk).values_list("version", flat=True).first()
        form.data = {**request.POST.dict(), "version": str(current or "")}
        form.refuse(_("Someone changed this risk meanwhile. Save again to replace theirs with yours."))
        return 409
    except DomainError as error:
        form.refuse(str(error), error.field)
        return 422
    return 302


@require_http_methods(["GET", "POST"])
def remove(request: Any, pk: int) -> HttpResponse:
    """Take a risk off the matrix, once it was said what that means."""
    risk = _risk(request, pk)
    place = tab_url(risk.distributor_id, "risks")
    if request.method == "POST":
        risk_remove(actor=request.user, risk=risk)
        return redirect(place)
    context = {
        "title": _("Remove “%(name)s”?") % {"name": risk},
        "text": _("It is off the matrix then; the trail keeps it."),
        "submit_label": _("Remove"),
        "cancel_url": place,
    }
    return TemplateResponse(request, "core/confirm.html", context)

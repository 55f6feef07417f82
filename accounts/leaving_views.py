"""A person leaves, what they hold going over to someone else; or comes back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import people_services
from accounts.models import User
from accounts.roles import Role
from accounts.territory_forms import MonthForm
from core import clock
from core.errors import DomainError
from core.periods import month_of, month_shift
from core.scope import require_permission


class LeavingForm(MonthForm):
    """Who takes over, and from which month on."""

    successor: Any = forms.ModelChoiceField(
        User.objects.none(), label=gettext_lazy("taken over by"), required=False, empty_label=gettext_lazy("nobody")
    )

    field_order = ("successor", "starts_on", "reason")

    def __init__(self, *args: Any, person: User, **kwargs: Any):
        first = {"starts_on": month_shift(month_of(clock.today()), 1)}
        super().__init__(*args, **{"initial": first, **kwargs})
        people = User.objects.filter(is_active=True).exclude(role=Role.API_CLIENT).exclude(pk=person.pk)
        self.fields["successor"].queryset = people.order_by("name", "pk")  # type: ignore[attr-defined]  # a plain Field to the stubs


def leaving_action(person: User) -> dict[str, str]:
    """Return the action of a person's page: to deactivate who may sign in, and to let back in who may not."""
    if person.is_active:
        return {"url": reverse("accounts:user-deactivate", args=[person.pk]), "label": _("Deactivate")}
    return {"url": reverse("accounts:user-reactivate", args=[person.pk]), "label": _("Reactivate")}


def _person(request: Any, pk: int) -> User:
    require_permission(request.user, "accounts.change_user")
    person: User = get_object_or_404(User.objects.visible_to(request.user, "change"), pk=pk)
    return person


@require_http_methods(["GET", "POST"])
def user_deactivate(request: Any, pk: int) -> HttpResponse:
    """Let a person sign in no more, and what they hold go over."""
    person = _person(request, pk)
    form = LeavingForm(request.POST or None, person=person)
    if request.method == "GET":
        return _leaving_page(request, person, form)
    if not form.is_valid():
        return _leaving_page(request, person, form, 422)
    try:
        people_services.user_deactivate(actor=request.user, user=person, **form.cleaned_data)
    except DomainError as error:
        form.refuse(str(error), error.field)
        return _leaving_page(request, person, form, 422)
    messages.success(request, _("%(name)s can no longer sign in.") % {"name": person})
    if form.cleaned_data["successor"]:
        messages.info(request, _("The sheets for who takes over stand under “Hand-overs”."))
    return redirect(person)


def _leaving_page(request: Any, person: User, form: LeavingForm, status: int = 200) -> HttpResponse:
    held = people_services.user_holdings(person)
    intro = _("%(name)s holds %(what)s. They go over from the month you name; the log-in closes at once.")
    alone = _("%(name)s holds nothing that someone would take over. The log-in closes at once.")
    words = {"name": person, "what": ", ".join(one.label for one in held)}
    context = {
        "title": _("Deactivate %(name)s") % {"name": person},
        "intro": (intro if held else alone) % words,
        "form": form,
        "submit_label": _("Deactivate"),
        "cancel_url": person.get_absolute_url(),
    }
    return TemplateResponse(request, "core/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def user_reactivate(request: Any, pk: int) -> HttpResponse:
    """Ask once more, then let a person sign in again."""
    person = _person(request, pk)
    if request.method == "POST":
        people_services.user_reactivate(actor=request.user, user=person)
        messages.success(request, _("%(name)s may sign in again.") % {"name": person})
        return redirect(person)
    context = {
        "title": _("Reactivate %(name)s") % {"name": person},
        "text": _("They may sign in again and reach what they reached. What went over to others stays with them."),
        "submit_label": _("Reactivate"),
        "cancel_url": person.get_absolute_url(),
    }
    return TemplateResponse(request, "core/confirm.html", context)

"""What an administrator does for another person: a new password, and the way back in without their phone."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms import NewPasswordForm
from accounts.leaving_views import leaving_action
from accounts.models import User
from accounts.roles import Role
from accounts.second_factor import second_factor_reset
from accounts.selectors import second_factor_of
from accounts.services import user_set_password
from core.panels import panels_for
from core.scope import require_permission
from core.sections import DetailView


class UserDetail(DetailView):
    """One person, with what can be done for them."""

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Add the actions."""
        user: Any = self.request.user
        person = context["object"]
        actions = [
            {"label": panel.title, "url": reverse(panel.url_name, args=[person.pk])} for panel in panels_for(User, user)
        ]
        if context["edit_url"] and person.role != Role.API_CLIENT:
            actions.append({"url": reverse("accounts:user-password", args=[person.pk]), "label": _("Set password")})
            if person != self.request.user and second_factor_of(person):
                url = reverse("accounts:user-second-factor", args=[person.pk])
                actions.append({"url": url, "label": _("Turn off two-step log-in")})
        if context["edit_url"] and person != self.request.user:
            actions.append(leaving_action(person))
        return super().render(template, status, **context, actions=actions)


def _person(request: Any, pk: int) -> User:
    require_permission(request.user, "accounts.change_user")
    people = User.objects.visible_to(request.user, "change").exclude(role=Role.API_CLIENT)
    person: User = get_object_or_404(people, pk=pk)
    return person


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def user_password(request: Any, pk: int) -> HttpResponse:
    """Set the first or a new password of a person, who changes it after signing in."""
    person = _person(request, pk)
    form = NewPasswordForm(person, request.POST if request.method == "POST" else None)
    if form.is_valid():
        user_set_password(actor=request.user, user=person, password=form.cleaned_data["new_password1"])
        messages.success(request, _("The password of %(name)s is set.") % {"name": person})
        return redirect(person)
    context = {
        "title": _("Set the password of %(name)s") % {"name": person},
        "form": form,
        "narrow": True,
        "submit_label": _("Set password"),
        "cancel_url": person.get_absolute_url(),
    }
    return TemplateResponse(request, "core/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def user_second_factor(request: Any, pk: int) -> HttpResponse:
    """Ask once more, then let a person in by the password alone."""
    person = _person(request, pk)
    if request.method == "POST":
        second_factor_reset(actor=request.user, user=person)
        messages.success(request, _("%(name)s logs in with the password alone again.") % {"name": person})
        return redirect(person)
    context = {"title": _("Turn off the two-step log-in of %(name)s") % {"name": person}, "object": person}
    return TemplateResponse(request, "accounts/user_second_factor.html", context)

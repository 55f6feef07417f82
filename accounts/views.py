"""Signing in and out, password and preferences."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import PreferencesForm
from accounts.models import User
from accounts.roles import Role
from accounts.selectors import demo_logins
from accounts.services import preferences_save, user_set_password
from core.middleware import open_to_all
from core.scope import require_permission


@method_decorator(open_to_all, name="dispatch")
class SignIn(LoginView):
    """The log-in; the demo offers its people."""

    template_name = "accounts/login.html"
    redirect_authenticated_user = True
    extra_context = {"title": gettext_lazy("Log in")}

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        """Return the view, open to all."""
        return open_to_all(super().as_view(**initkwargs))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demo's people where this is a demo."""
        return super().get_context_data(demo_logins=demo_logins() if settings.DEBUG else [], **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the language chosen before signing in only in the account's own preference."""
        response = super().form_valid(form)
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return response


@require_POST
def sign_out(request: Any) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


class ChangePassword(PasswordChangeView):
    """Asks for the old password and the new one twice."""

    template_name = "accounts/password_change.html"
    success_url = reverse_lazy("core:home")
    extra_context = {"title": gettext_lazy("Change password")}

    def form_valid(self, form: Any) -> HttpResponse:
        """Set the password and keep this session."""
        user_set_password(actor=form.user, user=form.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(self.request, form.user)
        messages.success(self.request, _("Your password is changed."))
        return redirect(self.get_success_url())


@require_http_methods(["GET", "POST"])
def user_password(request: Any, pk: int) -> HttpResponse:
    """Set the first or a new password of a person, who changes it after signing in."""
    require_permission(request.user, "accounts.change_user")
    person = get_object_or_404(User.objects.visible_to(request.user, "change").exclude(role=Role.API_CLIENT), pk=pk)
    form = SetPasswordForm(person, request.POST if request.method == "POST" else None)
    if form.is_valid():
        user_set_password(actor=request.user, user=person, password=form.cleaned_data["new_password1"])
        messages.success(request, _("The password of %(name)s is set.") % {"name": person})
        return redirect(person)
    context = {
        "title": _("Set the password of %(name)s") % {"name": person},
        "form": form,
        "submit_label": _("Set password"),
        "cancel_url": person.get_absolute_url(),
    }
    return TemplateResponse(request, "core/form.html", context, status=422 if form.is_bound else 200)


def _back(request: Any) -> str:
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else str(reverse_lazy("core:home"))


@open_to_all
@require_http_methods(["GET", "POST"])
def preferences(request: Any) -> HttpResponse:
    """Change language, theme or time zone; before signing in, only the language, in a cookie."""
    if not request.user.is_authenticated:
        return _language_cookie(request)
    user: User = request.user
    if request.method == "GET":
        form = PreferencesForm(instance=user)
        return TemplateResponse(request, "accounts/preferences.html", {"title": _("Preferences"), "form": form})
    known = {name: getattr(user, name) for name in PreferencesForm.Meta.fields}
    form = PreferencesForm({**known, **request.POST.dict()}, instance=user)
    if not form.is_valid():
        context = {"title": _("Preferences"), "form": form}
        return TemplateResponse(request, "accounts/preferences.html", context, status=422)
    preferences_save(user=user, **form.cleaned_data)
    if "time_zone" in request.POST:
        with override(form.cleaned_data["language"]):
            messages.success(request, _("Your preferences are saved."))
    return redirect(_back(request))


def _language_cookie(request: Any) -> HttpResponse:
    response = redirect(_back(request) if request.method == "POST" else settings.LOGIN_URL)
    language = request.POST.get("language", "")
    if check_for_language(language) and language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=31536000,
            samesite="Lax",
            secure=request.is_secure(),
            httponly=True,
        )
    return response

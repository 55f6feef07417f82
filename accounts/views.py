"""Signing in, in one step or two, and out; password and preferences."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.views import LoginView, PasswordChangeView, RedirectURLMixin
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse, reverse_lazy
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import check_for_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic.edit import FormView

from accounts.forms import CodeForm, LogInForm, OwnPasswordForm, PreferencesForm
from accounts.models import User
from accounts.second_factor import wrong_code
from accounts.selectors import demo_logins, second_factor_of, time_zones
from accounts.services import preferences_save, user_set_password
from core import clock
from core.middleware import open_to_all

HALF_IN = "second_step"
HALF_IN_SECONDS = 600


@method_decorator(open_to_all, name="dispatch")
class SignIn(LoginView):
    """The log-in; the demo offers its people."""

    template_name = "accounts/login.html"
    form_class = LogInForm
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
        """Sign in, or ask for a code first."""
        user = form.get_user()
        if second_factor_of(user):
            return _ask_for_code(self.request, user, self.get_redirect_url())
        return _signed_in(self.request, user, self.get_success_url())


@method_decorator([open_to_all, never_cache, sensitive_post_parameters("code")], name="dispatch")
class SecondStep(RedirectURLMixin, FormView):
    """Asks who gave the right password for a code; until then they are nobody."""

    template_name = "accounts/login_code.html"
    form_class = CodeForm
    next_page = "core:home"
    extra_context = {"title": gettext_lazy("Two-step log-in")}

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Go on with whom the password let in; the others begin anew."""
        if request.user.is_authenticated:
            return HttpResponseRedirect(self.get_success_url())
        person = _half_in(request)
        if person is None:
            if request.session.pop(HALF_IN, None):
                messages.info(request, _("That took too long. Log in again."))
            return redirect(_with_next(settings.LOGIN_URL, self.get_redirect_url()))
        self.person = person
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """Say which of the two kinds of code is asked for."""
        return {**super().get_form_kwargs(), "backup": "backup" in self.request.GET}

    def form_valid(self, form: Any) -> HttpResponse:
        """Sign in with the right code; a wrong one counts as a wrong password does."""
        user = authenticate(self.request, username=self.person.email, token=form.cleaned_data["code"])
        if user is None:
            form.add_error("code", wrong_code())
            return self.form_invalid(form)
        del self.request.session[HALF_IN]
        return _signed_in(self.request, user, self.get_success_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        """Show what is wrong beside the field."""
        return self.render_to_response(self.get_context_data(form=form), status=422)


def _ask_for_code(request: Any, user: User, target: str) -> HttpResponse:
    request.session.cycle_key()
    since = clock.instant().timestamp()
    request.session[HALF_IN] = {"user": user.pk, "hash": user.get_session_auth_hash(), "since": since}
    return redirect(_with_next("accounts:login-code", target))


def _half_in(request: Any) -> User | None:
    kept = request.session.get(HALF_IN)
    if kept is None or clock.instant().timestamp() - kept["since"] > HALF_IN_SECONDS:
        return None
    user = User.objects.filter(pk=kept["user"]).first()
    return user if user and constant_time_compare(kept["hash"], user.get_session_auth_hash()) else None


def _with_next(name: str, target: str) -> str:
    return reverse(name) + (f"?{urlencode({'next': target})}" if target else "")


def _signed_in(request: Any, user: Any, target: str) -> HttpResponse:
    """Begin the session; the language chosen before it gives way to the account's own."""
    login(request, user)
    response = HttpResponseRedirect(target)
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
    form_class = OwnPasswordForm
    success_url = reverse_lazy("core:home")
    extra_context = {"title": gettext_lazy("Change password")}

    def form_valid(self, form: Any) -> HttpResponse:
        """Set the password and keep this session."""
        user_set_password(actor=form.user, user=form.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(self.request, form.user)
        messages.success(self.request, _("Your password is changed."))
        return redirect(self.get_success_url())


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
        return _preferences_page(request, PreferencesForm(instance=user))
    known = {name: getattr(user, name) for name in PreferencesForm.Meta.fields}
    form = PreferencesForm({**known, **request.POST.dict()}, instance=user)
    if not form.is_valid():
        return _preferences_page(request, form)
    preferences_save(user=user, **form.cleaned_data)
    if "time_zone" in request.POST:
        with override(form.cleaned_data["language"]):
            messages.success(request, _("Your preferences are saved."))
    return redirect(_back(request))


def _preferences_page(request: Any, form: PreferencesForm) -> HttpResponse:
    context = {
        "title": _("Preferences"),
        "form": form,
        "time_zones": time_zones(),
        "second_factor": second_factor_of(request.user),
        "codes_left": request.user.backup_codes.count(),
    }
    return TemplateResponse(request, "accounts/preferences.html", context, status=422 if form.errors else 200)


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

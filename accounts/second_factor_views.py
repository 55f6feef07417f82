"""Two-step log-in in a person's own preferences: turning it on, new backup codes, turning it off."""

import base64
from collections.abc import Callable
from typing import Any

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from accounts.forms import CodeForm
from accounts.second_factor import backup_codes_renew, second_factor_turn_off, second_factor_turn_on
from accounts.selectors import second_factor_of
from core.errors import DomainError

NEW_KEY = "second_factor_key"


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def second_factor(request: Any) -> HttpResponse:
    """Show a new key to the app, and turn two-step log-in on once a code shows that the app has it."""
    if second_factor_of(request.user):
        return redirect("accounts:preferences")
    key = request.session.setdefault(NEW_KEY, random_hex(20))
    form = CodeForm(request.POST, focus=True) if request.method == "POST" else CodeForm(focus=False)
    if form.is_valid():
        try:
            codes = second_factor_turn_on(user=request.user, key=key, code=form.cleaned_data["code"])
        except DomainError as error:
            form.add_error("code", str(error))
        else:
            del request.session[NEW_KEY]
            return _shown_once(request, codes, _("Two-step log-in is on."))
    address = TOTPDevice(user=request.user, key=key).config_url
    context = {
        "title": _("Turn on two-step log-in"),
        "form": form,
        "address": address,
        "key": _typed(key),
        "picture": segno.make(address, error="m").svg_data_uri(scale=5, light="#fff"),
    }
    return TemplateResponse(request, "accounts/second_factor.html", context, status=422 if form.is_bound else 200)


def _typed(key: str) -> str:
    """Return the key as people type it into the app."""
    text = base64.b32encode(bytes.fromhex(key)).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def _shown_once(request: Any, codes: list[str], done: str) -> HttpResponse:
    context = {"title": _("Backup codes"), "codes": "\n".join(codes), "rows": len(codes), "done": done}
    return TemplateResponse(request, "accounts/backup_codes.html", context)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def second_factor_off(request: Any) -> HttpResponse:
    """Turn two-step log-in off with a code."""

    def turn_off(code: str) -> HttpResponse:
        second_factor_turn_off(user=request.user, code=code)
        messages.success(request, _("Two-step log-in is off."))
        return redirect("accounts:preferences")

    words = {
        "title": _("Turn off two-step log-in"),
        "text": _("From then on the password alone logs you in. The backup codes become void."),
        "submit_label": _("Turn off"),
    }
    return _with_code(request, turn_off, words)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def backup_codes(request: Any) -> HttpResponse:
    """Replace the backup codes, with a code."""

    def renew(code: str) -> HttpResponse:
        codes = backup_codes_renew(user=request.user, code=code)
        return _shown_once(request, codes, _("The backup codes you had before are void."))

    words = {
        "title": _("New backup codes"),
        "text": _("You get ten new ones; those you have now become void."),
        "submit_label": _("Make new codes"),
    }
    return _with_code(request, renew, words)


def _with_code(request: Any, act: Callable[[str], HttpResponse], words: dict[str, str]) -> HttpResponse:
    """Ask for a code and act with it, or show beside it why not."""
    if not second_factor_of(request.user):
        return redirect("accounts:preferences")
    form = CodeForm(request.POST if request.method == "POST" else None, backup="backup" in request.GET)
    if form.is_valid():
        try:
            return act(form.cleaned_data["code"])
        except DomainError as error:
            form.add_error("code", str(error))
    context = {"form": form, **words}
    return TemplateResponse(request, "accounts/second_factor_code.html", context, status=422 if form.is_bound else 200)

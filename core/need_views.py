"""The page of everything that needs a person, and putting items aside."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from core import clock
from core.contributors import Need
from core.needs import LONGEST, need_list, need_snooze, need_wake


class SnoozeForm(forms.Form):
    """What is put aside, until when and why."""

    key = forms.CharField(max_length=120, widget=forms.HiddenInput)
    until = forms.DateField(
        label=gettext_lazy("until"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200)


@require_GET
def need_page(request: Any) -> HttpResponse:
    """Show everything that needs the user, by kind where asked, and what they put aside."""
    today = clock.today()
    found = need_list(request.user, today)
    code = request.GET.get("kind", "")
    asked = code if any(need.code == code for need in found.items) else ""
    context = {
        "title": _("Needs you"),
        "kinds": _kinds(found.items, asked),
        "items": [need for need in found.items if not asked or need.code == asked],
        "count": len(found.items),
        "at_least": found.more,
        "snoozed": found.snoozed,
        "tomorrow": today.fromordinal(today.toordinal() + 1),
        "latest": today + LONGEST,
    }
    return TemplateResponse(request, "core/needs.html", context)


def _kinds(items: Any, asked: str) -> list[dict[str, Any]]:
    counted: dict[str, tuple[str, int]] = {}
    for need in items:
        counted[need.code] = (_word(need), counted.get(need.code, ("", 0))[1] + 1)
    every = [{"label": _("all"), "url": "?", "active": not asked, "count": len(items)}]
    return every + [
        {"label": word, "url": f"?kind={code}", "active": code == asked, "count": count}
        for code, (word, count) in sorted(counted.items())
    ]


def _word(need: Need) -> str:
    return str(need.kind or need.chip)


@require_POST
def need_aside(request: Any) -> HttpResponse:
    """Put an item aside until a day, with a reason."""
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        context = {"title": _("Put aside"), "form": form, "submit_label": _("Put aside"), "cancel_url": "/needs/"}
        return TemplateResponse(request, "core/form.html", context, status=422)
    need_snooze(user=request.user, **form.cleaned_data)
    messages.success(request, _("It is put aside and comes back on its day."))
    return redirect("core:needs")


@require_POST
def need_back(request: Any) -> HttpResponse:
    """Take an item back onto the list."""
    need_wake(user=request.user, key=request.POST.get("key", "")[:120].replace("\x00", ""))
    return redirect("core:needs")

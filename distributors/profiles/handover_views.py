"""The hand-over sheet, to read on the phone and to print, and the list of hand-overs."""

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import User
from core import clock
from core.scope import require_permission
from distributors.profiles.handover_sheet import hand_over_of, hand_overs, sheet_of, sheet_read

ALL = "all"


@never_cache
@require_GET
def sheet(request: Any, pk: int) -> HttpResponse:
    """Show the sheet of the last change of owner, or of the one `from` a day; with `all`, of all that went with it."""
    try:
        day = date.fromisoformat(request.GET["from"]) if request.GET.get("from") else None
    except ValueError as error:
        raise Http404 from error
    today, whole = clock.today(), bool(request.GET.get(ALL))
    found = hand_over_of(request.user, pk, today, day, whole=whole)
    if found is None:
        raise Http404
    sheet_read(actor=request.user, found=found)
    context = {
        **sheet_of(request.user, found, today, request.user.company.base_currency),
        "title": _("Hand-over sheet"),
        "today": today,
        "crumbs": [{"label": _("Hand-overs"), "url": reverse("profiles:handover-list")}],
        "whole_url": "" if whole else f"{request.path}?{ALL}=yes&from={found.starts_on.isoformat()}",
    }
    return TemplateResponse(request, "profiles/handover_sheet.html", context)


@require_GET
def handover_list(request: Any) -> HttpResponse:
    """List the hand-overs in which the user takes part, and those of the distributors that the user assigns."""
    require_permission(request.user, "profiles.view_distributor")
    return _listed(request, None)


@require_GET
def user_handovers(request: Any, pk: int) -> HttpResponse:
    """List the hand-overs of one person."""
    require_permission(request.user, "accounts.view_user")
    return _listed(request, get_object_or_404(User.objects.visible_to(request.user), pk=pk))


def _listed(request: Any, person: User | None) -> HttpResponse:
    context = {
        "title": _("Hand-overs of %(name)s") % {"name": person} if person else _("Hand-overs"),
        "rows": hand_overs(request.user, clock.today(), person.pk if person else None),
        "today": clock.today(),
        "crumbs": [{"label": str(person), "url": person.get_absolute_url()}] if person else [],
    }
    return TemplateResponse(request, "profiles/handover_list.html", context)

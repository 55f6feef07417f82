"""The page of the outbound feed: what waits for which client, and the end of a subscription."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.scope import require_permission
from distributors.profiles import outbound as service
from distributors.profiles.models import OutboundReader


@require_GET
def outbound(request: Any) -> HttpResponse:
    """Show each client with what waits for it."""
    require_permission(request.user, "profiles.view_outboundreader")
    service.messages_number()
    empty = {
        "title": _("No client is subscribed"),
        "text": _("An API client subscribes over REST, with a token that may acknowledge the outbound feed."),
    }
    context = {"title": _("Outbound feed"), "readers": service.readers_waiting(), "empty": empty}
    return TemplateResponse(request, "profiles/outbound.html", context)


@require_http_methods(["GET", "POST"])
def reader_end(request: Any, pk: int) -> HttpResponse:
    """Ask once more, then end a subscription."""
    require_permission(request.user, "profiles.change_outboundreader")
    rows = OutboundReader.objects.visible_to(request.user, "change").select_related("user")
    reader = get_object_or_404(rows, pk=pk)
    if request.method == "POST":
        service.reader_end(actor=request.user, reader=reader)
        messages.success(request, _("Nothing is kept for %(name)s any more.") % {"name": reader})
        return redirect("profiles:outbound")
    context = {
        "title": _("End the subscription of %(name)s") % {"name": reader},
        "text": _("Nothing is kept for it any more, also not what waits for it now. It may subscribe again."),
        "submit_label": _("End the subscription"),
        "cancel_url": reverse("profiles:outbound"),
    }
    return TemplateResponse(request, "core/confirm.html", context)

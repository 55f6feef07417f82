"""What one person was told: the list, and marking as read."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Notification
from accounts.notifications import notifications_read
from core.scope import require_permission

PER_PAGE = 50


@never_cache
@require_GET
def notification_list(request: Any) -> HttpResponse:
    """Show the newest notifications, or those before a given one."""
    require_permission(request.user, "accounts.view_notification")
    rows = Notification.objects.visible_to(request.user)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    if request.GET.get("unread"):
        rows = rows.filter(read_at=None)
    found = list(rows.order_by("-pk")[: PER_PAGE + 1])
    context = {
        "title": _("Notifications"),
        "rows": found[:PER_PAGE],
        "older": found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None,
        "unread_only": bool(request.GET.get("unread")),
    }
    return TemplateResponse(request, "accounts/notifications.html", context)


@require_GET
def notification_open(request: Any, pk: int) -> HttpResponse:
    """Go to what a notification is about; it is read then."""
    found = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    notifications_read(user=request.user, only=pk)
    return redirect(found.url)


@require_POST
def notification_read(request: Any) -> HttpResponse:
    """Mark one notification, or all, as read."""
    require_permission(request.user, "accounts.view_notification")
    only = request.POST.get("only", "")
    notifications_read(user=request.user, only=int(only) if only.isascii() and only.isdigit() else None)
    return redirect("accounts:notification-list")

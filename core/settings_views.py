"""The page that lists what can be set."""

from typing import Any

from django.db.models import Max
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core import audit
from core.contributors import settings_for
from core.models import AuditEvent
from core.scope import require_permission


@require_GET
def settings_page(request: Any) -> HttpResponse:
    """List the settings the user may open, each in a sentence, with who changed what last."""
    require_permission(request.user, "core.view_settings")
    found = settings_for(request.user)
    last = _last_changes({target for setting in found for target in setting.targets})
    entries = [
        {
            "label": setting.label,
            "sentence": setting.sentence,
            "url": reverse(setting.url_name),
            "icon": setting.icon,
            "last": max(
                (last[target] for target in setting.targets if target in last), key=lambda row: row["pk"], default=None
            ),
        }
        for setting in found
    ]
    return TemplateResponse(request, "core/settings.html", {"title": _("Settings"), "entries": entries})


def _last_changes(targets: set[str]) -> dict[str, dict[str, Any]]:
    newest = AuditEvent.objects.filter(target_type__in=targets).values("target_type").annotate(last=Max("pk"))
    rows = AuditEvent.objects.filter(pk__in=[row["last"] for row in newest.order_by()]).select_related("actor")
    return {
        row.target_type: {
            "pk": row.pk,
            "at": row.at,
            "who": row.actor or _("the product"),
            "what": row.target_text,
            "verb": audit.words_of(row.verb),
        }
        for row in rows
    }

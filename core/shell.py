"""What the frame around every page shows."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from core import clock
from core.contributors import Link, collect, links_for


def _entries(request: HttpRequest, group: str) -> list[dict[str, Any]]:
    return [_entry(request, link) for link in links_for(request.user, group)]


@cache
def _address(name: str) -> str:
    return reverse(name)


def _entry(request: HttpRequest, link: Link) -> dict[str, Any]:
    url = _address(link.url_name)
    active = request.path == url if url == "/" else request.path.startswith(link.prefix or url)
    return {"label": link.label, "url": url, "icon": link.icon, "active": active, "count": None}


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return the navigation and the preferences for the base template."""
    base: dict[str, Any] = {"languages": settings.LANGUAGES, "language": get_language(), "theme": "auto"}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"shell": base}
    home = Link(_("Home"), "core:home", "home", "", 0)
    nav = [_entry(request, home), *_entries(request, "main")]
    return {
        "shell": {
            **base,
            "nav": nav,
            "setup_nav": _entries(request, "setup"),
            "settings_url": reverse("core:settings") if user.has_perm("core.view_settings") else "",
            "tabbar": [nav[0], *(_entry(request, link) for link in collect("tabs", user))],
            "finds": _("Search distributors, territories, people, pages")
            if user.has_perm("accounts.view_user")
            else _("Search distributors, territories, pages"),
            "company_name": user.company.name,
            "roles_label": user.get_role_display(),
            "scope_label": user.scope_label,
            "theme": user.theme,
            "as_of": clock.today(user.company),
            **dict(collect("frame", user)),
        }
    }

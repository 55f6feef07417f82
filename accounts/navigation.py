"""The entries of this app in the navigation."""

from django.utils.translation import gettext_lazy as _

from core.contributors import Link, link_add


def register() -> None:
    """Add the set-up entries."""
    link_add(Link(_("Territories"), "accounts:territory-list", "map", "accounts.add_territory", 20, "setup"))
    link_add(Link(_("People"), "accounts:user-list", "users", "accounts.view_user", 30, "setup"))
    link_add(Link(_("API tokens"), "accounts:apitoken-list", "key", "accounts.view_apitoken", 40, "setup"))
    link_add(Link(_("API documentation"), "api:docs", "api", "accounts.view_apitoken", 50, "setup"))

"""What this app adds to the pages around it."""

from django.utils.translation import gettext_lazy as _

from core.contributors import Link, link_add


def register() -> None:
    """Add the navigation entry."""
    link_add(Link(_("Distributors"), "profiles:distributor-list", "users", "profiles.view_distributor", 10))

"""What this app adds to the pages around it."""

from django.utils.translation import gettext_lazy as _

from core.contributors import Link, contribute, link_add
from core.panels import panel_add
from distributors.profiles.home import home_figures
from distributors.profiles.needs import review_needs, silent_needs
from distributors.profiles.search import distributors_found, pages_found, people_found, territories_found
from distributors.profiles.tasks import assignments_refresh  # noqa: F401 (declares its schedule)
from distributors.profiles.timeline import lifecycle_events

PAGE = "profiles.Distributor"


def register() -> None:
    """Add the navigation entry, the own tabs, and what Home, search and timeline show."""
    link_add(Link(_("Distributors"), "profiles:distributor-list", "users", "profiles.view_distributor", 10))
    view = "profiles.view_distributor"
    panel_add(PAGE, "overview", _("Overview"), "profiles:distributor-detail", permission=view, order=0)
    panel_add(PAGE, "profile", _("Profile"), "profiles:distributor-profile", permission=view, order=10)
    panel_add(
        PAGE,
        "history",
        _("History"),
        "profiles:distributor-history",
        permission="profiles.audit_distributor",
        order=900,
    )
    contribute("needs", silent_needs)
    contribute("needs", review_needs)
    contribute("home", home_figures)
    contribute("timeline", lifecycle_events)
    for find in (distributors_found, territories_found, people_found, pages_found):
        contribute("search", find)

"""What this app adds to the pages around it."""

from django.utils.translation import gettext_lazy as _

from core.contributors import Link, contribute, link_add
from core.panels import panel_add
from distributors.ledger import tasks
from distributors.ledger.home import sales_figures
from distributors.ledger.kinds import distributors, people, products, rates, sales, territories
from distributors.ledger.needs import import_needs
from distributors.ledger.overview import overview_charts
from distributors.ledger.timeline import order_events

DECLARED = (tasks, territories, people, distributors, products, rates, sales)


def register() -> None:
    """Add the navigation entries, the sales tab, and what Home and the timeline show."""
    link_add(Link(_("Products"), "ledger:product-list", "box", "ledger.view_product", 40))
    link_add(Link(_("Imports"), "ledger:import-list", "upload", "ledger.view_import", 40, "setup"))
    panel_add(
        "profiles.Distributor",
        "sales",
        _("Sales"),
        "ledger:distributor-sales",
        permission="ledger.view_saleline",
        order=20,
    )
    contribute("home", sales_figures)
    contribute("overview", overview_charts)
    contribute("needs", import_needs)
    contribute("timeline", order_events)

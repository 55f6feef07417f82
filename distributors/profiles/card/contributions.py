"""What the card adds to the pages around it."""

from django.utils.translation import gettext_lazy as _

from core import audit
from core.contributors import Link, contribute, link_add
from core.search import source_add
from core.timeline import timeline_add
from distributors.profiles.card.entries import file_events, outlet_events
from distributors.profiles.card.search import OUTLETS, outlet_texts, outlets_found


def register() -> None:
    """Add the lists to the navigation, outlets to search and timeline, and the words of the trail."""
    link_add(Link(_("Outlets"), "profiles:outlet-list", "map", "profiles.view_outlet", 38))
    link_add(Link(_("Brand shares"), "profiles:brandshare-list", "chart", "profiles.view_brandshare", 39))
    source_add(OUTLETS, outlet_texts)
    contribute("search", outlets_found)
    timeline_add(outlet_events, {"outlet": _("Outlet")})
    timeline_add(file_events, {"file": _("File")})
    audit.records_add(
        {
            "profiles.BusinessFigures": _("figures by date"),
            "profiles.Cooperation": _("terms of cooperation"),
            "profiles.Outlet": _("outlet"),
        }
    )
    audit.words_add(
        {
            "card.changed": _("card changed"),
            "card.figures_saved": _("figures entered"),
            "card.figures_removed": _("figures removed"),
            "card.brands_saved": _("brands entered"),
            "card.brands_removed": _("brands removed"),
            "card.outlet_saved": _("outlet entered"),
            "card.outlet_removed": _("outlet removed"),
            "card.name_saved": _("name entered"),
            "card.name_removed": _("name removed"),
            "card.file_saved": _("file entered"),
            "card.file_removed": _("file removed"),
        }
    )

"""What contracts add to the pages around them."""

from django.utils.translation import gettext_lazy as _

from core import audit
from core.contributors import Link, contribute, link_add
from core.panels import panel_add
from core.timeline import timeline_add
from distributors.profiles.contracts.entries import (
    contract_events,
    contract_needs,
    contracts_found,
    document_events,
)
from distributors.profiles.contracts.exclusivity import close_clashes, move_clashes, triggers_add


def register(page: str) -> None:
    """Add the navigation entry, the tab, the words of the trail, and what stands on other pages."""
    view = "profiles.view_contract"
    link_add(Link(_("Contracts"), "profiles:contract-list", "list", view, 37))
    panel_add(page, "contracts", _("Contracts"), "profiles:distributor-contracts", permission=view, order=17)
    contribute("needs", contract_needs)
    timeline_add(contract_events, {"contract": _("Contract")}, glance=True)
    timeline_add(document_events, {"file": _("File")})
    contribute("search", contracts_found)
    contribute("territory_move", move_clashes)
    contribute("territory_close", close_clashes)
    triggers_add()
    audit.words_add(
        {"contract.signed": _("signed"), "contract.withdrawn": _("withdrawn"), "contract.terminated": _("terminated")}
        | {"contract.ended": _("ended")}
        | {"contract.created": _("contract drafted"), "contract.changed": _("draft changed")}
        | {"contract.file_added": _("file added"), "contract.file_removed": _("file removed")}
    )
    audit.records_add({"profiles.Contract": _("contract")})

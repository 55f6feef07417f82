"""What people at distributors add to the pages around them."""

from django.utils.translation import gettext_lazy as _

from core import audit
from core.contributors import contribute
from core.panels import panel_add
from core.search import source_add
from distributors.profiles.people.needs import anniversary_needs, birthday_needs
from distributors.profiles.people.search import KIND, contact_texts, contacts_found

WORDS = {
    "contact.created": _("person entered"),
    "contact.changed": _("person changed"),
    "contact.left": _("person left"),
    "contact.returned": _("person back"),
    "contact.personal_changed": _("personal answers changed"),
    "contact.personal_read": _("personal answers read"),
    "contact.consent_withdrawn": _("consent taken back"),
    "contact.related": _("relation entered"),
    "contact.unrelated": _("relation removed"),
    "contact.erased": _("person erased"),
}


def register(page: str) -> None:
    """Add the tab to the page of a distributor, the search, and the words of the trail."""
    panel_add(page, "people", _("People"), "profiles:distributor-people", permission="profiles.view_contact", order=15)
    source_add(KIND, contact_texts)
    contribute("search", contacts_found)
    contribute("needs", birthday_needs)
    contribute("needs", anniversary_needs)
    audit.words_add(WORDS)
    audit.records_add({"profiles.Contact": _("contact")})

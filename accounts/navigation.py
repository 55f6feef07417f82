"""The entries of this app in the navigation."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import tasks
from accounts.needs import move_needs, token_needs
from accounts.roles import Role
from accounts.search import PERSON, people_texts
from core.audit import records_add, words_add
from core.contributors import Link, Setting, contribute, link_add, links_for, setting_add
from core.search import source_add

DECLARED = (tasks,)

PREFIXES = (
    "/settings/",
    "/company/",
    "/territories/",
    "/people/",
    "/roles/",
    "/tokens/",
    "/calendars/",
    "/rates/",
    "/tags/",
)
WORDS = {
    "territory.created": _("added"),
    "territory.changed": _("changed"),
    "territory.move_planned": _("move planned"),
    "territory.moved": _("moved"),
    "territory.move_withdrawn": _("move withdrawn"),
    "territory.move_refused": _("move not possible"),
    "territory.closed": _("closed"),
    "territory.opened": _("opened again"),
    "user.created": _("added"),
    "user.changed": _("changed"),
    "user.password_set": _("password set"),
    "user.territory_changed": _("given another territory"),
    "user.deactivated": _("deactivated"),
    "user.reactivated": _("let in again"),
    "token.created": _("token made"),
    "token.revoked": _("token revoked"),
    "calendar.saved": _("saved"),
    "calendar.exception_set": _("exception set"),
    "calendar.exception_removed": _("exception removed"),
    "absence.saved": _("absence entered"),
    "absence.removed": _("absence removed"),
    "second_factor.turned_on": _("two-step log-in turned on"),
    "second_factor.turned_off": _("two-step log-in turned off"),
    "second_factor.reset": _("two-step log-in reset"),
    "second_factor.backup_codes_renewed": _("backup codes renewed"),
    "second_factor.backup_code_used": _("signed in with a backup code"),
}

RECORDS = {
    "accounts.Absence": _("absence"),
    "accounts.ApiToken": _("API token"),
    "accounts.BusinessCalendar": _("calendar"),
    "accounts.Territory": _("territory"),
    "accounts.User": _("person"),
}

SETTINGS = (
    Setting(
        _("Territories"),
        _("The tree that says who sees what: add, rename, move from a month on, close."),
        "accounts:territory-list",
        "map",
        "accounts.view_territory",
        20,
        ("accounts.Territory",),
    ),
    Setting(
        _("People"),
        _("Who signs in, in which role, for which territories; who leaves, and who takes over."),
        "accounts:user-list",
        "users",
        "accounts.view_user",
        30,
        ("accounts.User",),
    ),
    Setting(
        _("Roles"),
        _("What each role may do, and how far."),
        "accounts:roles",
        "list",
        "accounts.view_user",
        40,
    ),
    Setting(
        _("API tokens"),
        _("Keys of other systems: their scope, until when, last used when."),
        "accounts:apitoken-list",
        "key",
        "accounts.view_apitoken",
        50,
        ("accounts.ApiToken",),
    ),
    Setting(
        _("Calendars"),
        _("Working days and holidays by country, with own exceptions, and which territories they hold for."),
        "accounts:businesscalendar-list",
        "calendar",
        "accounts.view_businesscalendar",
        60,
        ("accounts.BusinessCalendar",),
    ),
)


# What each role opens most on the phone, beside Home: at most four, so that no word is cut at 360 px.
TABS: dict[str, tuple[str, ...]] = {
    Role.ADMIN: ("profiles:distributor-list", "ledger:import-list", "core:job-list", "core:settings"),
    Role.MANAGER: ("profiles:distributor-list", "ledger:openitem-list", "profiles:task-list", "accounts:calendar"),
    Role.REP: ("profiles:distributor-list", "profiles:task-list", "accounts:calendar", "ledger:openitem-list"),
    Role.FINANCE: ("ledger:openitem-list", "profiles:distributor-list", "ledger:import-list", "core:settings"),
    Role.INSPECTOR: ("profiles:distributor-list", "profiles:task-list", "accounts:calendar"),
    Role.ANALYST: ("profiles:distributor-list", "ledger:openitem-list", "ledger:product-list", "accounts:calendar"),
}


def tabs(user: Any) -> list[Link]:
    """Return the links of the bar on the phone: those of the role that the user may open, in its order."""
    found = {link.url_name: link for group in ("main", "setup") for link in links_for(user, group)}
    return [found[name] for name in TABS.get(user.role, ()) if name in found]


def register() -> None:
    """Add the set-up entries, and what this app has on the page of settings."""
    link_add(Link(_("Calendar"), "accounts:calendar", "calendar", "accounts.view_absence", 90))
    link_add(Link(_("Settings"), "core:settings", "settings", "core.view_settings", 20, "setup", PREFIXES))
    link_add(Link(_("Jobs"), "core:job-list", "clock", "core.view_job", 60, "setup"))
    link_add(Link(_("Audit trail"), "core:auditevent-list", "history", "core.view_auditevent", 70, "setup"))
    link_add(Link(_("API documentation"), "api:docs", "api", "accounts.view_apitoken", 50, "setup"))
    for setting in SETTINGS:
        setting_add(setting)
    words_add(WORDS)
    records_add(RECORDS)
    source_add(PERSON, people_texts)
    contribute("tabs", tabs)
    contribute("needs", token_needs)
    contribute("needs", move_needs)

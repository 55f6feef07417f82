"""What this app adds to the pages around it."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts.search import people_found
from core import audit
from core.contributors import Link, Setting, contribute, link_add, setting_add
from core.panels import panel_add
from core.search import source_add
from core.timeline import timeline_add
from distributors.profiles import timeline
from distributors.profiles.card.contributions import register as card_register
from distributors.profiles.contracts.contributions import register as contracts_register
from distributors.profiles.handover import (
    territory_counts,
    territory_distributors,
    territory_hand_over,
    user_hand_over,
    user_holdings,
)
from distributors.profiles.home import home_figures
from distributors.profiles.needs import outbound_needs, review_needs, silent_needs
from distributors.profiles.people import contributions as people
from distributors.profiles.search import (
    SEARCH,
    distributor_texts,
    distributors_found,
    pages_found,
    territories_found,
)
from distributors.profiles.selection import contributions as selection
from distributors.profiles.task_entries import task_days, task_events, task_needs
from distributors.profiles.tasks import (  # noqa: F401 (declares schedules)
    assignments_refresh,
    completeness_night,
    contracts_night,
    outbound_remove,
)
from distributors.profiles.workflow import MOVES, TASK_MOVES

PAGE = "profiles.Distributor"
TAG_WORDS = {
    "distributor.tagged": _("tagged"),
    "distributor.untagged": _("tag taken off"),
    "tag.created": _("tag made"),
    "tag.renamed": _("tag renamed"),
    "tag.merged": _("tags merged"),
    "tag.deleted": _("tag deleted"),
}


def register() -> None:
    """Add the navigation entry, the own tabs, and what Home, search and timeline show."""
    view = "profiles.view_distributor"
    prefixes = ("/distributors/", "/contacts/")
    link_add(Link(_("Distributors"), "profiles:distributor-list", "users", view, 10, prefix=prefixes))
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
    panel_add("accounts.User", "handovers", _("Hand-overs"), "profiles:user-handovers", permission="accounts.view_user")
    panel_add("accounts.Territory", "supply", _("Supply tree"), "profiles:territory-supply", permission=view)
    contribute("job_kinds", scheduled_kinds)
    contribute("needs", silent_needs)
    contribute("needs", review_needs)
    contribute("needs", task_needs)
    _outbound_add()
    people.register(PAGE)
    contracts_register(PAGE)
    card_register()
    selection.register(PAGE)
    contribute("calendar", task_days)
    timeline_add(task_events, {"task": _("Task")}, glance=True)
    _words_add()
    setting_add(
        Setting(
            _("Tags"),
            _("The words that distributors are put together by: rename, merge, delete."),
            "profiles:tag-list",
            "list",
            "profiles.change_tag",
            25,
            ("profiles.Tag",),
        )
    )
    link_add(Link(_("Tasks"), "profiles:task-list", "check", "profiles.view_task", 80))
    panel_add(PAGE, "tasks", _("Tasks"), "profiles:distributor-tasks", permission="profiles.view_task", order=60)
    contribute("home", home_figures)
    timeline.register()
    panel_add(PAGE, "timeline", _("Timeline"), "profiles:distributor-timeline", permission=view, order=5)
    source_add(SEARCH, distributor_texts)
    contribute("territory_counts", territory_counts)
    contribute("territory_holdings", territory_distributors)
    contribute("territory_hand_over", territory_hand_over)
    contribute("user_holdings", user_holdings)
    contribute("user_hand_over", user_hand_over)
    for find in (distributors_found, territories_found, people_found, pages_found):
        contribute("search", find)


def _words_add() -> None:
    audit.words_add(
        {name: step.label for name, step in (MOVES | TASK_MOVES).items()}
        | {"distributor.created": _("card made"), "distributor.changed": _("card changed")}
        | {"distributor.assigned": _("given to another"), "distributor.place_saved": _("place entered")}
        | {"distributor.place_removed": _("place removed")}
        | {"distributor.merged": _("merged"), "distributor.unmerged": _("merge undone")}
        | {"handover.read": _("hand-over sheet opened")}
        | {"distributor.assignment_undone": _("given back"), "distributor.move_undone": _("move undone")}
        | {"bulk.done": _("many changed at once"), "bulk.undone": _("change of many undone")}
        | {"distributor.plan_lapsed": _("planned assignment lapsed")}
        | {"task.created": _("task given"), "task.changed": _("task changed"), "task.postponed": _("task postponed")}
    )
    audit.words_add(TAG_WORDS)
    audit.pages_add({"profiles.BulkChange": "profiles:bulkchange-undo"})
    audit.records_add(
        {
            "profiles.BulkChange": _("change of many"),
            "profiles.Distributor": _("distributor"),
            "profiles.OutboundReader": _("subscription"),
            "profiles.Tag": _("tag"),
            "profiles.Task": _("task"),
        }
    )


def _outbound_add() -> None:
    contribute("needs", outbound_needs)
    audit.words_add({"outbound.begun": _("subscribed"), "outbound.ended": _("subscription ended")})
    setting_add(
        Setting(
            _("Outbound feed"),
            _("What other systems must act on: what waits for which of them, and since when."),
            "profiles:outbound",
            "upload",
            "profiles.view_outboundreader",
            55,
            ("profiles.OutboundReader",),
        )
    )


def scheduled_kinds() -> list[tuple[str, str]]:
    """Return what the scheduled work of this app is called."""
    return [
        ("profiles.assignments", gettext_noop("Assignments whose month begins")),
        ("profiles.completeness", gettext_noop("How complete each card is")),
        ("profiles.contracts", gettext_noop("Contracts that are over, and those that end soon")),
        ("profiles.outbound", gettext_noop("Old messages of the outbound feed removed")),
    ]

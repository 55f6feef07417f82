"""What selection adds to the pages around it."""

from django.utils.translation import gettext_lazy as _

from core import audit
from core.contributors import Link, Setting, contribute, link_add, setting_add
from core.panels import panel_add
from core.timeline import timeline_add
from distributors.profiles.selection.entries import check_file_events, scorecard_events
from distributors.profiles.selection.handover import risk_holdings, risks_hand_over


def register(page: str) -> None:
    """Add the tab, the setting, what the timeline tells and the words of the trail."""
    panel_add(
        page,
        "selection",
        _("Selection"),
        "profiles:distributor-selection",
        permission="profiles.view_assessment",
        order=12,
    )
    contribute("user_holdings", risk_holdings)
    contribute("user_hand_over", risks_hand_over)
    timeline_add(scorecard_events, {"scorecard": _("Scorecard")})
    timeline_add(check_file_events, {"file": _("File")})
    prefixes = ("/pipeline/", "/selection/")
    link_add(Link(_("Prospects"), "profiles:pipeline", "board", "profiles.view_assessment", 12, prefix=prefixes))
    setting_add(
        Setting(
            _("Selection of prospects"),
            _("What a scorecard weighs, the score it must reach, and from which risk on a director approves."),
            "profiles:selection-policy",
            "list",
            "profiles.change_selectionpolicy",
            27,
            ("profiles.SelectionPolicy",),
        )
    )
    audit.words_add(
        {"assessment.saved": _("scorecard kept as a draft"), "assessment.submitted": _("scorecard submitted")}
        | {"diligence.decided": _("due diligence: item decided"), "diligence.file_added": _("file added")}
        | {
            "diligence.file_removed": _("file removed"),
            "risk.added": _("risk named"),
            "risk.changed": _("risk changed"),
        }
        | {"risk.removed": _("risk removed"), "selection.policy_changed": _("weights or limits changed")}
    )
    audit.records_add({"profiles.SelectionPolicy": _("selection of prospects")})

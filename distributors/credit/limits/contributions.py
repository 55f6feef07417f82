"""What limits add to the pages around them."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core import audit
from core.contributors import Link, Setting, contribute, link_add, setting_add
from core.panels import panel_add
from core.timeline import timeline_add
from distributors.credit.limits import kinds, tasks  # noqa: F401 (declares the schedule and the files)
from distributors.credit.limits.entries import credit_events, hold_needs, limit_needs, security_needs
from distributors.credit.limits.holds import credit_follow
from distributors.profiles.outbound import kinds_add

VIEW = "credit.view_creditlimit"


def register() -> None:
    """Add the navigation entry, the tab, the setting, the words, and what stands on other pages."""
    link_add(Link(_("Credit"), "credit:queue", "chart", VIEW, 36, prefix="/credit/"))
    panel_add("profiles.Distributor", "limit", _("Credit limit"), "credit:distributor-limit", permission=VIEW, order=21)
    setting_add(
        Setting(
            _("Credit limits and holds"),
            _("Who approves a limit up to which amount, for how long it holds, and what puts an account on hold."),
            "credit:limit-policy",
            "list",
            "credit.change_limitpolicy",
            28,
            ("credit.LimitPolicy",),
        )
    )
    contribute("receivables_moved", credit_follow)
    contribute("needs", limit_needs)
    contribute("needs", hold_needs)
    contribute("needs", security_needs)
    contribute("job_kinds", lambda: [("credit.nightly", gettext_noop("Exposure and credit holds"))])
    timeline_add(credit_events, {"credit": _("Credit")})
    kinds_add(
        {
            "credit.held": _("account put on hold"),
            "credit.released": _("account released"),
            "credit.limit_approved": _("limit approved"),
        }
    )
    _words_add()


def _words_add() -> None:
    audit.records_add(
        {
            "credit.LimitPolicy": _("rules of limits"),
            "credit.CreditLimit": _("credit limit"),
            "credit.CreditCheck": _("credit check"),
            "credit.Security": _("security"),
        }
    )
    audit.words_add(
        {
            "credit.limit_requested": _("limit asked for"),
            "credit.limit_first": _("limit approved by the first person"),
            "credit.limit_approved": _("limit approved"),
            "credit.limit_declined": _("limit declined"),
            "credit.limit_withdrawn": _("request taken back"),
            "credit.rules_changed": _("rules changed"),
            "credit.overridden": _("delivery signed in spite of a hold"),
            "credit.override_ended": _("override ended"),
            "credit.reservation_released": _("reservation released"),
            "credit.promised": _("payment promised"),
            "credit.promise_withdrawn": _("promise withdrawn"),
            "credit.dispute_raised": _("invoice disputed"),
            "credit.dispute_settled": _("dispute settled"),
            "credit.reminded": _("reminder sent"),
            "security.added": _("security entered"),
            "security.changed": _("security changed"),
            "security.released": _("security given back"),
            "security.file_added": _("file added"),
        }
    )

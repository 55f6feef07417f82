"""Reads of accounts: the tab of a distributor, a request and a check in words."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from core import clock
from core.company import company
from core.money import amount_text, from_units
from distributors.credit.limits.checks import REASONS
from distributors.credit.limits.collecting_models import Dispute, Promise, Reminder
from distributors.credit.limits.models import (
    CreditCheck,
    CreditLimit,
    Hold,
    HoldOverride,
    LimitPolicy,
    LimitState,
    Security,
)
from distributors.credit.limits.pages import tab_url
from distributors.credit.limits.promises import PROMISE_TONES, with_state
from distributors.credit.limits.recommending import counts_of, worth_of
from distributors.credit.limits.rules import account_now, policy_now
from distributors.profiles.models import Distributor

FEW = 10
RIGHTS = {
    "ask": "credit.add_creditlimit",
    "override": "credit.add_holdoverride",
    "check": "credit.add_creditcheck",
    "secure": "credit.add_security",
    "promise": "credit.add_promise",
    "dispute": "credit.add_dispute",
    "settle": "credit.change_dispute",
    "remind": "credit.add_reminder",
}


def rights_of(user: Any) -> set[str]:
    """Return what the user may do with accounts, by the names of RIGHTS."""
    return {name for name, permission in RIGHTS.items() if user.reach(permission) is not None}


def account_page(distributor: Distributor, user: Any) -> dict[str, Any]:
    """Return what the account of a distributor shows: the figures now, what made them, and what is in force."""
    policy, firm, today = policy_now(), company(), clock.today()
    account = account_now(distributor, policy)
    pk, currency = distributor.pk, firm.base_currency
    mine = Q(distributor=pk)
    securities = list(Security.objects.visible_to(user).filter(mine, released_on=None))
    secured = sum(worth_of(one, policy) for one in securities if one.holds_on(today))
    return {
        "kpis": _kpis(account, currency, secured),
        "parts": exposure_rows(account.exposure, currency),
        "account": account,
        "currency": currency,
        "as_of": today,
        "hold": Hold.objects.visible_to(user).filter(mine, released_on=None).first(),
        "override": HoldOverride.objects.visible_to(user)
        .filter(mine, ended_at=None, ends_on__gte=today)
        .select_related("signed_by")
        .first(),
        "limits": list(
            CreditLimit.objects.visible_to(user)
            .filter(mine)
            .select_related("requested_by", "decided_by", "decided_for", "first_by", "first_for")[:FEW]
        ),
        "securities": [security_row(one, policy) for one in securities],
        "promises": promises_of(user, mine),
        "disputes": list(Dispute.objects.visible_to(user).filter(mine).select_related("raised_by", "settled_by")[:FEW]),
        "reminders": list(Reminder.objects.visible_to(user).filter(mine).select_related("sent_by")[:FEW]),
        "checks": list(CreditCheck.objects.visible_to(user).filter(mine)[:FEW]),
        "urls": {
            name: f"{reverse(f'credit:{model}-list')}?distributor={distributor.code}"
            for name, model in (
                *(("limits", "creditlimit"), ("holds", "hold"), ("checks", "creditcheck")),
                *(("promises", "promise"), ("disputes", "dispute"), ("reminders", "reminder")),
            )
        },
    }


def promises_of(user: Any, mine: Q) -> list[dict[str, Any]]:
    """Return the latest promises, each with its state."""
    rows = with_state(Promise.objects.visible_to(user).filter(mine))
    return [{"promise": one, "state": one.state, "tone": PROMISE_TONES.get(one.state, "")} for one in rows[:FEW]]


def security_row(security: Security, policy: LimitPolicy) -> dict[str, Any]:
    """Return a security with what counts of it."""
    today = clock.today()
    return {
        "security": security,
        "counts": counts_of(security, policy),
        "worth": from_units(worth_of(security, policy)),
        "expired": not security.holds_on(today),
    }


def _kpis(account: Any, currency: str, secured: int) -> list[dict[str, Any]]:
    left = account.exposure.headroom(account.limit or 0)
    limit = None if account.limit is None else amount_text(from_units(account.limit))
    ends = _("until %(day)s") % {"day": date_format(account.limit_ends, "DATE_FORMAT")} if account.limit_ends else ""
    if account.pays_before:
        limit, ends = _("none"), _("it pays before delivery")
    elif limit is None:
        limit, ends = _("none"), _("nothing was decided, or it has ended")
    uncovered = max(0, account.exposure.total - secured)
    return [
        {"label": _("Credit limit"), "value": limit, "unit": "" if account.limit is None else currency, "detail": ends},
        {
            "label": _("Exposure"),
            "value": amount_text(from_units(account.exposure.total)),
            "unit": currency,
            "detail": _("not secured: %(amount)s") % {"amount": amount_text(from_units(uncovered))},
        },
        {
            "label": _("Headroom"),
            "value": amount_text(from_units(left)),
            "unit": currency,
            "detail": _("for the next order") if left > 0 else _("nothing more goes"),
            "tone": "" if left > 0 else "w",
        },
    ]


def exposure_rows(exposure: Any, currency: str) -> list[dict[str, str]]:
    """Return the arithmetic of an exposure: [{label, text}]."""
    parts = (
        (_("open receivable"), exposure.receivable),
        (_("+ ordered, not invoiced"), exposure.ordered),
        (_("− paid in advance and credits"), exposure.prepaid),
        (_("+ bank acceptances not due"), exposure.acceptances),
        (_("+ reserved by checks"), exposure.reserved),
        (_("= exposure"), exposure.total),
    )
    return [{"label": label, "text": f"{amount_text(from_units(units), 2)} {currency}"} for label, units in parts]


def working_rows(kept: Mapping[str, Any], currency: str) -> list[dict[str, str]]:
    """Return the arithmetic of a recommended limit as it was kept: [{label, text}]."""
    if not kept:
        return []

    def money(name: str) -> str:
        return f"{amount_text(from_units(kept[name]), 2)} {currency}"

    def factor(name: str) -> str:
        return f"{kept[name] / 100:.2f}"

    months = _("a month of the coming quarter, last year") if kept["by_season"] else _("an average month of six")
    rows = [
        (_("sell-in a month, last six months"), money("half_year")),
        (_("sell-in a month, coming quarter last year"), money("season")),
        (_("the larger: %(which)s") % {"which": months}, money("monthly")),
        (_("× days of terms / 30"), str(kept["terms_days"])),
        (_("× factor of grade %(grade)s") % {"grade": kept["grade"] or "–"}, factor("factor")),
        (_("× factor of stock turns"), factor("turns_factor")),
        (_("= without security"), money("unsecured")),
        (_("+ security after haircut"), money("security")),
        (_("rounded down to thousands: recommended"), money("recommended")),
    ]
    if kept.get("lacks") == "grade":
        rows.append((_("No grade yet"), _("only what is secured is recommended")))
    elif kept.get("lacks") == "terms":
        rows.append((_("No terms yet"), _("enter the days of settlement on the card")))
    return [{"label": label, "text": text} for label, text in rows]


def _facts(title: Any, pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
    rows = []
    for label, value in pairs:
        text, url = value if isinstance(value, tuple) else (value, "")
        rows.append({"label": label, "text": text, "url": url})
    return {"title": title, "rows": rows}


def limit_groups(found: CreditLimit, currency: str) -> list[dict[str, Any]]:
    """Return a request in groups of facts."""
    asked = [
        (_("distributor"), (str(found.distributor), tab_url(found.distributor_id))),
        (_("kind"), found.get_kind_display()),
        (_("amount"), f"{amount_text(found.amount, 2)} {found.currency}"),
        (_("in base currency"), f"{amount_text(found.base_amount, 2)} {currency}"),
        (_("from"), date_format(found.starts_on, "DATE_FORMAT")),
        (_("until"), date_format(found.ends_on, "DATE_FORMAT")),
        (_("reason"), found.reason),
    ]
    decided = [
        (_("state"), found.get_state_display()),
        (_("requested"), _by(found.requested_by, found.requested_at)),
        (_("first approved"), _by(found.first_who, found.first_at)),
        (_("decided"), _by(found.who, found.decided_at)),
        (_("note"), found.note),
    ]
    if found.state == LimitState.REQUESTED:
        decided = [pair for pair in decided if pair[1]]
    return [_facts(_("Request"), asked), _facts(_("Decision"), decided)]


def _by(who: Any, when: Any) -> str:
    return f"{who or _('the product')} · {date_format(localtime(when), 'SHORT_DATETIME_FORMAT')}" if when else ""


def reasons_text(codes: list[str]) -> str:
    """Return the reasons of an answer in words."""
    return "; ".join(_(REASONS[code]) for code in codes)


def check_groups(found: CreditCheck, currency: str) -> list[dict[str, Any]]:
    """Return a check in groups of facts."""

    def money(value: Any) -> str:
        return "" if value is None else f"{amount_text(value, 2)} {currency}"

    def moment(value: Any) -> str:
        return date_format(localtime(value), "SHORT_DATETIME_FORMAT") if value else ""

    answer = [
        (_("distributor"), (str(found.distributor), tab_url(found.distributor_id))),
        (_("order"), found.order_number),
        (_("amount"), f"{amount_text(found.amount, 2)} {found.currency}"),
        (_("answer"), _("approved") if found.approved else _("held")),
        (_("reasons"), reasons_text(found.reason_list)),
        (_("valid until"), moment(found.valid_until)),
        (_("reserved until"), moment(found.reserved_until)),
        (_("reservation released at"), moment(found.released_at)),
        (_("asked"), _by(found.asked_by, found.asked_at)),
    ]
    figures = [
        (_("open receivable"), money(found.receivable)),
        (_("+ ordered, not invoiced"), money(found.ordered)),
        (_("− paid in advance and credits"), money(found.prepaid)),
        (_("+ bank acceptances not due"), money(found.acceptances)),
        (_("+ reserved by checks"), money(found.reserved)),
        (_("= exposure"), money(found.exposure)),
        (_("limit"), _("it pays before delivery") if found.pays_before else money(found.credit_limit) or _("none")),
        (_("amount in base currency"), money(found.base_amount)),
        (_("headroom after it") if found.approved else _("headroom"), money(found.headroom)),
    ]
    return [_facts(_("Answer"), answer), _facts(_("How it was worked out"), figures)]

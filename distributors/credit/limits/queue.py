"""The credit queue: what waits for whoever looks after credit, in few questions."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from core.contributors import collect
from distributors.credit.limits.collecting_models import Promise
from distributors.credit.limits.models import CreditLimit, Hold, LimitState, Security
from distributors.credit.limits.pages import tab_url
from distributors.credit.limits.promises import with_state
from distributors.credit.limits.securities import SOON_DAYS
from distributors.profiles.contracts.selectors import NAME

SHOWN = 10
LOOKED_BACK = timedelta(days=60)


def _block(title: Any, rows: Any, row: Any, more: str, nothing: Any) -> dict[str, Any]:
    found = list(rows[: SHOWN + 1])
    return {
        "title": title,
        "rows": [row(one) for one in found[:SHOWN]],
        "more_url": more if len(found) > SHOWN else "",
        "nothing": nothing,
    }


def queue_blocks(user: Any, as_of: date) -> list[dict[str, Any]]:
    """Return the blocks of the queue: requests, holds, securities that end, broken promises, and others' blocks."""
    requests = CreditLimit.objects.visible_to(user).filter(state=LimitState.REQUESTED)
    holds = Hold.objects.visible_to(user).filter(released_on=None)
    ending = Security.objects.visible_to(user).filter(
        released_on=None, expires_on__lte=as_of + timedelta(days=SOON_DAYS)
    )
    broken = with_state(Promise.objects.visible_to(user).filter(due_on__range=(as_of - LOOKED_BACK, as_of)))
    return [
        _block(
            _("Requests that wait"),
            requests.annotate(name=NAME).select_related("requested_by").order_by("-base_amount", "pk"),
            _request_row,
            reverse("credit:creditlimit-list") + "?state=requested",
            _("Nothing waits for a decision."),
        ),
        _block(
            _("Accounts on hold"),
            holds.annotate(name=NAME).order_by("-exposure", "pk"),
            _hold_row,
            reverse("credit:hold-list") + "?open=1",
            _("No account is on hold."),
        ),
        _block(
            _("Securities that end"),
            ending.annotate(name=NAME).order_by("expires_on", "pk"),
            _security_row,
            reverse("credit:security-list") + "?state=soon",
            _("No security ends within 30 days."),
        ),
        _block(
            _("Broken promises"),
            broken.filter(Q(state="broken")).annotate(name=NAME).order_by("-due_on", "pk"),
            _promise_row,
            reverse("credit:promise-list") + "?state=broken",
            _("No promise of the last 60 days was broken."),
        ),
        *collect("credit_queue", user, as_of),
    ]


def _request_row(one: Any) -> dict[str, Any]:
    return {
        "chip": one.get_kind_display(),
        "tone": "a",
        "title": one.name,
        "url": one.get_absolute_url(),
        "text": f"{one} · {one.requested_by or _('the product')} · {one.reason}",
        "day": one.starts_on,
    }


def _hold_row(one: Any) -> dict[str, Any]:
    why = _("an item is overdue beyond grace") if one.overdue else _("the exposure is over the limit")
    return {
        "chip": _("On hold"),
        "tone": "b",
        "title": one.name,
        "url": tab_url(one.distributor_id),
        "text": why,
        "day": one.set_on,
    }


def _security_row(one: Any) -> dict[str, Any]:
    return {
        "chip": one.get_kind_display(),
        "tone": "w",
        "title": one.name,
        "url": one.get_absolute_url(),
        "text": str(one),
        "day": one.expires_on,
    }


def _promise_row(one: Any) -> dict[str, Any]:
    return {
        "chip": _("Broken"),
        "tone": "b",
        "title": one.name,
        "url": tab_url(one.distributor_id, "promises"),
        "text": f"{one} · {one.note}" if one.note else str(one),
        "day": one.due_on,
    }

"""What contracts add to pages around them: what ends soon, the timeline, the search."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.contributors import NEEDS_EACH, Event, Hit, Need
from distributors.profiles.contracts.calculations import threshold_of
from distributors.profiles.contracts.models import SIGNED, Contract, ContractState
from distributors.profiles.contracts.selectors import NAME, STEPS, ending_for

WEIGHT = 5800
ROWS = 40
FOUND = 10
MILDEST = STEPS[-1]


def contract_needs(user: Any, as_of: date) -> list[Need]:
    """Return the contracts that end within 90, 60, 30 days, the nearest first; each step is an item of its own."""
    return [_need(row, place, as_of) for place, row in enumerate(ending_for(user, as_of)[: NEEDS_EACH + 1])]


def _need(row: Any, place: int, as_of: date) -> Need:
    days = (row.ends_on - as_of).days
    step = threshold_of(days, STEPS)
    reason = ngettext("in %(days)s day, on %(day)s", "in %(days)s days, on %(day)s", days)
    return Need(
        key=f"contract-{row.pk}-{row.ends_on.isoformat()}-{step}",
        chip=_("Contract"),
        kind=_("Contract"),
        tone="b" if step == STEPS[0] else "w",
        title=_("Contract %(number)s with %(name)s ends") % {"number": row.number, "name": row.name},
        reason=reason % {"days": days, "day": date_format(row.ends_on, "DATE_FORMAT")},
        consequence=_("its coverage and its exclusivity end with it"),
        distributor=row.name,
        url=row.get_absolute_url(),
        action=_("Renew") if row.renews else _("Look"),
        weight=WEIGHT + (MILDEST - days) - place,
        due=row.ends_on,
    )


def contract_events(user: Any, distributor_ids: Sequence[int], as_of: date) -> list[Event]:
    """Return when contracts of some distributors were signed, began and ended."""
    rows = Contract.objects.visible_to(user).filter(distributor__in=distributor_ids, state__in=SIGNED)
    events = []
    for row in rows.order_by("-valid_from", "-pk")[:ROWS]:
        days = [(row.signed_on, _("signed")), (row.valid_from, _("comes into force"))]
        if row.state == ContractState.TERMINATED:
            days.append((row.ends_on, _("terminated")))
        elif row.ends_on is not None and row.ends_on < as_of:
            days.append((row.ends_on, _("ended")))
        events += [
            Event(
                on=day,
                code="contract",
                kind=_("Contract"),
                title=f"{row}: {what}",
                text=str(row.get_kind_display()),
                url=row.get_absolute_url(),
            )
            for day, what in days
            if day is not None and day <= as_of
        ]
    return events


def contracts_found(user: Any, words: str) -> list[Hit]:
    """Return the contracts whose number begins with or holds what is asked for, the latest version of each."""
    asked = words.replace("\x00", "").strip()
    if not asked:
        return []
    rows = Contract.objects.visible_to(user).filter(Q(number__icontains=asked)).annotate(name=NAME)
    latest: dict[str, Any] = {}
    for row in rows.order_by("number", "-edition")[: FOUND * 3]:
        latest.setdefault(row.number, row)
    return [
        Hit(
            kind=_("contract"),
            title=str(row),
            text=" · ".join((row.name, str(row.get_kind_display()), str(row.get_state_display()))),
            url=row.get_absolute_url(),
        )
        for row in list(latest.values())[:FOUND]
    ]

"""What contracts add to pages around them: what ends soon, the timeline, the search."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.contributors import NEEDS_EACH, Event, Hit, Need
from core.models import AuditEvent
from core.timeline import Span
from distributors.profiles.contracts.calculations import threshold_of
from distributors.profiles.contracts.models import SIGNED, Contract, ContractDocument, ContractState
from distributors.profiles.contracts.selectors import NAME, STEPS, ending_for
from distributors.profiles.models import Distributor

WEIGHT = 5800
MOVES = ("contract.created", "contract.signed", "contract.withdrawn", "contract.terminated")
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


def contract_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return when contracts of some distributors were drafted, signed, began, ended and were given up."""
    seen = Contract.objects.visible_to(user).filter(distributor__in=Distributor.objects.with_merged(ids))
    rows = list(seen if not span.glance else seen.filter(state__in=SIGNED))
    told = {} if span.glance else _told([row.pk for row in rows])
    return span.newest([event for row in rows for event in _happened(row, told.get(row.pk, {}), span)])


def _told(keys: Sequence[int]) -> dict[int, dict[str, AuditEvent]]:
    """Return what the trail says of the moves of contracts that have a reason, by key and verb."""
    found: dict[int, dict[str, AuditEvent]] = {}
    trail = AuditEvent.objects.filter(
        target_type=Contract._meta.label, target_id__in=[str(pk) for pk in keys], verb__in=MOVES
    )
    for row in trail.select_related("actor").order_by("pk"):
        found.setdefault(int(row.target_id), {})[row.verb] = row
    return found


def _happened(contract: Contract, told: Mapping[str, AuditEvent], span: Span) -> Iterator[Event]:
    def event(on: date, what: str, verb: str = "") -> Event:
        row = told.get(verb)
        return Event(
            on=on,
            code="contract",
            kind=_("Contract"),
            title=f"{contract}: {what}",
            text=(row.note if row else "") or str(contract.get_kind_display()),
            url=contract.get_absolute_url(),
            who=str((row.actor if row else None) or ""),
        )

    if "contract.created" in told:
        yield event(localdate(told["contract.created"].at), _("contract drafted"), "contract.created")
    if "contract.withdrawn" in told:
        yield event(localdate(told["contract.withdrawn"].at), _("withdrawn"), "contract.withdrawn")
    if contract.state not in SIGNED:
        return
    if contract.signed_on is not None:
        yield event(contract.signed_on, _("signed"), "contract.signed")
    if contract.valid_from <= span.today:
        yield event(contract.valid_from, _("comes into force"))
    if contract.ends_on is None or contract.ends_on > span.today:
        return
    if contract.state == ContractState.TERMINATED:
        yield event(contract.ends_on, _("terminated"), "contract.terminated")
    elif contract.ends_on < span.today:
        yield event(contract.ends_on, _("ended"))


def document_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return when files were added to contracts of some distributors."""
    rows = ContractDocument.objects.visible_to(user).filter(
        span.moments("created_at"),
        contract__distributor__in=Distributor.objects.with_merged(ids),
        contract__in=Contract.objects.visible_to(user),
    )
    return [
        Event(
            on=localdate(row.created_at),
            code="file",
            kind=_("File"),
            title=row.name,
            text=str(row.contract),
            url=row.contract.get_absolute_url(),
            who=str(row.created_by or ""),
        )
        for row in rows.select_related("contract", "created_by").order_by("-created_at", "-pk")[: span.most]
    ]


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

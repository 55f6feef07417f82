"""What needs a person: one ranked list from all apps, without what they put aside for a while."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from core import audit, clock
from core.contributors import NEEDS_EACH, Need, collect
from core.errors import DomainError
from core.models import Snooze
from core.sentences import Sentence

LONGEST = timedelta(days=90)


@dataclass(frozen=True)
class NeedList:
    """The open items, the weightiest first, and those put aside; `more` tells that some kinds have others still."""

    items: Sequence[Need]
    snoozed: Sequence[tuple[Need, Snooze]]
    more: bool


def need_list(user: Any, as_of: date) -> NeedList:
    """Return the user's items, each key once.

    What was put aside comes back on its day, or when its cause is another.
    """
    unique: dict[str, Need] = {}
    for need in collect("needs", user, as_of):
        if need.key not in unique or need.weight > unique[need.key].weight:
            unique[need.key] = need
    ranked = sorted(unique.values(), key=lambda need: (-need.weight, need.key))
    seen: Counter[str] = Counter()
    kept = []
    for need in ranked:
        seen[need.code] += 1
        if seen[need.code] <= NEEDS_EACH:
            kept.append(need)
    aside = {row.key: row for row in Snooze.objects.filter(user=user.pk, until__gt=as_of)}
    return NeedList(
        items=[need for need in kept if need.key not in aside],
        snoozed=[(need, aside[need.key]) for need in kept if need.key in aside],
        more=len(kept) < len(ranked),
    )


def needs_of(user: Any, as_of: date) -> Sequence[Need]:
    """Return the user's open items, the weightiest first."""
    return need_list(user, as_of).items


@transaction.atomic
def need_snooze(*, user: Any, key: str, until: date, reason: str) -> Snooze:
    """Put one of the user's items aside until a day, with a reason; raise DomainError."""
    today = clock.today()
    if not reason.strip():
        raise DomainError(Sentence(_("Say why: the reason stays with the record.")))
    if not today < until <= today + LONGEST:
        raise DomainError(Sentence(_("Choose a day from tomorrow on, at most %(days)s days ahead."), days=LONGEST.days))
    if key not in {need.key for need in needs_of(user, today)}:
        raise DomainError(Sentence(_("This does not need you any more.")))
    Snooze.objects.filter(user=user, until__lte=today).delete()
    saved, _created = Snooze.objects.update_or_create(
        user=user, key=key, defaults={"until": until, "reason": reason.strip()[:200]}
    )
    audit.record(actor=user, verb="need.snoozed", target=saved, after={"until": until.isoformat()}, note=reason.strip())
    return saved


@transaction.atomic
def need_wake(*, user: Any, key: str) -> None:
    """Take an item back onto the list; nothing happens where it is there."""
    found = Snooze.objects.filter(user=user, key=key).first()
    if found is not None:
        audit.record(actor=user, verb="need.woken", target=found, before={"until": found.until.isoformat()})
        found.delete()

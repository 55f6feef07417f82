"""Classes set by hand: with a reason, until a day, and shown as such."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit, clock
from core.database import lock
from core.errors import DomainError
from core.scope import require_visible
from distributors.classification.locks import IN_FORCE
from distributors.classification.models import AbcClass, Cause, ClassEvent, Classification, Override
from distributors.classification.selectors.overrides import overrides_on, overrides_within
from distributors.classification.selectors.runs import last_closed
from distributors.classification.services.notices import override_told
from distributors.profiles.models import Distributor, Standing


@transaction.atomic
def override_add(
    *,
    actor: Any,
    distributor: Distributor,
    klass: str,
    reason: str,
    ends_on: date | None,
    starts_on: date | None = None,
) -> Override:
    """Set a class by hand from today, or a later day, until `ends_on`; refuse one without a reason or an end."""
    today = clock.today()
    start = starts_on or today
    end = _end_checked(klass, reason, start, ends_on, today)
    lock(IN_FORCE)
    if not Standing.objects.filter(pk=distributor.pk).exclude(abc="").exists():
        raise DomainError(_("This distributor has no class yet that could be set by hand."))
    if overrides_within(start, end).filter(distributor=distributor).exists():
        raise DomainError(_("A class is set by hand for these days already; end it first."))
    made = Override.objects.create(
        distributor=distributor, klass=klass, reason=reason.strip(), starts_on=start, ends_on=end, created_by=actor
    )
    require_visible(made, actor, "add")
    audit.record(
        actor=actor,
        verb="classification.override_added",
        target=distributor,
        after={"class": klass, "from": str(start), "until": str(end)},
        note=reason,
    )
    override_told(override=made, actor=actor)
    overrides_apply(on=today, distributor=distributor)
    return made


def _end_checked(klass: str, reason: str, start: date, ends_on: date | None, today: date) -> date:
    if klass not in AbcClass.values:
        raise DomainError(_("Choose one of the classes."))
    if not reason.strip():
        raise DomainError(_("Say why the class is set by hand."))
    if ends_on is None:
        raise DomainError(_("Say until when: a class set by hand ends on a day."))
    if start < today or ends_on < start:
        raise DomainError(_("The days must lie ahead: from today at the earliest, and the end not before the start."))
    return ends_on


@transaction.atomic
def override_end(*, actor: Any, override: Override) -> None:
    """End an override today; of two people who press at once one wins."""
    today = clock.today()
    lock(IN_FORCE)
    open_ones = Override.objects.visible_to(actor, "add").filter(pk=override.pk, ended_on=None, ends_on__gte=today)
    if not open_ones.update(ended_on=today):
        raise DomainError(_("This class set by hand has ended already."))
    audit.record(
        actor=actor,
        verb="classification.override_ended",
        target=override.distributor,
        before={"class": override.klass, "until": str(override.ends_on)},
        after={"until": str(today)},
    )
    overrides_apply(on=today, distributor=override.distributor)


@transaction.atomic
def overrides_apply(*, on: date, distributor: Distributor | None = None, known: Mapping[int, str] | None = None) -> int:
    """Bring the classes in force in line with the overrides of a day; return how many changed.

    A class that is in `known` already, by distributor, is written without an event.
    """
    lock(IN_FORCE)
    held = Standing.objects.exclude(abc="")
    if distributor is not None:
        held = held.filter(pk=distributor.pk)
    begun = dict(overrides_on(on).filter(distributor__in=held.values("pk")).values_list("distributor_id", "klass"))
    over = set(held.filter(abc_overridden=True).exclude(pk__in=begun).values_list("pk", flat=True))
    settled = dict(
        Classification.objects.filter(run__in=last_closed().order_by().values("pk"), distributor__in=over).values_list(
            "distributor_id", "settled"
        )
    )
    after = {**{pk: settled.get(pk, "") for pk in over}, **begun}
    return _change(on, after, set(begun), known or {})


def _change(on: date, after: dict[int, str], begun: set[int], known: Mapping[int, str]) -> int:
    before = {
        pk: (abc, flag)
        for pk, abc, flag in Standing.objects.filter(pk__in=after).values_list("pk", "abc", "abc_overridden")
    }
    changed = {pk: klass for pk, klass in after.items() if pk in before and before[pk] != (klass, pk in begun)}
    ClassEvent.objects.bulk_create(
        ClassEvent(
            distributor_id=pk,
            on=on,
            before=before[pk][0],
            after=klass,
            cause=Cause.OVERRIDE if pk in begun else Cause.RETURNED,
        )
        for pk, klass in changed.items()
        if before[pk][0] != klass and known.get(pk) != klass
    )
    for klass in {*changed.values()}:
        for flag in (True, False):
            rows = [pk for pk, one in changed.items() if one == klass and (pk in begun) == flag]
            Standing.objects.filter(pk__in=rows).update(abc=klass, abc_overridden=flag, abc_next="")
    return len(changed)

"""Limits: asked for, approved by who may, declined, withdrawn; and the rules that say who may."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from accounts.models import User
from core import audit, clock
from core.database import lock
from core.errors import DomainError, StaleVersion, TransitionRefused
from core.scope import require_permission, require_visible
from core.sentences import Sentence
from distributors.credit.limits.base import account_lock
from distributors.credit.limits.holds import credit_follow, one_sql
from distributors.credit.limits.models import CreditLimit, LimitKind, LimitPolicy, LimitState
from distributors.credit.limits.rates import in_base
from distributors.credit.limits.recommending import recommendation
from distributors.credit.limits.rules import (
    ABOVE,
    OWN,
    SECOND,
    Level,
    account_now,
    decider,
    level_of,
    policy_now,
    total_of,
)
from distributors.profiles.models import Distributor, Lifecycle
from distributors.profiles.outbound import message_post

POLICY = "credit.limits"
SETTINGS = (
    *("manager_most", "second_from", "limit_days", "temporary_days", "override_days"),
    *("grace_home", "grace_abroad", "hold_least", "hold_share", "reserve_hours"),
)


@transaction.atomic
def limit_request(
    *,
    actor: User,
    distributor: Distributor,
    amount: Decimal,
    currency: str,
    starts_on: date,
    ends_on: date,
    reason: str,
    kind: str = LimitKind.REGULAR,
) -> CreditLimit:
    """Ask for a limit, or for an increase for a time; raise DomainError where there can be none.

    The recommendation of the day is kept with its working, for whoever asks a year later.
    """
    require_permission(actor, "credit.add_creditlimit")
    account_lock(distributor.pk)
    policy, today = policy_now(), clock.today()
    _refuse_amount(kind, amount)
    _refuse_span(kind, starts_on, ends_on, policy, today)
    if not reason.strip():
        raise DomainError(Sentence(_("Say why: who decides reads it.")), "reason")
    _refuse_account(distributor, kind, policy)
    found = recommendation(distributor, policy, today)
    try:
        with transaction.atomic():
            made: CreditLimit = CreditLimit.objects.create(
                distributor=distributor,
                kind=kind,
                amount=amount,
                currency=currency,
                base_amount=in_base(amount, currency, today),
                converted_on=today,
                starts_on=starts_on,
                ends_on=ends_on,
                reason=reason.strip(),
                recommended=found.amount,
                working=found.kept(),
                requested_by=actor if actor.pk else None,
            )
    except IntegrityError:
        raise DomainError(Sentence(_("A request of this kind waits already: decide on it or withdraw it."))) from None
    require_visible(made, actor, "add")
    after = {"amount": f"{amount} {currency}", "from": str(starts_on), "until": str(ends_on), "kind": str(kind)}
    audit.record(actor=actor, verb="credit.limit_requested", target=made, after=after, note=made.reason)
    return made


def _refuse_amount(kind: str, amount: Decimal) -> None:
    if amount < 0 or (kind == LimitKind.TEMPORARY and amount == 0):
        raise DomainError(Sentence(_("The amount is above zero; a limit may be zero, to lend nothing.")), "amount")


def _refuse_span(kind: str, starts_on: date, ends_on: date, policy: LimitPolicy, today: date) -> None:
    if starts_on < today:
        raise DomainError(Sentence(_("It begins today at the earliest.")), "starts_on")
    if ends_on < starts_on:
        raise DomainError(Sentence(_("The last day lies before the first.")), "ends_on")
    most = policy.temporary_days if kind == LimitKind.TEMPORARY else policy.limit_days
    if (ends_on - starts_on).days > most:
        raise DomainError(Sentence(_("At most %(days)s days."), days=most), "ends_on")


def _refuse_account(distributor: Distributor, kind: str, policy: LimitPolicy) -> None:
    if distributor.merged_into_id is not None:
        raise DomainError(Sentence(_("This card is merged into another one: ask about that one.")))
    if distributor.state == Lifecycle.ENDED:
        raise DomainError(Sentence(_("The cooperation has ended: there is nothing to lend.")))
    account = account_now(distributor, policy)
    if account.pays_before:
        raise DomainError(Sentence(_("It pays before delivery and has no limit: change the terms on its card first.")))
    if kind == LimitKind.TEMPORARY and account.limit is None:
        raise DomainError(Sentence(_("There is no limit in force that could be increased: ask for one.")), "kind")


REFUSALS = {
    OWN: _("Nobody decides on their own request, nor in place of who made it."),
    SECOND: _("You approved it first; the second approval is another person's."),
    ABOVE: _("An amount of this size is decided by finance."),
}


@transaction.atomic
def limit_decide(*, actor: User, request: CreditLimit, approve: bool, note: str = "") -> CreditLimit:
    """Approve or decline a request; where two persons must approve, the first approval waits for the second.

    Raise TransitionRefused where somebody else was first, and DomainError where the actor may not.
    """
    account_lock(request.distributor_id)
    found = CreditLimit.objects.select_related("distributor").get(pk=request.pk)
    if found.state != LimitState.REQUESTED or found.first_by_id != request.first_by_id:
        raise TransitionRefused(Sentence(_("Somebody decided meanwhile; look again.")))
    policy, today = policy_now(), clock.today()
    if approve and found.ends_on < today:
        raise DomainError(Sentence(_("Its last day is over: ask for another one.")))
    if approve:
        _refuse_account(found.distributor, found.kind, policy)
    base = in_base(found.amount, found.currency, today) if approve else found.base_amount
    level = level_of(total_of(found, base), policy)
    who = decider(found, actor, level if approve else min(level, Level.FINANCE), today)
    if not who.allowed:
        raise DomainError(Sentence(REFUSALS.get(who.refusal, _("You may not decide on this request."))))
    if not approve and not note.strip():
        raise DomainError(Sentence(_("Say why it is declined.")), "note")
    return _decide(actor, found, who.on_behalf_of, base, approve=approve, level=level, note=note.strip())


def _decide(
    actor: User, found: CreditLimit, absent: User | None, base: Decimal, *, approve: bool, level: Level, note: str
) -> CreditLimit:
    person, now = actor if actor.pk else None, clock.instant()
    fields: dict[str, Any] = {"base_amount": base, "converted_on": clock.today(), "updated_at": now}
    first = approve and level == Level.TWO and found.first_by_id is None
    if first:
        fields |= {"first_by": person, "first_for": absent, "first_at": now}
        verb = "credit.limit_first"
    else:
        state = LimitState.APPROVED if approve else LimitState.DECLINED
        fields |= {"state": state, "decided_by": person, "decided_for": absent, "decided_at": now, "note": note}
        verb = "credit.limit_approved" if approve else "credit.limit_declined"
    rows = CreditLimit.objects.filter(pk=found.pk, state=LimitState.REQUESTED, first_by=found.first_by_id)
    if not rows.update(**fields):
        raise TransitionRefused(Sentence(_("Somebody decided meanwhile; look again.")))
    found.refresh_from_db()
    after = {"amount": str(found), "until": str(found.ends_on)}
    audit.record(actor=actor, verb=verb, target=found, after=after, note=note, on_behalf_of=absent)
    if approve and not first:
        _follow(found)
    return found


def _follow(limit: CreditLimit) -> None:
    """Bring the account in step with an approved limit, and tell other systems."""
    credit_follow(one_sql(limit.distributor_id), clock.today())
    data = {
        "kind": limit.kind,
        "amount": str(limit.amount),
        "currency": limit.currency,
        "from": str(limit.starts_on),
        "until": str(limit.ends_on),
    }
    message_post(kind="credit.limit_approved", distributor=limit.distributor, data=data)


@transaction.atomic
def limit_withdraw(*, actor: User, request: CreditLimit) -> CreditLimit:
    """Take back one's own request; raise DomainError where it is another's, TransitionRefused where it was decided."""
    if actor.pk is None or request.requested_by_id != actor.pk:
        raise DomainError(Sentence(_("Only who made a request takes it back.")))
    rows = CreditLimit.objects.filter(pk=request.pk, state=LimitState.REQUESTED)
    if not rows.update(state=LimitState.WITHDRAWN, decided_by=actor, decided_at=clock.instant()):
        raise TransitionRefused(Sentence(_("Somebody decided meanwhile; look again.")))
    request.refresh_from_db()
    audit.record(actor=actor, verb="credit.limit_withdrawn", target=request)
    return request


@transaction.atomic
def policy_change(*, actor: User, opened: int, note: str = "", **settings: Any) -> LimitPolicy:
    """Add a version of the rules; raise DomainError, or StaleVersion where `opened` is not the last.

    Holds follow with the next night.
    """
    require_permission(actor, "credit.change_limitpolicy")
    lock(POLICY)
    current = policy_now()
    if current._state.adding:
        current = LimitPolicy.objects.get_or_create(number=current.number)[0]
    if current.number != opened:
        raise StaleVersion(Sentence(_("Someone else changed this meanwhile; look at it and save again.")))
    before = {name: getattr(current, name) for name in SETTINGS}
    after = {**before, **{name: value for name, value in settings.items() if name in SETTINGS}}
    if after["second_from"] < after["manager_most"]:
        text = _("Two persons decide above what one sales manager approves, not below.")
        raise DomainError(Sentence(text), "second_from")
    if after == before:
        raise DomainError(Sentence(_("Nothing is changed.")))
    made = LimitPolicy.objects.create(number=current.number + 1, note=note.strip(), created_by=actor, **after)
    was, now = audit.changes(before, after)
    audit.record(actor=actor, verb="credit.rules_changed", target=made, before=was, after=now, note=note.strip())
    return made

"""The credit check: may this order go? Answered under a lock on the account, kept, and the same for the same key."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_noop as _

from accounts.models import User
from core import audit, clock
from core.company import company
from core.errors import DomainError
from core.idempotency import KeyReused
from core.money import from_units, to_units
from core.scope import require_permission, require_visible
from core.sentences import Sentence
from distributors.credit.calculations.limits import Reason, Verdict, check, hold_reasons
from distributors.credit.limits.base import account_lock
from distributors.credit.limits.figures import Account, account_of
from distributors.credit.limits.models import CreditCheck, LimitPolicy
from distributors.credit.limits.rates import day_end, in_base, local_day, zone_of
from distributors.credit.limits.rules import policy_now, rules_of
from distributors.profiles.models import Distributor

REASONS: dict[str, Any] = {
    Reason.OVERDUE: _("an item is overdue beyond grace"),
    Reason.OVER_LIMIT: _("the amount is larger than the headroom"),
    Reason.NO_LIMIT: _("no limit is in force"),
    Reason.NOT_PREPAID: _("the amount is larger than what is paid in advance"),
    Reason.ON_HOLD: _("the account is on hold"),
}


@transaction.atomic
def credit_check(
    *,
    actor: User,
    distributor: Distributor,
    amount: Decimal,
    currency: str,
    key: str = "",
    order_number: str = "",
    reserve_until: datetime | None = None,
) -> CreditCheck:
    """Answer whether an order may go, keep the answer, and reserve its amount where that is asked for.

    Checks of one distributor come one after the other, each seeing what those before have reserved. An order that is
    asked about again does not stand in its own way: the new answer takes the place of what it had reserved. The same
    key of the same client gets the answer that was kept; raise KeyReused where it asks something else, and DomainError.
    """
    require_permission(actor, "credit.add_creditcheck")
    account_lock(distributor.pk)
    kept = CreditCheck.objects.filter(asked_by=actor.pk, key=key).first() if key else None
    if kept is not None:
        return _same(kept, distributor, amount, currency, order_number)
    firm, policy, moment = company(), policy_now(), clock.now()
    _refuse(distributor, amount, reserve_until, moment, policy)
    _replaced(distributor, order_number, moment)
    zone = zone_of(distributor.time_zone, firm)
    day = local_day(zone)
    base = in_base(amount, currency, day, firm)
    account = account_of(distributor.pk, day, moment, policy, firm.base_currency)
    verdict = decided(account, to_units(base), policy)
    until = min(day_end(day, zone), reserve_until or day_end(day, zone))
    if reserve_until is not None and account.limit_ends is not None:
        until = min(reserve_until, day_end(account.limit_ends, zone))
    try:
        with transaction.atomic():
            made: CreditCheck = CreditCheck.objects.create(
                distributor=distributor,
                amount=amount,
                currency=currency,
                base_amount=base,
                order_number=order_number,
                key=key,
                asked_by=actor if actor.pk else None,
                on=day,
                valid_until=until if verdict.approved else None,
                reserved_until=until if verdict.approved and reserve_until is not None else None,
                **_figures(account, verdict),
            )
    except IntegrityError:
        raise KeyReused(_REUSED) from None
    require_visible(made, actor, "add")
    return made


_REUSED = Sentence(_("This key was used for another check."))


def _same(kept: CreditCheck, distributor: Distributor, amount: Decimal, currency: str, order: str) -> CreditCheck:
    if (kept.distributor_id, kept.amount, kept.currency, kept.order_number) != (
        distributor.pk,
        amount,
        currency,
        order,
    ):
        raise KeyReused(_REUSED)
    return kept


def _replaced(distributor: Distributor, order_number: str, moment: datetime) -> None:
    """Give back what an order that is asked about again has reserved."""
    if order_number:
        CreditCheck.objects.filter(
            distributor=distributor, order_number=order_number, released_at=None, reserved_until__gt=moment
        ).update(released_at=moment)


def _refuse(
    distributor: Distributor, amount: Decimal, until: datetime | None, moment: datetime, policy: LimitPolicy
) -> None:
    if amount <= 0:
        raise DomainError(Sentence(_("An order has an amount above zero.")), "amount")
    if distributor.merged_into_id is not None:
        raise DomainError(Sentence(_("This card is merged into another one: ask about that one.")), "distributor")
    if until is not None and not moment < until <= moment + timedelta(hours=policy.reserve_hours):
        raise DomainError(
            Sentence(_("Reserve until a moment ahead, at most %(hours)s hours from now."), hours=policy.reserve_hours),
            "reserve_until",
        )


def decided(account: Account, amount: int, policy: LimitPolicy) -> Verdict:
    """Return the answer to an order of `amount` in ten-thousandths.

    What is overdue now holds, also where tonight's rules have not seen it yet; an override lifts a hold, not the limit.
    """
    rules = rules_of(policy)
    late = hold_reasons(largest_late=account.largest_late, exposure=0, limit=account.limit, rules=rules)
    held = not account.overridden and (account.held or bool(late))
    found = check(amount=amount, exposure=account.exposure, limit=account.limit, prepaid=account.pays_before, held=held)
    if held and late:
        return Verdict((*found.reasons, Reason.OVERDUE), found.exposure, found.headroom)
    return found


def _figures(account: Account, verdict: Verdict) -> dict[str, Any]:
    parts = account.exposure
    return {
        "approved": verdict.approved,
        "reasons": ",".join(verdict.reasons),
        "receivable": from_units(parts.receivable),
        "ordered": from_units(parts.ordered),
        "prepaid": from_units(parts.prepaid),
        "acceptances": from_units(parts.acceptances),
        "reserved": from_units(parts.reserved),
        "exposure": from_units(verdict.exposure),
        "credit_limit": None if account.limit is None else from_units(account.limit),
        "headroom": from_units(verdict.headroom),
        "pays_before": account.pays_before,
    }


@transaction.atomic
def reservation_release(*, actor: User, instance: CreditCheck) -> CreditCheck:
    """Give back what a check has reserved; raise DomainError where it reserves nothing any more."""
    require_permission(actor, "credit.add_creditcheck")
    now = clock.now()
    rows = CreditCheck.objects.filter(pk=instance.pk, released_at=None, reserved_until__gt=now)
    if not rows.update(released_at=now):
        raise DomainError(Sentence(_("This check reserves nothing any more.")))
    instance.refresh_from_db()
    audit.record(actor=actor, verb="credit.reservation_released", target=instance)
    return instance

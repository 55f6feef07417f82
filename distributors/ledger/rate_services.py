"""Exchange rates one at a time: added, corrected."""

import re
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit, clock
from core.company import company
from core.database import lock
from core.errors import DomainError, StaleVersion
from core.scope import require_permission
from distributors.ledger.models import ExchangeRate
from distributors.ledger.receivables import foreign_refresh


@transaction.atomic
def rate_add(*, actor: User, currency: str, day: date, kind: str, rate: Decimal) -> ExchangeRate:
    """Add the rate of a currency on a day; raise DomainError where there is one."""
    require_permission(actor, "ledger.add_exchangerate")
    lock("batch")
    currency = currency.strip().upper()
    if not re.fullmatch("[A-Z]{3}", currency):
        raise DomainError(_("A currency is three capital letters, such as USD."), "currency")
    _refuse_rate(currency, rate)
    if ExchangeRate.objects.filter(currency=currency, day=day, kind=kind).exists():
        raise DomainError(_("There is a rate of this day already; correct that one."), "day")
    made: ExchangeRate = ExchangeRate.objects.create(
        currency=currency, day=day, kind=kind, rate=rate, updated_at=clock.instant(), updated_by=actor
    )
    after = {"currency": currency, "day": day.isoformat(), "kind": kind, "rate": str(rate)}
    audit.record(actor=actor, verb="rate.added", target=made, after=after)
    foreign_refresh(clock.today())
    return made


@transaction.atomic
def rate_correct(
    *, actor: User, instance: ExchangeRate, rate: Decimal, reason: str, version: int | None = None
) -> ExchangeRate:
    """Correct a rate; facts that came in before keep the rate they came in with, what settles them is worked out anew.

    Raises DomainError without a reason or a change, StaleVersion where someone else saved since `version`.
    """
    require_permission(actor, "ledger.change_exchangerate")
    lock("batch")
    before = ExchangeRate.objects.get(pk=instance.pk)
    if version is not None and version != before.version:
        raise StaleVersion
    _refuse_rate(before.currency, rate)
    if not reason.strip():
        raise DomainError(_("Say why: the reason stays with the record."), "reason")
    if rate == before.rate:
        raise DomainError(_("This is the rate it has."), "rate")
    ExchangeRate.objects.filter(pk=before.pk).update(
        rate=rate, version=F("version") + 1, updated_at=clock.instant(), updated_by=actor
    )
    audit.record(
        actor=actor,
        verb="rate.corrected",
        target=before,
        before={"rate": str(before.rate)},
        after={"rate": str(rate)},
        note=reason.strip(),
    )
    foreign_refresh(clock.today())
    before.refresh_from_db()
    return before


def _refuse_rate(currency: str, rate: Decimal) -> None:
    if rate <= 0:
        raise DomainError(_("A rate is above zero."), "rate")
    if currency == company().base_currency and rate != 1:
        raise DomainError(_("The base currency is always worth one."), "rate")

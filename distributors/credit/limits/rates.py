"""Amounts in the base currency at the rate of a day, and the day it is where a distributor is."""

from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext_noop as _

from core import clock
from core.company import company
from core.errors import DomainError
from core.models import Company
from core.money import STEP
from core.sentences import Sentence
from distributors.ledger.models import ExchangeRate
from distributors.ledger.surroundings import CARRY_DAYS


def in_base(amount: Decimal, currency: str, day: date, found: Company | None = None) -> Decimal:
    """Return an amount in the base currency at the rate of a day, or of one of the seven before, half-up.

    Raise DomainError where there is no rate.
    """
    firm = found or company()
    if currency == firm.base_currency:
        return amount.quantize(STEP, ROUND_HALF_UP)
    rate = rate_on(currency, day, firm)
    if rate is None:
        raise DomainError(
            Sentence(
                _("There is no rate for %(currency)s on %(day)s, nor for the week before: add it first."),
                currency=currency,
                day=day.isoformat(),
            ),
            "currency",
        )
    return worth(amount, rate)


def rate_on(currency: str, day: date, firm: Company) -> Decimal | None:
    """Return the rate of a currency on a day, or of one of the seven before; None where there is none."""
    first = day - timedelta(days=CARRY_DAYS)
    rates = ExchangeRate.objects.filter(currency=currency, kind=firm.rate_kind, day__range=(first, day))
    return rates.order_by("-day").values_list("rate", flat=True).first()


def worth(amount: Decimal, rate: Decimal) -> Decimal:
    """Return an amount at a rate, half-up."""
    return (amount * rate).quantize(STEP, ROUND_HALF_UP)


def zone_of(name: str, found: Company) -> ZoneInfo:
    """Return the time zone of a distributor, the company's where it has none."""
    try:
        return ZoneInfo(name or found.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo(found.time_zone)


def local_day(zone: ZoneInfo) -> date:
    """Return the date on the clocks of a zone."""
    return clock.now().astimezone(zone).date()


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which a day ends in a zone."""
    return datetime.combine(day + timedelta(days=1), time(), zone)


def currency_default(distributor: Any) -> str:
    """Return the currency in which a distributor trades."""
    return str(distributor.currency or company().base_currency)

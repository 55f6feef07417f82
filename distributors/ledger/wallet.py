"""What the ledger tells of our share in what a distributor could sell."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from core.periods import full_months, month_shift
from distributors.ledger.models import NET_SALES, ExchangeRate, MonthlySales
from distributors.ledger.surroundings import CARRY_DAYS

YEAR = 12


def wallet_points(
    user: Any, distributor_id: int, asked: Sequence[tuple[date, Decimal, str]]
) -> list[tuple[date, Decimal, Decimal | None]]:
    """Return (day, our net sales of the twelve full months before it, the wallet in base currency) for each asked.

    A wallet without a rate of its day, nor of the week before, is None. Nothing for who sees no sales.
    """
    if user.reach("ledger.view_monthlysales") is None:
        return []
    rows = MonthlySales.objects.visible_to(user).filter(distributor=distributor_id, kind__in=NET_SALES)
    first = month_shift(min(day for day, _wallet, _currency in asked).replace(day=1), -YEAR)
    sold = list(rows.filter(month__gte=first).values_list("month", "amount"))
    rates = _rates(user.company, asked)
    found = []
    for day, wallet, currency in asked:
        months = set(full_months(day, YEAR).months)
        ours = sum((amount for month, amount in sold if month in months), Decimal(0))
        rate = Decimal(1) if currency == user.company.base_currency else _rate(rates, currency, day)
        found.append((day, ours, None if rate is None else (wallet * rate).quantize(Decimal("0.0001"), ROUND_HALF_UP)))
    return found


def _rates(company: Any, asked: Sequence[tuple[date, Decimal, str]]) -> dict[tuple[str, date], Decimal]:
    """Return the rates of foreign currencies around the days."""
    foreign = {currency for _day, _wallet, currency in asked} - {company.base_currency}
    if not foreign:
        return {}
    days = [day for day, _wallet, _currency in asked]
    first = min(days) - timedelta(days=CARRY_DAYS)
    kept = ExchangeRate.objects.filter(currency__in=foreign, kind=company.rate_kind, day__range=(first, max(days)))
    return {(currency, day): rate for currency, day, rate in kept.values_list("currency", "day", "rate")}


def _rate(rates: dict[tuple[str, date], Decimal], currency: str, day: date) -> Decimal | None:
    """Return the rate of a day, or of one of the seven before."""
    found = (rates.get((currency, day - timedelta(days=back))) for back in range(CARRY_DAYS + 1))
    return next((rate for rate in found if rate is not None), None)

"""Credit of the invented manufacturer: terms, limits, securities, requests, promises, and checks of orders."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from accounts.models import User
from accounts.roles import Role
from config.demo.channel import Channel
from config.demo.receivables import terms_plan
from core import clock
from core.money import STEP
from distributors.credit.limits.checks import credit_check
from distributors.credit.limits.collecting_models import Promise
from distributors.credit.limits.holds import accounts_refresh, credit_follow, hold_override
from distributors.credit.limits.models import CreditLimit, Hold, LimitKind, LimitState, Security, SecurityKind
from distributors.credit.limits.promises import contestable, dispute_raise, reminder_add
from distributors.credit.limits.services import limit_request
from distributors.profiles.models import Cooperation, Distributor
from distributors.profiles.querysets import TRADING

ROUND, LEAST = Decimal(10_000), Decimal(50_000)
OVER, SECURED = 19, 6
FEW = 12
KINDS = (
    SecurityKind.DEPOSIT,
    SecurityKind.DEPOSIT,
    SecurityKind.PROPERTY,
    SecurityKind.GUARANTEE,
    SecurityKind.PERSONAL,
)
ASKED = (
    ("旺季前备货 To stock up before the season", Decimal("1.5")),
    ("新开两家门店 Two new shops", Decimal("1.3")),
    ("中标一个工地 Won a building site", Decimal(2)),
)
SAID = (
    "等工程款到账就付 Pays when the site pays",
    "答应周五前付 Promised before Friday",
    "月底付清 All of it at the end of the month",
)
CONTESTED = ("少发两台水泵 Two pumps were missing", "价格与合同不符 The price is not that of the contract")


def lending_begin(channel: Channel, users: list[User], today: date, seed: int) -> int:
    """Write on which terms each buys, how much it may owe, and what secures that; return how many limits there are."""
    rng = np.random.default_rng([seed, 15])
    _terms_write(channel, seed)
    accounts_refresh(None, today)
    finance = _finance(users)
    on_terms = _on_terms()
    days = dict(Cooperation.objects.values_list("distributor_id", "settlement_days"))
    CreditLimit.objects.bulk_create(
        (_limit(one, days[one.pk] or 0, place, finance, today) for place, one in enumerate(on_terms)), batch_size=2000
    )
    Security.objects.bulk_create(
        (_security(one, place, today, rng) for place, one in enumerate(on_terms[::SECURED])), batch_size=2000
    )
    credit_follow(None, today)
    return len(on_terms)


def lending_write(users: list[User], today: date, seed: int) -> None:
    """Let people ask for limits, promise, contest and be reminded, and the ERP ask about orders; grades are there."""
    finance, on_terms = _finance(users), _on_terms()
    _asked(on_terms, today)
    _collected(today, finance)
    _checked(on_terms, finance, np.random.default_rng([seed, 16]))


def _finance(users: list[User]) -> User:
    return next(user for user in users if user.role == Role.FINANCE)


def _on_terms() -> list[Any]:
    """Return the distributors that trade and do not pay before, with their standing and owner."""
    rows = Distributor.objects.filter(state__in=TRADING, merged_into=None, tier=1, cooperation__settlement_days__gt=0)
    return list(rows.select_related("standing", "owner").order_by("pk"))


def _terms_write(channel: Channel, seed: int) -> None:
    """Write how each settles, as the invoices were made: with the draws that made them."""
    plan = terms_plan(channel, np.random.default_rng([seed, 5]))
    rows = [
        Cooperation(
            distributor_id=int(channel.pk[place]),
            settlement_method=_method(plan, int(place)),
            settlement_days=int(plan.days[place]),
        )
        for place in np.flatnonzero(channel.tier == 1)
    ]
    Cooperation.objects.bulk_create(
        rows,
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["distributor"],
        update_fields=["settlement_method", "settlement_days"],
    )


def _method(plan: Any, place: int) -> str:
    if plan.prepaid[place]:
        return "prepaid"
    if plan.ahead[place]:
        return "mixed"
    return "acceptance" if plan.accepts[place] else "transfer"


def _limit(one: Any, days: int, place: int, finance: User, today: date) -> CreditLimit:
    standing = one.standing
    usual = standing.net_sales_12m / 12 * Decimal("1.13") * days / 30 * Decimal("1.3")
    if place % OVER == OVER - 1:
        amount = max(LEAST, standing.exposure * Decimal("0.85"))
    else:
        amount = max(LEAST, usual, standing.exposure * Decimal("1.15"))
    amount = (amount / ROUND).quantize(Decimal(1)) * ROUND
    starts = today - timedelta(days=30 + place % 200)
    return CreditLimit(
        distributor=one,
        amount=amount,
        currency="CNY",
        base_amount=amount,
        converted_on=today,
        starts_on=starts,
        ends_on=starts + timedelta(days=364),
        reason="年度授信 Limit of the year",
        state=LimitState.APPROVED,
        requested_by=one.owner,
        decided_by=finance,
        decided_at=clock.now() - (today - starts),
    )


def _security(one: Any, place: int, today: date, rng: np.random.Generator) -> Security:
    kind = KINDS[place % len(KINDS)]
    amount = Decimal(int(rng.integers(2, 21)) * 10_000)
    expires = None if kind == SecurityKind.DEPOSIT else today + timedelta(days=int(rng.integers(-10, 400)))
    if place == 1:
        expires = today + timedelta(days=12)
    return Security(
        distributor=one,
        reference=f"DEMO-S{one.pk:06d}",
        kind=kind,
        amount=amount,
        currency="CNY",
        base_amount=amount,
        converted_on=today,
        holder="财务部 Finance",
        starts_on=today - timedelta(days=300),
        expires_on=expires,
    )


def _asked(accounts: list[Any], today: date) -> None:
    """Let owners ask for more, a few of them for a time."""
    asking = [one for one in accounts if one.owner is not None and one.owner.role in (Role.REP, Role.MANAGER)]
    for place, one in enumerate(asking[3 : 3 + 7 * 9 : 9]):
        current = CreditLimit.objects.filter(distributor=one).latest("pk")
        why, factor = ASKED[place % len(ASKED)]
        temporary = place % 3 == 2
        amount = current.amount * (factor - 1 if temporary else factor)
        limit_request(
            actor=one.owner,
            distributor=one,
            kind=LimitKind.TEMPORARY if temporary else LimitKind.REGULAR,
            amount=((amount / ROUND).quantize(Decimal(1)) or Decimal(1)) * ROUND,
            currency="CNY",
            starts_on=today,
            ends_on=today + timedelta(days=60 if temporary else 364),
            reason=why,
        )


def _collected(today: date, finance: User) -> None:
    """Note promises, reminders, disputes and an override for those who are on hold."""
    held = list(Hold.objects.filter(released_on=None, overdue=True).select_related("distributor__standing")[: FEW * 2])
    Promise.objects.bulk_create(
        Promise(
            distributor=one.distributor,
            amount=_half(one),
            currency="CNY",
            base_amount=_half(one),
            made_on=today - timedelta(days=14 + place),
            due_on=today + timedelta(days=place - 6),
            note=SAID[place % len(SAID)],
        )
        for place, one in enumerate(held[:FEW])
    )
    for place, one in enumerate(held[2:FEW]):
        if one.distributor.standing.overdue:
            reminder_add(actor=finance, distributor=one.distributor, stage=1 + place % 3, way="phone")
    for place, one in enumerate(held[FEW : FEW + len(CONTESTED)]):
        invoice = contestable(one.distributor_id).first()
        if invoice is not None:
            dispute_raise(actor=finance, distributor=one.distributor, invoice=invoice, reason=CONTESTED[place])
    if held:
        until = today + timedelta(days=10)
        hold_override(
            actor=finance,
            distributor=held[0].distributor,
            ends_on=until,
            reason="货款在途，先发一车 Payment on its way, one truck goes",
        )


def _half(hold: Any) -> Decimal:
    return max(Decimal(1000), (hold.largest_late / 2).quantize(STEP))


def _checked(accounts: list[Any], finance: User, rng: np.random.Generator) -> None:
    """Let the ERP's orders of today be asked about."""
    for place, one in enumerate(accounts[:: max(1, len(accounts) // 15)][:15]):
        amount = Decimal(int(rng.integers(5, 80)) * 1000)
        credit_check(
            actor=finance, distributor=one, amount=amount, currency="CNY", order_number=f"DEMO-O{place + 1:04d}"
        )

"""What tests of limits stand on: an account with invoices, payments and a limit, and the people who decide."""

from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.roles import Role
from core.clock import today
from distributors.credit.limits.models import CreditLimit, LimitState, Security
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.models import ExchangeRate
from distributors.ledger.services import facts_upsert
from distributors.profiles.models import Cooperation, Distributor, Standing
from tests import factories
from tests.ledger.records import company

TODAY = "2025-04-15"


def account(**fields: Any) -> Distributor:
    """Make a distributor that buys on 30 days."""
    company()
    made = factories.distributor(**{"code": "D1", **fields})
    Cooperation.objects.create(distributor=made, settlement_method="transfer", settlement_days=30)
    ExchangeRate.objects.get_or_create(currency="USD", day=today(), defaults={"rate": Decimal(7)})
    return made


def people(of: Distributor) -> dict[str, User]:
    """Make the owner of a distributor, its manager and two of finance."""
    where = of.territory
    found = {
        "rep": factories.user(Role.REP, where),
        "manager": factories.user(Role.MANAGER, where),
        "finance": factories.user(Role.FINANCE),
        "second": factories.user(Role.FINANCE),
    }
    of.owner = found["rep"]
    of.save()
    return found


def bill(of: Distributor, number: str, amount: Any, due: str, **more: Any) -> None:
    """Send an invoice."""
    row = {"external_id": number, "distributor": of.code, "day": "2025-01-02", "due_on": due, "amount": str(amount)}
    send("invoices", {**row, "currency": "CNY", **more})


def pay(of: Distributor, number: str, amount: Any, **more: Any) -> None:
    """Send a payment of today."""
    row = {"external_id": number, "distributor": of.code, "day": today().isoformat(), "amount": str(amount)}
    send("payments", {**row, "currency": "CNY", **more})


def order(of: Distributor, number: str, amount: Any) -> None:
    """Send an open order of today."""
    row = {"external_id": number, "distributor": of.code, "day": today().isoformat(), "open_amount": str(amount)}
    send("orders", {**row, "currency": "CNY"})


def send(kind: str, row: dict[str, Any]) -> None:
    """Send one fact."""
    facts_upsert(actor=factories.user(), kind=kind_of(kind), source_code="erp", rows=[row])


def limit(of: Distributor, amount: Any, **fields: Any) -> CreditLimit:
    """Give a distributor an approved limit of this year."""
    from distributors.credit.limits.holds import credit_follow, one_sql

    amount = Decimal(amount)
    made = CreditLimit.objects.create(
        distributor=of,
        **{
            "amount": amount,
            "currency": "CNY",
            "base_amount": amount,
            "converted_on": today(),
            "starts_on": date(2025, 1, 1),
            "ends_on": date(2025, 12, 31),
            "reason": "season",
            "state": LimitState.APPROVED,
            "decided_at": "2025-01-01T00:00:00Z",
            **fields,
        },
    )
    credit_follow(one_sql(of.pk), today())
    return made


def security(of: Distributor, **fields: Any) -> Security:
    """Give a distributor a deposit of 50,000."""
    return Security.objects.create(
        distributor=of,
        **{
            "reference": f"S-{of.pk}",
            "kind": "deposit",
            "amount": Decimal(50_000),
            "currency": "CNY",
            "base_amount": Decimal(50_000),
            "converted_on": today(),
            "starts_on": date(2025, 1, 1),
            **fields,
        },
    )


def standing(of: Distributor) -> Standing:
    """Return the standing as it is."""
    return Standing.objects.get(pk=of.pk)

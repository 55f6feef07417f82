"""What tests of credit cards stand on: a distributor with a year and more of facts."""

from datetime import date
from decimal import Decimal
from typing import Any

from core.periods import month_shift
from distributors.credit.cards.models import CreditScore
from distributors.credit.cards.runs import scores_run
from distributors.ledger.models import LineKind, MonthlySales, Source
from distributors.ledger.records import Allocation, Invoice, Occurrence, StockSnapshot
from distributors.profiles.models import Distributor, Standing
from tests import factories

TODAY = date(2025, 6, 15)


def source() -> Source:
    return Source.objects.get_or_create(code="erp")[0]


def sales(of: Distributor, month: date, months: int, amount: int) -> None:
    """Give a distributor the same net sales in each of some months."""
    for step in range(months):
        first = month_shift(month, step)
        MonthlySales.objects.create(
            distributor=of,
            month=first,
            kind=LineKind.SELL_IN,
            counted=True,
            quantity=1,
            amount=amount,
            tax=0,
            cost=0,
            lines=1,
            orders=1,
            products=1,
            first_on=first,
            last_on=first,
        )
    began = Standing.objects.get(pk=of.pk).first_sale_on
    Standing.objects.filter(pk=of.pk).update(first_sale_on=min(month, began or month))


def invoice(of: Distributor, due: date, amount: int, paid_on: date | None = None, **fields: Any) -> Invoice:
    """Make an invoice, settled whole on a day or not at all."""
    batch = factories.batch(source())
    made = Invoice.objects.create(
        source=source(),
        batch=batch,
        distributor=of,
        day=due,
        amount=amount,
        base_amount=fields.pop("base_amount", amount),
        **{"due_on": due, "external_id": f"R{batch.number}", "currency": "CNY", **fields},
    )
    if paid_on is not None:
        Allocation.objects.create(
            distributor=of, invoice=made, payment_id=1, day=paid_on, amount=amount, used=amount, stated=True
        )
    return made


def breach(of: Distributor, day: date, **fields: Any) -> Occurrence:
    batch = factories.batch(source())
    given = {"kind": Occurrence.Kind.CONTRACT_BREACH, "external_id": f"B{batch.number}", **fields}
    return Occurrence.objects.create(source=source(), batch=batch, distributor=of, day=day, **given)


def stock(of: Distributor, day: date, value: int) -> StockSnapshot:
    return StockSnapshot.objects.create(
        source=source(),
        batch=factories.batch(source()),
        distributor=of,
        product=factories.product(),
        day=day,
        quantity=1,
        base_quantity=1,
        value=value,
    )


def traded(where: Any = None, **fields: Any) -> Distributor:
    """Make a distributor that bought 1,000 a month the year before last year and 1,100 a month since."""
    made = factories.distributor(where, **fields)
    sales(made, date(2023, 6, 1), 12, 1000)
    sales(made, date(2024, 6, 1), 12, 1100)
    return made


def card(of: Distributor) -> CreditScore:
    """Return the card in force of a distributor."""
    return CreditScore.objects.get(distributor=of, run__monthly=False)


def scored(as_of: date = TODAY, monthly: bool = False) -> None:
    scores_run(as_of=as_of, monthly=monthly)


def numbers(row: CreditScore, *names: str) -> list[Decimal | None]:
    return [getattr(row, name) for name in names]

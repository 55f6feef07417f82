"""Sales by month and closed months, for the tests of classification."""

from datetime import date
from decimal import Decimal

from django.db.models import Min

from core.periods import month_shift
from distributors.classification.models import Classification, ClassRun
from distributors.classification.services import classification_run, policy_default
from distributors.ledger.models import MonthlySales
from distributors.profiles.models import Distributor, Standing
from tests import factories

CLOSE = date(2024, 1, 1)


def sales(distributor: Distributor, amount: int | str, month: date = date(2023, 6, 1), **fields) -> MonthlySales:
    """Record net sales of a month, on top of what it has."""
    kind = fields.pop("kind", "sell_in")
    fields = {"quantity": 1, "tax": 0, "cost": 0, "lines": 1, "orders": 1, "products": 1, **fields}
    row, _made = MonthlySales.objects.get_or_create(
        distributor=distributor,
        month=month,
        kind=kind,
        counted=True,
        defaults={"amount": 0, "first_on": month, "last_on": month, **fields},
    )
    MonthlySales.objects.filter(pk=row.pk).update(amount=row.amount + Decimal(amount))
    first = MonthlySales.objects.filter(distributor=distributor, kind="sell_in").aggregate(first=Min("first_on"))
    Standing.objects.filter(pk=distributor.pk).update(first_sale_on=first["first"])
    return row


def population(*amounts: int | str, where=None, **fields) -> list[Distributor]:
    """Make a distributor of long standing for each amount, sold in one month of the window."""
    made = []
    for amount in amounts:
        one = factories.distributor(where, cooperation_since=date(2020, 1, 1), **fields)
        sales(one, 0, month=date(2020, 1, 1))
        sales(one, amount)
        made.append(one)
    return made


def close(as_of: date = CLOSE, **fields) -> ClassRun:
    """Close the month before `as_of`."""
    return classification_run(**{"policy": policy_default(), "as_of": as_of, "official": True, **fields})


def preview(as_of: date = CLOSE, **fields) -> ClassRun:
    """Make the preview of a day."""
    return classification_run(**{"policy": policy_default(), "as_of": as_of, "official": False, **fields})


def letters(run: ClassRun, field: str = "effective") -> list[str]:
    """Return the classes of a run in the order the distributors were made."""
    return list(Classification.objects.filter(run=run).order_by("distributor").values_list(field, flat=True))


def month(step: int) -> date:
    """Return the close `step` months after the first one."""
    return month_shift(CLOSE, step)

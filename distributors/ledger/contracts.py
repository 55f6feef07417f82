"""What contracts ask of the ledger: product lines, last year's sales, and the targets that follow from them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import User
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.models import NET_SALES, MonthlySales, ProductLine
from distributors.ledger.services import facts_set
from distributors.profiles.models import Distributor

SOURCE = "contracts"


def product_lines() -> list[str]:
    """Return the names of the product lines."""
    return list(ProductLine.objects.order_by("name").values_list("name", flat=True).distinct())


def year_before(distributor_id: int, first: date, before: date) -> list[tuple[date, Decimal]]:
    """Return pairs of month and net sales of a distributor, from the month `first` up to and without `before`."""
    rows = MonthlySales.objects.filter(
        distributor=distributor_id, month__gte=first, month__lt=before, kind__in=NET_SALES
    )
    return list(rows.values_list("month", "amount"))


def contract_targets(
    actor: User, distributor: Distributor, months: Sequence[tuple[date, Decimal]], reason: str
) -> list[int]:
    """Set the monthly targets of net sales that a contract gives; return how many are new or changed."""
    rows: list[dict[str, Any]] = [
        {
            "distributor": distributor.code,
            "metric": "net_sales",
            "period": "month",
            "day": month.isoformat(),
            "value": format(value, "f"),
            "reason": reason,
        }
        for month, value in months
    ]
    counts = facts_set(actor=actor, kind=kind_of("targets"), source_code=SOURCE, rows=rows, key=reason)
    return [counts["new"] + counts["changed"]]

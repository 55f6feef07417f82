"""How long money takes: days sales outstanding (handbook, section 7).

Amounts are whole ten-thousandths. DSO = receivable / credit sales of the window x its days; the best possible DSO takes
what is not overdue alone.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

DSO_DAYS = 90


@dataclass(frozen=True)
class Dso:
    """Days sales outstanding, and the best possible of them; None where nothing was sold on credit."""

    days: Decimal | None
    best: Decimal | None


def dso(*, receivable: int, not_due: int, credit_sales: int, days: int = DSO_DAYS) -> Dso:
    """Return how many days of credit sales are owed, and how many would be if nothing were overdue, half-up to 0.01."""
    if days < 1:
        raise ValueError("The window has at least one day.")
    if credit_sales <= 0:
        return Dso(None, None)

    def of(amount: int) -> Decimal:
        """Return an amount in days of sales."""
        return (Decimal(amount) * days / credit_sales).quantize(Decimal("0.01"), ROUND_HALF_UP)

    return Dso(of(receivable), of(not_due))

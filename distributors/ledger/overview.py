"""What the ledger shows on the overview of a distributor."""

from datetime import date
from typing import Any

from core.periods import full_months
from distributors.ledger.home import month_pairs, months_chart
from distributors.ledger.selectors import months_of


def overview_charts(user: Any, distributor_id: int, as_of: date) -> list[dict[str, Any]]:
    """Return the chart of net sales by month against the year before, where there are any."""
    window = full_months(as_of, 12)
    months = months_of(user, distributor_id, window)
    return [months_chart(month_pairs(window, months), user.company.base_currency)] if months else []

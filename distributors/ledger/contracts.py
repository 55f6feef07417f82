"""What contracts ask of the ledger: product lines, last year's sales, and the targets that follow from them."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.models import NET_SALES, MonthlySales, ProductLine
from distributors.ledger.services import facts_set
from distributors.profiles.models import Distributor

SOURCE = "contracts"
# As contracts write it: in no language, so that the same target set again is the same.
REASON = re.compile(r"contract (?P<number>.+) version (?P<version>[0-9]+)")
Entry = tuple[Distributor, Sequence[tuple[date, Decimal]], str]


def reason_words(reason: str) -> str:
    """Return the reason of a target in the reader's language where a contract set it, else as it was written."""
    found = REASON.fullmatch(reason)
    return _("contract %(number)s, version %(version)s") % found.groupdict() if found else reason


def product_lines() -> list[str]:
    """Return the names of the product lines."""
    return list(ProductLine.objects.order_by("name").values_list("name", flat=True).distinct())


def year_before(distributor_id: int, first: date, before: date) -> list[tuple[date, Decimal]]:
    """Return pairs of month and net sales of a distributor, from the month `first` up to and without `before`."""
    rows = MonthlySales.objects.filter(
        distributor=distributor_id, month__gte=first, month__lt=before, kind__in=NET_SALES
    )
    return list(rows.values_list("month", "amount"))


def contract_targets(actor: User | None, entries: Sequence[Entry], note: str) -> list[int]:
    """Set the monthly targets of net sales that contracts give; return how many are new or changed.

    Of two contracts of one distributor with the same month the later entry counts, as if signed after the other.
    """
    rows: dict[tuple[str, date], dict[str, Any]] = {
        (distributor.code, month): {
            "distributor": distributor.code,
            "metric": "net_sales",
            "period": "month",
            "day": month.isoformat(),
            "value": format(value, "f"),
            "reason": reason,
        }
        for distributor, months, reason in entries
        for month, value in months
    }
    if not rows:
        return [0]
    kind = kind_of("targets")
    counts = facts_set(actor=actor, kind=kind, source_code=SOURCE, rows=[*rows.values()], key=note)
    return [counts["new"] + counts["changed"]]

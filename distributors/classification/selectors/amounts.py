"""The amounts by which distributors were ranked: where they are margins, for who may see costs only."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, F, Value, When

from core.money import MoneyField
from distributors.classification.models import Classification, PolicyVersion

MARGIN = PolicyVersion.Basis.MARGIN


def amounts_shown(user: Any, version: PolicyVersion) -> bool:
    """Tell whether `user` may see what a version ranks by."""
    return version.basis != MARGIN or user.reach("ledger.view_cost") is not None


def amounts_hide(user: Any, rows: Iterable[Classification | None]) -> None:
    """Take the amounts off rows, read with their versions, where `user` may not see them."""
    for row in rows:
        if row is not None and not amounts_shown(user, row.run.version):
            row.basis = None


def amount_for(user: Any) -> Any:
    """Return the amount of a row as a value of a query, null where `user` may not see it."""
    if user.reach("ledger.view_cost") is not None:
        return F("basis")
    hidden = When(run__version__basis=MARGIN, then=Value(None))
    return Case(hidden, default=F("basis"), output_field=MoneyField(null=True))

"""Orders: what is ordered and not invoiced yet."""

import pyarrow as pa
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from distributors.ledger.facts import ORDERS as FACT
from distributors.ledger.findings import Findings
from distributors.ledger.kinds.amounts import CURRENCY, with_base
from distributors.ledger.kinds.declaration import Check, Field, Kind, kind_add
from distributors.ledger.publishing import kept_checks, publish_as
from distributors.ledger.records import Order
from distributors.ledger.surroundings import Surroundings

FIELDS = (
    Field("external_id", _("order"), required=True, key=True, max_length=60),
    Field("distributor", _("distributor"), required=True, refers="distributor"),
    Field("day", _("date"), type="date", required=True, past=True),
    Field("open_amount", _("amount not invoiced"), type="amount", required=True),
    CURRENCY,
    Field("state", _("state"), type="choice", choices=dict(Order.State.choices), default="open"),
)


def orders_derive(table: pa.Table, around: Surroundings, findings: Findings) -> pa.Table:
    """Add the open amount in base currency."""
    return with_base(table, ("open_amount",), around, findings)


ORDERS = kind_add(
    Kind(
        name="orders",
        title=gettext_lazy("Orders"),
        permission="ledger.add_import",
        order=70,
        fields=FIELDS,
        shown="ledger:order-list",
        publish=publish_as(FACT),
        checks=(
            *kept_checks(FACT),
            Check(
                "open_amount",
                _("What is not invoiced is not below zero: mend the amount."),
                "SELECT row, open_amount AS value FROM {stage} WHERE open_amount < 0",
            ),
        ),
        derive=orders_derive,
        derived=(("base_open_amount", "bigint"), ("rate_carried", "boolean")),
        target_unique=True,
    )
)

"""What distributors have in stock, by product and day."""

import pyarrow as pa
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from distributors.ledger.facts import STOCK as FACT
from distributors.ledger.findings import Findings
from distributors.ledger.kinds.amounts import base_quantity
from distributors.ledger.kinds.declaration import Check, Field, Kind, kind_add
from distributors.ledger.publishing import publish_as
from distributors.ledger.surroundings import Surroundings

FIELDS = (
    Field("distributor", _("distributor"), required=True, key=True, refers="distributor"),
    Field("product", _("product"), required=True, key=True, refers="product"),
    Field("day", _("date"), type="date", required=True, key=True, past=True),
    Field("quantity", _("quantity"), type="quantity", required=True),
    Field("unit", _("unit"), max_length=20),
    Field("value", _("value in base currency"), type="amount"),
)


def stock_derive(table: pa.Table, around: Surroundings, findings: Findings) -> pa.Table:
    """Add the quantity in base units."""
    return table.append_column("base_quantity", base_quantity(table, around, findings))


STOCK = kind_add(
    Kind(
        name="stock",
        title=gettext_lazy("Stock"),
        permission="ledger.add_import",
        order=100,
        fields=FIELDS,
        shown="ledger:stocksnapshot-list",
        publish=publish_as(FACT),
        checks=(
            Check(
                "quantity",
                _("Stock is not below zero: mend the quantity."),
                "SELECT row, day AS value FROM {stage} WHERE quantity < 0",
            ),
        ),
        across=("quantity", "day"),
        derive=stock_derive,
        derived=(("base_quantity", "bigint"),),
        target_unique=True,
    )
)

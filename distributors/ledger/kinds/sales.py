"""Sale lines: revisions in batches, with base amounts by the rate of their day."""

import pyarrow as pa
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from distributors.ledger.facts import SALE_LINES as FACT
from distributors.ledger.findings import Findings
from distributors.ledger.kinds.amounts import CURRENCY, base_quantity, with_base
from distributors.ledger.kinds.declaration import Check, Field, Kind, kind_add
from distributors.ledger.models import LineKind, OrderType
from distributors.ledger.publishing import kept_checks, publish_as
from distributors.ledger.surroundings import Surroundings

FIELDS = (
    Field("external_id", _("line"), required=True, key=True, max_length=80),
    Field("distributor", _("distributor"), required=True, refers="distributor"),
    Field("product", _("product"), required=True, refers="product"),
    Field("day", _("date"), type="date", required=True, past=True),
    Field("kind", _("kind"), type="choice", choices=dict(LineKind.choices), default="sell_in"),
    Field("order_type", _("order type"), type="choice", choices=dict(OrderType.choices), default="regular"),
    Field("quantity", _("quantity"), type="quantity", required=True),
    Field("unit", _("unit"), max_length=20),
    Field("amount", _("net amount"), type="amount", required=True),
    Field("tax", _("tax"), type="amount", default="0"),
    Field("cost", _("cost"), type="amount"),
    CURRENCY,
    Field("order_number", _("order"), max_length=60),
    Field("promotion", _("promotion"), max_length=60),
    Field("salesperson", _("salesperson"), max_length=40, refers="person", keep_code=True),
    Field("ship_to", _("ship-to territory"), max_length=40, refers="territory", keep_code=True),
    Field("buyer", _("buyer"), max_length=120),
    Field("serial", _("batch or serial"), max_length=80),
    Field("promised_on", _("promised delivery"), type="date"),
    Field("delivered_on", _("actual delivery"), type="date"),
)
DERIVED = (
    ("base_quantity", "bigint"),
    ("base_amount", "bigint"),
    ("base_tax", "bigint"),
    ("base_cost", "bigint"),
    ("rate_carried", "boolean"),
)

CHECKS = (
    Check(
        "kind",
        _("A return has a negative quantity and amount: put a minus before both."),
        "SELECT row, kind AS value FROM {stage} WHERE kind = 'return' AND (amount > 0 OR quantity > 0)",
    ),
    *kept_checks(FACT),
)


def lines_derive(table: pa.Table, around: Surroundings, findings: Findings) -> pa.Table:
    """Add base quantity and base amounts, all half-up to four decimals."""
    table = table.append_column("base_quantity", base_quantity(table, around, findings))
    return with_base(table, ("amount", "tax", "cost"), around, findings)


SALES = kind_add(
    Kind(
        name="sales",
        title=gettext_lazy("Sale lines"),
        permission="ledger.add_import",
        order=60,
        shown="ledger:saleline-list",
        fields=FIELDS,
        publish=publish_as(FACT),
        checks=CHECKS,
        derive=lines_derive,
        derived=DERIVED,
        target_unique=True,
    )
)

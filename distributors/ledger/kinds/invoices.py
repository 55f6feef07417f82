"""Invoices and credit notes, with tax; what settles them is worked out when they are in."""

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from distributors.ledger.facts import INVOICES as FACT
from distributors.ledger.findings import Findings
from distributors.ledger.kinds.amounts import CURRENCY, with_base
from distributors.ledger.kinds.declaration import Check, Field, Kind, kind_add
from distributors.ledger.merged import strangers
from distributors.ledger.publishing import CURRENT, kept_checks, publish_as
from distributors.ledger.records import Invoice
from distributors.ledger.surroundings import Surroundings

FIELDS = (
    Field("external_id", _("number"), required=True, key=True, max_length=60),
    Field("distributor", _("distributor"), required=True, refers="distributor"),
    Field("kind", _("kind"), type="choice", choices=dict(Invoice.Kind.choices), default="invoice"),
    Field("day", _("issued"), type="date", required=True, past=True),
    Field("due_on", _("due"), type="date", required=True),
    Field("amount", _("amount with tax"), type="amount", required=True),
    CURRENCY,
    Field("disputed", _("disputed"), type="boolean", default="no"),
    Field("cancelled", _("cancelled"), type="boolean", default="no"),
    Field("settles", _("the invoice that a credit note settles"), max_length=60),
)

# What a credit note states stands in the same file, or is in force; the file goes before the ledger.
STATED = (
    "SELECT s.row, s.settles AS value, coalesce(n.distributor_id, t.distributor_id) AS theirs, "
    "coalesce(n.kind, t.kind) AS stated_kind, s.distributor_id FROM {stage} s "
    "LEFT JOIN {stage} n ON n.external_id = s.settles "
    f"LEFT JOIN {FACT.table} t ON t.source_id = {{source}} AND t.external_id = s.settles AND {CURRENT} "
    "WHERE s.settles <> '' AND s.kind = 'credit_note'"
)
FAMILIES, ANOTHERS = strangers("x", "x", "theirs")
CHECKS = (
    *kept_checks(FACT),
    Check(
        "due_on",
        _("It is due before it is issued: mend one of both dates."),
        "SELECT row, due_on AS value FROM {stage} WHERE due_on < day",
    ),
    Check(
        "amount",
        _("An invoice is not below zero: mend the amount, or say with the kind that it is a credit note."),
        "SELECT row, external_id AS value FROM {stage} WHERE amount < 0",
    ),
    Check(
        "kind",
        _("An invoice stays an invoice and a credit note a credit note: give this one another number."),
        f"SELECT s.row, s.kind AS value FROM {{stage}} s JOIN {FACT.table} t ON t.source_id = {{source}} "
        f"AND t.external_id = s.external_id AND {CURRENT} WHERE t.kind <> s.kind",
        last=True,
    ),
    Check(
        "settles",
        _("Only a credit note settles an invoice: leave the cell empty."),
        "SELECT row, settles AS value FROM {stage} WHERE settles <> '' AND kind <> 'credit_note'",
    ),
    Check(
        "settles",
        _("The stated invoice belongs to another distributor: mend the number of the invoice or the distributor."),
        f"SELECT row, value FROM ({STATED}) AS x {FAMILIES} WHERE {ANOTHERS}",
        last=True,
    ),
    Check(
        "settles",
        _("A credit note settles invoices, not credit notes: state an invoice, or nothing."),
        f"SELECT row, value FROM ({STATED}) AS x WHERE stated_kind = 'credit_note'",
        last=True,
    ),
)


def invoices_derive(table: pa.Table, around: Surroundings, findings: Findings) -> pa.Table:
    """Put credit notes above zero, whatever sign they came with, and add the amount in base currency."""
    amount, credit = table["amount"].combine_chunks(), pc.equal(table["kind"].combine_chunks(), "credit_note")
    signed = pc.if_else(pc.fill_null(credit, False), pc.abs(amount), amount)
    table = table.set_column(table.schema.get_field_index("amount"), "amount", signed)
    return with_base(table, ("amount",), around, findings)


INVOICES = kind_add(
    Kind(
        name="invoices",
        title=gettext_lazy("Invoices and credit notes"),
        permission="ledger.add_import",
        order=80,
        fields=FIELDS,
        shown="ledger:invoice-list",
        publish=publish_as(FACT),
        checks=CHECKS,
        derive=invoices_derive,
        derived=(("base_amount", "bigint"), ("rate_carried", "boolean")),
        target_unique=True,
    )
)

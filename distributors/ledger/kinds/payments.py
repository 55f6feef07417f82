"""Payments and their reversals; what they settle is worked out when they are in."""

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from core.database import drop_stage, rows
from core.sentences import Sentence
from distributors.ledger.facts import INVOICES
from distributors.ledger.facts import PAYMENTS as FACT
from distributors.ledger.findings import Finding, Findings
from distributors.ledger.kinds.amounts import CURRENCY, rows_of, with_base
from distributors.ledger.kinds.declaration import Check, Field, Kind, kind_add
from distributors.ledger.merged import strangers
from distributors.ledger.publishing import CURRENT, kept_checks, publish_as
from distributors.ledger.records import Payment
from distributors.ledger.settlements import SETTLES, stated_write
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings

FIELDS = (
    Field("external_id", _("number"), required=True, key=True, max_length=60),
    Field("distributor", _("distributor"), required=True, refers="distributor"),
    Field("day", _("date"), type="date", required=True, past=True),
    Field("amount", _("amount"), type="amount", required=True),
    CURRENCY,
    Field("kind", _("kind"), type="choice", choices=dict(Payment.Kind.choices), default="settlement"),
    Field("method", _("method"), type="choice", choices=dict(Payment.Method.choices), default="transfer"),
    Field("due_on", _("due day of a bank acceptance"), type="date"),
    Field(
        "settles",
        _("the invoices it settles"),
        max_length=2000,
        pattern=SETTLES,
        hint=_("Give one invoice number, or several with amounts, such as R1=100.00;R2=50."),
    ),
    Field("reverses", _("the payment it reverses"), max_length=60),
)

REVERSED = (
    "SELECT s.row, s.reverses AS value, s.amount, s.currency, s.distributor_id, "
    "coalesce(n.external_id, t.external_id) AS theirs, coalesce(n.amount, t.amount) AS their_amount, "
    "coalesce(n.currency, t.currency) AS their_currency, "
    "coalesce(n.distributor_id, t.distributor_id) AS their_distributor FROM {stage} s "
    "LEFT JOIN {stage} n ON n.external_id = s.reverses "
    f"LEFT JOIN {FACT.table} t ON t.source_id = {{source}} AND t.external_id = s.reverses AND {CURRENT} "
    "WHERE s.reverses <> ''"
)
FAMILIES, ANOTHERS = strangers("x", "x", "their_distributor")
CHECKS = (
    *kept_checks(FACT),
    Check(
        "due_on",
        _("A bank acceptance has a due day: fill it in."),
        "SELECT row, external_id AS value FROM {stage} WHERE method = 'acceptance' AND due_on IS NULL",
    ),
    Check(
        "due_on",
        _("Only a bank acceptance has a due day: leave it empty, or mend the method."),
        "SELECT row, due_on AS value FROM {stage} WHERE method <> 'acceptance' AND due_on IS NOT NULL",
    ),
    Check(
        "due_on",
        _("It is due before it came in: mend one of both dates."),
        "SELECT row, due_on AS value FROM {stage} WHERE due_on < day",
    ),
    Check(
        "settles",
        _("A reversal settles nothing: leave the invoices empty."),
        "SELECT row, settles AS value FROM {stage} WHERE reverses <> '' AND settles <> ''",
    ),
    Check(
        "reverses",
        _("There is no such payment: mend the number, or bring the payment in first."),
        f"SELECT row, value FROM ({REVERSED}) AS x WHERE theirs IS NULL",
        last=True,
    ),
    Check(
        "reverses",
        _("A reversal cannot be reversed; send a new payment instead."),
        f"SELECT row, value FROM ({REVERSED}) AS x WHERE their_amount < 0",
        last=True,
    ),
    Check(
        "reverses",
        _("A reversal has distributor, currency and amount of the payment that it reverses: make them the same."),
        f"SELECT row, value FROM ({REVERSED}) AS x {FAMILIES} WHERE their_amount > 0 AND (their_amount <> -amount "
        f"OR their_currency <> currency OR {ANOTHERS})",
        last=True,
    ),
    Check(
        "reverses",
        _("This payment is reversed already: take the row out."),
        "SELECT s.row, s.reverses AS value FROM {stage} s JOIN "
        "(SELECT reverses, min(row) AS row FROM {stage} WHERE reverses <> '' GROUP BY reverses) f "
        "ON f.reverses = s.reverses WHERE s.row <> f.row UNION ALL "
        f"SELECT s.row, s.reverses FROM {{stage}} s JOIN {FACT.table} t ON t.source_id = {{source}} "
        f"AND t.reverses = s.reverses AND {CURRENT} LEFT JOIN {{stage}} n ON n.external_id = t.external_id "
        "WHERE s.reverses <> '' AND t.external_id <> s.external_id AND n.row IS NULL",
        last=True,
    ),
    Check(
        "amount",
        _("A payment that is reversed keeps its amount and currency: mend the row to what they were."),
        f"SELECT s.row, s.external_id AS value FROM {{stage}} s JOIN {FACT.table} t ON t.source_id = {{source}} "
        f"AND t.reverses = s.external_id AND {CURRENT} LEFT JOIN {{stage}} n ON n.external_id = t.external_id "
        "WHERE n.row IS NULL AND (s.amount <> -t.amount OR s.currency <> t.currency)",
        last=True,
    ),
)


def payments_derive(table: pa.Table, around: Surroundings, findings: Findings) -> pa.Table:
    """Put reversals below zero, whatever sign they came with, and add the amount in base currency."""
    amount, reverses = table["amount"].combine_chunks(), table["reverses"].combine_chunks()
    reversal = pc.not_equal(reverses, "")
    wrong = pc.if_else(reversal, pc.equal(amount, 0), pc.less_equal(amount, 0))
    reason = Sentence(
        _("A payment is above zero: mend the amount; for money that went back, name the payment that it reverses.")
    )
    findings.mark(pc.fill_null(wrong, False), rows_of(table), "amount", None, reason)
    signed = pc.if_else(reversal, pc.negate(pc.abs(amount)), amount)
    table = table.set_column(table.schema.get_field_index("amount"), "amount", signed)
    return with_base(table, ("amount",), around, findings)


def payments_check(stage: Stage, around: Surroundings, findings: Findings) -> None:
    """Find payments that state more than they are, twice the same, or what is another distributor's."""
    stated = rows(f"SELECT row, settles FROM {stage.table} WHERE settles <> ''")
    if not stated:
        return
    table, source = f"{stage.table}_stated", around.source
    stated_write(table, *(pa.array(column) for column in zip(*stated, strict=True)))
    for sql, reason in (
        (_MORE, _("It states more than its amount: lower what the invoices get.")),
        (_TWICE, _("It states an invoice twice: name it once.")),
        (
            _STRANGE,
            _("The stated invoice belongs to another distributor: mend the number of the invoice or the distributor."),
        ),
        (_NOTE, _("It states a credit note; payments settle invoices: name an invoice.")),
    ):
        query = sql.format(stated=table, stage=stage.table, invoices=INVOICES.table, source=source.pk if source else 0)
        for row, value in rows(f"{query} ORDER BY 1"):
            findings.add(Finding(row, stage.column("settles"), str(value), Sentence(reason)))
    drop_stage(table)


_MORE = (
    "SELECT s.row, s.settles FROM {stage} s JOIN (SELECT key, sum(amount) AS total FROM {stated} GROUP BY key) x "
    "ON x.key = s.row WHERE x.total > s.amount"
)
_TWICE = "SELECT key, min(number) FROM {stated} GROUP BY key, number HAVING count(*) > 1"
_JOINED = (
    "SELECT s.row, x.number FROM {stated} x JOIN {stage} s ON s.row = x.key JOIN {invoices} t "
    "ON t.source_id = {source} AND t.external_id = x.number AND t.superseded_by_id IS NULL "
)
_STRANGE = _JOINED + "{} WHERE {}".format(*strangers("s", "t"))
_NOTE = _JOINED + "WHERE t.kind = 'credit_note'"


PAYMENTS = kind_add(
    Kind(
        name="payments",
        title=gettext_lazy("Payments"),
        permission="ledger.add_import",
        order=90,
        fields=FIELDS,
        shown="ledger:payment-list",
        publish=publish_as(FACT),
        checks=CHECKS,
        check=payments_check,
        check_last=True,
        derive=payments_derive,
        derived=(("base_amount", "bigint"), ("rate_carried", "boolean")),
        target_unique=True,
    )
)

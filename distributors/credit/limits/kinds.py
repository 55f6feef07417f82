"""Securities from files, each known by its reference."""

from datetime import date

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from core.database import date_sql, rows
from core.sentences import Sentence
from distributors.credit.limits.holds import amounts_convert
from distributors.credit.limits.models import Security, SecurityKind
from distributors.ledger.findings import Finding, Findings
from distributors.ledger.kinds.amounts import CURRENCY
from distributors.ledger.kinds.cards import MERGED
from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.kinds.naming import DISTRIBUTOR, Words
from distributors.ledger.kinds.words import VALUES, WORDS
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings
from distributors.ledger.trail import Traced, Trail

TABLE = Security._meta.db_table
ON = "t.reference = s.reference"
FIELDS = (
    Field("reference", _("reference"), required=True, key=True, max_length=60),
    Field("distributor", _("distributor"), required=True, refers="distributor"),
    Field("kind", _("kind"), type="choice", choices=dict(SecurityKind.choices), required=True),
    Field("amount", _("amount"), type="amount", required=True),
    CURRENCY,
    Field("counts", _("counts, %"), type="integer"),
    Field("holder", _("holder"), max_length=160),
    Field("starts_on", _("from"), type="date", required=True),
    Field("expires_on", _("expires on"), type="date"),
    Field("note", _("note"), max_length=500),
)
PLAIN = tuple(one for one in FIELDS if one.name not in ("reference", "distributor"))
WORDS["securities"] = {
    "reference": Words("LG-2026-17", "reference|security number|security no|guarantee number|担保编号|保函编号|编号"),
    "distributor": DISTRIBUTOR,
    "kind": Words("deposit", "kind of security|security type|kind|type|担保类型|担保方式|类型"),
    "amount": Words("50000.00", "security amount|amount|value|担保金额|保证金金额|金额", avoid="currency|币种"),
    "currency": Words("CNY", "currency|currency code|币种|货币"),
    "counts": Words("95", "counts|share that counts|haircut|计入比例|折扣率"),
    "holder": Words("Finance", "holder|held by|kept by|保管人|持有人"),
    "starts_on": Words("2026-01-01", "from|starts on|valid from|start date|起始日|生效日期|开始日期"),
    "expires_on": Words("2026-12-31", "expires on|expiry|valid to|end date|到期日|失效日期|截止日期"),
    "note": Words("Original in the safe", "note|remark|comment|备注|说明"),
}

VALUES |= {
    "deposit": "cash deposit|cash|security deposit|保证金|现金保证金|押金",
    "guarantee": "bank guarantee|letter of credit|lc|银行保函|保函|信用证",
    "insurance": "credit insurance|export insurance|信用保险|出口信用保险",
    "property": "mortgage|real estate|不动产|房产抵押|抵押",
    "personal": "personal guarantee|个人担保|个人保证",
}


def rates_check(stage: Stage, around: Surroundings, findings: Findings) -> None:
    """Note the rows in a currency that has no rate of today, nor of the week before."""
    reason = Sentence(_("There is no rate for this currency lately: import or add one first."))
    for row, currency in rows(f"SELECT row, currency FROM {stage.table} ORDER BY row"):
        if currency and around.rate_of(currency, around.today) is None:
            findings.add(Finding(row, stage.column("currency"), currency, reason))


def securities_publish(stage: Stage, around: Surroundings) -> Counts:
    """Write new and changed securities; one that was given back stays as it is."""
    given = [one for one in PLAIN if one.name in stage.mapped]
    counts = stage.match(TABLE, ON, [(f"s.{one.name}", f"t.{one.name}") for one in given])
    trail = Trail(Security, ("reference",), tuple(Traced(n.name, f"s.{n.name}", f"t.{n.name}", n.type) for n in given))
    trail.changed(stage, "security.changed")
    home = f"s.currency = '{around.base_currency}'"
    day, never = date_sql(around.today), date_sql(date(1970, 1, 1))
    worth = {
        "base_amount": f"CASE WHEN {home} THEN s.amount ELSE 0 END",
        "converted_on": f"CASE WHEN {home} THEN {day} ELSE {never} END",
    }
    sets = {one.name: f"s.{one.name}" for one in given}
    stage.update(TABLE, {**sets, **worth, **stage.stamp(), "version": "t.version + 1"})
    rest = dict.fromkeys(("file_name", "content_type"), "''")
    key = {"reference": "s.reference", "distributor_id": "s.distributor_id"}
    made = {one.name: f"s.{one.name}" for one in PLAIN}
    stamp = stage.stamp()
    stage.insert(TABLE, {**key, **made, **worth, **rest, **stamp, "created_at": stamp["updated_at"], "version": "1"})
    trail.created(stage, "security.added", ON)
    amounts_convert(around.today)
    return counts


SECURITIES = kind_add(
    Kind(
        name="securities",
        title=gettext_lazy("Securities"),
        permission="ledger.add_import",
        order=55,
        shown="profiles:distributor-list",
        fields=FIELDS,
        publish=securities_publish,
        check=rates_check,
        checks=(
            MERGED,
            Check(
                "amount",
                _("The amount is above zero: mend it."),
                "SELECT row, amount AS value FROM {stage} WHERE NOT amount > 0",
            ),
            Check(
                "counts",
                _("What counts lies between 0 and 100 %: mend it."),
                "SELECT row, counts AS value FROM {stage} WHERE counts < 0 OR counts > 100",
            ),
            Check(
                "expires_on",
                _("It ends before it begins: mend one of both."),
                "SELECT row, expires_on AS value FROM {stage} WHERE expires_on < starts_on",
            ),
            Check(
                "reference",
                _("This reference is another distributor’s, or was given back: give it another one."),
                f"SELECT s.row, s.reference AS value FROM {{stage}} s JOIN {TABLE} t ON {ON} "
                "WHERE t.distributor_id <> s.distributor_id OR t.released_on IS NOT NULL",
                last=True,
            ),
        ),
    )
)

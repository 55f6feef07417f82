"""What files bring of credit cards: the yearly accounts of distributors."""

from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from core import audit, clock
from core.database import date_sql, rows, run
from core.jobs import job_create, kind_title
from core.sentences import Sentence
from distributors.credit.cards.models import Accounts
from distributors.ledger.findings import Finding, Findings
from distributors.ledger.kinds.amounts import CURRENCY
from distributors.ledger.kinds.cards import DISTRIBUTOR, MERGED
from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.kinds.words import WORDS, Words
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings

TABLE = Accounts._meta.db_table
AMOUNTS = ("registered_capital", "equity", "liabilities", "current_assets", "current_liabilities")
NEVER_BELOW = ("registered_capital", "liabilities", "current_assets", "current_liabilities")
YES_NO = {"yes": gettext_lazy("yes"), "no": gettext_lazy("no")}
FIELDS = (
    DISTRIBUTOR,
    Field("currency", CURRENCY.label, required=True, pattern=CURRENCY.pattern, hint=CURRENCY.hint),
    Field("registered_capital", _("registered capital"), type="amount"),
    Field("equity", _("equity"), type="amount"),
    Field("liabilities", _("debt"), type="amount"),
    Field("current_assets", _("current assets"), type="amount"),
    Field("current_liabilities", _("current liabilities"), type="amount"),
    Field("operating_margin", _("operating margin, %"), type="amount"),
    Field(
        "own_premises", _("own premises"), type="choice", choices={"yes": gettext_lazy("yes"), "no": gettext_lazy("no")}
    ),
    Field("reviewed_on", _("reviewed on"), type="date", past=True),
    Field("year", _("year"), type="integer", required=True, key=True),
)
WORDS["accounts"] = {
    "distributor": WORDS["figures"]["distributor"],
    "currency": WORDS["figures"]["currency"],
    "year": Words("2025", "year|fiscal year|financial year|年度|年份|会计年度"),
    "registered_capital": Words("2000000", "registered capital|share capital|paid in capital|注册资本|实收资本"),
    "equity": Words("3100000", "equity|owners equity|shareholders equity|net assets|所有者权益|净资产|股东权益"),
    "liabilities": Words(
        "2400000", "liabilities|total liabilities|debt|total debt|负债|负债合计|总负债", avoid="current|流动"
    ),
    "current_assets": Words("4200000", "current assets|流动资产|流动资产合计"),
    "current_liabilities": Words("2300000", "current liabilities|流动负债|流动负债合计"),
    "operating_margin": Words("4.5", "operating margin|operating margin %|margin|营业利润率|利润率"),
    "own_premises": Words("yes", "own premises|owns premises|premises owned|自有场地|自有房产"),
    "reviewed_on": Words("2026-03-12", "reviewed on|reviewed|received on|审查日期|收到日期"),
}
# The latest entry of a year is the one that counts.
ON = (
    "t.distributor_id = s.distributor_id AND t.year = s.year AND t.withdrawn_at IS NULL AND NOT EXISTS "
    f"(SELECT 1 FROM {TABLE} n WHERE n.distributor_id = t.distributor_id AND n.year = t.year "
    "AND n.withdrawn_at IS NULL AND n.id > t.id)"
)
GIVEN = {
    **{name: f"s.{name}" for name in AMOUNTS},
    "currency": "s.currency",
    "operating_margin": "CAST(round(s.operating_margin / 10000.0, 2) AS numeric(5, 2))",
    "own_premises": "CASE s.own_premises WHEN 'yes' THEN TRUE WHEN 'no' THEN FALSE END",
}


def accounts_check(stage: Stage, _around: Surroundings, findings: Findings) -> None:
    """Note years that run still, or are too long ago."""
    wrong = rows(f"SELECT row, year FROM {stage.table} WHERE year < 1990 OR year >= %s", [clock.today().year])
    reason = Sentence(_("Accounts are of a year that is over: mend the year."))
    for row, year in wrong:
        findings.add(Finding(row, stage.column("year"), str(year), reason))


def accounts_publish(stage: Stage, _around: Surroundings) -> Counts:
    """Enter what is new, and corrections of what differs; all cards are scored by a job right after."""
    given = {name: sql for name, sql in GIVEN.items() if name in stage.mapped}
    counts = stage.match(TABLE, ON, [(sql, f"t.{name}") for name, sql in given.items()])
    if not counts.new + counts.changed:
        return counts
    day = f"coalesce(s.reviewed_on, {date_sql(clock.today())})"
    stamp = stage.stamp()
    by = {"created_by_id": stamp["updated_by_id"], "created_at": stamp["updated_at"], "reviewed_on": day}
    texts = {"note": "''", "document": "''", "content_type": "''"}
    key = {"distributor_id": "s.distributor_id", "year": "s.year"}
    changed = {**{name: given.get(name, f"t.{name}") for name in GIVEN}, **key, **by}
    kept = {name: f"t.{name}" for name in (*texts, "blob_id")}
    _corrections(stage, {**changed, **kept})
    stage.insert(TABLE, {**GIVEN, **key, **by, **texts})
    audit.record_many(actor=stage.actor, verb="credit.accounts_saved", entries=_entries(stage), note=stage.note)
    job_create(kind="credit.cards", actor=stage.actor, title=kind_title("credit.cards"))
    return counts


def _corrections(stage: Stage, columns: dict[str, str]) -> None:
    run(
        f"INSERT INTO {TABLE} ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM {stage.table} s "
        f"JOIN {stage.prior} p ON p.row = s.row JOIN {TABLE} t ON t.id = p.prior_id WHERE p.changed"
    )


def _entries(stage: Stage) -> Any:
    """Yield what the trail says of each row that is new or changed."""
    sql = (
        f"SELECT max(t.id) FROM {stage.table} s JOIN {TABLE} t "
        f"ON t.distributor_id = s.distributor_id AND t.year = s.year LEFT JOIN {stage.prior} p ON p.row = s.row "
        "WHERE p.row IS NULL OR p.changed GROUP BY t.distributor_id, t.year"
    )
    found = Accounts.objects.select_related("distributor").in_bulk([pk for (pk,) in rows(sql)])
    for one in found.values():
        yield one.distributor, {}, {"year": str(one.year)}


ACCOUNTS = kind_add(
    Kind(
        name="accounts",
        title=gettext_lazy("Yearly accounts"),
        permission="ledger.import_master",
        order=47,
        shown="credit:creditscore-list",
        fields=FIELDS,
        publish=accounts_publish,
        check=accounts_check,
        checks=(
            MERGED,
            *(
                Check(
                    name,
                    _("An amount is not below zero."),
                    f"SELECT row, {name} AS value FROM {{stage}} WHERE {name} < 0",
                )
                for name in NEVER_BELOW
            ),
            Check(
                "operating_margin",
                _("A margin lies between -100 and 100 %: mend it."),
                "SELECT row, operating_margin AS value FROM {stage} WHERE abs(operating_margin) > 1000000",
            ),
            Check(
                "year",
                _("Give at least one figure of the year."),
                f"SELECT row, year AS value FROM {{stage}} WHERE coalesce({', '.join(AMOUNTS)}, operating_margin) "
                "IS NULL AND own_premises = ''",
            ),
        ),
    )
)

"""Targets of distributors, salespeople and territories, by month or quarter."""

import pyarrow as pa
import pyarrow.compute as pc
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from core.sentences import Sentence
from distributors.ledger.facts import TARGETS as FACT
from distributors.ledger.findings import Findings
from distributors.ledger.kinds.amounts import rows_of
from distributors.ledger.kinds.declaration import Check, Field, Kind, kind_add
from distributors.ledger.publishing import publish_as
from distributors.ledger.records import Target
from distributors.ledger.surroundings import Surroundings

FIELDS = (
    Field("distributor", _("distributor"), key=True, refers="distributor"),
    Field("person", _("salesperson"), key=True, refers="reached_person"),
    Field("territory", _("territory"), key=True, refers="reached_territory"),
    Field("metric", _("metric"), type="choice", choices=dict(Target.Metric.choices), default="net_sales", key=True),
    Field("period", _("period"), type="choice", choices=dict(Target.Period.choices), default="month", key=True),
    Field("day", _("first day"), type="date", required=True, key=True),
    Field("value", _("value"), type="amount", required=True),
    Field("reason", _("reason of the change"), max_length=200),
)


def targets_derive(table: pa.Table, _around: Surroundings, findings: Findings) -> pa.Table:
    """Add whose target it is; it is that of one owner, and begins on the first of a month."""
    owners = [table[f"{kind.value}_id"].combine_chunks() for kind in Target.Owner]
    given = pc.add(
        pc.add(*(one.is_valid().cast(pa.int64()) for one in owners[:2])), owners[2].is_valid().cast(pa.int64())
    )
    reason = Sentence(_("Name one of distributor, salesperson and territory: no more and no fewer."))
    findings.mark(pc.not_equal(given, 1), rows_of(table), "distributor", None, reason)
    day = table["day"].combine_chunks()
    late = pc.fill_null(pc.not_equal(pc.day(day), 1), False)
    findings.mark(
        late,
        rows_of(table),
        "day",
        day,
        Sentence(_("A month or quarter begins on the first of a month: write that day.")),
    )
    kinds = [pc.if_else(one.is_valid(), kind.value, None) for one, kind in zip(owners, Target.Owner, strict=True)]
    table = table.append_column("owner_kind", pc.coalesce(*kinds))
    return table.append_column("owner_key", pc.coalesce(*owners))


TARGETS = kind_add(
    Kind(
        name="targets",
        title=gettext_lazy("Targets"),
        permission="ledger.add_import",
        order=110,
        fields=FIELDS,
        shown="ledger:target-list",
        publish=publish_as(FACT),
        checks=(
            Check(
                "value",
                _("A target is not below zero: mend it."),
                "SELECT row, value FROM {stage} WHERE value < 0",
            ),
        ),
        across=("value", "day"),
        derive=targets_derive,
        derived=(("owner_kind", "text"), ("owner_key", "bigint")),
        needed=("owner_key",),
        target_unique=True,
    )
)

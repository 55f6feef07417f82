"""Occurrences: anything dated about a distributor that scores read."""

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from distributors.ledger.facts import OCCURRENCES as FACT
from distributors.ledger.kinds.declaration import Check, Field, Kind, kind_add
from distributors.ledger.publishing import CURRENT, publish_as
from distributors.ledger.records import Occurrence

FIELDS = (
    Field("distributor", _("distributor"), required=True, key=True, refers="distributor"),
    Field("kind", _("kind"), type="choice", choices=dict(Occurrence.Kind.choices), required=True, key=True),
    Field("external_id", _("reference"), required=True, key=True, max_length=60),
    Field("day", _("occurred on"), type="date", required=True, past=True),
    Field("ends_on", _("ends on"), type="date"),
    Field("value", _("value"), type="quantity"),
    Field("code", _("code"), max_length=40),
    Field("reversed_by", _("reversed by"), max_length=60),
)

OCCURRENCES = kind_add(
    Kind(
        name="occurrences",
        title=gettext_lazy("Occurrences"),
        permission="ledger.add_import",
        order=120,
        fields=FIELDS,
        shown="ledger:occurrence-list",
        publish=publish_as(FACT),
        checks=(
            Check(
                "ends_on",
                _("It ends before it occurs: mend one of both dates."),
                "SELECT row, ends_on AS value FROM {stage} WHERE ends_on < day",
            ),
            Check(
                "day",
                _("A correction keeps the date; send a reversal and a new line instead."),
                f"SELECT s.row, s.external_id AS value FROM {{stage}} s JOIN {FACT.table} t "
                "ON t.source_id = {source} AND t.distributor_id = s.distributor_id AND t.kind = s.kind "
                f"AND t.external_id = s.external_id AND {CURRENT} WHERE t.day <> s.day",
                last=True,
            ),
        ),
        target_unique=True,
    )
)

"""Assignments: which territory and owner cover a distributor from which month on, history as well."""

from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from accounts.models import Territory, User
from accounts.roles import Role
from core import audit
from core.database import month_sql, rows
from core.sentences import Sentence
from distributors.ledger.findings import Finding, Findings
from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings
from distributors.profiles.assignments import assignments_apply
from distributors.profiles.models import Assignment, Distributor
from distributors.profiles.selectors import owners_for

TABLE = Assignment._meta.db_table
DISTRIBUTORS = Distributor._meta.db_table
PEOPLE = User._meta.db_table

FIELDS = (
    Field("distributor", _("distributor"), required=True, key=True, refers="distributor"),
    Field("day", _("from"), type="date", required=True, key=True),
    Field("territory", _("territory"), required=True, refers="territory"),
    Field("owner", _("owner"), refers="person"),
    Field("reason", _("reason"), max_length=200),
)
LAST = (
    "NOT EXISTS (SELECT 1 FROM {stage} o WHERE o.distributor_id = s.distributor_id AND o.day > s.day) "
    f"AND NOT EXISTS (SELECT 1 FROM {TABLE} a WHERE a.distributor_id = s.distributor_id AND a.starts_on > s.day)"
)

CARED_FOR = f"EXISTS (SELECT 1 FROM {DISTRIBUTORS} g WHERE g.id = s.distributor_id AND g.merged_into_id IS NULL)"


def assignments_publish(stage: Stage, around: Surroundings) -> Counts:
    """Write new and changed assignments, of merged cards none; what holds today is copied to the distributors."""
    compare = [("s.territory_id", "t.territory_id"), ("s.owner_id", "t.owner_id")]
    counts = stage.match(TABLE, "t.distributor_id = s.distributor_id AND t.starts_on = s.day", compare)
    marked = rows(
        f"SELECT p.changed, g.merged_into_id, s.distributor_id, s.day, s.territory_id, s.owner_id, s.reason "
        f"FROM {stage.table} s JOIN {DISTRIBUTORS} g ON g.id = s.distributor_id LEFT JOIN {stage.prior} p "
        "ON p.row = s.row WHERE p.row IS NULL OR p.changed ORDER BY s.row"
    )
    # A new row has no mark.
    left = [changed is None for changed, merged, *_row in marked if merged is not None]
    counts = Counts(counts.new - sum(left), counts.changed - left.count(False), counts.same + len(left))
    written = [tuple(row) for _changed, merged, *row in marked if merged is None]
    if written:
        _write(stage, written)
        assignments_apply(as_of=around.today)
    return counts


def _write(stage: Stage, written: list[tuple[Any, ...]]) -> None:
    made = [
        Assignment(
            distributor_id=pk,
            starts_on=str(day),
            territory_id=territory,
            owner_id=owner,
            reason=reason or "",
            created_by=stage.actor,
        )
        for pk, day, territory, owner, reason in written
    ]
    Assignment.objects.bulk_create(
        made,
        update_conflicts=True,
        unique_fields=["distributor", "starts_on"],
        update_fields=["territory", "owner", "reason", "created_by"],
        batch_size=1000,
    )
    where, people = (dict(one.objects.values_list("pk", "name")) for one in (Territory, User))
    named = Distributor.objects.in_bulk({row[0] for row in written})
    before: dict[str, Any] = {}
    entries = (
        (named[pk], before, {"from": str(day), "territory": where[territory], "owner": people.get(owner, "")})
        for pk, day, territory, owner, _reason in written
    )
    audit.record_many(actor=stage.actor, verb="distributor.assigned", entries=entries, note=stage.note)


def assignments_check(stage: Stage, _around: Surroundings, findings: Findings) -> None:
    """Note the owners of last assignments who may not cover a distributor; those before them may have left."""
    allowed = set(owners_for(stage.actor or User(role=Role.ADMIN)).values_list("pk", flat=True))
    named = rows(
        f"SELECT s.row, s.owner_id, u.email FROM {stage.table} s JOIN {PEOPLE} u ON u.id = s.owner_id "
        f"WHERE {CARED_FOR} AND {LAST.format(stage=stage.table)} ORDER BY s.row"
    )
    reason = Sentence(_("Only managers and reps who may sign in cover distributors: name one of them."))
    for row, owner, email in named:
        if owner not in allowed:
            findings.add(Finding(row, stage.column("owner"), email, reason))


ASSIGNMENTS = kind_add(
    Kind(
        name="assignments",
        title=gettext_lazy("Assignments"),
        permission="ledger.import_master",
        order=35,
        shown="profiles:distributor-list",
        fields=FIELDS,
        publish=assignments_publish,
        check=assignments_check,
        check_last=True,
        locks=("territory",),
        checks=(
            Check(
                "day",
                _("An assignment starts on the first of a month: write that day."),
                f"SELECT s.row, s.day AS value FROM {{stage}} s WHERE {month_sql('s.day')} <> s.day",
            ),
            Check(
                "territory",
                _("This territory is closed: name one that is open."),
                f"SELECT s.row, t.code AS value FROM {{stage}} s JOIN {Territory._meta.db_table} t "
                f"ON t.id = s.territory_id WHERE t.closed_on IS NOT NULL AND {CARED_FOR} AND {LAST}",
                last=True,
            ),
        ),
    )
)

"""Distributors: the card, the registered address, and who covers them from when."""

from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from accounts.models import Territory, User
from accounts.roles import Role
from core import audit
from core.database import date_sql, differs_sql, month_sql, row_chunks, rows, run
from core.periods import month_of
from core.search import index_write
from core.sentences import Sentence
from distributors.ledger.findings import Finding, Findings
from distributors.ledger.kinds.amounts import CURRENCY
from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.staging import Stage
from distributors.ledger.supply import supply_check
from distributors.ledger.surroundings import Surroundings
from distributors.ledger.trail import CHUNK, Traced, Trail
from distributors.profiles.assignments import assignments_apply
from distributors.profiles.card.presence import completeness_write
from distributors.profiles.models import Assignment, Distributor, DistributorType, Lifecycle, Place, Standing
from distributors.profiles.search import SEARCH
from distributors.profiles.selectors import owners_for
from distributors.profiles.tagging import LOCK as TAG_LOCK
from distributors.profiles.tagging import tag_names, tags_assign

TABLE = Distributor._meta.db_table
PLACES = Place._meta.db_table
ASSIGNMENTS = Assignment._meta.db_table
STANDING = Standing._meta.db_table
PEOPLE = User._meta.db_table
TERRITORIES = Territory._meta.db_table
TYPES = DistributorType._meta.db_table

CARD = (
    "legal_name",
    "short_name",
    "other_name",
    "type_id",
    "tier",
    "registration_number",
    "tax_number",
    "legal_representative",
    "founded_on",
    "registered_capital",
    "phone",
    "email",
    "website",
    "language",
    "time_zone",
    "currency",
    "cooperation_since",
)
ADDRESS = ("address", "city", "province", "postal_code", "country")

TAGS = "^([^,，;；、]{0,40}[,，;；、]){0,19}[^,，;；、]{0,40}$"

FIELDS = (
    Field("legal_name", _("legal name"), required=True, max_length=160),
    Field("short_name", _("short name"), max_length=80),
    Field("other_name", _("name in another language"), max_length=160),
    Field("type", _("type"), required=True, refers="type", default="ordinary"),
    Field("tier", _("tier"), type="integer", default="1"),
    Field("parent", _("buys from"), max_length=40),
    Field("registration_number", _("registration number"), max_length=60),
    Field("tax_number", _("tax number"), max_length=60),
    Field("legal_representative", _("legal representative"), max_length=80),
    Field("founded_on", _("founded on"), type="date"),
    Field("registered_capital", _("registered capital"), type="amount"),
    Field("phone", _("phone"), max_length=40),
    Field("email", _("e-mail"), max_length=254),
    Field(
        "website",
        _("website"),
        max_length=200,
        pattern="^https?://",
        hint=_("Not an address that begins with http: write it in full, such as https://example.com."),
    ),
    Field("language", _("language"), max_length=10),
    Field("time_zone", _("time zone"), max_length=60),
    replace(CURRENCY, required=False),
    Field("cooperation_since", _("cooperation since"), type="date", past=True),
    Field("state", _("state"), type="choice", choices=dict(Lifecycle.choices), default="active"),
    Field("territory", _("territory"), required=True, refers="territory"),
    Field("owner", _("owner"), refers="person"),
    Field("covered_from", _("covered from"), type="date"),
    Field("address", _("address"), max_length=200),
    Field("city", _("city"), max_length=80),
    Field("province", _("province or state"), max_length=80),
    Field("postal_code", _("postal code"), max_length=20),
    Field("country", _("country"), max_length=80),
    Field(
        "tags",
        _("tags"),
        pattern=TAGS,
        hint=_("Up to 20 tags of at most 40 characters, with commas between: shorten the cell."),
    ),
    Field("code", _("code"), required=True, key=True, max_length=40),
)
GIVEN_AS = {field.stored[0]: field.name for field in FIELDS}
GIVEN_TYPES = {field.stored[0]: field.type for field in FIELDS}

CALLED = ("short_name", "legal_name")


def called_sql(alias: str) -> str:
    """Return SQL for what a distributor is called."""
    return f"coalesce(nullif({alias}.short_name, ''), {alias}.legal_name)"


def _traced(name: str) -> Traced:
    if name == "type_id":
        now, was = (f"(SELECT y.name FROM {TYPES} y WHERE y.id = {alias}.type_id)" for alias in "st")
        return Traced("type", now, was)
    return Traced(name, f"s.{name}", f"t.{name}", GIVEN_TYPES[name])


CREATED = Trail(
    Distributor,
    CALLED,
    (
        *(_traced(name) for name in ("code", *CARD, "state")),
        *(Traced(name, f"s.{name}") for name in ADDRESS),
        Traced("parent", called_sql("o")),
        Traced("territory", f"(SELECT w.name FROM {TERRITORIES} w WHERE w.id = s.territory_id)"),
        Traced("owner", f"(SELECT u.name FROM {PEOPLE} u WHERE u.id = s.owner_id)"),
    ),
    f"LEFT JOIN {TABLE} o ON o.id = t.parent_id",
)

UNKNOWN_PARENT = (
    "SELECT s.row, s.parent AS value FROM {stage} s WHERE s.parent <> '' "
    "AND NOT EXISTS (SELECT 1 FROM {stage} p WHERE p.code = s.parent) "
    f"AND NOT EXISTS (SELECT 1 FROM {TABLE} t WHERE t.code = s.parent)"
)
INTO_CLOSED = (
    f"SELECT s.row, r.code AS value FROM {{stage}} s JOIN {TERRITORIES} r ON r.id = s.territory_id "
    f"LEFT JOIN {TABLE} t ON t.code = s.code "
    "WHERE r.closed_on IS NOT NULL AND (t.id IS NULL OR t.territory_id <> s.territory_id AND t.merged_into_id IS NULL)"
)
# A code that a file goes on naming after its card was merged means the survivor.
SUPPLIER = (
    f"SELECT {{column}} FROM {TABLE} c JOIN {TABLE} v ON v.id = coalesce(c.merged_into_id, c.id) "
    "WHERE c.code = s.parent"
)
SUPPLIER_CODE = f"coalesce(({SUPPLIER.format(column='v.code')}), s.parent)"


_WRITTEN = (
    f"SELECT t.id FROM {{stage}} s JOIN {TABLE} t ON t.code = s.code "
    "LEFT JOIN {prior} p ON p.row = s.row WHERE p.row IS NULL OR p.changed"
)


def distributors_publish(stage: Stage, around: Surroundings) -> Counts:
    """Write new and changed distributors with address and cover; what the file does not give stays as it is."""
    counts = _match(stage)
    _trail(stage).changed(stage, "distributor.changed")
    _update(stage)
    _insert(stage, around)
    _parents(stage)
    _places(stage)
    CREATED.created(stage, "distributor.created", "t.code = s.code")
    _cover(stage, around)
    counts = _tag(stage, counts)
    written = [pk for (pk,) in rows(_WRITTEN.format(stage=stage.table, prior=stage.prior))]
    index_write(SEARCH, written)
    completeness_write(distributors=written)
    return counts


def _trail(stage: Stage) -> Trail:
    """Return how changes of what the file gives are followed; territory and owner are assignments of their own."""
    fields = [_traced(name) for name in _given(stage)]
    fields += [Traced(name, f"s.{name}", f"a.{name}") for name in _address(stage)]
    if "parent" in stage.mapped:
        kept = f"CASE WHEN coalesce(o.code, '') = {SUPPLIER_CODE} THEN {called_sql('o')} ELSE"
        fields.append(Traced("parent", f"{kept} coalesce({called_sql('x')}, {called_sql('n')}) END", called_sql("o")))
    joins = (
        f"LEFT JOIN {PLACES} a ON a.distributor_id = t.id AND a.kind = 'registered' "
        f"LEFT JOIN {TABLE} o ON o.id = t.parent_id LEFT JOIN {TABLE} n ON n.code = {SUPPLIER_CODE} "
        f"LEFT JOIN {stage.table} x ON x.code = {SUPPLIER_CODE}"
    )
    return Trail(Distributor, CALLED, tuple(fields), joins)


def _given(stage: Stage) -> list[str]:
    return [name for name in CARD if GIVEN_AS[name] in stage.mapped]


def _match(stage: Stage) -> Counts:
    compare = [(f"s.{name}", f"t.{name}") for name in _given(stage)]
    if "parent" in stage.mapped:
        compare.append((SUPPLIER_CODE, f"coalesce((SELECT o.code FROM {TABLE} o WHERE o.id = t.parent_id), '')"))
    for name in _address(stage):
        theirs = f"(SELECT a.{name} FROM {PLACES} a WHERE a.distributor_id = t.id AND a.kind = 'registered')"
        compare.append((f"s.{name}", f"coalesce({theirs}, '')"))
    return stage.match(TABLE, "t.code = s.code", compare, _recovered(stage))


def _address(stage: Stage) -> list[str]:
    return [name for name in ADDRESS if name in stage.mapped]


def _recovered(stage: Stage) -> str:
    """Return the condition that others are to cover a distributor; a merged card stays without an owner."""
    tests = [differs_sql("s.territory_id", "t.territory_id")]
    if "owner" in stage.mapped:
        tests.append(differs_sql("s.owner_id", "t.owner_id"))
    return f"t.merged_into_id IS NULL AND ({' OR '.join(tests)})"


def _update(stage: Stage) -> None:
    columns = {name: f"s.{name}" for name in _given(stage)}
    if "city" in stage.mapped:
        columns["city"] = "s.city"
    stage.update(TABLE, {**columns, **stage.stamp(), "version": "t.version + 1"})


def _insert(stage: Stage, around: Surroundings) -> None:
    stamp = stage.stamp()
    columns = {
        **{name: f"s.{name}" for name in ("code", "state", "territory_id", "owner_id", "city", *CARD)},
        "territory_path": "(SELECT r.path FROM accounts_territory r WHERE r.id = s.territory_id)",
        "version": "1",
        "created_at": stamp["updated_at"],
        **stamp,
    }
    stage.insert(TABLE, columns)
    names, values = _standing_defaults()
    run(
        f"INSERT INTO {STANDING} (distributor_id, {names}) SELECT t.id, {values} FROM {TABLE} t "
        f"WHERE NOT EXISTS (SELECT 1 FROM {STANDING} g WHERE g.distributor_id = t.id)"
    )
    today = month_of(around.today)
    day = f"coalesce(s.covered_from, s.cooperation_since, {date_sql(today)})"
    run(
        f"INSERT INTO {ASSIGNMENTS} (distributor_id, starts_on, territory_id, owner_id, reason, created_at, "
        f"created_by_id) SELECT t.id, {month_sql(day)}, s.territory_id, s.owner_id, '', {stamp['updated_at']}, "
        f"{stamp['updated_by_id']} FROM {stage.table} s JOIN {TABLE} t ON t.code = s.code "
        f"WHERE NOT EXISTS (SELECT 1 FROM {stage.prior} p WHERE p.row = s.row)"
    )


def _standing_defaults() -> tuple[str, str]:
    """Return the columns of Standing that may not be null and their defaults, as SQL."""
    fields = [one for one in Standing._meta.concrete_fields if not (one.null or one.primary_key or one.generated)]
    quoted = {True: "true", False: "false"}
    values = []
    for one in fields:
        default = one.get_default()
        values.append(quoted.get(default, "0") if isinstance(default, bool) else "0" if default != "" else "''")
    return ", ".join(str(one.column) for one in fields), ", ".join(values)


def _parents(stage: Stage) -> None:
    if "parent" not in stage.mapped:
        return
    parent = f"({SUPPLIER.format(column='v.id')})"
    run(
        f"UPDATE {TABLE} AS t SET parent_id = {parent} FROM {stage.table} s "
        f"WHERE s.code = t.code AND {differs_sql('t.parent_id', parent)}"
    )


def _tag(stage: Stage, counts: Counts) -> Counts:
    """Let all carry just the tags that the file gives; return the counts with those where only they changed."""
    if "tags" not in stage.mapped:
        return counts
    same = f"SELECT t.id, s.tags, p.changed FROM {stage.table} s JOIN {TABLE} t ON t.code = s.code "
    alone = 0
    for part in row_chunks(f"{same} LEFT JOIN {stage.prior} p ON p.row = s.row", CHUNK):
        wanted = {pk: tag_names(text or "") for pk, text, _changed in part}
        changed = tags_assign(actor=stage.actor, wanted=wanted, note=stage.note)
        # A new row has no mark, and SQLite keeps a mark as a number.
        alone += sum(1 for pk, _text, marked in part if pk in changed and marked is not None and not marked)
    return replace(counts, changed=counts.changed + alone, same=counts.same - alone)


def _places(stage: Stage) -> None:
    names = _address(stage)
    if not names:
        return
    mine = f"{stage.table} s JOIN {TABLE} t ON t.code = s.code"
    sets = ", ".join(f"{name} = s.{name}" for name in names)
    differ = " OR ".join(differs_sql(f"a.{name}", f"s.{name}") for name in names)
    run(
        f"UPDATE {PLACES} AS a SET {sets} FROM {mine} "
        f"WHERE a.distributor_id = t.id AND a.kind = 'registered' AND ({differ})"
    )
    some = " OR ".join(f"s.{name} <> ''" for name in names)
    run(
        f"INSERT INTO {PLACES} (distributor_id, kind, {', '.join(ADDRESS)}) "
        f"SELECT t.id, 'registered', {', '.join(f's.{name}' for name in ADDRESS)} FROM {mine} WHERE ({some}) "
        f"AND NOT EXISTS (SELECT 1 FROM {PLACES} a WHERE a.distributor_id = t.id AND a.kind = 'registered')"
    )


def _cover(stage: Stage, around: Surroundings) -> None:
    """Let a changed territory or owner hold from this month on."""
    owner = "s.owner_id" if "owner" in stage.mapped else "t.owner_id"
    moved = rows(
        f"SELECT t.id, s.territory_id, {owner}, t.territory_id, t.owner_id FROM {stage.table} s "
        f"JOIN {TABLE} t ON t.code = s.code WHERE {_recovered(stage)}"
    )
    if not moved:
        return
    where, people = (dict(one.objects.values_list("pk", "name")) for one in (Territory, User))
    start = month_of(around.today)
    for at in range(0, len(moved), CHUNK):
        part = moved[at : at + CHUNK]
        names = Distributor.objects.only(*CALLED).in_bulk([row[0] for row in part])
        entries = (
            (
                names[pk],
                {"territory": where[was_place], "owner": people.get(was_owner, "")},
                {"from": start.isoformat(), "territory": where[place], "owner": people.get(owner_id, "")},
            )
            for pk, place, owner_id, was_place, was_owner in part
        )
        audit.record_many(actor=stage.actor, verb="distributor.assigned", entries=entries, note=stage.note)
        _assign(stage, part, around.today)


def _assign(stage: Stage, part: list[tuple[Any, ...]], today: date) -> None:
    Assignment.objects.bulk_create(
        [
            Assignment(
                distributor_id=pk,
                starts_on=month_of(today),
                territory_id=territory,
                owner_id=owner,
                created_by=stage.actor,
            )
            for pk, territory, owner, *_was in part
        ],
        update_conflicts=True,
        unique_fields=["distributor", "starts_on"],
        update_fields=["territory", "owner", "created_by"],
        batch_size=1000,
    )
    assignments_apply(as_of=today, only=[row[0] for row in part])


def distributors_check(stage: Stage, _around: Surroundings, findings: Findings) -> None:
    """Note the rows with which supply would run in a circle or up the tiers, and the owners who may not be one."""
    if {"parent", "tier"} & stage.mapped:
        supply_check(stage, findings)
    if "owner" in stage.mapped:
        _owners_check(stage, findings)


def _owners_check(stage: Stage, findings: Findings) -> None:
    """Note new owners who may not cover a distributor; one who covers it already stays."""
    machine = User(role=Role.ADMIN)
    allowed = set(owners_for(stage.actor or machine).values_list("pk", flat=True))
    named = rows(
        f"SELECT s.row, s.owner_id, u.email FROM {stage.table} s JOIN {PEOPLE} u ON u.id = s.owner_id "
        f"LEFT JOIN {TABLE} t ON t.code = s.code WHERE t.merged_into_id IS NULL "
        f"AND {differs_sql('t.owner_id', 's.owner_id')} ORDER BY s.row"
    )
    reason = Sentence(_("Only managers and reps who may sign in cover distributors: name one of them."))
    for row, owner, email in named:
        if owner not in allowed:
            findings.add(Finding(row, stage.column("owner"), email, reason))


DISTRIBUTORS = kind_add(
    Kind(
        name="distributors",
        title=gettext_lazy("Distributors"),
        permission="ledger.import_master",
        order=30,
        shown="profiles:distributor-list",
        fields=FIELDS,
        publish=distributors_publish,
        check=distributors_check,
        check_last=True,
        locks=("profiles.supply", TAG_LOCK, "territory"),
        checks=(
            Check(
                "parent",
                _("This distributor is not known: mend the code, or bring it in with the file."),
                UNKNOWN_PARENT,
                last=True,
            ),
            Check("territory", _("This territory is closed: name one that is open."), INTO_CLOSED, last=True),
            Check(
                "tier",
                _("A tier is a number from 1 to 9: write one of them."),
                "SELECT row, tier AS value FROM {stage} WHERE tier IS NULL OR tier < 1 OR tier > 9",
            ),
        ),
    )
)

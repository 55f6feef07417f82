"""Distributors: the card, the registered address, and who covers them from when."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role
from core import clock
from core.database import date_sql, differs_sql, month_sql, rows, run
from core.periods import month_of
from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.parsing import Finding, Findings
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings
from distributors.profiles.models import Assignment, Distributor, Lifecycle, Place, Standing
from distributors.profiles.selectors import owners_for
from distributors.profiles.services import assignments_apply

TABLE = Distributor._meta.db_table
PLACES = Place._meta.db_table
ASSIGNMENTS = Assignment._meta.db_table
STANDING = Standing._meta.db_table
PEOPLE = User._meta.db_table

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
        "website", _("website"), max_length=200, pattern="^https?://", hint=_("Not an address that begins with http.")
    ),
    Field("language", _("language"), max_length=10),
    Field("time_zone", _("time zone"), max_length=60),
    Field("currency", _("currency"), pattern="^[A-Z]{3}$", hint=_("Not a currency code of three capital letters.")),
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
    Field("code", _("code"), required=True, key=True, max_length=40),
)
GIVEN_AS = {field.stored[0]: field.name for field in FIELDS}

UNKNOWN_PARENT = (
    "SELECT s.row, s.parent AS value FROM {stage} s WHERE s.parent <> '' "
    "AND NOT EXISTS (SELECT 1 FROM {stage} p WHERE p.code = s.parent) "
    f"AND NOT EXISTS (SELECT 1 FROM {TABLE} t WHERE t.code = s.parent)"
)


def distributors_publish(stage: Stage, around: Surroundings) -> Counts:
    """Write new and changed distributors with address and cover; what the file does not give stays as it is."""
    counts = _match(stage)
    _update(stage)
    _insert(stage, around)
    _parents(stage)
    _places(stage)
    _cover(stage, around)
    return counts


def _given(stage: Stage) -> list[str]:
    return [name for name in CARD if GIVEN_AS[name] in stage.mapped]


def _match(stage: Stage) -> Counts:
    compare = [(f"s.{name}", f"t.{name}") for name in _given(stage)]
    compare.append(("s.territory_id", "t.territory_id"))
    if "owner" in stage.mapped:
        compare.append(("s.owner_id", "t.owner_id"))
    if "parent" in stage.mapped:
        compare.append(("s.parent", f"coalesce((SELECT o.code FROM {TABLE} o WHERE o.id = t.parent_id), '')"))
    for name in _address(stage):
        theirs = f"(SELECT a.{name} FROM {PLACES} a WHERE a.distributor_id = t.id AND a.kind = 'registered')"
        compare.append((f"s.{name}", f"coalesce({theirs}, '')"))
    return stage.match(TABLE, "t.code = s.code", compare)


def _address(stage: Stage) -> list[str]:
    return [name for name in ADDRESS if name in stage.mapped]


def _stamp(stage: Stage) -> dict[str, str]:
    actor = str(stage.actor.pk) if stage.actor else "NULL"
    return {"updated_by_id": actor, "updated_at": f"'{clock.instant().replace(tzinfo=None).isoformat(sep=' ')}'"}


def _update(stage: Stage) -> None:
    columns = {name: f"s.{name}" for name in _given(stage)}
    if "city" in stage.mapped:
        columns["city"] = "s.city"
    stage.update(TABLE, {**columns, **_stamp(stage), "version": "t.version + 1"})


def _insert(stage: Stage, around: Surroundings) -> None:
    stamp = _stamp(stage)
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
    fields = [one for one in Standing._meta.concrete_fields if not one.null and not one.primary_key]
    quoted = {True: "true", False: "false"}
    values = []
    for one in fields:
        default = one.get_default()
        values.append(quoted.get(default, "0") if isinstance(default, bool) else "0" if default != "" else "''")
    return ", ".join(str(one.column) for one in fields), ", ".join(values)


def _parents(stage: Stage) -> None:
    if "parent" not in stage.mapped:
        return
    parent = f"(SELECT o.id FROM {TABLE} o WHERE o.code = s.parent)"
    run(
        f"UPDATE {TABLE} AS t SET parent_id = {parent} FROM {stage.table} s "
        f"WHERE s.code = t.code AND {differs_sql('t.parent_id', parent)}"
    )


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
    moved = (
        f"SELECT t.id AS distributor_id, s.territory_id, {owner} AS owner_id FROM {stage.table} s "
        f"JOIN {TABLE} t ON t.code = s.code WHERE s.territory_id <> t.territory_id "
        f"OR {differs_sql(owner, 't.owner_id')}"
    )
    found = rows(moved)
    if not found:
        return
    start = month_of(around.today)
    Assignment.objects.bulk_create(
        [
            Assignment(
                distributor_id=pk, starts_on=start, territory_id=territory, owner_id=owner_id, created_by=stage.actor
            )
            for pk, territory, owner_id in found
        ],
        update_conflicts=True,
        unique_fields=["distributor", "starts_on"],
        update_fields=["territory", "owner", "created_by"],
        batch_size=1000,
    )
    assignments_apply(as_of=around.today, only=[row[0] for row in found])


@dataclass(frozen=True)
class _Node:
    """Where a distributor stands in the chain of supply; `row` is 0 where the file does not name it."""

    tier: int | None
    parent: str
    row: int = 0


def distributors_check(stage: Stage, findings: Findings) -> None:
    """Note the rows with which supply would run in a circle or up the tiers, and the owners who may not be one."""
    if {"parent", "tier"} & stage.mapped:
        _supply_check(stage, findings)
    if "owner" in stage.mapped:
        _owners_check(stage, findings)


def _nodes(stage: Stage) -> dict[str, _Node]:
    """Return the chain of supply as it would be, by code; what the file does not give stays as it is."""
    known = Distributor.objects.values_list("code", "tier", "parent__code")
    nodes = {code: _Node(tier, parent or "") for code, tier, parent in known}
    for row, code, tier, parent in rows(f"SELECT row, code, tier, parent FROM {stage.table}"):
        was = nodes.get(code)
        nodes[code] = _Node(
            tier if was is None or "tier" in stage.mapped else was.tier,
            parent if was is None or "parent" in stage.mapped else was.parent,
            row,
        )
    return nodes


def _supply_check(stage: Stage, findings: Findings) -> None:
    nodes = _nodes(stage)
    for code, node in nodes.items():
        above = nodes.get(node.parent)
        if above is None or not (node.row or above.row):
            continue
        if node.row and _circular(code, nodes):
            reason = _("It buys, through others, from itself.")
            findings.add(Finding(node.row, stage.column("parent"), node.parent, str(reason)))
        if node.tier is None or above.tier is None or above.tier < node.tier:
            continue
        if node.row:
            reason = _("A distributor buys from one of a lower tier.")
            findings.add(Finding(node.row, stage.column("parent"), node.parent, str(reason)))
        else:
            reason = _("A distributor of this tier or a lower number buys from it.")
            findings.add(Finding(above.row, stage.column("tier"), str(above.tier), str(reason)))


def _circular(code: str, nodes: dict[str, _Node]) -> bool:
    seen = {code}
    step = nodes[code].parent
    while step in nodes and step not in seen:
        seen.add(step)
        step = nodes[step].parent
    return step == code


def _owners_check(stage: Stage, findings: Findings) -> None:
    """Note new owners who may not cover a distributor; one who covers it already stays."""
    machine = User(role=Role.ADMIN)
    allowed = set(owners_for(stage.actor or machine).values_list("pk", flat=True))
    named = rows(
        f"SELECT s.row, s.owner_id, u.email FROM {stage.table} s JOIN {PEOPLE} u ON u.id = s.owner_id "
        f"LEFT JOIN {TABLE} t ON t.code = s.code WHERE {differs_sql('t.owner_id', 's.owner_id')} ORDER BY s.row"
    )
    reason = str(_("Only managers and reps who may sign in cover distributors."))
    for row, owner, email in named:
        if owner not in allowed:
            findings.add(Finding(row, stage.column("owner"), email, reason))


DISTRIBUTORS = kind_add(
    Kind(
        name="distributors",
        title=_("Distributors"),
        permission="ledger.import_master",
        order=30,
        fields=FIELDS,
        publish=distributors_publish,
        check=distributors_check,
        check_last=True,
        locks=("profiles.supply",),
        checks=(
            Check("parent", _("This distributor is not known."), UNKNOWN_PARENT, last=True),
            Check(
                "tier",
                _("A tier is a number from 1 to 9."),
                "SELECT row, tier AS value FROM {stage} WHERE tier IS NULL OR tier < 1 OR tier > 9",
            ),
        ),
    )
)

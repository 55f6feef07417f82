"""People by e-mail, with their role and what they reach; nobody gets a password from a file."""

from functools import partial
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from accounts.models import Territory, User
from accounts.people_services import access_set
from accounts.roles import Role
from accounts.search import PERSON
from core import clock
from core.database import rows, run
from core.search import index_write
from core.sentences import Sentence
from distributors.ledger.findings import Finding, Findings
from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings
from distributors.ledger.trail import Traced, Trail
from distributors.profiles.handover import people_holding

TABLE = User._meta.db_table
REACHES = User.territories.through._meta.db_table
TERRITORIES = Territory._meta.db_table
KINDS = {"everywhere": "boolean", "is_active": "boolean"}
PLAIN = ("name", "code", "title", "role", "everywhere", "is_active")
ROLES = {value: label for value, label in Role.choices if value not in {Role.ADMIN, Role.API_CLIENT}}

FIELDS = (
    Field(
        "email",
        _("e-mail"),
        required=True,
        key=True,
        max_length=254,
        lower=True,
        pattern=r"^[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+$",
        hint=_("Not an e-mail address: write one such as name@example.com."),
    ),
    Field("name", _("name"), required=True, max_length=80),
    Field("code", _("personnel number"), max_length=40),
    Field("title", _("job title"), max_length=80),
    Field("role", _("role"), type="choice", choices=ROLES, required=True),
    Field("territory", _("territory"), refers="territory"),
    Field("everywhere", _("all territories"), type="boolean", default="no"),
    Field("is_active", _("may sign in"), type="boolean", default="yes"),
)


MOVED = (
    f"s.territory_id IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM {REACHES} r "
    "WHERE r.user_id = t.id AND r.territory_id = s.territory_id) OR EXISTS (SELECT 1 FROM "
    f"{REACHES} r WHERE r.user_id = t.id AND r.territory_id <> s.territory_id))"
)
CREATED = Trail(
    User,
    ("name",),
    (
        Traced("email", "s.email"),
        Traced("role", "s.role"),
        Traced("everywhere", "s.everywhere", type="boolean"),
        Traced("territories", f"(SELECT w.name FROM {TERRITORIES} w WHERE w.id = s.territory_id)"),
    ),
)


INTO_CLOSED = (
    f"SELECT s.row, w.code AS value FROM {{stage}} s JOIN {TERRITORIES} w ON w.id = s.territory_id "
    f"LEFT JOIN {TABLE} t ON lower(t.email) = s.email WHERE w.closed_on IS NOT NULL "
    f"AND NOT EXISTS (SELECT 1 FROM {REACHES} r WHERE r.user_id = t.id AND r.territory_id = s.territory_id)"
)


def people_check(stage: Stage, _around: Surroundings, findings: Findings) -> None:
    """Note the people who are to leave while something would be left with nobody."""
    leaving = _turned(stage, active=False)
    held = people_holding([pk for _row, pk, _email in leaving])
    reason = Sentence(
        _("This person still answers for something: deactivate them on their page, where it goes over to someone.")
    )
    for row, pk, email in leaving:
        if pk in held:
            findings.add(Finding(row, stage.column("is_active"), email, reason))


def _turned(stage: Stage, *, active: bool) -> list[tuple[int, int, str]]:
    """Return row, key and e-mail of the people who are to sign in again, or no more."""
    if "is_active" not in stage.mapped:
        return []
    into, was = ("s.is_active", "NOT t.is_active") if active else ("NOT s.is_active", "t.is_active")
    found: list[Any] = rows(
        f"SELECT s.row, t.id, t.email FROM {stage.table} s JOIN {TABLE} t ON lower(t.email) = s.email "
        f"WHERE {into} AND {was} ORDER BY s.row"
    )
    return found


def people_publish(stage: Stage, _around: Surroundings) -> Counts:
    """Write new and changed people; administrators and API clients are never made or changed by a file."""
    compare = [(f"s.{name}", f"t.{name}") for name in PLAIN if name in stage.mapped]
    given = [name for name in PLAIN if name in stage.mapped and name != "is_active"]
    turned = {active: [pk for _row, pk, _email in _turned(stage, active=active)] for active in (False, True)}
    counts = stage.match(TABLE, "lower(t.email) = s.email", compare, MOVED if "territory" in stage.mapped else "")
    fields = tuple(Traced(one, f"s.{one}", f"t.{one}", KINDS.get(one, "text")) for one in given)
    Trail(User, ("name",), fields).changed(stage, "user.changed", partial(_reached, stage))
    stage.update(TABLE, {**{name: f"s.{name}" for name in given}, **stage.stamp(), "version": "t.version + 1"})
    for active, ids in turned.items():
        access_set(actor=stage.actor, ids=ids, active=active, note=stage.note)
    new = rows(
        f"SELECT email, {', '.join(f's.{name}' for name in PLAIN)} FROM {stage.table} s "
        f"WHERE NOT EXISTS (SELECT 1 FROM {stage.prior} p WHERE p.row = s.row) ORDER BY s.row"
    )
    User.objects.bulk_create(
        (
            User(
                email=email,
                password=make_password(None),
                updated_by=stage.actor,
                updated_at=clock.instant(),
                **dict(zip(PLAIN, values, strict=True)),
            )
            for email, *values in new
        ),
        batch_size=1000,
    )
    _reach(stage)
    written = rows(
        f"SELECT t.id FROM {stage.table} s JOIN {TABLE} t ON lower(t.email) = s.email "
        f"LEFT JOIN {stage.prior} p ON p.row = s.row WHERE p.row IS NULL OR p.changed"
    )
    index_write(PERSON, [pk for (pk,) in written])
    CREATED.created(stage, "user.created", "lower(t.email) = s.email")
    return counts


def _reached(stage: Stage, ids: list[int]) -> dict[int, tuple[dict[str, str], dict[str, str]]]:
    """Return what the people whose reach is about to change reach by name, and what they will."""
    through = User.territories.through.objects.filter(user__in=ids).order_by("territory__name")
    names: dict[int, list[str]] = {}
    for pk, name in through.values_list("user_id", "territory__name"):
        names.setdefault(pk, []).append(name)
    listed = ", ".join(str(pk) for pk in ids)
    moved = rows(
        f"SELECT t.id, w.name FROM {stage.table} s JOIN {stage.prior} p ON p.row = s.row JOIN {TABLE} t "
        f"ON t.id = p.prior_id JOIN {TERRITORIES} w ON w.id = s.territory_id WHERE t.id IN ({listed}) AND ({MOVED})"
    )
    return {pk: ({"territories": ", ".join(names.get(pk, []))}, {"territories": name}) for pk, name in moved}


def _reach(stage: Stage) -> None:
    """Let each person reach the territory of their row, in place of what they reached."""
    theirs = f"{stage.table} s JOIN {TABLE} t ON lower(t.email) = s.email WHERE s.territory_id IS NOT NULL"
    run(
        f"DELETE FROM {REACHES} WHERE EXISTS (SELECT 1 FROM {theirs} AND t.id = {REACHES}.user_id "
        f"AND s.territory_id <> {REACHES}.territory_id)"
    )
    run(
        f"INSERT INTO {REACHES} (user_id, territory_id) SELECT t.id, s.territory_id FROM {theirs} AND NOT EXISTS "
        f"(SELECT 1 FROM {REACHES} r WHERE r.user_id = t.id AND r.territory_id = s.territory_id)"
    )


PEOPLE = kind_add(
    Kind(
        name="people",
        title=gettext_lazy("People"),
        permission="ledger.import_master",
        order=20,
        shown="accounts:user-list",
        fields=FIELDS,
        publish=people_publish,
        check=people_check,
        check_last=True,
        locks=("territory",),
        checks=(
            Check("territory", _("This territory is closed: name one that is open."), INTO_CLOSED, last=True),
            Check(
                "email",
                _(
                    "An administrator or API client is not changed by a file: take the row out, and "
                    "change them on their page."
                ),
                f"SELECT s.row, s.email AS value FROM {{stage}} s JOIN {TABLE} t ON lower(t.email) = s.email "
                "WHERE t.role IN ('admin', 'api_client')",
                last=True,
            ),
            Check(
                "code",
                _("Someone else has this personnel number: mend it."),
                f"SELECT s.row, s.code AS value FROM {{stage}} s JOIN {TABLE} t ON t.code = s.code "
                "WHERE s.code <> '' AND lower(t.email) <> s.email",
                last=True,
            ),
            Check(
                "code",
                _("Two rows have this personnel number: mend one of both."),
                "SELECT s.row, s.code AS value FROM {stage} s WHERE s.code <> '' "
                "AND EXISTS (SELECT 1 FROM {stage} o WHERE o.code = s.code AND o.row < s.row)",
            ),
        ),
    )
)

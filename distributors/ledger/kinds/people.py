"""People by e-mail, with their role and what they reach; nobody gets a password from a file."""

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.roles import Role
from core import clock
from core.database import rows, run
from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings

TABLE = User._meta.db_table
REACHES = User.territories.through._meta.db_table
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
        hint=_("Not an e-mail address."),
    ),
    Field("name", pgettext_lazy("of a person", "name"), required=True, max_length=80),
    Field("code", _("personnel number"), max_length=40),
    Field("title", _("job title"), max_length=80),
    Field("role", _("role"), type="choice", choices=ROLES, required=True),
    Field("territory", _("territory"), refers="territory"),
    Field("everywhere", _("all territories"), type="boolean", default="no"),
    Field("is_active", _("may sign in"), type="boolean", default="yes"),
)


def people_publish(stage: Stage, _around: Surroundings) -> Counts:
    """Write new and changed people; administrators and API clients are never made or changed by a file."""
    given = [name for name in PLAIN if name in stage.mapped]
    reached = (
        f"s.territory_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {REACHES} r "
        "WHERE r.user_id = t.id AND r.territory_id = s.territory_id)"
    )
    compare = [(f"s.{name}", f"t.{name}") for name in given]
    counts = stage.match(TABLE, "lower(t.email) = s.email", compare, reached if "territory" in stage.mapped else "")
    stage.update(TABLE, {**{name: f"s.{name}" for name in given}, "version": "t.version + 1"})
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
    return counts


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
        title=_("People"),
        permission="ledger.import_master",
        order=20,
        fields=FIELDS,
        publish=people_publish,
        checks=(
            Check(
                "email",
                _("An administrator or API client is not changed by a file."),
                f"SELECT s.row, s.email AS value FROM {{stage}} s JOIN {TABLE} t ON lower(t.email) = s.email "
                "WHERE t.role IN ('admin', 'api_client')",
                last=True,
            ),
            Check(
                "code",
                _("Someone else has this personnel number."),
                f"SELECT s.row, s.code AS value FROM {{stage}} s JOIN {TABLE} t ON t.code = s.code "
                "WHERE s.code <> '' AND lower(t.email) <> s.email",
                last=True,
            ),
            Check(
                "code",
                _("Two rows have this personnel number."),
                "SELECT s.row, s.code AS value FROM {stage} s WHERE s.code <> '' "
                "AND EXISTS (SELECT 1 FROM {stage} o WHERE o.code = s.code AND o.row < s.row)",
            ),
        ),
    )
)

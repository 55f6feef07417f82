"""The territory tree: each row a node that names the one it lies within."""

from django.db.models import Max
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from accounts.models import STEP, Territory
from accounts.selectors import MAX_DEPTH
from core import clock
from core.database import rows
from core.errors import DomainError
from core.sentences import Sentence
from distributors.ledger.findings import Finding, Findings
from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings

TABLE = Territory._meta.db_table

FIELDS = (
    Field("parent", _("within"), max_length=40),
    Field("name", _("name"), required=True, max_length=80),
    Field("level", _("level"), max_length=40),
    Field("code", _("code"), required=True, key=True, max_length=40),
)

UNKNOWN_PARENT = (
    "SELECT s.row, s.parent AS value FROM {stage} s WHERE s.parent <> '' "
    "AND NOT EXISTS (SELECT 1 FROM {stage} p WHERE p.code = s.parent) "
    f"AND NOT EXISTS (SELECT 1 FROM {TABLE} t WHERE t.code = s.parent)"
)
INTO_CLOSED = (
    f"SELECT s.row, s.parent AS value FROM {{stage}} s JOIN {TABLE} p ON p.code = s.parent "
    f"WHERE p.closed_on IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {TABLE} t WHERE t.code = s.code)"
)
MOVED = (
    f"SELECT s.row, s.parent AS value FROM {{stage}} s JOIN {TABLE} t ON t.code = s.code "
    f"LEFT JOIN {TABLE} p ON p.id = t.parent_id WHERE coalesce(p.code, '') <> s.parent"
)


def territories_check(stage: Stage, _around: Surroundings, findings: Findings) -> None:
    """Note the rows that lie within themselves, directly or through others, or too deep in the tree."""
    staged = {code: (row, parent) for row, code, parent in rows(f"SELECT row, code, parent FROM {stage.table}")}
    depths: dict[str, int] = {code: len(path) // STEP for code, path in Territory.objects.values_list("code", "path")}
    for code in staged:
        chain: list[str] = []
        above = code
        while above and above not in depths and above in staged and above not in chain:
            chain.append(above)
            above = staged[above][1]
        if above in chain:
            row = staged[code][0]
            findings.add(
                Finding(
                    row,
                    stage.column("parent"),
                    staged[code][1],
                    Sentence(_("It lies within itself: name another territory above it.")),
                )
            )
            continue
        for depth, one in enumerate(reversed(chain), depths.get(above, 0) + 1):
            depths[one] = depth
            if depth > MAX_DEPTH:
                reason = Sentence(
                    _("The tree is at most %(depth)s levels deep: name a higher territory above it."), depth=MAX_DEPTH
                )
                findings.add(Finding(staged[one][0], stage.column("parent"), staged[one][1], reason))


def territories_publish(stage: Stage, _around: Surroundings) -> Counts:
    """Write new nodes under their parents and rename known ones; a node never moves."""
    given = [name for name in ("name", "level") if name in stage.mapped]
    counts = stage.match(TABLE, "t.code = s.code", [(f"s.{name}", f"t.{name}") for name in given])
    stage.update(TABLE, {**{name: f"s.{name}" for name in given}, "version": "t.version + 1"})
    _create(stage)
    return counts


def _create(stage: Stage) -> None:
    """Create what is new, one level of the tree after the other."""
    waiting = rows(
        f"SELECT s.code, s.name, s.level, s.parent FROM {stage.table} s "
        f"WHERE NOT EXISTS (SELECT 1 FROM {stage.prior} p WHERE p.row = s.row) ORDER BY s.row"
    )
    known = {one.code: one for one in Territory.objects.only("pk", "code", "path")}
    last = dict(Territory.objects.values_list("parent").annotate(Max("path")).order_by())
    while waiting:
        ready = [one for one in waiting if not one[3] or one[3] in known]
        made = [
            _node(Territory(code=code, name=name, level=level, updated_by=stage.actor), known.get(above), last)
            for code, name, level, above in ready
        ]
        for node in Territory.objects.bulk_create(made):
            known[node.code] = node
        done = {one[0] for one in ready}
        waiting = [one for one in waiting if one[0] not in done]


def _node(node: Territory, parent: Territory | None, last: dict[int | None, str]) -> Territory:
    """Return a new node with its place under `parent`; `last` keeps the last path given under each."""
    key, prefix = (parent.pk, parent.path) if parent else (None, "")
    number = int(last[key][-STEP:]) + 1 if last.get(key) else 1
    if number >= 10**STEP - 1:
        full = Sentence(_("“%(name)s” has no room for another territory."), name=str(parent or ""))
        raise DomainError(full)
    node.parent, node.path, node.updated_at = parent, f"{prefix}{number:0{STEP}d}", clock.instant()
    last[key] = node.path
    return node


TERRITORIES = kind_add(
    Kind(
        name="territories",
        title=gettext_lazy("Territories"),
        permission="ledger.import_master",
        order=10,
        shown="accounts:territory-list",
        fields=FIELDS,
        publish=territories_publish,
        check=territories_check,
        check_last=True,
        locks=("territory",),
        checks=(
            Check(
                "parent",
                _("This territory is not known: mend the code, or bring it in with the file."),
                UNKNOWN_PARENT,
                last=True,
            ),
            Check("parent", _("This territory is closed: name one that is open."), INTO_CLOSED, last=True),
            Check(
                "parent",
                _(
                    "A territory stays where it is in the tree: leave the territory above as it is here; "
                    "move it under Settings, Territories."
                ),
                MOVED,
                last=True,
            ),
        ),
    )
)

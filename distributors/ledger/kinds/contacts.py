"""People at distributors: their work, and whom they report to; what is personal never comes by a file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from core import audit
from core.database import rows
from core.search import index_write
from core.sentences import Sentence
from distributors.ledger.findings import Finding, Findings
from distributors.ledger.kinds.declaration import Check, Counts, Field, Kind, kind_add
from distributors.ledger.staging import Stage
from distributors.ledger.surroundings import Surroundings
from distributors.profiles.models import Contact, ContactPersonal, ContactRelation, Distributor
from distributors.profiles.people.models import DecisionRole, Disc, Function, Level, Stance, Tie
from distributors.profiles.people.questions import unsaid
from distributors.profiles.people.search import KIND as SEARCH
from distributors.profiles.people.services import LOCK

TABLE = Contact._meta.db_table
DISTRIBUTORS = Distributor._meta.db_table
PLAIN = ("title", "function", "level", "decision_role", "stance", "disc", "relationship", "since")
CHUNK = 1000
DIGITS = 19

FIELDS = (
    Field("distributor", _("distributor"), required=True, key=True, refers="distributor"),
    Field("name", _("name"), required=True, key=True, max_length=80),
    Field("level", _("management level"), type="choice", choices=dict(Level.choices), required=True),
    Field("title", _("job title"), max_length=80),
    Field("function", _("function"), type="choice", choices=dict(Function.choices)),
    Field("decision_role", _("decision role"), type="choice", choices=dict(DecisionRole.choices)),
    Field("stance", _("stance"), type="choice", choices=dict(Stance.choices)),
    Field("disc", _("DISC type"), type="choice", choices=dict(Disc.choices)),
    Field("relationship", _("relationship"), type="integer"),
    Field("since", _("works with us since"), type="date", past=True),
    Field("reports_to", _("reports to"), max_length=80),
)
SAME = "t.distributor_id = s.distributor_id AND t.name = s.name AND t.erased_at IS NULL"
TWICE = f"SELECT s.row, s.name AS value FROM {{stage}} s WHERE (SELECT count(*) FROM {TABLE} t WHERE {SAME}) > 1"
MERGED = (
    f"SELECT s.row, d.code AS value FROM {{stage}} s JOIN {DISTRIBUTORS} d ON d.id = s.distributor_id "
    "WHERE d.merged_into_id IS NOT NULL"
)
Person = tuple[int, str]  # the distributor, and the name there
Node = int | Person  # the key of who is there already, or who is new
Entry = tuple[Contact, dict[str, Any], dict[str, Any]]


@dataclass(frozen=True)
class _Line:
    """One row of a file: of whom it is, and the text of whom they report to."""

    row: int
    person: Person
    boss: str


def _lines(stage: Stage) -> list[_Line]:
    found = rows(f"SELECT row, distributor_id, name, reports_to FROM {stage.table} ORDER BY row")
    return [_Line(row, (distributor, name), (boss or "").strip()) for row, distributor, name, boss in found]


@dataclass
class _Known:
    """Who works at the distributors of a file: keys by person, all of a name, and whom each reports to."""

    keys: dict[Person, list[int]]
    people: dict[int, Person]
    bosses: dict[int, int]


def _known(distributors: Iterable[int]) -> _Known:
    places = sorted(set(distributors))
    known = _Known({}, {}, {})
    for start in range(0, len(places), CHUNK):
        part = places[start : start + CHUNK]
        held = Contact.objects.filter(distributor__in=part, erased_at=None).order_by("pk")
        for pk, distributor, name in held.values_list("pk", "distributor", "name"):
            known.keys.setdefault((distributor, name), []).append(pk)
            known.people[pk] = (distributor, name)
        told = ContactRelation.objects.filter(kind=Tie.REPORTS_TO, source__distributor__in=part)
        known.bosses |= dict(told.values_list("source", "target"))
    return known


def _named(lines: Iterable[_Line], known: _Known) -> dict[Person, list[Node]]:
    """Return who is called how, those of the file among them: by key, or by name who is new."""
    names: dict[Person, list[Node]] = {person: [*keys] for person, keys in known.keys.items()}
    for line in lines:
        names.setdefault(line.person, [line.person])
    return names


def _bosses_of(line: _Line, names: Mapping[Person, list[Node]], known: _Known) -> list[Node]:
    """Return whom a row may mean as boss, by name or by the number of a person there."""
    place = line.person[0]
    number = line.boss.removeprefix("#")
    if (place, line.boss) not in names and number.isascii() and number.isdecimal() and len(number) < DIGITS:
        return [int(number)] if known.people.get(int(number), (0, ""))[0] == place else []
    return names.get((place, line.boss), [])


def contacts_check(stage: Stage, _around: Surroundings, findings: Findings) -> None:
    """Note bosses who are not there, who are not one person, and reports that would run in a circle."""
    if "reports_to" not in stage.mapped:
        return
    lines, column = _lines(stage), stage.column("reports_to")
    known = _known(line.person[0] for line in lines)
    names = _named(lines, known)
    own = {line.row: names[line.person][0] for line in lines}
    given = set(own.values())
    bosses: dict[Node, Node] = {one: boss for one, boss in known.bosses.items() if one not in given}
    for line in lines:
        found = _bosses_of(line, names, known) if line.boss else []
        reason = _refusal(own[line.row], found) if line.boss else None
        if reason is not None:
            findings.add(Finding(line.row, column, line.boss, reason))
        elif found:
            bosses[own[line.row]] = found[0]
    for circle in _circles(bosses):
        inside = [line for line in lines if own[line.row] in circle]
        text = _("Reports would run in a circle over the rows %(rows)s: take one of them out.")
        reason = Sentence(text, rows=", ".join(str(line.row) for line in inside))
        for line in inside:
            findings.add(Finding(line.row, column, line.boss, reason))


def _refusal(own: Node, bosses: list[Node]) -> Sentence | None:
    if not bosses:
        return Sentence(
            _("Nobody at this distributor is called so, in the file or before: write the name as it stands there.")
        )
    if len(bosses) > 1:
        return Sentence(_("Several people at this distributor have this name: write the number of one of them."))
    if bosses == [own]:
        return Sentence(_("Nobody reports to themselves: leave it empty."))
    return None


def _circles(bosses: Mapping[Node, Node]) -> list[set[Node]]:
    """Return the circles in which reports run."""
    found: list[set[Node]] = []
    done: set[Node] = set()
    for person in bosses:
        way: list[Node] = []
        at: Node | None = person
        while at is not None and at not in done and at not in way:
            way.append(at)
            at = bosses.get(at)
        if at is not None and at in way:
            found.append(set(way[way.index(at) :]))
        done.update(way)
    return found


def contacts_publish(stage: Stage, _around: Surroundings) -> Counts:
    """Write new and changed people and whom they report to; what the file does not give stays as it is."""
    given = [name for name in PLAIN if name in stage.mapped]
    counts = stage.match(TABLE, SAME, [(f"s.{name}", f"t.{name}") for name in given])
    found = rows(
        f"SELECT s.row, p.prior_id, p.changed, s.distributor_id, s.name, {', '.join(f's.{name}' for name in PLAIN)} "
        f"FROM {stage.table} s LEFT JOIN {stage.prior} p ON p.row = s.row ORDER BY s.row"
    )
    _change(stage, given, {prior: dict(zip(PLAIN, values, strict=True))
                           for _row, prior, changed, _at, _name, *values in found if prior and changed})  # fmt: skip
    _create(stage, [(at, name, dict(zip(PLAIN, values, strict=True)))
                    for _row, prior, _changed, at, name, *values in found if not prior])  # fmt: skip
    same = {(at, name) for _row, prior, changed, at, name, *_values in found if prior and not changed}
    moved = len(_report(stage) & same)
    return replace(counts, changed=counts.changed + moved, same=counts.same - moved)


def _change(stage: Stage, given: list[str], wanted: Mapping[int, dict[str, Any]]) -> None:
    keys = list(wanted)
    entries: list[Entry] = []
    for start in range(0, len(keys), CHUNK):
        for one in Contact.objects.select_related("distributor").filter(pk__in=keys[start : start + CHUNK]):
            was = {name: getattr(one, name) for name in given}
            old, new = audit.changes(was, {name: _value(name, wanted[one.pk][name]) for name in given})
            entries.append((one, unsaid(old), unsaid(new)))
    stage.update(TABLE, {**{name: f"s.{name}" for name in given}, **stage.stamp(), "version": "t.version + 1"})
    audit.record_many(actor=stage.actor, verb="contact.changed", entries=entries, note=stage.note)


def _value(name: str, value: Any) -> Any:
    """Return a value of the stage as the column keeps it."""
    return value if name in {"relationship", "since"} else value or ""


def _create(stage: Stage, new: list[tuple[int, str, dict[str, Any]]]) -> None:
    made = Contact.objects.bulk_create(
        (
            Contact(
                distributor_id=at,
                name=name,
                created_by=stage.actor,
                updated_by=stage.actor,
                **{key: _value(key, value) for key, value in values.items()},
            )
            for at, name, values in new
        ),
        batch_size=CHUNK,
    )
    ContactPersonal.objects.bulk_create(
        (ContactPersonal(contact=one, updated_by=stage.actor) for one in made), batch_size=CHUNK
    )
    index_write(SEARCH, [one.pk for one in made])
    named = Distributor.objects.in_bulk({one.distributor_id for one in made})
    for one in made:
        one.distributor = named[one.distributor_id]
    entries: Iterable[Entry] = (
        (one, {}, unsaid(audit.changes({}, {name: getattr(one, name) for name in PLAIN})[1])) for one in made
    )
    audit.record_many(actor=stage.actor, verb="contact.created", entries=entries, note=stage.note)


def _report(stage: Stage) -> set[Person]:
    """Let everybody of the file report to whom it names, and to nobody where it names nobody; return who changed."""
    if "reports_to" not in stage.mapped:
        return set()
    lines = _lines(stage)
    known = _known(line.person[0] for line in lines)
    names = _named((), known)
    wanted: dict[int, int | None] = {}
    for line in lines:
        bosses = _bosses_of(line, names, known) if line.boss else []
        wanted[known.keys[line.person][0]] = next((boss for boss in bosses if isinstance(boss, int)), None)
    moved = {pk: boss for pk, boss in wanted.items() if known.bosses.get(pk) != boss}
    gone = [pk for pk in moved if pk in known.bosses]
    people = Contact.objects.select_related("distributor").in_bulk(
        {*moved, *(boss for boss in moved.values() if boss), *(known.bosses[pk] for pk in gone)}
    )
    ContactRelation.objects.filter(kind=Tie.REPORTS_TO, source__in=gone).delete()
    ContactRelation.objects.bulk_create(
        (
            ContactRelation(kind=Tie.REPORTS_TO, source_id=pk, target_id=boss, created_by=stage.actor)
            for pk, boss in moved.items()
            if boss
        ),
        batch_size=CHUNK,
    )
    kind = str(Tie.REPORTS_TO)
    parted: Iterable[Entry] = ((people[pk], {kind: people[known.bosses[pk]].trail_text}, {}) for pk in gone)
    audit.record_many(actor=stage.actor, verb="contact.unrelated", entries=parted, note=stage.note)
    told: Iterable[Entry] = ((people[pk], {}, {kind: people[boss].trail_text}) for pk, boss in moved.items() if boss)
    audit.record_many(actor=stage.actor, verb="contact.related", entries=told, note=stage.note)
    return {known.people[pk] for pk in moved}


CONTACTS = kind_add(
    Kind(
        name="contacts",
        title=gettext_lazy("People at distributors"),
        permission="ledger.import_master",
        order=37,
        shown="profiles:contact-list",
        fields=FIELDS,
        publish=contacts_publish,
        check=contacts_check,
        check_last=True,
        locks=(LOCK,),
        checks=(
            Check("distributor", _("This card is merged into another one: name that one."), MERGED, last=True),
            Check(
                "name",
                _("Several people at this distributor have this name: change them on their pages."),
                TWICE,
                last=True,
            ),
            Check(
                "relationship",
                _("A relationship is a number from 1 to 5: write one of them."),
                "SELECT row, relationship AS value FROM {stage} WHERE relationship < 1 OR relationship > 5",
            ),
        ),
    )
)

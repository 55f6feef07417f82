"""The organisation chart and the influence map of a distributor, with the table that says the same."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from distributors.profiles.models import Contact, ContactRelation, Distributor
from distributors.profiles.people.calculations import HIGH, WIDE, Picture, influence, organisation
from distributors.profiles.people.models import DecisionRole, Level, Stance, Tie
from distributors.profiles.people.selectors import STANCES

MOST = 400
ROOM = 23
UNKNOWN = "unknown"
TIES = {"ally": "+", "rival": "×", "kin": "="}
LEVELS = {code: place for place, (code, _label) in enumerate(Level.choices)}
ROLES = (*DecisionRole.values, UNKNOWN)
ROWS = (*Stance.values, UNKNOWN)


def picture_of(user: Any, distributor: Distributor, name: str) -> dict[str, Any]:
    """Return the drawing called `name`, "chart" or "map", and the rows of its table."""
    everybody = Contact.objects.visible_to(user).filter(distributor=distributor)
    relations = ContactRelation.objects.visible_to(user).filter(source__distributor=distributor)
    held = list(relations.values_list("kind", "source", "target"))
    leading = {target for kind, _source, target in held if kind == Tie.REPORTS_TO}
    found = [one for one in everybody if (one.left_on is None and one.erased_at is None) or one.pk in leading]
    found.sort(key=lambda one: (LEVELS[one.level], one.name, one.pk))
    more, people = len(found) > MOST, found[:MOST]
    if name == "chart":
        bosses = {source: target for kind, source, target in held if kind == Tie.REPORTS_TO}
        drawn = organisation([one.pk for one in people], bosses)
    else:
        people = [one for one in people if one.left_on is None and one.erased_at is None]
        places = {one.pk: (one.decision_role or UNKNOWN, one.stance or UNKNOWN) for one in people}
        drawn = influence(places, ROLES, ROWS, [tie for tie in held if tie[0] in TIES])
    by_key = {one.pk: one for one in people}
    return {
        "name": name,
        "picture": drawing_of(drawn, lambda key: _box(by_key[key]), _words()),
        "rows": _table(people, held),
        "more": more,
        "ties": [{"kind": tie, "sign": TIES[tie], "label": Tie(tie).label} for tie in TIES] if name == "map" else [],
    }


def drawing_of(
    drawn: Picture, box_of: Callable[[int], dict[str, Any]], words: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Return what the template draws: lines, words, and boxes filled by what `box_of` says of each key."""
    return {
        "width": drawn.width,
        "height": drawn.height,
        "box_width": WIDE,
        "box_height": HIGH,
        "lines": [{"kind": line.kind, "path": line.path, "x": line.x, "y": line.y, "sign": TIES.get(line.kind, "")}
                  for line in drawn.lines],
        "labels": [{"x": label.x, "y": label.y, "text": (words or {})[label.code]} for label in drawn.labels],
        "boxes": [{"x": box.x, "y": box.y, **box_of(box.key)} for box in drawn.boxes],
    }  # fmt: skip


def _words() -> dict[str, str]:
    """Return what the columns and rows of the map are called."""
    stances = {code: capfirst(str(text)) for code, text in STANCES.items()}
    return {code: capfirst(str(label)) for code, label in DecisionRole.choices} | stances | {UNKNOWN: _("Not known")}


def _box(contact: Contact) -> dict[str, Any]:
    part = (contact.get_decision_role_display(), STANCES.get(contact.stance, ""))
    third = " · ".join(str(one) for one in part if one)
    if contact.left_on is not None:
        third = _("left")
    return {
        "url": contact.get_absolute_url(),
        "name": shortened(str(contact)),
        "title": shortened(contact.title or str(contact.get_level_display())),
        "third": shortened(third),
        "stance": contact.stance,
        "said": ", ".join(str(one) for one in (contact, contact.title, *part) if one),
    }


def shortened(text: str) -> str:
    """Return as much of a text as a box has room for; a Chinese character takes the room of two letters."""
    room = ROOM
    for place, sign in enumerate(text):
        room -= 2 if unicodedata.east_asian_width(sign) in "WF" else 1
        if room < 0:
            return text[: max(place - 1, 1)] + "…"
    return text


def _table(people: list[Contact], held: list[tuple[str, int, int]]) -> list[dict[str, Any]]:
    names = {one.pk: str(one) for one in people}
    said: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for kind, source, target in held:
        if source in names and target in names:
            said[source][kind].append(names[target])
            if kind != Tie.REPORTS_TO:
                said[target][kind].append(names[source])
    return [
        {
            "contact": one,
            "stance": STANCES.get(one.stance, ""),
            "boss": ", ".join(said[one.pk][Tie.REPORTS_TO]),
            "ties": [", ".join(said[one.pk][kind]) for kind in TIES],
        }
        for one in people
    ]


def relations_of(contact: Contact, user: Any) -> list[dict[str, Any]]:
    """Return how a person stands to others, in words, for their page."""
    rows = list(ContactRelation.objects.visible_to(user).filter(source=contact).select_related("target")) + list(
        ContactRelation.objects.visible_to(user).filter(target=contact).select_related("source")
    )
    found = []
    for row in rows:
        mine = row.source_id == contact.pk
        label = str(row.get_kind_display())
        if row.kind == Tie.REPORTS_TO and not mine:
            label = _("leads")
        other = row.target if mine else row.source
        found.append({"pk": row.pk, "label": capfirst(label), "other": other, "order": (row.kind != Tie.REPORTS_TO,)})
    return sorted(found, key=lambda one: (*one["order"], one["label"], one["other"].name))

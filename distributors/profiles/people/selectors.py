"""Reads of people at a distributor: by level for the tab, one in groups for their page, everything for a copy."""

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.text import capfirst, format_lazy
from django.utils.translation import gettext as _

from core import audit, clock
from core.models import AuditEvent
from distributors.profiles.models import Contact, ContactPersonal, ContactRelation, Distributor
from distributors.profiles.people.models import Level, Stance
from distributors.profiles.people.questions import (
    GROUPS,
    PERSONAL,
    WORK,
    Group,
    answer_text,
    label_of,
    missing,
    share_of,
    whole_share,
)

MOST = 200
SIGNS = {"supporter": "▲", "neutral": "●", "opponent": "▼"}
TONES = {"supporter": "g", "opponent": "b"}
# A stance is told by sign and word, the colour only repeats it.
STANCES: dict[str, Any] = {code: format_lazy("{} {}", SIGNS[code], label) for code, label in Stance.choices}
BETWEEN = re.compile("[,，;；、/\n]")


def personal_of(user: Any, keys: Iterable[int], action: str = "view") -> dict[int, ContactPersonal]:
    """Return what is personal of these people, as far as the user may see it; whoever shows it notes the reading."""
    rows = ContactPersonal.objects.visible_to(user, action).filter(pk__in=list(keys))
    return {row.pk: row for row in rows}


def calls(personal: ContactPersonal | None) -> list[dict[str, str]]:
    """Return the phone numbers of a person, each with the address that dials it."""
    parts = [part.strip() for part in BETWEEN.split(personal.phones)] if personal is not None else []
    return [{"text": part, "url": f"tel:{re.sub('[^0-9+]', '', part)}"} for part in parts if re.search("[0-9]", part)]


def people_by_level(user: Any, distributor: Distributor) -> dict[str, Any]:
    """Return the people of a distributor by level and those who left, and the contacts whose numbers are shown."""
    rows = list(Contact.objects.visible_to(user).filter(distributor=distributor, erased_at=None).order_by("name", "pk"))
    more, rows = len(rows) > MOST, rows[:MOST]
    personal = personal_of(user, [row.pk for row in rows])
    entries = [_entry(row, personal.get(row.pk)) for row in rows]
    for row in rows:
        row.distributor = distributor
    groups = [
        {"code": level, "label": capfirst(str(label)), "rows": _here(entries, level)} for level, label in Level.choices
    ]
    return {
        "levels": [group for group in groups if group["rows"]],
        "left": [entry for entry in entries if entry["contact"].left_on is not None],
        "more": more,
        "count": sum(row.left_on is None for row in rows),
        "read": [entry["contact"] for entry in entries if entry["calls"]],
    }


def _here(entries: list[dict[str, Any]], level: str) -> list[dict[str, Any]]:
    return [entry for entry in entries if entry["contact"].level == level and entry["contact"].left_on is None]


def _entry(contact: Contact, personal: ContactPersonal | None) -> dict[str, Any]:
    closeness = _("relationship %(value)s of 5") % {"value": contact.relationship} if contact.relationship else ""
    words = (contact.title, contact.get_function_display(), closeness)
    return {
        "contact": contact,
        "text": " · ".join(str(word) for word in words if word),
        "stance": STANCES.get(contact.stance, ""),
        "tone": TONES.get(contact.stance, ""),
        "share": whole_share(contact, personal),
        "calls": calls(personal)[:1],
    }


def work_group(contact: Contact) -> dict[str, Any]:
    """Return what a person does at the distributor, for their page."""
    rows = [{"label": capfirst(label_of(Contact, name)), "text": answer_text(contact, name)} for name in WORK]
    level = {"label": capfirst(label_of(Contact, "level")), "text": answer_text(contact, "level")}
    for row, name in zip(rows, WORK, strict=True):
        if name == "stance":
            row["text"] = str(STANCES.get(contact.stance, ""))
    return {
        "title": _("At work"),
        "rows": [level, *rows],
        "share": share_of(contact, WORK),
        "missing": missing(contact, WORK),
    }


def personal_groups(personal: ContactPersonal) -> list[dict[str, Any]]:
    """Return the personal groups for the page of a person: answers, share, what is missing, purpose and consent."""
    return [_personal_group(personal, group) for group in GROUPS]


def _personal_group(personal: ContactPersonal, group: Group) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for name in group.questions:
        links = calls(personal) if name == "phones" else []
        text = answer_text(personal, name)
        if name == "email" and text:
            links = [{"text": text, "url": f"mailto:{text}"}]
        rows.append({"label": capfirst(label_of(ContactPersonal, name)), "text": text, "links": links})
    given = getattr(personal, group.consent)
    return {
        "code": group.code,
        "title": group.label,
        "rows": rows,
        "share": share_of(personal, group.questions),
        "missing": missing(personal, group.questions),
        "purpose": getattr(personal, group.purpose),
        "consent": date_format(given, "DATE_FORMAT") if given else "",
    }


def person_chips(contact: Contact) -> list[dict[str, str]]:
    """Return decision role, stance and whether they left, as chips for the head of the page."""
    chips = []
    if contact.decision_role:
        chips.append({"text": str(contact.get_decision_role_display()), "tone": "a", "title": _("Decision role")})
    if contact.stance:
        text = str(STANCES[contact.stance])
        chips.append({"text": text, "tone": TONES.get(contact.stance, ""), "title": _("Stance")})
    if contact.left_on:
        day = date_format(contact.left_on, "DATE_FORMAT")
        chips.append({"text": _("left on %(day)s") % {"day": day}, "tone": "w", "title": _("Left")})
    return chips


def person_copy(contact: Contact, personal: ContactPersonal) -> dict[str, Any]:
    """Return everything that is kept of a person, as plain values for a file to be handed to them."""
    work = {name: _plain(getattr(contact, name)) for name in ("name", "level", *WORK, "left_on")}
    groups = {
        group.code: {
            "purpose": getattr(personal, group.purpose),
            "consent_given_on": _plain(getattr(personal, group.consent)),
            "answers": {column: _plain(getattr(personal, column)) for column in group.columns},
        }
        for group in GROUPS
    }
    trail = AuditEvent.objects.filter(target_type=Contact._meta.label, target_id=str(contact.pk)).order_by("at", "pk")
    return {
        "made_on": clock.today().isoformat(),
        "distributor": {"code": contact.distributor.code, "name": str(contact.distributor)},
        "work": work,
        "personal": groups,
        "relations": _relations(contact),
        "history": [{"at": row.at.isoformat(), "what": audit.words_of(row.verb)} for row in trail],
    }


def _relations(contact: Contact) -> list[dict[str, str]]:
    rows = ContactRelation.objects.filter(Q(source=contact) | Q(target=contact)).select_related("source", "target")
    return [{"relation": row.kind, "of": str(row.source), "to": str(row.target)} for row in rows.order_by("pk")]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def answered_in_all(contact: Contact, personal: ContactPersonal | None) -> dict[str, Any]:
    """Return the share of everything asked, and what of it is missing."""
    lacking = missing(contact, WORK) + (missing(personal, PERSONAL) if personal is not None else [])
    return {"share": whole_share(contact, personal), "missing": lacking}

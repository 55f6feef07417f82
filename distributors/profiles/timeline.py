"""What this app tells on the timeline of a distributor: its life, who covers it, its card, tags, merges and people."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q
from django.utils.text import capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.contributors import Event
from core.models import AuditEvent
from core.timeline import Span, timeline_add
from distributors.profiles.models import Assignment, Contact, Distributor, Lifecycle, LifecycleChange, Merge, Place

CARD = ("distributor.created", "distributor.changed", "distributor.place_saved", "distributor.place_removed")
TAGS = ("distributor.tagged", "distributor.untagged")


def register() -> None:
    """Add the sources of this app, those of tasks and contracts apart."""
    timeline_add(state_events, {"state": gettext_lazy("State")}, glance=True)
    timeline_add(assignment_events, {"assignment": gettext_lazy("Assignment")}, glance=True)
    timeline_add(card_events, {"card": gettext_lazy("Card"), "tag": gettext_lazy("Tag")})
    timeline_add(merge_events, {"merge": gettext_lazy("Merge")})
    timeline_add(contact_events, {"contact": gettext_lazy("People")})


def state_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return the moves through life of the distributors that the user may see."""
    states = dict(Lifecycle.choices)
    visible = Distributor.objects.visible_to(user).filter(pk__in=ids)
    moves = LifecycleChange.objects.filter(span.days("on"), distributor__in=visible)
    return [
        Event(
            on=move.on,
            code="state",
            kind=_("State"),
            title=f"{states[Lifecycle(move.before)]} → {states[Lifecycle(move.after)]}",
            text=move.reason,
            who=move.who,
        )
        for move in moves.select_related("by", "on_behalf_of").order_by("-on", "-pk")[: span.most]
    ]


def assignment_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return from which day on which territory and owner cover the distributors."""
    visible = Distributor.objects.visible_to(user).filter(pk__in=ids)
    covers = Assignment.objects.filter(span.days("starts_on"), distributor__in=visible)
    return [
        Event(
            on=cover.starts_on,
            code="assignment",
            kind=_("Assignment"),
            title=" · ".join(str(part) for part in (cover.territory, cover.owner) if part),
            text=cover.reason,
            who=str(cover.created_by or ""),
        )
        for cover in covers.select_related("territory", "owner", "created_by").order_by(F("starts_on").desc(), "-pk")[
            : span.most
        ]
    ]


def card_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return when the card and its tags changed: of the card which fields, never what stood in them."""
    visible = Distributor.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True)
    verbs = (*(CARD if span.wants("card") else ()), *(TAGS if span.wants("tag") else ()))
    rows = AuditEvent.objects.filter(
        span.moments("at"),
        target_type=Distributor._meta.label,
        target_id__in=[str(pk) for pk in visible],
        verb__in=verbs,
    )
    labels = {field.name: field.verbose_name for field in (*Place._meta.fields, *Distributor._meta.fields)}
    return [
        _tag_event(row) if row.verb in TAGS else _card_event(row, labels)
        for row in rows.select_related("actor").order_by("-at", "-pk")[: span.most]
    ]


def _card_event(row: AuditEvent, labels: dict[str, Any]) -> Event:
    titles = {
        "distributor.created": _("Card made"),
        "distributor.changed": _("Card changed"),
        "distributor.place_saved": _("Address saved"),
        "distributor.place_removed": _("Address removed"),
    }
    changed = sorted({capfirst(str(labels.get(name, name))) for name in (*row.before, *row.after)})
    return Event(
        on=localdate(row.at),
        code="card",
        kind=_("Card"),
        title=titles[row.verb],
        text=", ".join(changed) if row.verb == "distributor.changed" else "",
        who=str(row.actor or ""),
    )


def _tag_event(row: AuditEvent) -> Event:
    was, now = ({name for name in side.get("tags", "").split(", ") if name} for side in (row.before, row.after))
    parts = (
        (_("given: %(tags)s"), now - was),
        (_("taken off: %(tags)s"), was - now),
    )
    return Event(
        on=localdate(row.at),
        code="tag",
        kind=_("Tag"),
        title=" · ".join(text % {"tags": ", ".join(sorted(tags))} for text, tags in parts if tags),
        text=row.note,
        who=str(row.actor or ""),
    )


def merge_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return which cards became one with these, and which were parted again."""
    seen = Distributor.objects.visible_to(user)
    rows = Merge.objects.visible_to(user).filter(
        Q(survivor__in=ids) | Q(source__in=ids), source__in=seen, survivor__in=seen
    )
    events = []
    for row in rows.select_related("source", "survivor", "created_by", "undone_by"):
        both = f"{row.source.code} {row.source} → {row.survivor.code} {row.survivor}"
        url = row.source.get_absolute_url() if row.survivor_id in ids else row.survivor.get_absolute_url()
        moments = [(row.created_at, _("Cards merged"), row.reason, row.created_by)]
        if row.undone_at is not None:
            moments.append((row.undone_at, _("Merge undone"), row.undo_reason, row.undone_by))
        events += [
            Event(
                on=localdate(at),
                code="merge",
                kind=_("Merge"),
                title=f"{what}: {both}",
                text=why,
                url=url,
                who=str(who or ""),
            )
            for at, what, why, who in moments
        ]
    return span.newest(events)


def contact_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return when people came and left, and when one was erased, of whom no name is told."""
    rows = Contact.objects.visible_to(user).filter(distributor__in=ids).select_related("created_by")
    events = []
    for row in rows:
        moments = [(localdate(row.created_at), _("person entered"), str(row.created_by or ""))]
        if row.left_on is not None:
            moments.append((row.left_on, _("person left"), ""))
        if row.erased_at is not None:
            moments.append((localdate(row.erased_at), _("person erased"), ""))
        events += [
            Event(
                on=on,
                code="contact",
                kind=_("People"),
                title=f"{row}: {what}",
                text=row.title,
                url=row.get_absolute_url(),
                who=who,
            )
            for on, what, who in moments
        ]
    return span.newest(events)

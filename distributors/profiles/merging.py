"""Duplicates made one, and apart again: facts keep the card they came for, everything computed follows the survivor."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Territory, User
from core import audit, clock
from core.contributors import collect
from core.database import lock
from core.errors import DomainError
from core.periods import month_of
from core.search import index_write
from distributors.profiles.assignments import assignment_start
from distributors.profiles.card.presence import completeness_write
from distributors.profiles.models import Assignment, Contact, Distributor, Lifecycle, LifecycleChange, Merge, Task
from distributors.profiles.outbound import message_post
from distributors.profiles.people.relating import relations_part
from distributors.profiles.people.services import LOCK as PEOPLE_LOCK
from distributors.profiles.search import SEARCH
from distributors.profiles.tagging import LOCK as TAG_LOCK
from distributors.profiles.tagging import tags_carry, tags_give_back

# Publishing holds the first one too: facts count for one card or for the other.
LOCKS = ("batch", "profiles.supply", PEOPLE_LOCK, TAG_LOCK, "territory")
CANDIDATES = 20
NAME_BEGINS = 4


def merge_candidates(user: Any, distributor: Distributor) -> QuerySet[Distributor]:
    """Return what may be other cards of the same company: the same number, or a name that begins alike in its city."""
    same = Q()
    for name in ("registration_number", "tax_number"):
        if value := getattr(distributor, name).strip():
            same |= Q(**{f"{name}__iexact": value})
    for name in ("legal_name", "short_name"):
        begins = _beginning(getattr(distributor, name).strip(), distributor.city)
        if begins:
            same |= Q(**{f"{name}__istartswith": begins, "city": distributor.city})
    rows: QuerySet[Distributor] = Distributor.objects.visible_to(user, "merge").unmerged().exclude(pk=distributor.pk)
    return rows.filter(same).order_by("code")[:CANDIDATES] if same else rows.none()


def _beginning(name: str, city: str) -> str:
    """Return how a name begins, without counting the city that many begin with; empty where that says too little."""
    shared = next((size for size in range(len(name), 0, -1) if name[:size] in city), 0)
    begins = name[: shared + NAME_BEGINS]
    return begins if city and len(begins) == shared + NAME_BEGINS else ""


@transaction.atomic
def distributor_merge(*, actor: User, source: Distributor, survivor: Distributor, reason: str) -> Merge:
    """Merge `source` into `survivor`; raise DomainError with the rule where it cannot be.

    Its people, its open tasks, its tags and those who buy from it pass to the survivor, its owner leaves, what was
    planned of territory and owner for later months lapses, it ends. Whatever was merged into it before points to the
    survivor now.
    """
    lock(*LOCKS)
    source, survivor = (Distributor.objects.get(pk=one.pk) for one in (source, survivor))
    _refuse_merge(actor, source, survivor, reason)
    moved: dict[str, Any] = {
        "merged": list(Distributor.objects.filter(merged_into=source).values_list("pk", flat=True)),
        "children": list(Distributor.objects.filter(parent=source).values_list("pk", flat=True)),
        "tasks": list(Task.objects.filter(distributor=source, state="open").values_list("pk", flat=True)),
        "contacts": list(Contact.objects.filter(distributor=source).values_list("pk", flat=True)),
        "tags": tags_carry(actor=actor, source=source, survivor=survivor),
        "state": source.state,
        "owner": source.owner_id,
        "planned": _plans_lapse(actor, source, reason.strip()),
    }
    made: Merge = Merge.objects.create(
        source=source, survivor=survivor, reason=reason.strip()[:200], before=moved, created_by=actor
    )
    text = _("merged into %(code)s: %(reason)s") % {"code": survivor.code, "reason": reason.strip()}
    if source.owner_id is not None:
        month = month_of(clock.today())
        assignment_start(
            actor=actor,
            distributors=[source],
            starts_on=month,
            territory=source.territory,
            owner=None,
            reason=text[:200],
        )
    stamp = {"version": F("version") + 1, "updated_at": clock.instant()}
    Distributor.objects.filter(pk__in=moved["merged"]).update(merged_into=survivor, **stamp)
    Distributor.objects.filter(pk__in=moved["children"]).update(parent=survivor, **stamp)
    Task.objects.filter(pk__in=moved["tasks"]).update(distributor=survivor, **stamp)
    Contact.objects.filter(pk__in=moved["contacts"]).update(distributor=survivor, **stamp)
    _trace(actor, moved, source, survivor, reason.strip())
    _place(actor, source, Lifecycle.ENDED, text, merged_into=survivor)
    for one in (source, survivor):
        audit.record(
            actor=actor,
            verb="distributor.merged",
            target=one,
            after={"merged": f"{source.code} → {survivor.code}"},
            note=reason.strip(),
        )
    message_post(kind="distributor.merged", distributor=source, other=survivor)
    _follow(source, survivor)
    return made


def _plans_lapse(actor: User, source: Distributor, reason: str) -> list[dict[str, Any]]:
    """Withdraw what is planned of territory and owner for later months, and return it for an undo."""
    rows = Assignment.objects.filter(distributor=source, starts_on__gt=month_of(clock.today())).order_by("starts_on")
    lapsed = list(rows.select_related("territory", "owner"))
    for row in lapsed:
        audit.record(actor=actor, verb="distributor.plan_lapsed", target=source, before=_plan_words(row), note=reason)
    rows.delete()
    return [
        {"starts_on": row.starts_on.isoformat(), "territory": row.territory_id, "owner": row.owner_id} for row in lapsed
    ]


def _plan_words(row: Assignment) -> dict[str, str]:
    return {"from": row.starts_on.isoformat(), "territory": str(row.territory), "owner": str(row.owner or "")}


def _cover_again(actor: User, source: Distributor, before: dict[str, Any], reason: str) -> None:
    """Give a card that lives again the owner it had, and what was planned for it: the last that is due holds now.

    A territory that was closed meanwhile, and a person who can no longer sign in, are left out.
    """
    month = month_of(clock.today())
    wanted = {month: (source.territory_id, before["owner"])} if before["owner"] else {}
    for plan in before.get("planned", ()):
        wanted[max(month, date.fromisoformat(plan["starts_on"]))] = plan["territory"], plan["owner"]
    places = Territory.objects.open().in_bulk([place for place, _owner in wanted.values()])
    people = User.objects.filter(is_active=True).in_bulk([owner for _place, owner in wanted.values() if owner])
    for starts_on, (place, owner) in sorted(wanted.items()):
        territory, person = places.get(place, source.territory), people.get(owner)
        held = Assignment.objects.filter(distributor=source, starts_on__lte=starts_on).order_by("-starts_on").first()
        if held is None or (held.territory, held.owner) != (territory, person):
            assignment_start(
                actor=actor,
                distributors=[Distributor.objects.get(pk=source.pk)],
                starts_on=starts_on,
                territory=territory,
                owner=person,
                reason=reason[:200],
            )


def _trace(actor: User, moved: dict[str, Any], old: Distributor, new: Distributor, reason: str) -> None:
    """Write into the trail what passed from one card to another: who buys from it, its tasks, its people."""
    for model, verb, keys, name in (
        (Contact, "contact.changed", moved.get("contacts", ()), "distributor"),
        (Distributor, "distributor.changed", moved["children"], "parent"),
        (Task, "task.changed", moved["tasks"], "distributor"),
    ):
        rows = model.objects.filter(pk__in=keys).select_related(*(() if model is Distributor else ("distributor",)))
        entries = ((row, {name: str(old)}, {name: str(new)}) for row in rows)
        audit.record_many(actor=actor, verb=verb, entries=entries, note=reason[:200])


@transaction.atomic
def distributor_unmerge(*, actor: User, source: Distributor, reason: str) -> Merge:
    """Undo the merge of a card; raise DomainError once something of it is settled."""
    lock(*LOCKS)
    source = Distributor.objects.get(pk=source.pk)
    found = Merge.objects.filter(source=source, undone_at=None).first()
    if found is None or source.merged_into is None:
        raise DomainError(_("%(name)s is not merged into another.") % {"name": source})
    survivor = source.merged_into
    _refuse_silence(reason)
    for one in (source, survivor):
        _refuse_stranger(actor, one)
    for settled in collect("settled_since", [source.pk, survivor.pk], found.created_at):
        raise DomainError(settled)
    before = found.before
    Merge.objects.filter(pk=found.pk).update(
        undone_at=clock.instant(), undone_by=actor, undo_reason=reason.strip()[:200]
    )
    stamp = {"version": F("version") + 1, "updated_at": clock.instant()}
    Distributor.objects.filter(pk__in=before["merged"], merged_into=survivor).update(merged_into=source, **stamp)
    Distributor.objects.filter(pk__in=before["children"], parent=survivor).update(parent=source, **stamp)
    Task.objects.filter(pk__in=before["tasks"], distributor=survivor, state="open").update(distributor=source, **stamp)
    people = Contact.objects.filter(pk__in=before.get("contacts", ()), distributor=survivor)
    people.update(distributor=source, **stamp)
    relations_part(actor=actor, contacts=before.get("contacts", []))
    _trace(actor, before, survivor, source, reason.strip())
    _place(actor, source, before["state"], reason.strip(), merged_into=None)
    _cover_again(actor, source, before, reason.strip())
    tags_give_back(actor=actor, survivor=survivor, tags=before.get("tags", ()))
    for one in (source, survivor):
        audit.record(
            actor=actor,
            verb="distributor.unmerged",
            target=one,
            before={"merged": f"{source.code} → {survivor.code}"},
            note=reason.strip(),
        )
    message_post(kind="distributor.unmerged", distributor=source, other=survivor, data={"state": before["state"]})
    _follow(source, survivor)
    found.refresh_from_db()
    return found


def _refuse_merge(actor: User, source: Distributor, survivor: Distributor, reason: str) -> None:
    if source.pk == survivor.pk:
        raise DomainError(_("A card is not merged into itself."))
    for one in (source, survivor):
        _refuse_stranger(actor, one)
    _refuse_silence(reason)
    if survivor.merged_into_id == source.pk:
        raise DomainError(
            _("%(other)s is merged into %(name)s already; a merge back would run in a circle.")
            % {"other": survivor, "name": source}
        )
    for one in (source, survivor):
        if one.merged_into is not None:
            raise DomainError(_("%(code)s is merged into another card already.") % {"code": one.code})
    if survivor.state == Lifecycle.ENDED and source.state != Lifecycle.ENDED:
        raise DomainError(_("%(name)s has ended; keep the card that lives on.") % {"name": survivor})
    _refuse_supply(source, survivor)


def _refuse_supply(source: Distributor, survivor: Distributor) -> None:
    if source.pk == survivor.parent_id or survivor.pk == source.parent_id:
        raise DomainError(_("One of them buys from the other; change that on its card first."))
    below = source.children.filter(tier__lte=survivor.tier).first()
    if below is not None:
        raise DomainError(
            _("%(name)s buys from %(source)s and stands no lower than %(survivor)s; change its tier first.")
            % {"name": below, "source": source, "survivor": survivor}
        )


def _refuse_silence(reason: str) -> None:
    if not reason.strip():
        raise DomainError(_("Say why: the reason stays with the record."))


def _refuse_stranger(actor: User, one: Distributor) -> None:
    if not Distributor.objects.visible_to(actor, "merge").filter(pk=one.pk).exists():
        text = _("A merge needs the right for both cards; %(code)s lies outside yours.")
        raise DomainError(text % {"code": one.code})


def _place(actor: User, source: Distributor, state: str, reason: str, *, merged_into: Distributor | None) -> None:
    """Let a card end in another one, or live again by itself."""
    if source.state != state:
        LifecycleChange.objects.create(
            distributor=source, before=source.state, after=state, on=clock.today(), reason=reason[:200], by=actor
        )
    Distributor.objects.filter(pk=source.pk).update(
        merged_into=merged_into, state=state, version=F("version") + 1, updated_by=actor, updated_at=clock.instant()
    )


def _follow(source: Distributor, survivor: Distributor) -> None:
    """Bring the index of the search and what other apps computed in step."""
    index_write(SEARCH, [source.pk, survivor.pk])
    completeness_write(distributors=[source.pk, survivor.pk])
    collect("merged", [source.pk, survivor.pk], clock.today())

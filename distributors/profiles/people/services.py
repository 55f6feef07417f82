"""Changes to people at distributors, and the log of who read what is personal of them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit, clock
from core.database import lock
from core.errors import DomainError, StaleVersion
from core.scope import require_permission
from core.search import index_write
from core.versions import version_write
from distributors.profiles.card.presence import completeness_write
from distributors.profiles.models import Contact, ContactPersonal, ContactRelation, Distributor
from distributors.profiles.people.agreement import personal_refusals
from distributors.profiles.people.models import Tie
from distributors.profiles.people.questions import Group, unsaid
from distributors.profiles.people.search import KIND

LOCK = "profiles.people"
EMPTIED = ("name", "title", "function", "decision_role", "stance", "disc")
WORK = ("title", "function", "level", "decision_role", "stance", "disc", "relationship", "since")


@transaction.atomic
def contact_save(
    *,
    actor: User,
    instance: Contact,
    version: int | None = None,
    distributor: Distributor | None = None,
    name: str,
    **fields: Any,
) -> Contact:
    """Enter a person at a distributor, or change what they do there; raise DomainError, or StaleVersion.

    `fields` are columns about the work. The distributor counts at the beginning only.
    """
    lock(LOCK)
    name = name.strip()
    if not name:
        raise DomainError(_("A person has a name."), "name")
    if fields.get("since") and fields["since"] > clock.today():
        raise DomainError(_("This day is still to come."), "since")
    if instance.pk:
        return _change(actor, instance.pk, version, {"name": name, **fields})
    if distributor is None:
        raise DomainError(_("A person belongs to a distributor."), "distributor")
    if not Distributor.objects.filter(pk=distributor.pk, merged_into=None).exists():
        raise DomainError(_("This card is merged into another one; undo the merge first."), "distributor")
    who = _person(actor)
    made: Contact = Contact.objects.create(distributor=distributor, name=name, **fields, created_by=who, updated_by=who)
    ContactPersonal.objects.create(contact=made, updated_by=who)
    index_write(KIND, [made.pk])
    completeness_write(distributors=[distributor.pk])
    _old, after = audit.changes({}, {key: fields[key] for key in WORK if fields.get(key) not in (None, "")})
    audit.record(actor=actor, verb="contact.created", target=made, after=unsaid(after))
    return made


def _change(actor: User, pk: int, version: int | None, fields: dict[str, Any]) -> Contact:
    before = _living(pk)
    version_write(Contact.objects.filter(pk=pk), version, actor=actor, **fields)
    saved: Contact = Contact.objects.select_related("distributor").get(pk=pk)
    old, new = audit.changes({key: getattr(before, key) for key in fields}, fields)
    if "name" in new:
        index_write(KIND, [pk])
    audit.record(actor=actor, verb="contact.changed", target=saved, before=unsaid(old), after=unsaid(new))
    completeness_write(distributors=[saved.distributor_id])
    return saved


def _living(pk: int) -> Contact:
    found: Contact = Contact.objects.select_related("distributor").get(pk=pk)
    if found.erased_at is not None:
        raise DomainError(_("This person was erased; nothing is kept of them any more."))
    return found


def _person(actor: User) -> User | None:
    return actor if actor.pk else None


@transaction.atomic
def contact_leave(*, actor: User, contact: Contact, left_on: date) -> Contact:
    """Note that a person left the distributor; raise DomainError where they have, or on a day to come."""
    require_permission(actor, "profiles.change_contact")
    lock(LOCK)
    before = _living(contact.pk)
    if before.left_on is not None:
        raise DomainError(_("They have left already."))
    if left_on > clock.today():
        raise DomainError(_("This day is still to come."), "left_on")
    if before.since and left_on < before.since:
        raise DomainError(_("They worked with us only from a later day."), "left_on")
    return _place(actor, before, "contact.left", left_on)


@transaction.atomic
def contact_return(*, actor: User, contact: Contact) -> Contact:
    """Take back that a person left; raise DomainError where they have not."""
    require_permission(actor, "profiles.change_contact")
    lock(LOCK)
    before = _living(contact.pk)
    if before.left_on is None:
        raise DomainError(_("They have not left."))
    return _place(actor, before, "contact.returned", None)


def _place(actor: User, before: Contact, verb: str, left_on: date | None) -> Contact:
    version_write(Contact.objects.filter(pk=before.pk), None, actor=actor, left_on=left_on)
    after: Contact = Contact.objects.select_related("distributor").get(pk=before.pk)
    was, now = audit.changes({"left_on": before.left_on}, {"left_on": left_on})
    audit.record(actor=actor, verb=verb, target=after, before=was, after=now)
    completeness_write(distributors=[after.distributor_id])
    return after


@transaction.atomic
def personal_save(
    *, actor: User, instance: ContactPersonal, version: int | None = None, **fields: Any
) -> ContactPersonal:
    """Change what is known of a person; raise DomainError, or StaleVersion. The trail keeps no answer, only which."""
    require_permission(actor, "profiles.change_contactpersonal")
    lock(LOCK)
    contact = _living(instance.pk)
    before = ContactPersonal.objects.get(pk=instance.pk)
    wanted = {column.name: getattr(before, column.name) for column in ContactPersonal._meta.fields} | fields
    for field, sentence in personal_refusals(wanted):
        raise DomainError(sentence, field)
    version_write(ContactPersonal.objects.filter(pk=instance.pk), version, actor=actor, **fields)
    changed = [name for name in fields if getattr(before, name) != fields[name]]
    if changed:
        after = {"fields": ", ".join(changed)}
        audit.record(actor=actor, verb="contact.personal_changed", target=contact, after=after)
    return ContactPersonal.objects.get(pk=instance.pk)


@transaction.atomic
def consent_withdraw(*, actor: User, contact: Contact, group: Group) -> None:
    """Take back the consent to a group: its answers go with it; raise DomainError where there is none."""
    require_permission(actor, "profiles.change_contactpersonal")
    lock(LOCK)
    living = _living(contact.pk)
    gone = {column: _nothing(column) for column in (*group.columns, group.purpose, group.consent)}
    rows = ContactPersonal.objects.filter(pk=contact.pk)
    before = rows.get()
    if all(getattr(before, column) == value for column, value in gone.items()):
        raise DomainError(_("There is no consent to take back."))
    version_write(rows, None, actor=actor, **gone)
    audit.record(actor=actor, verb="contact.consent_withdrawn", target=living, after={"group": group.code})


def _nothing(column: str) -> Any:
    return None if ContactPersonal._meta.get_field(column).null else ""


def personal_read(*, actor: User, contacts: Iterable[Contact], what: str) -> None:
    """Note that somebody read what is personal of these people: one row each, with what kind of it, never with it.

    The contacts come with their distributor.
    """
    entries: list[tuple[Contact, dict[str, Any], dict[str, Any]]] = [(one, {}, {"fields": what}) for one in contacts]
    with transaction.atomic():
        audit.record_many(actor=_person(actor), verb="contact.personal_read", entries=entries)


@transaction.atomic
def contact_erase(*, actor: User, contact: Contact, version: int | None) -> Contact:
    """Erase a person on request: name, work and everything personal go, the bare row stays for what refers to it.

    So does whom they reported to and led; whose ally, rival or kin they were goes.

    Raises StaleVersion where somebody changed the person since `version` was seen, DomainError where they are erased.
    """
    require_permission(actor, "profiles.erase_contact")
    lock(LOCK)
    before = _living(contact.pk)
    if version is not None and before.version != version:
        raise StaleVersion
    ContactPersonal.objects.filter(pk=contact.pk).delete()
    related = ContactRelation.objects.exclude(kind=Tie.REPORTS_TO)
    related.filter(Q(source=contact.pk) | Q(target=contact.pk)).delete()
    emptied: dict[str, Any] = dict.fromkeys(EMPTIED, "")
    Contact.objects.filter(pk=contact.pk).update(
        **emptied,
        relationship=None,
        since=None,
        erased_at=clock.instant(),
        version=F("version") + 1,
        updated_by=_person(actor),
        updated_at=clock.instant(),
    )
    index_write(KIND, [contact.pk])
    completeness_write(distributors=[before.distributor_id])
    erased: Contact = Contact.objects.select_related("distributor").get(pk=contact.pk)
    audit.record(actor=actor, verb="contact.erased", target=erased)
    return erased

"""How people of one distributor stand to each other: entered and taken away."""

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit
from core.database import lock
from core.errors import DomainError
from distributors.profiles.models import Contact, ContactRelation
from distributors.profiles.people.models import Tie
from distributors.profiles.people.services import LOCK

LONGEST_CHAIN = 100


@transaction.atomic
def relation_set(*, actor: User, contact: Contact, kind: str, other: Contact) -> ContactRelation:
    """Enter how `contact` stands to `other`; a new boss takes the place of the one before.

    Raises DomainError for people of two distributors, somebody erased, a relation that is there already, and reports
    that would run in a circle - asked under the lock, so that two who save at once make none either.
    """
    lock(LOCK)
    people = Contact.objects.select_related("distributor").in_bulk([contact.pk, other.pk])
    one, two = people[contact.pk], people[other.pk]
    _refuse_pair(one, two)
    rows = ContactRelation.objects.filter(kind=kind)
    if kind == Tie.REPORTS_TO:
        _refuse_circle(one, two)
        before = rows.filter(source=one).first()
        if before is not None:
            if before.target_id == two.pk:
                raise DomainError(_("This is entered already."), "other")
            relation_remove(actor=actor, relation=before)
    elif two.pk < one.pk:
        one, two = two, one
    if rows.filter(source=one, target=two).exists():
        raise DomainError(_("This is entered already."), "other")
    made: ContactRelation = ContactRelation.objects.create(
        kind=kind, source=one, target=two, created_by=actor if actor.pk else None
    )
    audit.record(actor=actor, verb="contact.related", target=one, after={str(kind): two.trail_text})
    return made


def _refuse_pair(one: Contact, two: Contact) -> None:
    if one.pk == two.pk:
        raise DomainError(_("Nobody stands to themselves."), "other")
    if one.distributor_id != two.distributor_id:
        raise DomainError(_("They work at two distributors; relations hold within one."), "other")
    if one.erased_at is not None or two.erased_at is not None:
        raise DomainError(_("This person was erased; nothing is kept of them any more."), "other")


def _refuse_circle(one: Contact, boss: Contact) -> None:
    bosses = dict(
        ContactRelation.objects.filter(kind=Tie.REPORTS_TO, source__distributor=one.distributor_id).values_list(
            "source", "target"
        )
    )
    above: int | None = boss.pk
    for _step in range(LONGEST_CHAIN):
        if above is None:
            return
        if above == one.pk:
            text = _("%(boss)s reports, directly or through others, to %(name)s.")
            raise DomainError(text % {"boss": boss, "name": one}, "other")
        above = bosses.get(above)
    raise DomainError(_("The chain above %(name)s is too long.") % {"name": boss}, "other")


@transaction.atomic
def relation_remove(*, actor: User, relation: ContactRelation) -> None:
    """Take a relation away; where somebody else did, nothing happens."""
    lock(LOCK)
    gone, _models = ContactRelation.objects.filter(pk=relation.pk).delete()
    if gone:
        people = Contact.objects.select_related("distributor").in_bulk([relation.source_id, relation.target_id])
        one, two = people[relation.source_id], people[relation.target_id]
        audit.record(actor=actor, verb="contact.unrelated", target=one, before={relation.kind: two.trail_text})


@transaction.atomic
def relations_part(*, actor: User, contacts: list[int]) -> None:
    """Take away what held between these people and some of another distributor, after a merge was undone."""
    apart = ContactRelation.objects.exclude(source__distributor=F("target__distributor"))
    for relation in apart.filter(Q(source__in=contacts) | Q(target__in=contacts)):
        relation_remove(actor=actor, relation=relation)

"""Changes to distributors: their card, their addresses, their life."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from accounts.models import Notification, Territory, User
from accounts.notifications import notify
from core import audit, clock
from core.database import lock
from core.errors import DomainError, TransitionRefused
from core.periods import month_of
from core.search import index_write
from core.sentences import Sentence
from core.versions import version_write
from core.workflow import Move, apply_move
from distributors.profiles.assignments import closed
from distributors.profiles.card.presence import completeness_write
from distributors.profiles.decisions import Decision, deciders_at, decision_on
from distributors.profiles.models import (
    Assignment,
    Distributor,
    DistributorType,
    Lifecycle,
    LifecycleChange,
    Place,
    Standing,
)
from distributors.profiles.outbound import moves_post
from distributors.profiles.search import SEARCH
from distributors.profiles.selection.rules import selection_refuse
from distributors.profiles.selectors import ADDRESS, own_reviews, registered_address
from distributors.profiles.tagging import LOCK as TAG_LOCK
from distributors.profiles.tagging import tags_assign, tags_refuse_stale
from distributors.profiles.workflow import DECISIONS, MOVES

TYPES = (
    ("general", "General distributor", "总经销商"),
    ("authorised", "Authorised distributor", "特约经销商"),
    ("ordinary", "Ordinary distributor", "普通经销商"),
    ("value_added", "Value-added reseller", "增值经销商"),
    ("agent", "Agent", "代理商"),
    ("retailer", "Retailer", "零售商"),
    ("online", "Online shop", "网店"),
)
LONGEST_CHAIN = 20


def types_seed() -> dict[str, DistributorType]:
    """Create the usual partner types that are missing; return all types by code."""
    DistributorType.objects.bulk_create(
        (
            DistributorType(code=code, name=name, name_zh=name_zh, order=10 * place)
            for place, (code, name, name_zh) in enumerate(TYPES, 1)
        ),
        ignore_conflicts=True,
    )
    return {found.code: found for found in DistributorType.objects.all()}


@transaction.atomic
def distributor_save(
    *,
    actor: User,
    instance: Distributor,
    version: int | None = None,
    territory: Territory | None = None,
    owner: User | None = None,
    tags: Iterable[str] | None = None,
    **fields: Any,
) -> Distributor:
    """Create a distributor, or change its card where `version` is still the saved one; raise StaleVersion otherwise.

    A card that holds what is saved already leaves no trace.
    `fields` are columns of the card and the parts of the registered address. Territory and owner count at creation
    only; afterwards they change by assignment. Raises DomainError for a code in use and for supply that runs in a
    circle or up the tiers. `tags` are the names of all that it carries from now on, None for those it has.
    """
    place = {name: fields.pop(name, "") for name in ADDRESS}
    _lock(new=not instance.pk, supplied=fields.get("parent") is not None, tagged=tags is not None)
    _refuse_supply(instance.pk, fields)
    if not instance.pk and territory is None:
        raise DomainError(_("A distributor belongs to a territory."), "territory")
    if instance.pk and tags is not None:
        tags_refuse_stale(distributor=instance, names=tags, version=version)
    if not instance.pk and territory is not None:
        saved = _create(actor, territory, owner, fields, place)
    else:
        saved = _change(actor, instance.pk, version, fields, place)
    if tags is not None and tags_assign(actor=actor, wanted={saved.pk: tags}):
        saved.refresh_from_db(fields=["version"])
    return saved


def _lock(*, new: bool, supplied: bool, tagged: bool) -> None:
    """Hold at once what the rules of a card are asked under."""
    wanted = {"profiles.supply": supplied or not new, TAG_LOCK: tagged, "territory": new}
    lock(*(name for name, needed in wanted.items() if needed))


def _supplier(pk: int | None, fields: dict[str, Any]) -> Distributor | None:
    """Return whom the distributor would buy from, as it is now."""
    if "parent" not in fields:
        return Distributor.objects.filter(children=pk).first() if pk else None
    return Distributor.objects.filter(pk=fields["parent"].pk).first() if fields["parent"] else None


def _refuse_supply(pk: int | None, fields: dict[str, Any]) -> None:
    """Refuse a tier or parent with which supply would run in a circle or up the tiers.

    Asked of what holds under the lock: someone may just now begin to buy from this one, or change the tier above.
    """
    tier, parent = fields["tier"], _supplier(pk, fields)
    if parent is not None:
        _refuse_circle(pk, parent)
        if parent.tier >= tier:
            raise DomainError(
                _("%(name)s is of tier %(parent)s; one of tier %(tier)s buys from a lower tier.")
                % {"name": parent, "parent": parent.tier, "tier": tier},
                "parent",
            )
    if pk is not None:
        below = Distributor.objects.filter(parent=pk, tier__lte=tier).count()
        if below:
            raise DomainError(
                ngettext(
                    "%(count)s distributor of tier %(tier)s or lower buys from this one.",
                    "%(count)s distributors of tier %(tier)s or lower buy from this one.",
                    below,
                )
                % {"count": below, "tier": tier},
                "tier",
            )


def _refuse_circle(pk: int | None, parent: Distributor) -> None:
    above: int | None = parent.pk
    for _step in range(LONGEST_CHAIN):
        if above is None:
            return
        if above == pk:
            raise DomainError(
                _("%(name)s buys, directly or through others, from this one.") % {"name": parent}, "parent"
            )
        above = Distributor.objects.values_list("parent_id", flat=True).get(pk=above)
    raise DomainError(_("The chain of supply above %(name)s is too long.") % {"name": parent}, "parent")


def _create(
    actor: User, territory: Territory, owner: User | None, fields: dict[str, Any], place: dict[str, str]
) -> Distributor:
    who = actor if actor.pk else None
    territory = Territory.objects.get(pk=territory.pk)
    if territory.closed_on:
        raise closed(territory)
    try:
        with transaction.atomic():
            made = Distributor.objects.create(
                **fields,
                territory=territory,
                territory_path=territory.path,
                owner=owner,
                city=place["city"],
                updated_by=who,
            )
    except IntegrityError as error:
        raise _code_taken(fields["code"]) from error
    Standing.objects.create(distributor=made)
    Assignment.objects.create(
        distributor=made, starts_on=month_of(clock.today()), territory=territory, owner=owner, created_by=who
    )
    _place_write(made, Place.Kind.REGISTERED, place)
    index_write(SEARCH, [made.pk])
    completeness_write(distributors=[made.pk])
    after = {**fields, **place, "territory": territory, "owner": owner}
    audit.record(
        actor=actor,
        verb="distributor.created",
        target=made,
        after={name: str(value) for name, value in after.items() if value not in (None, "")},
    )
    return made


def _change(actor: User, pk: int, version: int | None, fields: dict[str, Any], place: dict[str, str]) -> Distributor:
    before = Distributor.objects.select_related("type", "parent").get(pk=pk)
    shown = {**{name: getattr(before, name) for name in fields}, **registered_address(before)}
    was, now = audit.changes(shown, {**fields, **place})
    if not now:
        return before
    try:
        with transaction.atomic():
            version_write(Distributor.objects.filter(pk=pk), version, actor=actor, **fields, city=place["city"])
    except IntegrityError as error:
        raise _code_taken(fields["code"]) from error
    _place_write(before, Place.Kind.REGISTERED, place)
    index_write(SEARCH, [pk])
    completeness_write(distributors=[pk])
    after = Distributor.objects.get(pk=pk)
    audit.record(actor=actor, verb="distributor.changed", target=after, before=was, after=now)
    return after


def _code_taken(code: str) -> DomainError:
    return DomainError(_("Another distributor has the code “%(code)s”.") % {"code": code}, "code")


def _place_write(distributor: Distributor, kind: str, place: dict[str, str]) -> None:
    rows = Place.objects.filter(distributor=distributor, kind=kind)
    if not rows.update(**place) and any(place.values()):
        Place.objects.create(distributor=distributor, kind=kind, **place)


@transaction.atomic
def place_save(*, actor: User, distributor: Distributor, place: Place | None = None, **parts: str) -> Place:
    """Add a shipping address, or change one where it differs; raise DomainError for an empty one."""
    if not any(parts.values()):
        raise DomainError(_("An address needs at least one line."))
    shipping = Place.objects.filter(distributor=distributor, kind=Place.Kind.SHIPPING)
    was = shipping.values(*parts).get(pk=place.pk) if place else {}
    before, after = audit.changes(was, parts)
    if place and not after:
        return place
    if place is None:
        saved = Place.objects.create(distributor=distributor, kind=Place.Kind.SHIPPING, **parts)
    else:
        shipping.filter(pk=place.pk).update(**parts)
        saved = shipping.get(pk=place.pk)
    completeness_write(distributors=[distributor.pk])
    audit.record(actor=actor, verb="distributor.place_saved", target=distributor, before=before, after=after)
    return saved


@transaction.atomic
def place_remove(*, actor: User, place: Place) -> None:
    """Remove a shipping address; the registered one only changes."""
    if place.kind == Place.Kind.REGISTERED:
        raise DomainError(_("The registered address can be changed, not removed."))
    gone, _models = Place.objects.filter(pk=place.pk).delete()
    if gone:
        completeness_write(distributors=[place.distributor_id])
        audit.record(
            actor=actor, verb="distributor.place_removed", target=place.distributor, before={"address": str(place)}
        )


@transaction.atomic
def lifecycle_move(*, actor: User, distributor: Distributor, name: str, reason: str, seen: str = "") -> Distributor:
    """Make the move `name`, keep who, when and why; raise TransitionRefused where it is not, or no longer, possible.

    Whoever saw the distributor in the state `seen` is told where it is in another by now.
    """
    step: Move | None = MOVES.get(name)
    if step is None:
        raise TransitionRefused(_("There is no such move."))
    if not reason.strip():
        raise DomainError(_("Say why: the reason stays with the record."), "reason")
    if distributor.merged_into_id is not None:
        raise TransitionRefused(_("This card is merged into another one; undo the merge first."))
    if seen and seen != distributor.state:
        raise TransitionRefused(
            _("Someone moved it meanwhile: it is “%(state)s” now.") % {"state": distributor.get_state_display()}
        )
    decision = decision_on(distributor, actor, clock.today()) if name in DECISIONS else Decision(True, None)
    if not decision.allowed:
        raise TransitionRefused(_("“%(name)s” is decided by a sales manager.") % {"name": step.label})
    before = distributor.state
    if name == "approve":
        _refuse_own_review(actor, distributor)
    if before in step.sources:
        decision = selection_refuse(
            distributor=distributor, move=name, actor=actor, decision=decision, day=clock.today()
        )
    stamp: dict[str, Any] = {"version": F("version") + 1, "updated_by": actor if actor.pk else None}
    apply_move(distributor, step, actor=actor, note=reason.strip(), on_behalf_of=decision.on_behalf_of, **stamp)
    change = LifecycleChange.objects.create(
        distributor=distributor,
        before=before,
        after=step.target,
        on=clock.today(),
        reason=reason.strip()[:200],
        by=actor if actor.pk else None,
        on_behalf_of=decision.on_behalf_of,
    )
    moves_post(move=name, moved=[(distributor.pk, before)], after=step.target)
    if step.target == Lifecycle.REVIEW:
        _tell_deciders(distributor, change, actor)
    return distributor


def _tell_deciders(distributor: Distributor, change: LifecycleChange, actor: User) -> None:
    """Tell who may approve it, and who stands in for one of them today, that a decision waits."""
    said = Sentence(gettext_noop("%(name)s waits for approval"), name=str(distributor))
    notify(
        people=deciders_at([distributor.territory_path], clock.today())[distributor.territory_path] - {actor.pk},
        kind=Notification.Kind.DECISION,
        said=said,
        url=reverse("profiles:distributor-move", args=[distributor.pk, "approve"]),
        key=f"review-{change.pk}",
    )


def _refuse_own_review(actor: User, distributor: Distributor) -> None:
    if own_reviews(actor).filter(distributor=distributor).exists():
        raise TransitionRefused(_("You put it under review; a second person approves."))

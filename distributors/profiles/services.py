"""Changes to distributors: their card, their addresses, their life, and who covers them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Territory, User
from core import audit, clock
from core.database import lock
from core.errors import DomainError, StaleVersion, TransitionRefused
from core.periods import month_of
from core.workflow import Move, apply_move
from distributors.profiles.models import Assignment, Distributor, DistributorType, LifecycleChange, Place, Standing
from distributors.profiles.selectors import ADDRESS, own_reviews, registered_address
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
NOBODY = Value(0)


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


def _refusal(message: str, field: str = "") -> DomainError:
    """Return a refusal that belongs beside `field` of a form."""
    error = DomainError(message)
    error.field = field  # type: ignore[attr-defined]
    return error


@transaction.atomic
def distributor_save(
    *,
    actor: User,
    instance: Distributor,
    version: int | None = None,
    territory: Territory | None = None,
    owner: User | None = None,
    **fields: Any,
) -> Distributor:
    """Create a distributor, or change its card where `version` is still the saved one; raise StaleVersion otherwise.

    `fields` are columns of the card and the parts of the registered address. Territory and owner count at creation
    only; afterwards they change by assignment. Raises DomainError for a code in use and for supply that runs in a
    circle or up the tiers.
    """
    place = {name: fields.pop(name, "") for name in ADDRESS}
    parent = fields["parent"] if "parent" in fields else _parent_of(instance.pk)
    _refuse_supply(instance.pk, fields["tier"], parent)
    if not instance.pk:
        if territory is None:
            raise _refusal(_("A distributor belongs to a territory."), "territory")
        return _create(actor, territory, owner, fields, place)
    return _change(actor, instance.pk, version, fields, place)


def _parent_of(pk: int | None) -> Distributor | None:
    return Distributor.objects.filter(children=pk).first() if pk else None


def _refuse_supply(pk: int | None, tier: int, parent: Distributor | None) -> None:
    if parent is not None:
        lock("profiles.supply")
        _refuse_circle(pk, parent)
        if parent.tier >= tier:
            raise _refusal(
                _("%(name)s is of tier %(parent)s; one of tier %(tier)s buys from a lower tier.")
                % {"name": parent, "parent": parent.tier, "tier": tier},
                "parent",
            )
    if pk is not None:
        below = Distributor.objects.filter(parent=pk, tier__lte=tier).count()
        if below:
            raise _refusal(
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
            raise _refusal(_("%(name)s buys, directly or through others, from this one.") % {"name": parent}, "parent")
        above = Distributor.objects.values_list("parent_id", flat=True).get(pk=above)
    raise _refusal(_("The chain of supply above %(name)s is too long.") % {"name": parent}, "parent")


def _create(
    actor: User, territory: Territory, owner: User | None, fields: dict[str, Any], place: dict[str, str]
) -> Distributor:
    who = actor if actor.pk else None
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
    rows = Distributor.objects.filter(pk=pk) if version is None else Distributor.objects.filter(pk=pk, version=version)
    try:
        with transaction.atomic():
            saved = rows.update(
                **fields,
                city=place["city"],
                version=F("version") + 1,
                updated_by=actor if actor.pk else None,
                updated_at=clock.instant(),
            )
    except IntegrityError as error:
        raise _code_taken(fields["code"]) from error
    if not saved:
        raise StaleVersion
    was_place = registered_address(before)
    _place_write(before, Place.Kind.REGISTERED, place)
    was, now = audit.changes({**{name: getattr(before, name) for name in fields}, **was_place}, {**fields, **place})
    after = Distributor.objects.get(pk=pk)
    audit.record(actor=actor, verb="distributor.changed", target=after, before=was, after=now)
    return after


def _code_taken(code: str) -> DomainError:
    return _refusal(_("Another distributor has the code “%(code)s”.") % {"code": code}, "code")


def _place_write(distributor: Distributor, kind: str, place: dict[str, str]) -> None:
    rows = Place.objects.filter(distributor=distributor, kind=kind)
    if not rows.update(**place) and any(place.values()):
        Place.objects.create(distributor=distributor, kind=kind, **place)


@transaction.atomic
def place_save(*, actor: User, distributor: Distributor, place: Place | None = None, **parts: str) -> Place:
    """Add a shipping address, or change one; raise DomainError for an empty one."""
    if not any(parts.values()):
        raise DomainError(_("An address needs at least one line."))
    was: dict[str, str] = {}
    if place is None:
        saved = Place.objects.create(distributor=distributor, kind=Place.Kind.SHIPPING, **parts)
    else:
        was = {name: getattr(place, name) for name in parts}
        Place.objects.filter(pk=place.pk, distributor=distributor, kind=Place.Kind.SHIPPING).update(**parts)
        saved = Place.objects.get(pk=place.pk)
    before, after = audit.changes(was, parts)
    audit.record(actor=actor, verb="distributor.place_saved", target=distributor, before=before, after=after)
    return saved


@transaction.atomic
def place_remove(*, actor: User, place: Place) -> None:
    """Remove a shipping address; the registered one only changes."""
    if place.kind == Place.Kind.REGISTERED:
        raise DomainError(_("The registered address can be changed, not removed."))
    gone, _models = Place.objects.filter(pk=place.pk).delete()
    if gone:
        audit.record(
            actor=actor, verb="distributor.place_removed", target=place.distributor, before={"address": str(place)}
        )


@transaction.atomic
def lifecycle_move(*, actor: User, distributor: Distributor, name: str, reason: str) -> Distributor:
    """Make the move `name`, keep who, when and why; raise TransitionRefused where it is not, or no longer, possible."""
    step: Move | None = MOVES.get(name)
    if step is None:
        raise TransitionRefused(_("There is no such move."))
    if not reason.strip():
        raise _refusal(_("Say why: the reason stays with the record."), "reason")
    if name in DECISIONS and actor.reach("profiles.approve_distributor") is None:
        raise TransitionRefused(_("“%(name)s” is decided by a sales manager.") % {"name": step.label})
    before = distributor.state
    if name == "approve":
        _refuse_own_review(actor, distributor)
    apply_move(distributor, step, actor=actor, note=reason.strip())
    LifecycleChange.objects.create(
        distributor=distributor,
        before=before,
        after=step.target,
        on=clock.today(),
        reason=reason.strip()[:200],
        by=actor if actor.pk else None,
    )
    return distributor


def _refuse_own_review(actor: User, distributor: Distributor) -> None:
    if own_reviews(actor).filter(distributor=distributor).exists():
        raise TransitionRefused(_("You put it under review; a second person approves."))


@transaction.atomic
def assignment_start(
    *,
    actor: User,
    distributors: Iterable[Distributor],
    starts_on: date,
    territory: Territory,
    owner: User | None,
    reason: str = "",
) -> int:
    """Let `territory` and `owner` cover the distributors from the month `starts_on`; return how many changed.

    A month ends where the next assignment starts. A month that is over needs a reason; what holds today is copied to
    the distributors at once.
    """
    _refuse_assignment(starts_on, territory, owner, reason)
    rows = list(distributors)
    pks = [row.pk for row in rows]
    was = _in_force(pks, starts_on)
    changed = [row for row in rows if was.get(row.pk) != (territory.pk, owner.pk if owner else None)]
    if not changed:
        raise DomainError(_("From that month on they are covered like this already."))
    Assignment.objects.bulk_create(
        [
            Assignment(
                distributor=row,
                starts_on=starts_on,
                territory=territory,
                owner=owner,
                reason=reason.strip()[:200],
                created_by=actor if actor.pk else None,
            )
            for row in changed
        ],
        update_conflicts=True,
        unique_fields=["distributor", "starts_on"],
        update_fields=["territory", "owner", "reason", "created_by"],
        batch_size=1000,
    )
    after = {"from": starts_on.isoformat(), "territory": str(territory), "owner": str(owner or "")}
    entries = ((row, {"territory": str(row.territory), "owner": str(row.owner or "")}, after) for row in changed)
    audit.record_many(actor=actor, verb="distributor.assigned", entries=entries, note=reason.strip())
    assignments_apply(as_of=clock.today(), only=[row.pk for row in changed])
    return len(changed)


def _refuse_assignment(starts_on: date, territory: Territory, owner: User | None, reason: str) -> None:
    if starts_on.day != 1:
        raise _refusal(_("An assignment starts on the first of a month."), "starts_on")
    if starts_on < month_of(clock.today()) and not reason.strip():
        raise _refusal(_("A month that is over needs a reason."), "reason")
    if owner is not None and not owner.is_active:
        raise _refusal(_("%(name)s can no longer sign in.") % {"name": owner}, "owner")
    if territory.pk is None:
        raise _refusal(_("Choose a territory."), "territory")


def _in_force(pks: list[int], day: date) -> dict[int, tuple[int, int | None]]:
    found = Assignment.objects.filter(distributor__in=pks, starts_on__lte=day).order_by("starts_on")
    return {pk: (where, who) for pk, where, who in found.values_list("distributor", "territory", "owner")}


@transaction.atomic
def assignments_apply(*, as_of: date, only: list[int] | None = None) -> int:
    """Copy the assignments in force on `as_of` to their distributors, where they differ; return how many did."""
    latest = Assignment.objects.filter(distributor=OuterRef("pk"), starts_on__lte=as_of).order_by("-starts_on")
    rows = (
        Distributor.objects.annotate(
            now_territory=Subquery(latest.values("territory")[:1]),
            now_owner=Coalesce(Subquery(latest.values("owner")[:1]), NOBODY),
            has_owner=Coalesce("owner_id", NOBODY),
        )
        .filter(now_territory__isnull=False)
        .filter(~Q(territory=F("now_territory")) | ~Q(has_owner=F("now_owner")))
    )
    if only is not None:
        rows = rows.filter(pk__in=only)
    return Distributor.objects.filter(pk__in=rows.values("pk")).update(
        territory=Subquery(latest.values("territory")[:1]),
        territory_path=Subquery(latest.values("territory__path")[:1]),
        owner=Subquery(latest.values("owner")[:1]),
        updated_at=clock.instant(),
    )

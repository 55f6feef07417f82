"""Changes to the territory tree: a territory moves from a month on, closes, opens again."""

from collections.abc import Iterator
from datetime import date

from django.apps import apps
from django.db import transaction
from django.db.models import F, Model, Q, Value
from django.db.models.functions import Concat, Substr
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from accounts.models import Territory, TerritoryMove, User
from accounts.selectors import MAX_DEPTH, next_path
from accounts.tree import Holding, depth_of, height_of, lies_within, parents_on
from core import audit, clock
from core.contributors import collect
from core.database import lock
from core.errors import DomainError
from core.periods import month_of
from core.scope import ScopedModel, in_subtree, require_permission
from core.sentences import Sentence

IN_FORCE = (TerritoryMove.State.PLANNED, TerritoryMove.State.DONE)
Reaches = User.territories.through


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


@transaction.atomic
def territory_move(
    *, actor: User, territory: Territory, after: Territory | None, starts_on: date, reason: str = ""
) -> TerritoryMove:
    """Let `territory` with all below it lie within `after` from the month `starts_on`; raise DomainError.

    What begins today or earlier is carried out at once, the rest by the night of its day. Of two who move at the same
    time, the second is held against the tree that the first one left.
    """
    require_permission(actor, "accounts.change_territory")
    lock("territory")
    territory = Territory.objects.get(pk=territory.pk)
    _refuse_month(starts_on, reason)
    _refuse_move(territory, after, starts_on)
    move = TerritoryMove.objects.create(
        territory=territory,
        starts_on=starts_on,
        before_id=parents_on(starts_on)[territory.pk],
        after=after,
        reason=reason.strip()[:200],
        created_by=actor if actor.pk else None,
    )
    audit.record(
        actor=actor,
        verb="territory.move_planned",
        target=territory,
        before={"within": str(move.before or "")},
        after={"within": str(after or ""), "from": starts_on.isoformat()},
        note=move.reason,
    )
    if starts_on <= clock.today():
        _carry_out(move, actor)
    return move


def _refuse_month(starts_on: date, reason: str) -> None:
    if starts_on.day != 1:
        raise DomainError(_("A change of the tree starts on the first of a month."), "starts_on")
    if starts_on < month_of(clock.today()) and not reason.strip():
        raise DomainError(_("A month that is over needs a reason."), "reason")


def _refuse_move(territory: Territory, after: Territory | None, starts_on: date) -> None:
    if territory.closed_on or (after is not None and Territory.objects.get(pk=after.pk).closed_on):
        raise DomainError(_("A closed territory is not moved, and nothing moves into it."), "after")
    later = TerritoryMove.objects.filter(territory=territory, starts_on__gte=starts_on, state__in=IN_FORCE).first()
    if later is not None:
        raise DomainError(
            _("“%(name)s” moves to “%(to)s” on %(day)s already; a move begins after the last one.")
            % {"name": territory, "to": later.after or _("the top"), "day": _day(later.starts_on)},
            "starts_on",
        )
    planned = TerritoryMove.objects.filter(state=TerritoryMove.State.PLANNED, starts_on__gt=starts_on)
    done = TerritoryMove.objects.filter(state=TerritoryMove.State.DONE, starts_on__gt=starts_on)
    days = {*planned.values_list("starts_on", flat=True), *done.values_list("starts_on", flat=True)}
    parents = parents_on(starts_on)
    if parents[territory.pk] == (after.pk if after else None):
        raise DomainError(_("From that month on it lies there already."), "after")
    for day in [starts_on, *sorted(days)]:
        _refuse_place(territory, after, parents if day == starts_on else parents_on(day))
    _refuse_held(territory, after, starts_on)


def _refuse_held(territory: Territory, after: Territory | None, day: date) -> None:
    """Refuse a move that what the apps above keep of territories does not allow."""
    for sentence in collect("territory_move", territory, after, day):
        raise DomainError(sentence, "after")


def _refuse_place(territory: Territory, after: Territory | None, parents: dict[int, int | None]) -> None:
    if after is None:
        return
    if after.pk == territory.pk:
        raise DomainError(Sentence(gettext_noop("“%(name)s” cannot lie within itself."), name=str(territory)), "after")
    if lies_within(after.pk, territory.pk, parents):
        text = gettext_noop("“%(to)s” lies within “%(name)s”: a territory is not moved below itself.")
        raise DomainError(Sentence(text, to=str(after), name=str(territory)), "after")
    if depth_of(after.pk, parents) + height_of(territory.pk, parents) > MAX_DEPTH:
        raise DomainError(
            Sentence(gettext_noop("The tree is at most %(depth)s levels deep."), depth=MAX_DEPTH), "after"
        )


def _carry_out(move: TerritoryMove, actor: User | None) -> None:
    """Give the subtree its new paths, wherever paths are kept; call it under the territory lock."""
    territory = Territory.objects.get(pk=move.territory_id)
    after = Territory.objects.get(pk=move.after_id) if move.after_id else None
    if after is not None and after.closed_on:
        raise DomainError(Sentence(gettext_noop("“%(name)s” is closed."), name=str(after)))
    _refuse_place(territory, after, dict(Territory.objects.values_list("pk", "parent_id").order_by()))
    _refuse_held(territory, after, move.starts_on)
    before, new = territory.parent, next_path(after)
    paths_rewrite(old=territory.path, new=new)
    Territory.objects.filter(pk=territory.pk).update(
        parent=after,
        version=F("version") + 1,
        updated_at=clock.instant(),
        updated_by=actor if actor is not None and actor.pk else None,
    )
    TerritoryMove.objects.filter(pk=move.pk).update(
        state=TerritoryMove.State.DONE, before=before, done_at=clock.instant()
    )
    move.refresh_from_db()
    audit.record(
        actor=actor,
        verb="territory.moved",
        target=territory,
        before={"within": str(before or ""), "path": territory.path},
        after={"within": str(after or ""), "path": new},
        note=move.reason,
    )


def path_columns() -> Iterator[tuple[type[Model], str]]:
    """Yield the models that keep a territory's path themselves, and the columns: that of their scope, and copies."""
    for model in apps.get_models():
        if not issubclass(model, ScopedModel):
            continue
        if model.scope_territory and "__" not in model.scope_territory:
            yield model, model.scope_territory
        for column in model.path_copies:
            yield model, column


def paths_rewrite(*, old: str, new: str) -> int:
    """Let every path that begins with `old` begin with `new`, one statement a table; return how many rows changed."""
    changed = 0
    for model, column in path_columns():
        rows = model._base_manager.filter(in_subtree(column, old))
        changed += rows.update(**{column: Concat(Value(new), Substr(column, len(old) + 1))})
    return changed


@transaction.atomic
def territory_move_withdraw(*, actor: User, territory: Territory) -> TerritoryMove:
    """Give up the next planned move of a territory; raise DomainError where none is planned."""
    require_permission(actor, "accounts.change_territory")
    lock("territory")
    planned = TerritoryMove.objects.filter(territory=territory, state=TerritoryMove.State.PLANNED)
    move = planned.order_by("-starts_on").first()
    if move is None:
        raise DomainError(_("No move is planned, or it has been carried out by now."))
    TerritoryMove.objects.filter(pk=move.pk).update(state=TerritoryMove.State.WITHDRAWN)
    after = {"within": str(move.after or ""), "from": move.starts_on.isoformat()}
    audit.record(actor=actor, verb="territory.move_withdrawn", target=territory, before=after)
    return move


@transaction.atomic
def territory_moves_apply(*, as_of: date) -> dict[str, int]:
    """Carry out the planned moves whose day has come; one that has become impossible is put aside with the reason."""
    lock("territory")
    due = TerritoryMove.objects.filter(state=TerritoryMove.State.PLANNED, starts_on__lte=as_of)
    counts = {"moved": 0, "refused": 0}
    for move in due.select_related("territory").order_by("starts_on", "pk"):
        try:
            with transaction.atomic():
                _carry_out(move, None)
            counts["moved"] += 1
        except DomainError as error:
            TerritoryMove.objects.filter(pk=move.pk).update(state=TerritoryMove.State.REFUSED, note=error.sentence)
            audit.record(actor=None, verb="territory.move_refused", target=move.territory, note=str(error))
            counts["refused"] += 1
    return counts


def territory_holdings(territory: Territory) -> list[Holding]:
    """Return what a territory itself holds: people who answer for it, and what the apps above know of."""
    people = Reaches.objects.filter(territory=territory).count()
    named = Holding(ngettext("%(count)s person", "%(count)s people", people) % {"count": people}, people)
    found: list[Holding] = [named, *collect("territory_holdings", territory)]
    return [one for one in found if one.count]


@transaction.atomic
def territory_close(
    *, actor: User, territory: Territory, starts_on: date, successor: Territory | None = None, reason: str = ""
) -> Territory:
    """Close an empty territory, or one whose people and distributors go over to `successor` from a month on.

    The territory stays in the tree, for what happened in it; nothing new is put into it.
    """
    require_permission(actor, "accounts.change_territory")
    lock("territory")
    territory = Territory.objects.get(pk=territory.pk)
    successor = Territory.objects.get(pk=successor.pk) if successor is not None else None
    _refuse_month(starts_on, reason)
    _refuse_close(territory, successor, starts_on)
    for sentence in collect("territory_close", territory, starts_on):
        raise DomainError(sentence)
    if successor is not None:
        collect("territory_hand_over", actor, territory, successor, starts_on, reason)
        _people_over(actor, territory, successor)
    Territory.objects.filter(pk=territory.pk).update(
        closed_on=starts_on, version=F("version") + 1, updated_at=clock.instant(), updated_by=actor
    )
    after = {"closed from": starts_on.isoformat(), "successor": str(successor or "")}
    audit.record(actor=actor, verb="territory.closed", target=territory, after=after, note=reason.strip())
    territory.refresh_from_db()
    return territory


def _refuse_close(territory: Territory, successor: Territory | None, starts_on: date) -> None:
    if territory.closed_on:
        raise DomainError(_("“%(name)s” is closed already.") % {"name": territory})
    if starts_on > clock.today():
        raise DomainError(_("A territory closes from a month that has begun."), "starts_on")
    children = territory.children.open().count()
    if children:
        raise DomainError(
            ngettext(
                "%(count)s territory lies below it; move or close it first.",
                "%(count)s territories lie below it; move or close them first.",
                children,
            )
            % {"count": children}
        )
    planned = Q(territory=territory) | Q(after=territory)
    if TerritoryMove.objects.filter(planned, state=TerritoryMove.State.PLANNED).exists():
        raise DomainError(_("A planned move has to do with it; withdraw that first."))
    if successor is not None and (successor.pk == territory.pk or successor.closed_on):
        raise DomainError(_("The successor is another territory that is open."), "successor")
    held = territory_holdings(territory)
    if held and successor is None:
        raise DomainError(
            _("It is not empty (%(what)s): name the territory that takes over.")
            % {"what": ", ".join(one.label for one in held)},
            "successor",
        )


def _people_over(actor: User, territory: Territory, successor: Territory) -> None:
    there = Reaches.objects.filter(territory=successor).values("user_id")
    people = list(User.objects.filter(territories=territory))
    Reaches.objects.filter(territory=territory, user__in=there).delete()
    Reaches.objects.filter(territory=territory).update(territory=successor)
    audit.record_many(
        actor=actor,
        verb="user.territory_changed",
        entries=((one, {"territory": str(territory)}, {"territory": str(successor)}) for one in people),
    )


@transaction.atomic
def territory_open(*, actor: User, territory: Territory) -> None:
    """Open a closed territory again, empty; raise DomainError where it is open, or what it lies within is closed."""
    require_permission(actor, "accounts.change_territory")
    lock("territory")
    if Territory.objects.filter(children=territory.pk).exclude(closed_on=None).exists():
        raise DomainError(_("What it lies within is closed; open that first."))
    rows = Territory.objects.filter(pk=territory.pk).exclude(closed_on=None)
    if not rows.update(closed_on=None, version=F("version") + 1, updated_at=clock.instant(), updated_by=actor):
        raise DomainError(_("“%(name)s” is open already.") % {"name": territory})
    audit.record(actor=actor, verb="territory.opened", target=territory)

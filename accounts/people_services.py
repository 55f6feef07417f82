"""Who may sign in: people leave, what they hold going over to someone else, and come back."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import ApiToken, User
from accounts.tree import Holding
from core import audit, clock
from core.contributors import collect
from core.errors import DomainError
from core.periods import month_of
from core.scope import require_permission


def user_holdings(user: User) -> list[Holding]:
    """Return what a person holds that someone takes over when they leave, as the apps above know it."""
    return [one for one in collect("user_holdings", user) if one.count]


@transaction.atomic
def user_deactivate(
    *, actor: User, user: User, starts_on: date, successor: User | None = None, reason: str = ""
) -> dict[str, Any]:
    """Let a person sign in no more, and what they hold go over to `successor` from the month `starts_on`.

    Tokens of a machine stop with it. Raises DomainError for oneself, for who is gone already, and where something
    would be left with nobody.
    """
    require_permission(actor, "accounts.change_user")
    _refuse_leaving(actor, user, starts_on, successor, reason)
    rows = User.objects.filter(pk=user.pk, is_active=True)
    if not rows.update(is_active=False, version=F("version") + 1, updated_at=clock.instant(), updated_by=actor):
        raise DomainError(_("%(name)s can no longer sign in already.") % {"name": user})
    held = {one.label: str(one.count) for one in user_holdings(user)}
    if successor is not None:
        collect("user_hand_over", actor, user, successor, starts_on, reason)
    revoked = ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=clock.instant())
    after = {"successor": str(successor or ""), "from": starts_on.isoformat(), "tokens revoked": str(revoked)}
    audit.record(actor=actor, verb="user.deactivated", target=user, before=held, after=after, note=reason.strip())
    return after


def _refuse_leaving(actor: User, user: User, starts_on: date, successor: User | None, reason: str) -> None:
    if user.pk == actor.pk:
        raise DomainError(_("You cannot change your own role or lock yourself out."))
    if starts_on.day != 1:
        raise DomainError(_("An assignment starts on the first of a month."), "starts_on")
    if starts_on < month_of(clock.today()) and not reason.strip():
        raise DomainError(_("A month that is over needs a reason."), "reason")
    if successor is not None and (successor.pk == user.pk or not successor.is_active):
        raise DomainError(_("Whoever takes over is another person who may sign in."), "successor")
    held = user_holdings(user)
    if held and successor is None:
        raise DomainError(
            _("%(name)s holds %(what)s: name who takes over.")
            % {"name": user, "what": ", ".join(one.label for one in held)},
            "successor",
        )


@transaction.atomic
def user_reactivate(*, actor: User, user: User) -> None:
    """Let a person sign in again, with the reach they had and without what went over; raise DomainError if they may."""
    require_permission(actor, "accounts.change_user")
    if not access_set(actor=actor, ids=[user.pk], active=True):
        raise DomainError(_("%(name)s may sign in already.") % {"name": user})


@transaction.atomic
def access_set(*, actor: User | None, ids: Iterable[int], active: bool, note: str = "") -> int:
    """Let people who hold nothing sign in no more, or people sign in again; return for how many that is a change.

    Tokens stop with whoever leaves, and stay stopped.
    """
    people = list(User.objects.filter(pk__in=ids, is_active=not active))
    keys = [one.pk for one in people]
    User.objects.filter(pk__in=keys).update(
        is_active=active, version=F("version") + 1, updated_at=clock.instant(), updated_by=actor
    )
    if not active:
        ApiToken.objects.filter(user__in=keys, revoked_at=None).update(revoked_at=clock.instant())
    verb = "user.reactivated" if active else "user.deactivated"
    audit.record_many(actor=actor, verb=verb, entries=((one, {}, {}) for one in people), note=note)
    return len(keys)

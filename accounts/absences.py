"""Absences, and who decides in place of whom."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import Absence, Notification, User
from accounts.notifications import notify
from accounts.roles import Role
from core import audit, clock
from core.database import lock
from core.errors import DomainError
from core.scope import require_visible
from core.sentences import Sentence
from core.versions import version_write

LOCK = "accounts.absences"


def represented_by(user: Any, day: date) -> list[User]:
    """Return the absent people in whose place `user` decides on `day`; nobody while they are away themselves.

    A delegate who is away too does not pass it on.
    """
    if user.pk is None or getattr(user, "granted", None) is not None:
        return []
    absences = Absence.objects.on(day).filter(delegate=user.pk, user__is_active=True)
    found = absences.select_related("user").prefetch_related("user__territories")
    rows = [absence.user for absence in found]
    return [] if rows and Absence.objects.on(day).filter(user=user.pk).exists() else rows


def represented_on_page(user: Any, day: date) -> list[User]:
    """Return the same as `represented_by`, asked once for a page: it stays with `user`, who is read anew for each."""
    asked: dict[date, list[User]] = user.__dict__.setdefault("represented_asked", {})
    if day not in asked:
        asked[day] = represented_by(user, day)
    return asked[day]


def decided_by(actor: Any, on_behalf_of: Any) -> str:
    """Return who decided, in words, with the one in whose place."""
    if on_behalf_of is None:
        return str(actor or _("the product"))
    return _("%(delegate)s for %(person)s") % {"delegate": actor, "person": on_behalf_of}


def delegate_away(absence: Absence) -> Absence | None:
    """Return an absence of the delegate that falls into this one, where there is one."""
    if absence.delegate_id is None:
        return None
    found: Absence | None = overlapping(absence.delegate_id, absence.starts_on, absence.ends_on).first()
    return found


def overlapping(user_id: int, starts_on: date, ends_on: date) -> QuerySet[Absence]:
    """Return the absences of a person that share a day with the given ones."""
    rows: QuerySet[Absence] = Absence.objects.filter(user=user_id, starts_on__lte=ends_on, ends_on__gte=starts_on)
    return rows


@transaction.atomic
def absence_save(
    *,
    actor: User,
    instance: Absence,
    version: int | None = None,
    user: User,
    starts_on: date,
    ends_on: date,
    delegate: User | None,
    reason: str,
) -> Absence:
    """Enter or change an absence; raise DomainError where days or delegate cannot be, StaleVersion after a lost race.

    Days that are over stay as they were: an absence that has begun keeps its first day, one that is over everything.
    """
    before = Absence.objects.get(pk=instance.pk) if instance.pk else None
    _refuse_days(before, user, starts_on, ends_on)
    _refuse_delegate(user, delegate)
    lock(LOCK)
    taken = overlapping(user.pk, starts_on, ends_on).exclude(pk=instance.pk).first()
    if taken is not None:
        raise DomainError(
            _("%(name)s is away from %(start)s to %(end)s already.")
            % {"name": user, "start": taken.starts_on, "end": taken.ends_on},
            "starts_on",
        )
    fields = {
        "user": user,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "delegate": delegate,
        "reason": reason.strip()[:120],
    }
    saved = _written(actor, before, version, fields)
    require_visible(saved, actor, "change")
    was = {name: getattr(before, name) for name in fields} if before else {}
    old, new = audit.changes(was, fields)
    audit.record(actor=actor, verb="absence.saved", target=saved, before=old, after=new)
    if delegate is not None and delegate.pk != actor.pk and "delegate" in new | old:
        _tell_delegate(saved)
    return saved


def _tell_delegate(absence: Absence) -> None:
    days = {"start": absence.starts_on.isoformat(), "end": absence.ends_on.isoformat()}
    notify(
        people=[absence.delegate_id] if absence.delegate_id else [],
        kind=Notification.Kind.ABSENCE,
        said=Sentence(
            gettext_noop("You decide for %(person)s from %(start)s to %(end)s"), person=absence.user.name, **days
        ),
        url=reverse("accounts:absence-list"),
        key=f"absence-{absence.pk}-{absence.version}",
    )


def _refuse_days(before: Absence | None, user: User, starts_on: date, ends_on: date) -> None:
    today = clock.today()
    if ends_on < starts_on:
        raise DomainError(_("The last day lies before the first."), "ends_on")
    if before is not None and before.ends_on < today:
        raise DomainError(_("This absence is over; it stays as it was."))
    if before is not None and before.user_id != user.pk:
        raise DomainError(_("An absence stays with its person; enter another one."), "user")
    begun = before is not None and before.starts_on <= today
    if before is not None and begun and starts_on != before.starts_on:
        raise DomainError(_("This absence has begun; its first day stays."), "starts_on")
    if not begun and starts_on < today:
        raise DomainError(_("The days must lie ahead: from today at the earliest."), "starts_on")
    if ends_on < today:
        raise DomainError(_("The days must lie ahead: from today at the earliest."), "ends_on")


def _refuse_delegate(user: User, delegate: User | None) -> None:
    if delegate is None:
        return
    if delegate.pk == user.pk:
        raise DomainError(_("Nobody stands in for themselves."), "delegate")
    if not delegate.is_active or delegate.role == Role.API_CLIENT:
        raise DomainError(_("%(name)s can no longer sign in.") % {"name": delegate}, "delegate")


def _written(actor: User, before: Absence | None, version: int | None, fields: dict[str, Any]) -> Absence:
    if before is None:
        made: Absence = Absence.objects.create(**fields, updated_by=actor)
        return made
    version_write(Absence.objects.filter(pk=before.pk), version, actor=actor, **fields)
    saved: Absence = Absence.objects.get(pk=before.pk)
    return saved


@transaction.atomic
def absence_remove(*, actor: User, absence: Absence) -> None:
    """Take back an absence that has not begun; raise DomainError for one that has."""
    gone, _models = Absence.objects.filter(pk=absence.pk, starts_on__gt=clock.today()).delete()
    if not gone:
        raise DomainError(_("This absence has begun; change its last day instead."))
    audit.record(
        actor=actor,
        verb="absence.removed",
        target=absence,
        before={"starts_on": str(absence.starts_on), "ends_on": str(absence.ends_on)},
    )

"""Changes to people and territories."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Territory, User
from accounts.search import PERSON
from accounts.selectors import next_path
from core import audit
from core.company import company
from core.database import lock
from core.errors import DomainError
from core.search import index_write
from core.versions import version_write


@transaction.atomic
def territory_save(
    *,
    actor: User,
    instance: Territory,
    version: int | None = None,
    code: str,
    name: str,
    level: str,
    parent: Territory | None = None,
) -> Territory:
    """Create a territory under `parent`, or rename one; where it lies is changed by moving it."""
    if not instance.pk:
        return _territory_create(actor=actor, code=code, name=name, level=level, parent=parent)
    before = Territory.objects.get(pk=instance.pk)
    was, now = audit.changes(
        {"code": before.code, "name": before.name, "level": before.level}, {"code": code, "name": name, "level": level}
    )
    if not now:
        return before
    _save_version(Territory, instance.pk, version, actor, code=code, name=name, level=level)
    saved = Territory.objects.get(pk=instance.pk)
    audit.record(actor=actor, verb="territory.changed", target=saved, before=was, after=now)
    return saved


def _territory_create(*, actor: User, code: str, name: str, level: str, parent: Territory | None) -> Territory:
    lock("territory")
    if Territory.objects.filter(code=code).exists():
        raise DomainError(_("The code “%(code)s” is taken.") % {"code": code})
    parent = Territory.objects.get(pk=parent.pk) if parent else None
    if parent is not None and parent.closed_on:
        raise DomainError(_("“%(name)s” is closed.") % {"name": parent})
    territory = Territory.objects.create(
        code=code, name=name, level=level, parent=parent, path=next_path(parent), updated_by=actor if actor.pk else None
    )
    audit.record(actor=actor, verb="territory.created", target=territory, after={"code": code, "name": name})
    return territory


def _save_version(model: Any, pk: int, version: int | None, actor: User, **fields: Any) -> None:
    try:
        with transaction.atomic():
            version_write(model.objects.filter(pk=pk), version, actor=actor, **fields)
    except IntegrityError as error:
        raise DomainError(_("Another record has this code or e-mail.")) from error


@transaction.atomic
def user_save(*, actor: User, instance: User, version: int | None = None, territories: Any, **fields: Any) -> User:
    """Create or change a person; a new one has no password until one is set for them."""
    fields["email"] = fields["email"].strip().lower()
    if not instance.pk:
        return _user_create(actor, territories, fields)
    before: User = User.objects.get(pk=instance.pk)
    if before.pk == actor.pk and (fields["role"] != before.role or not fields.get("is_active", True)):
        raise DomainError(_("You cannot change your own role or lock yourself out."))
    if before.is_active and not fields.get("is_active", True):
        raise DomainError(_("Deactivate a person on their page, where what they hold goes over to someone."))
    held = list(before.territories.all())
    old = {**{name: getattr(before, name) for name in fields}, "territories": _names(held)}
    was, now = audit.changes(old, {**fields, "territories": _names(territories)})
    if not now and set(held) == set(territories):
        return before
    _save_version(User, instance.pk, version, actor, **fields)
    user: User = User.objects.get(pk=instance.pk)
    user.territories.set(territories)
    index_write(PERSON, [user.pk])
    audit.record(actor=actor, verb="user.changed", target=user, before=was, after=now)
    return user


def _user_create(actor: User, territories: Any, fields: dict[str, Any]) -> User:
    try:
        with transaction.atomic():
            user: User = User.objects.create_user(
                **{"language": company().default_language, **fields}, updated_by=actor if actor.pk else None
            )
    except IntegrityError as error:
        raise DomainError(_("Another record has this code or e-mail.")) from error
    user.territories.set(territories)
    index_write(PERSON, [user.pk])
    after = {"email": user.email, "role": user.role, "everywhere": str(user.everywhere)}
    after["territories"] = _names(territories)
    audit.record(actor=actor, verb="user.created", target=user, after=after)
    return user


def _names(territories: Any) -> str:
    return ", ".join(sorted(territory.name for territory in territories))


@transaction.atomic
def user_set_password(*, actor: User, user: User, password: str) -> None:
    """Set a password; the caller has validated it."""
    user.set_password(password)
    user.save(update_fields=["password"])
    audit.record(actor=actor, verb="user.password_set", target=user)


def preferences_save(*, user: User, language: str, theme: str, time_zone: str, digest: str) -> None:
    """Keep how the product looks for one person, and how often it writes to them."""
    User.objects.filter(pk=user.pk).update(language=language, theme=theme, time_zone=time_zone, digest=digest)

"""Two-step log-in: after the password a code of an app, or a backup code, of which only the hash is kept."""

import hashlib
import secrets

from django.db import transaction
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import BackupCode, User
from accounts.roles import Role
from accounts.selectors import second_factor_of
from core import audit
from core.database import lock
from core.errors import DomainError
from core.scope import require_permission

DIGITS = 6
BACKUP_CODES = 10
BACKUP_LENGTH, BACKUP_GROUP = 16, 4
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else


def wrong_code() -> str:
    """Return what a person reads whose code does not fit."""
    return _("This code is not right, or it was used already. Wait for the next one and try again.")


def code_use(*, user: User, code: str) -> bool:
    """Tell whether `code` is of the user's app or one of the backup codes, and use it up: it works once.

    Wrong codes of the app make its next try wait, longer each time.
    """
    plain = "".join(character for character in code.lower() if character.isalnum())
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=user, confirmed=True).first()
        if device is None:
            return False
        if len(plain) == DIGITS and plain.isdecimal():
            return bool(device.verify_token(plain))
        used, _rows = BackupCode.objects.filter(user=user, digest=_digest(plain)).delete()
        if used:
            left = BackupCode.objects.filter(user=user).count()
            audit.record(actor=user, verb="second_factor.backup_code_used", target=user, after={"left": left})
        return bool(used)


@transaction.atomic
def second_factor_turn_on(*, user: User, key: str, code: str) -> list[str]:
    """Ask for a code at every log-in from now on; return the backup codes, which cannot be had again.

    `key` is what the app was given, in hexadecimal; `code` shows that it has it.
    """
    lock(f"second factor {user.pk}")
    if user.role == Role.API_CLIENT:
        raise DomainError(_("API clients show a token; they have no log-in."))
    if second_factor_of(user):
        raise DomainError(_("Two-step log-in is on already."))
    device = TOTPDevice.objects.create(user=user, name="app", key=key)
    if not device.verify_token("".join(code.split())):
        raise DomainError(wrong_code())
    audit.record(actor=user, verb="second_factor.turned_on", target=user)
    return _codes_create(user)


def second_factor_turn_off(*, user: User, code: str) -> None:
    """Ask for the password alone again; raise DomainError where the code is wrong."""
    _require_code(user, code)
    with transaction.atomic():
        _remove(user)
        audit.record(actor=user, verb="second_factor.turned_off", target=user)


def backup_codes_renew(*, user: User, code: str) -> list[str]:
    """Replace all backup codes and return the new ones; raise DomainError where the code is wrong."""
    _require_code(user, code)
    with transaction.atomic():
        user.backup_codes.all().delete()
        audit.record(actor=user, verb="second_factor.backup_codes_renewed", target=user)
        return _codes_create(user)


@transaction.atomic
def second_factor_reset(*, actor: User | None, user: User) -> None:
    """Turn off another person's second step, who lost the phone and the backup codes.

    `actor` is None when someone at the server's command line does it.
    """
    if actor is not None:
        require_permission(actor, "accounts.change_user")
        if actor.pk == user.pk:
            raise DomainError(_("Turn off your own two-step log-in in your preferences, with a code."))
    if not _remove(user):
        raise DomainError(_("%(name)s has no two-step log-in.") % {"name": user})
    audit.record(actor=actor, verb="second_factor.reset", target=user)


def _require_code(user: User, code: str) -> None:
    # In a transaction of its own: that a wrong code was tried is kept when the change is refused.
    if not code_use(user=user, code=code):
        raise DomainError(wrong_code())


def _remove(user: User) -> bool:
    removed, _rows = TOTPDevice.objects.filter(user=user).delete()
    BackupCode.objects.filter(user=user).delete()
    return bool(removed)


def _codes_create(user: User) -> list[str]:
    codes = ["".join(secrets.choice(ALPHABET) for _place in range(BACKUP_LENGTH)) for _code in range(BACKUP_CODES)]
    BackupCode.objects.bulk_create(BackupCode(user=user, digest=_digest(code)) for code in codes)
    return ["-".join(code[at : at + BACKUP_GROUP] for at in range(0, BACKUP_LENGTH, BACKUP_GROUP)) for code in codes]


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()

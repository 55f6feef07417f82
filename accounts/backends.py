"""Signing in by e-mail and password, and by the code of the second step."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts.models import User
from accounts.roles import Role
from accounts.second_factor import code_use


def lockout_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """Return under which name failures are counted: the e-mail, whatever its case."""
    given = credentials if credentials is not None else request.POST
    return str(given.get("username") or "").strip().lower()


class _Backend(BaseBackend):
    """Knows who may sign in: people, not machines, and demo people only with DEBUG on."""

    def get_user(self, user_id: int) -> User | None:
        """Return an active user."""
        user = User.objects.filter(pk=user_id).first()
        return user if user and self._may_sign_in(user) else None

    def _may_sign_in(self, user: User) -> bool:
        return user.is_active and user.role != Role.API_CLIENT and (settings.DEBUG or not user.is_demo)


class EmailBackend(_Backend):
    """Knows people by e-mail in any case and password."""

    def authenticate(  # type: ignore[override]  # by these credentials only
        self, request: HttpRequest | None, username: str, password: str
    ) -> User | None:
        """Return the user whose password this is."""
        user = User.objects.filter(email__iexact=(username or "").strip()).first()
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and self._may_sign_in(user) else None


class SecondStepBackend(_Backend):
    """Knows people by the code of their second step, once the password is known to be theirs."""

    def authenticate(  # type: ignore[override]  # by these credentials only
        self, request: HttpRequest, username: str, token: str
    ) -> User | None:
        """Return the user whose code this is, and use the code up."""
        user = User.objects.filter(email=username).first()
        if user is None or not self._may_sign_in(user):
            return None
        user.origin = request.META.get("REMOTE_ADDR", "")
        return user if code_use(user=user, code=token) else None

"""Signing in by e-mail."""

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from accounts.models import User
from accounts.roles import Role


class EmailBackend(BaseBackend):
    """Knows people by e-mail in any case; machines do not sign in, and demo people only with DEBUG on."""

    def authenticate(
        self, request: HttpRequest | None, username: str = "", password: str = "", **_kwargs: Any
    ) -> User | None:
        """Return the user whose password this is."""
        user = User.objects.filter(email__iexact=(username or "").strip()).first()
        if user is None:
            User().set_password(password)
            return None
        return user if user.check_password(password) and self._may_sign_in(user) else None

    def get_user(self, user_id: int) -> User | None:
        """Return an active user."""
        user = User.objects.filter(pk=user_id).first()
        return user if user and self._may_sign_in(user) else None

    def _may_sign_in(self, user: User) -> bool:
        return user.is_active and user.role != Role.API_CLIENT and (settings.DEBUG or not user.is_demo)

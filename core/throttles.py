"""How often a token, and an address that shows none, may ask."""

import logging
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from core import clock

logger = logging.getLogger(__name__)

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class WindowThrottle(BaseThrottle):
    """Counts requests in fixed windows, in the shared cache; while the cache is away nobody is refused."""

    scope = ""

    def identify(self, request: Any) -> str | None:
        """Return who is counted, or None for nobody."""
        raise NotImplementedError

    def allow_request(self, request: Any, view: Any) -> bool:
        """Count this request and tell whether it is within the rate."""
        who = self.identify(request)
        rate = api_settings.DEFAULT_THROTTLE_RATES.get(self.scope)
        if who is None or not rate:
            return True
        count, period = str(rate).split("/")
        seconds = SECONDS[period[0]]
        instant = clock.instant().timestamp()
        window = int(instant // seconds)
        self.left = (window + 1) * seconds - instant
        return self._count(f"throttle:{self.scope}:{who}:{window}", seconds) <= int(count)

    def wait(self) -> float:
        """Return the seconds until the next window."""
        return self.left + 1

    def _count(self, key: str, seconds: int) -> int:
        try:
            if cache.add(key, 1, timeout=seconds):
                return 1
            return int(cache.incr(key))
        except ValueError:
            return 1
        except (RedisError, OSError) as error:
            logger.warning("requests are not counted: the cache is away (%s)", error)
            return 1


class TokenThrottle(WindowThrottle):
    """The rate of one token, or of one person signed in."""

    scope = "token"

    def identify(self, request: Any) -> str | None:
        """Return the token, or the person."""
        if not request.user.is_authenticated:
            return None
        return f"token-{request.auth.pk}" if request.auth is not None else f"user-{request.user.pk}"


class FileThrottle(TokenThrottle):
    """The rate of files, each of which may hold every row that there is, for one token or one person."""

    scope = "file"

    def identify(self, request: Any) -> str | None:
        """Return the token, or the person, where a file is asked for."""
        return None if request.accepted_renderer.format == "json" else super().identify(request)


class AddressThrottle(WindowThrottle):
    """The rate of one address as long as it does not say who it is, or says it wrongly."""

    scope = "address"

    def identify(self, request: Any) -> str | None:
        """Return the address where nobody is known."""
        return None if request.user.is_authenticated else self.get_ident(request).replace(" ", "")[:60]

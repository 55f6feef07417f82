"""Language and time zone of the person who asks."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import get_language_from_request

from core.company import company


class PreferencesMiddleware:
    """Activates the user's language and time zone; before signing in, the cookie's or the browser's."""

    def __init__(self, get_response: Callable[[Any], Any]):
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        user = request.user
        language = user.language if user.is_authenticated else get_language_from_request(request)
        zone = (user.time_zone or user.company.time_zone) if user.is_authenticated else company().time_zone
        with translation.override(language), timezone.override(zone):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
            if hasattr(response, "render") and not response.is_rendered:
                response.render()
        response.headers.setdefault("Content-Language", language)
        return response

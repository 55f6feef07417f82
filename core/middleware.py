"""What every request passes: signing in, and refusals that are sentences."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import urlencode
from django.views.defaults import page_not_found

from core.errors import DomainError

Handler = Callable[[Any], HttpResponseBase]
FORM_BYTES = 1 << 20


class ClientAddressMiddleware:
    """Puts the client's address where lock-out, audit and throttles read it, where one proxy stands in front."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
        if settings.BEHIND_PROXY and forwarded:
            request.META["REMOTE_ADDR"] = forwarded.rsplit(",", 1)[-1].strip()
        return self.get_response(request)


class BodyLimitMiddleware:
    """Refuses a request that says it is larger than any file that is taken, before a byte of it is read."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.IMPORT_MAX_BYTES + FORM_BYTES:
            context = {"limit": settings.IMPORT_MAX_BYTES >> 20}
            response = render(request, "too_large.html", context, status=413)
            response["Connection"] = "close"
            return response
        return self.get_response(request)


class SignInMiddleware:
    """Sends everyone who is not signed in to the log-in, except on the views that say they are open.

    A lost session answers htmx with a redirect of the whole page; the REST paths answer for themselves.
    """

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            request.user.origin = request.META.get("REMOTE_ADDR", "")
        return self.get_response(request)

    def process_view(self, request: Any, view: Any, _args: Any, _kwargs: Any) -> HttpResponseBase | None:
        """Let open views and REST through, and ask the others to sign in."""
        if request.user.is_authenticated or getattr(view, "open_to_all", False) or request.path.startswith("/api/"):
            return None
        target = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}"
        if request.headers.get("HX-Request"):
            response = HttpResponse(status=204)
            response["HX-Redirect"] = target
            return response
        return redirect(target)


def open_to_all(view: Any) -> Any:
    """Mark a view that needs no one signed in."""
    view.open_to_all = True
    return view


class NotFoundMiddleware:
    """Shows the product's own page of what is not found in the demo too, where Django would list its URLs."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        response = self.get_response(request)
        if settings.DEBUG and response.status_code == 404 and not request.path.startswith("/api/"):
            return page_not_found(request, Http404())
        return response


class DomainErrorMiddleware:
    """Turns a refusal that no view caught into a message and the page it came from."""

    def __init__(self, get_response: Handler):
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: Any, exception: Exception) -> HttpResponseBase | None:
        """Answer 409 to htmx and REST, and a message elsewhere."""
        if not isinstance(exception, DomainError):
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"error": {"code": "refused", "message": str(exception), "fields": {}}}, status=409)
        messages.error(request, str(exception))
        back = request.headers.get("Referer", "")
        own = back.startswith(f"{request.scheme}://{request.get_host()}/")
        return redirect(back if own else "core:home")

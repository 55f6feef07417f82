"""Answers to requests that no view could answer: the product's pages, and the API's one error shape under /api/."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults

from core.api import error_body


def bad_request(request: HttpRequest, exception: Any) -> HttpResponse:
    """Answer a request that Django itself refused."""
    if request.path.startswith("/api/"):
        return JsonResponse(error_body("invalid", _("The request is not valid.")), status=400)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer after a fault of ours."""
    if request.path.startswith("/api/"):
        text = _("Something unexpected happened; nothing was changed.")
        return JsonResponse(error_body("server_error", text), status=500)
    return defaults.server_error(request)

"""What all of REST shares: one error shape, bodies, who may, cursor pages. The views stand in core.resources."""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.metadata import BaseMetadata
from rest_framework.pagination import BasePagination
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from core.errors import DomainError
from core.throttles import AddressThrottle, FileThrottle, TokenThrottle

__all__ = ["AddressThrottle", "CursorPages", "FileThrottle", "MatrixPermission", "TokenThrottle", "error_response"]

MAX_BODY = 10 * 1024 * 1024
PROBLEMS_SHOWN = 100
MAX_KEY = 2**63 - 1


# What goes wrong


class TooLarge(exceptions.APIException):
    """The body is larger than the API reads."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = gettext_lazy("The request is too large.")


class Conflict(exceptions.APIException):
    """The request contradicts what is there; `fields` has a sentence for each rule that says so, where there are."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"
    fields: Mapping[str, Sequence[str]] | None = None


class ScopeMissing(exceptions.PermissionDenied):
    """The token is good, but not for this."""

    default_code = "scope_missing"


class RowsRefused(exceptions.APIException):
    """Rows of a bulk write cannot go in; `problems` says row, column, value and reason of the first."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "rows_refused"

    def __init__(self, message: str, problems: Sequence[Mapping[str, Any]]):
        super().__init__(message)
        self.problems = list(problems[:PROBLEMS_SHOWN])


def error_body(code: str, message: Any, fields: Any = None, problems: Any = None) -> dict[str, Any]:
    """Return the one shape of every refusal."""
    body = {"code": code, "message": str(message), "fields": fields or {}}
    return {"error": body if problems is None else {**body, "problems": problems}}


def error_response(error: Exception, _context: Any = None) -> Response | None:
    """Return the answer to an exception raised in an API view, or None for one that nobody expected."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, RequestDataTooBig):
        error = TooLarge()
    elif isinstance(error, DomainError):
        problems = getattr(error, "problems", None)
        error = _refused(error) if problems is None else RowsRefused(str(error), problems)
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return Response(_error_of(error), status=error.status_code, headers=headers)


def _refused(error: DomainError) -> Conflict:
    refused = Conflict(str(error), "refused")
    refused.fields = getattr(error, "fields", None)
    return refused


def _error_of(error: exceptions.APIException) -> dict[str, Any]:
    detail = error.detail
    if isinstance(detail, dict):
        fields = {str(name): [str(text) for text in _flat(texts)] for name, texts in detail.items()}
        return error_body("invalid", _("The request is not valid."), fields)
    text = " ".join(str(one) for one in _flat(detail))
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else "invalid"
    return error_body(code, text, getattr(error, "fields", None), getattr(error, "problems", None))


def _flat(detail: Any) -> Iterable[Any]:
    if isinstance(detail, dict):
        return [text for part in detail.values() for text in _flat(part)]
    return detail if isinstance(detail, list) else [detail]


# Bodies


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value)


class JsonRenderer(BaseRenderer):
    """JSON: amounts as strings of digits, dates and instants as ISO 8601."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, _media_type: Any = None, _context: Any = None) -> bytes:
        """Return `data` as UTF-8."""
        if data is None:
            return b""
        return json.dumps(data, default=_plain, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON value")


class JsonParser(BaseParser):
    """JSON up to `MAX_BODY` bytes; numbers become `Decimal` or int, never float."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Return the parsed body; raise TooLarge or ParseError."""
        content = stream.read(MAX_BODY + 1)
        if len(content) > MAX_BODY:
            raise TooLarge(_("The body is larger than %(size)s MiB.") % {"size": MAX_BODY // 1024**2})
        try:
            return json.loads(content.decode("utf-8"), parse_float=Decimal, parse_constant=_no_constant)
        except (ValueError, RecursionError, ArithmeticError) as error:
            raise exceptions.ParseError(_("The body is not valid JSON in UTF-8.")) from error


# Who may


class MatrixPermission(BasePermission):
    """Asks the role matrix, and the scope of the token in use, for what the view says it needs."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """Tell whether the user's role holds the permission; raise ScopeMissing where only the token lacks it."""
        if not request.user or not request.user.is_authenticated:
            return False
        scope, permission = view.needs(request.method)
        scopes = getattr(request.auth, "scopes", None)
        if scope and scopes is not None and scope not in scopes:
            raise ScopeMissing(_("The token lacks the scope “%(scope)s”.") % {"scope": scope})
        return not permission or bool(request.user.has_perm(permission))


class Methods(BaseMetadata):
    """OPTIONS answers the methods."""

    def determine_metadata(self, request: Any, view: Any) -> dict[str, Any]:
        """Return the methods of this address."""
        return {"methods": view.allowed_methods}


# Pages


def cursor_of(place: str) -> str:
    """Return the cursor that says where a page ended."""
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def place_of(cursor: str) -> str:
    """Return where the page ended that gave a cursor; raise ValueError where it is none."""
    try:
        return base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def cursor_unknown() -> exceptions.ValidationError:
    """Return the refusal of a cursor that no page gave."""
    return exceptions.ValidationError({"cursor": [_("This cursor was not given by this API.")]})


class CursorPages(BasePagination):
    """Pages by the unique key: rows that come or go meanwhile neither repeat nor hide others.

    A view may name a date that leads the order, by which the rows it was asked for are indexed.
    """

    page_size = 100
    max_page_size = 500

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        """Return one page of the view's columns of the rows, in the order of the key."""
        self.request = request
        size = self._size(request.query_params.get("page_size"))
        day = view.leading_date(request.query_params)
        cursor = request.query_params.get("cursor")
        if cursor is not None:
            queryset = queryset.filter(self._after(cursor, day))
        place = [day] if day else []
        rows = list(view.columns(queryset, *place).order_by(*place, "pk")[: size + 1])
        self.last = self._cursor(rows[size - 1], day) if len(rows) > size else None
        return rows[:size]

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with the address of the next one, or null on the last."""
        following = None
        if self.last is not None:
            following = replace_query_param(self.request.build_absolute_uri(), "cursor", self.last)
        return Response({"next": following, "results": data})

    def whole(self, queryset: Any, request: Any, view: Any) -> tuple[Any, dict[str, str]]:
        """Return all rows in the order of the pages, and the headers that say of a file what else a page says."""
        day = view.leading_date(request.query_params)
        return queryset.order_by(*([day] if day else []), "pk"), {}

    def _size(self, text: str | None) -> int:
        if text is None:
            return self.page_size
        size = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0
        if not 1 <= size <= self.max_page_size:
            message = _("Enter a whole number from 1 to %(most)s.") % {"most": self.max_page_size}
            raise exceptions.ValidationError({"page_size": [message]})
        return size

    def _cursor(self, row: Sequence[Any], day: str) -> str:
        return cursor_of(f"{row[1].isoformat()} {row[0]}" if day else f"{row[0]}")

    def _after(self, cursor: str, day: str) -> Q:
        """Return the condition of the rows behind the cursor."""
        try:
            first, _space, last = place_of(cursor).rpartition(" ")
            key = int(last)
            on = date.fromisoformat(first) if day else None
        except ValueError:
            key, on, first = -1, None, ""
        if not 0 <= key <= MAX_KEY or bool(first) != bool(day):
            raise cursor_unknown()
        if on is None:
            return Q(pk__gt=key)
        return Q(**{f"{day}__gte": on}) & (Q(**{f"{day}__gt": on}) | Q(pk__gt=key))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameters of a page."""
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [
            {"name": "cursor", "in": "query", "schema": {"type": "string"}, "description": "Taken from `next`."},
            {"name": "page_size", "in": "query", "schema": size, "description": "Rows a page."},
        ]

    def get_paginated_response_schema(self, schema: Any) -> dict[str, Any]:
        """Describe a page."""
        following = {"type": "string", "format": "uri", "nullable": True, "description": "The next page, or null."}
        return {
            "type": "object",
            "required": ["next", "results"],
            "properties": {"next": following, "results": schema},
        }

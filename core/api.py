"""REST building blocks: reads as plain rows from one declaration of fields, cursor pages, one error shape.

Reads make no model objects and run no serializers: a declaration `fields` (name in the answer -> lookup) becomes one
`values_list` query. The OpenAPI document is derived from the same declaration (core.schema).
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar

import django_filters
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Case, F, Value, When
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, status
from rest_framework.generics import GenericAPIView
from rest_framework.metadata import BaseMetadata
from rest_framework.pagination import BasePagination
from rest_framework.parsers import BaseParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import set_rollback
from rest_framework.viewsets import ViewSetMixin

from core.errors import DomainError
from core.scope import permission_name, visibility
from core.throttles import AddressThrottle, TokenThrottle

__all__ = ["AddressThrottle", "CursorPages", "MatrixPermission", "TokenThrottle", "error_response"]

MAX_BODY = 10 * 1024 * 1024
MAX_KEY = 2**63 - 1


# What goes wrong


class TooLarge(exceptions.APIException):
    """The body is larger than the API reads."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = gettext_lazy("The request is too large.")


class Conflict(exceptions.APIException):
    """The request contradicts what is there."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"


class ScopeMissing(exceptions.PermissionDenied):
    """The token is good, but not for this."""

    default_code = "scope_missing"


class RowsRefused(exceptions.APIException):
    """Rows of a bulk write cannot go in; `problems` says row, column, value and reason of each."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "rows_refused"

    def __init__(self, message: str, problems: Sequence[Mapping[str, Any]]):
        super().__init__(message)
        self.problems = list(problems)


def error_body(code: str, message: Any, fields: Any = None, problems: Any = None) -> dict[str, Any]:
    """Return the one shape of every refusal."""
    body = {"code": code, "message": str(message), "fields": fields or {}}
    return {"error": body if problems is None else {**body, "problems": problems}}


def error_response(error: Exception, _context: Any = None) -> Response | None:
    """Return the answer to an exception raised in an API view, or None for one that nobody expected."""
    set_rollback()
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, RequestDataTooBig):
        error = TooLarge()
    elif isinstance(error, DomainError):
        error = Conflict(str(error), "refused")
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return Response(_error_of(error), status=error.status_code, headers=headers)


def _error_of(error: exceptions.APIException) -> dict[str, Any]:
    detail = error.detail
    if isinstance(detail, dict):
        fields = {str(name): [str(text) for text in _flat(texts)] for name, texts in detail.items()}
        return error_body("invalid", _("The request is not valid."), fields)
    text = " ".join(str(one) for one in _flat(detail))
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else "invalid"
    return error_body(code, text, problems=getattr(error, "problems", None))


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


class CursorPages(BasePagination):
    """Pages by the unique key: rows that come or go meanwhile neither repeat nor hide others."""

    page_size = 100
    max_page_size = 500

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        """Return one page of rows, in the order of the key, whose first column is the key."""
        self.request = request
        size = self._size(request.query_params.get("page_size"))
        cursor = request.query_params.get("cursor")
        if cursor is not None:
            queryset = queryset.filter(pk__gt=self._place(cursor))
        rows = list(queryset.order_by("pk")[: size + 1])
        self.last = rows[size - 1][0] if len(rows) > size else None
        return rows[:size]

    def get_paginated_response(self, data: Any) -> Response:
        """Return the page with the address of the next one, or null on the last."""
        following = None
        if self.last is not None:
            cursor = base64.urlsafe_b64encode(b"%d" % self.last).decode().rstrip("=")
            following = replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)
        return Response({"next": following, "results": data})

    def _size(self, text: str | None) -> int:
        if text is None:
            return self.page_size
        size = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0
        if not 1 <= size <= self.max_page_size:
            message = _("Enter a whole number from 1 to %(most)s.") % {"most": self.max_page_size}
            raise exceptions.ValidationError({"page_size": [message]})
        return size

    def _place(self, cursor: str) -> int:
        try:
            place = int(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        except (ValueError, binascii.Error):
            place = -1
        if not 0 <= place <= MAX_KEY:
            raise exceptions.ValidationError({"cursor": [_("This cursor was not given by this API.")]})
        return place

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


class ApiFilterSet(django_filters.FilterSet):
    """Filters of an API list; a parameter that does not exist is refused, not ignored."""

    class Meta:
        fields: ClassVar[list[str]] = []


class WholeNumberFilter(django_filters.NumberFilter):
    """A filter by a whole number that fits the column."""

    field_class = django_filters.filters.forms.IntegerField

    def get_max_validator(self) -> MaxValueValidator:
        """Return the limit of a 64-bit key."""
        return MaxValueValidator(MAX_KEY)


# Views


class ApiView(GenericAPIView):
    """What all API views share. `scope_of` and `permission_of` give, by method, what it asks of token and role."""

    scope_of: ClassVar[Mapping[str, str]] = {}
    permission_of: ClassVar[Mapping[str, str]] = {}
    metadata_class = Methods
    tag: ClassVar[str] = ""

    def needs(self, method: str) -> tuple[str, str]:
        """Return the token scope and the permission that `method` asks for, each possibly empty."""
        method = "GET" if method in {"HEAD", "OPTIONS"} and "GET" in self.scope_of else method
        return self.scope_of.get(method, ""), self.permission_of.get(method, "")

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Find out who asks and count it, also where they are refused; then ask what they may."""
        self.format_kwarg = None
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        request.version, request.versioning_scheme = self.determine_version(request, *args, **kwargs)
        try:
            self.perform_authentication(request)
        except exceptions.AuthenticationFailed:
            self.check_throttles(request)
            raise
        self.check_throttles(request)
        self.check_permissions(request)


class ReadViewSet(ViewSetMixin, ApiView):
    """List and retrieve the rows of a model that the user may see.

    `fields` maps names in the answer to lookups; `guards` names fields that speak of another scoped row, with the
    relation: they are null where that row is not visible. The address of one row is its `lookup_field`.
    """

    model: ClassVar[Any] = None
    fields: ClassVar[Mapping[str, str]] = {}
    guards: ClassVar[Mapping[str, str]] = {}
    notes: ClassVar[Mapping[str, str]] = {}
    resource: ClassVar[str] = ""
    lookup_field = "pk"
    lookup_value_regex = "[^/]+"

    def needs(self, method: str) -> tuple[str, str]:
        """Return the scope that reads this resource and the permission to view its model."""
        return f"{self.resource}:read", permission_name(self.model, "view")

    def get_queryset(self) -> Any:
        """Return the rows the user may see."""
        if getattr(self, "swagger_fake_view", False):
            return self.model.objects.none()
        return self.model.objects.visible_to(self.request.user)

    def columns(self, queryset: Any) -> Any:
        """Return `queryset` as tuples: the key, then the fields in order."""
        lookups, guarded = [], {}
        for name, lookup in self.fields.items():
            relation = self.guards.get(name)
            condition = relation and visibility(_related(self.model, relation), self.request.user, "view", via=relation)
            if relation and (condition is None or condition):
                guarded[f"shown_{name}"] = (
                    Value(None, models.CharField()) if condition is None else Case(When(condition, then=F(lookup)))
                )
                lookups.append(f"shown_{name}")
            else:
                lookups.append(lookup)
        return queryset.annotate(**guarded).values_list("pk", *lookups)

    def shown(self, rows: Iterable[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """Return rows of `columns` as dictionaries by field name."""
        names = tuple(self.fields)
        return [dict(zip(names, row[1:], strict=True)) for row in rows]

    def list(self, request: Any) -> Response:
        """Answer one page of the rows that match the filters."""
        known = {*self.filterset_class.base_filters, "cursor", "page_size"}
        if unknown := [name for name in request.query_params if name not in known]:
            raise exceptions.ValidationError({name: [_("There is no such parameter.")] for name in unknown})
        queryset = self.columns(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.shown(self.paginate_queryset(queryset)))

    def retrieve(self, request: Any, **kwargs: Any) -> Response:
        """Answer one row."""
        value = kwargs[self.lookup_field]
        if "\x00" in value or (self.lookup_field == "pk" and int(value) > MAX_KEY):
            raise Http404
        row = self.columns(self.get_queryset().filter(**{self.lookup_field: value})).first()
        if row is None:
            raise Http404
        return Response(self.shown([row])[0])


def _related(model: Any, path: str) -> Any:
    for name in path.split(LOOKUP_SEP):
        model = model._meta.get_field(name).related_model
    return model


class NoSuchAddress(ApiView):
    """Answers 404 in the one error shape wherever under /api/ there is nothing."""

    permission_classes: ClassVar[list[Any]] = []
    schema = None

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Refuse, whoever asks and with whatever method."""
        super().initial(request, *args, **kwargs)
        raise Http404

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Never reached."""
        raise Http404

    post = put = patch = delete = get



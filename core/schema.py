"""The OpenAPI document: derived from the declarations of the API views, so that it cannot say anything else."""

from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers
from rest_framework.response import Response

from core.api import JsonRenderer
from core.api_files import FORMAT, CsvRenderer, XlsxRenderer, model_column
from core.money import MoneyField
from core.resources import CHOICE, ApiView, ReadViewSet
from core.scope import is_hidden


class Problem(serializers.Serializer):
    """Why one row of a bulk write cannot go in."""

    row = serializers.IntegerField(allow_null=True, help_text="Counted from 1.")
    column = serializers.CharField(allow_blank=True)
    value = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()


class ErrorDetail(serializers.Serializer):
    """What is wrong."""

    code = serializers.CharField(help_text="For programs: does not change with the language.")
    message = serializers.CharField(help_text="For people.")
    fields = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), help_text="By parameter or field."
    )
    problems = Problem(many=True, required=False, help_text="By row, only from bulk writes; at most the first 100.")


class Error(serializers.Serializer):
    """The one shape of every refusal."""

    error = ErrorDetail()


REFUSALS = {
    400: ("The request is not valid.", "invalid", "Enter a valid date."),
    401: ("No token, or one that is unknown, expired or revoked.", "token_expired", "This token has expired."),
    403: (
        "The token lacks the scope, or the role the permission.",
        "scope_missing",
        "The token lacks the scope “products:read”.",
    ),
    404: ("There is no such row, or it is out of reach.", "not_found", "Not found."),
    405: ("Not with this method.", "method_not_allowed", "Method “PUT” not allowed."),
    406: (
        "Only JSON is spoken here, and of lists CSV and XLSX.",
        "not_acceptable",
        "Could not satisfy the request Accept header.",
    ),
    409: (
        "The Idempotency-Key belongs to another request, or the row moved on meanwhile.",
        "refused",
        "This Idempotency-Key was used before.",
    ),
    413: ("The body is larger than 10 MiB.", "too_large", "The request is too large."),
    415: (
        "Send what this operation reads: application/json, or multipart/form-data where it takes a file.",
        "unsupported_media_type",
        "Unsupported media type.",
    ),
    429: ("Too many requests; Retry-After says how long to wait.", "throttled", "Request was throttled."),
}


def refusal(status: int) -> OpenApiResponse:
    """Describe one refusal, with an example."""
    description, code, message = REFUSALS[status]
    example = OpenApiExample(code, value={"error": {"code": code, "message": message, "fields": {}}})
    return OpenApiResponse(Error, description=description, examples=[example])


def _described(view: Any, name: str, lookup: str) -> serializers.Field:
    """Return the field of the answer that the model's column at `lookup` makes."""
    if name in view.lists:
        options: dict[str, Any] = {"help_text": view.notes.get(name, ""), "required": False}
        return serializers.ListField(child=serializers.CharField(), **options)
    expression = view.computed.get(name)
    column, nullable = (expression.output_field, False) if expression else model_column(view.model, lookup)
    note = view.notes.get(name) or _sentence(column)
    if isinstance(column, models.GeneratedField):
        column = column.output_field
    # Not required: `fields` may leave it out.
    nullable = nullable or name in {*view.guards, *view.nulls} or is_hidden(None, view.model, lookup)
    options = {"help_text": note, "allow_null": nullable, "required": False}
    if column.choices:
        choices = dict(column.flatchoices)
        return serializers.ChoiceField(choices=list(choices.items()), allow_blank=column.blank, **options)
    if isinstance(column, MoneyField):
        return serializers.DecimalField(max_digits=19, decimal_places=4, **options)
    if isinstance(column, models.DecimalField):
        return serializers.DecimalField(max_digits=column.max_digits, decimal_places=column.decimal_places, **options)
    for kind, field in (
        (models.JSONField, serializers.DictField),
        (models.BooleanField, serializers.BooleanField),
        (models.DateTimeField, serializers.DateTimeField),
        (models.DateField, serializers.DateField),
        (models.IntegerField | models.AutoField | models.ForeignKey, serializers.IntegerField),
    ):
        if isinstance(column, kind):
            return field(**options)
    return serializers.CharField(**options)


def _sentence(column: Any) -> str:
    text = str(column.verbose_name)
    return text[:1].upper() + text[1:] + "." if not column.primary_key else "Key."


def _choice(view: ReadViewSet) -> OpenApiParameter:
    """Describe the parameter that names the fields of the answer."""
    names = {"type": "string", "enum": list(view.fields)}
    text = "Only these fields, separated by commas; all of them if left out."
    return OpenApiParameter(CHOICE, {"type": "array", "items": names, "minItems": 1}, explode=False, description=text)


def _format() -> OpenApiParameter:
    """Describe the parameter that asks for a file."""
    text = "As a file of all rows, without pages: CSV, or XLSX up to 100,000 rows. An Accept header does the same."
    names = [JsonRenderer.format, CsvRenderer.format, XlsxRenderer.format]
    return OpenApiParameter(FORMAT, str, enum=names, default=JsonRenderer.format, description=text)


@cache
def answer_of(view: type[ReadViewSet]) -> type[serializers.Serializer]:
    """Return the description of one row of a read view; nothing runs it."""
    fields: dict[str, Any] = {name: _described(view, name, lookup) for name, lookup in view.fields.items()}
    title = view.model._meta.object_name
    return type(title, (serializers.Serializer,), {**fields, "__doc__": view.__doc__})


class Schema(AutoSchema):
    """Describes one operation from the declaration of its view."""

    def documents(self) -> dict[str, Any]:
        """Return what an extra action says of its bodies."""
        action = getattr(self.view, getattr(self.view, "action", None) or "", None)
        return getattr(action, "documents", {})

    def get_tags(self) -> list[str]:
        """Group by resource."""
        return [getattr(self.view, "tag", "")]

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """Return what the view says of its rows, or what the action does."""
        if self.documents() or not isinstance(self.view, ReadViewSet):
            return str(super().get_description())
        text = " ".join((self.view.__doc__ or "").split())
        return text if self.view.action == "list" else f"One row of: {text}"

    def get_request_serializer(self) -> Any:
        """Return the body of an action."""
        return self.documents().get("request")

    def get_response_serializers(self) -> Any:
        """Return the answer and the refusals that this operation has."""
        found: Any = self.documents().get("response")
        files: dict[Any, Any] = {}
        refusals = [400, 401, 403, 406, 429]
        if kind := self.documents().get("file"):
            files = {(200, kind): OpenApiTypes.BINARY}
            refusals.append(404)
        elif found:
            refusals += [409, 413, 415] + [404] * bool(getattr(self.view, "detail", False))
        elif isinstance(self.view, ReadViewSet):
            found = answer_of(type(self.view))
            if self.view.action == "list":
                found = found(many=True)
                files = {
                    (200, CsvRenderer.media_type): OpenApiTypes.STR,
                    (200, XlsxRenderer.media_type): OpenApiTypes.BINARY,
                }
            else:
                refusals.append(404)
        answers = {**({} if kind else {200: found}), **{status: refusal(status) for status in sorted(refusals)}}
        return {(status, JsonRenderer.media_type): answer for status, answer in answers.items()} | files

    def get_override_parameters(self) -> list[Any]:
        """Add the choice of fields, what an action reads, and the header of writes that may be sent twice."""
        if not self.documents():
            if not isinstance(self.view, ReadViewSet):
                return []
            return [_choice(self.view), _format()] if self.view.action == "list" else [_choice(self.view)]
        if "parameters" in self.documents():
            return list(self.documents()["parameters"])
        text = "Chosen by the client; the same request with the same key gets the same answer, once done."
        return [OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description=text)]

    def get_examples(self) -> list[OpenApiExample]:
        """Return the examples of an action."""
        return list(self.documents().get("examples", []))


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes the token."""

    target_class = "accounts.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Return the scheme."""
        text = "A token that an administrator made: `Authorization: Bearer qd_…`."
        return {"type": "http", "scheme": "bearer", "description": text}


class ApiSchema(ApiView):
    """The OpenAPI document, for whoever is signed in or shows a token."""

    schema = None

    def get(self, request: Any) -> Response:
        """Answer the document."""
        with translation.override("en"):
            return Response(SchemaGenerator().get_schema(request=None, public=True))  # type: ignore[no-untyped-call]


@login_required
@require_GET
def api_documents(request: HttpRequest) -> HttpResponse:
    """Show the document as a page on which operations can be tried."""
    return TemplateResponse(request, "core/api_docs.html", {"title": _("API")})

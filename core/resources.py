"""Reads over REST: plain rows from one declaration of fields, filtered, in pages.

A read makes no model objects and runs no serializers: a declaration `fields` (name in the answer -> lookup) becomes
one `values_list` query. The OpenAPI document is derived from the same declaration (core.schema).
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Case, F, Value, When
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from core.api import MAX_KEY, JsonRenderer
from core.api_files import FILES, FORMAT, FieldTable, FormatNegotiation, field_column, file_of
from core.replica import report_rows
from core.scope import is_hidden, permission_name, visibility

CHOICE = "fields"
PAGING = ("cursor", "page_size")


class ApiFilterSet(django_filters.FilterSet):
    """Filters of an API list; a parameter that does not exist is refused, not ignored."""

    class Meta:
        fields: ClassVar[list[str]] = []


class IsoDateFilter(django_filters.DateFilter):
    """A filter by a date written as 2026-03-31, in whatever language."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, input_formats=["%Y-%m-%d"], **kwargs)


class MomentField(django_filters.fields.IsoDateTimeField):
    """A moment in ISO 8601, in UTC once read: databases know fewer offsets than the notation."""

    def clean(self, value: Any) -> datetime | None:
        """Return the moment in UTC; raise ValidationError where it lies outside the calendar."""
        moment = super().clean(value)
        try:
            return moment.astimezone(UTC) if moment else None
        except (OverflowError, ValueError) as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error


class MomentFilter(django_filters.IsoDateTimeFilter):
    """A filter by a moment in ISO 8601."""

    field_class = MomentField


class WholeNumberFilter(django_filters.NumberFilter):
    """A filter by a whole number that fits the column."""

    field_class = forms.IntegerField

    def get_max_validator(self) -> MaxValueValidator:
        """Return the limit of a 64-bit key."""
        return MaxValueValidator(MAX_KEY)


class Body(serializers.Serializer):
    """What is sent; a field that does not exist is refused, not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the values; raise ValidationError."""
        unknown = [str(name) for name in data if name not in self.fields] if isinstance(data, dict) else []
        if unknown:
            known = ", ".join(name for name, field in self.fields.items() if not field.read_only)
            reason = _("There is no such field; the fields are %(fields)s.") % {"fields": known}
            raise exceptions.ValidationError({name: [reason] for name in unknown})
        return super().to_internal_value(data)

    @classmethod
    def read(cls, request: Any) -> dict[str, Any]:
        """Return the values that a request sent; raise ValidationError."""
        body = cls(data=request.data)
        body.is_valid(raise_exception=True)
        found: dict[str, Any] = body.validated_data
        return found


class ApiView(GenericAPIView):
    """What all API views share. `scope_of` and `permission_of` give, by method, what it asks of token and role."""

    scope_of: ClassVar[Mapping[str, str]] = {}
    permission_of: ClassVar[Mapping[str, str]] = {}
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

    `fields` maps names in the answer to lookups, and `computed` some of these names to expressions that are read
    instead; `guards` names fields that speak of another scoped row, with the relation: they are null where that row is
    not visible, as are fields that the user may not see; `nulls` names more that are null for some. `lists` names
    fields whose lookup is a key, with what gives the texts behind many keys in one call. The address of one row is its
    `lookup_field`.
    """

    model: ClassVar[Any] = None
    fields: ClassVar[Mapping[str, str]] = {}
    computed: ClassVar[Mapping[str, Any]] = {}
    guards: ClassVar[Mapping[str, str]] = {}
    nulls: ClassVar[frozenset[str]] = frozenset()
    notes: ClassVar[Mapping[str, str]] = {}
    lists: ClassVar[Mapping[str, Callable[[list[Any]], Mapping[Any, list[str]]]]] = {}
    resource: ClassVar[str] = ""
    filterset_class: ClassVar[type[ApiFilterSet]]
    lookup_field = "pk"
    lookup_value_regex = "[^/]+"
    content_negotiation_class = FormatNegotiation

    def get_renderers(self) -> Any:
        """Return what is spoken: JSON, and of a list files too."""
        found = super().get_renderers()
        return [*found, *(one() for one in FILES)] if self.action == "list" else found

    def handle_exception(self, exc: Exception) -> Response:
        """Answer a refusal as JSON, whatever was asked for."""
        self.request.accepted_renderer, self.request.accepted_media_type = JsonRenderer(), JsonRenderer.media_type
        return super().handle_exception(exc)

    def needs(self, method: str) -> tuple[str, str]:
        """Return the scope that reads this resource and the permission to view its model."""
        return f"{self.resource}:read", permission_name(self.model, "view")

    def get_queryset(self) -> Any:
        """Return the rows the user may see."""
        if getattr(self, "swagger_fake_view", False):
            return self.model.objects.none()
        return self.model.objects.visible_to(self.request.user)

    def leading_date(self, params: Mapping[str, str]) -> str:
        """Return the column of dates, one of `fields`, that leads the order of the pages, or nothing."""
        return ""

    def chosen(self) -> Mapping[str, str]:
        """Return the fields that are asked for; raise ValidationError for one that there is not."""
        text = self.request.query_params.get(CHOICE)
        if text is None:
            return self.fields
        names = list(dict.fromkeys(name.strip() for name in text.split(",")))
        if unknown := [name for name in names if name not in self.fields]:
            message = _("There is no field “%(name)s”; there are %(names)s.")
            given = {"name": ", ".join(unknown), "names": ", ".join(self.fields)}
            raise exceptions.ValidationError({CHOICE: [message % given]})
        return {name: self.fields[name] for name in names}

    def columns(self, queryset: Any, *places: str) -> Any:
        """Return `queryset` as tuples: the key, then what the pages go by, then the fields that are asked for."""
        rows, lookups = self.looked_up(queryset)
        return rows.values_list("pk", *places, *lookups.values())

    def looked_up(self, queryset: Any) -> tuple[Any, dict[str, str]]:
        """Return `queryset` with what the fields that are asked for need, and at which lookup each is read."""
        user: Any = self.request.user
        lookups = dict(self.chosen())
        guarded: dict[str, Any] = {f"computed_{name}": self.computed[name] for name in lookups if name in self.computed}
        lookups |= {name: f"computed_{name}" for name in lookups if name in self.computed}
        for name in self.fields:
            if name in lookups and is_hidden(user, self.model, self.fields[name]):
                guarded[f"hidden_{name}"] = Value(None, models.CharField())
                lookups[name] = f"hidden_{name}"
        for name, relation in self.guards.items():
            if name not in lookups:
                continue
            condition = visibility(_related(self.model, relation), user, "view", via=relation)
            if condition is None:
                guarded[f"shown_{name}"] = Value(None, models.CharField())
            elif condition:
                guarded[f"shown_{name}"] = Case(When(condition, then=F(lookups[name])))
            if condition is None or condition:
                lookups[name] = f"shown_{name}"
        return queryset.annotate(**guarded), lookups

    def shown(self, rows: Iterable[tuple[Any, ...]] | None) -> list[dict[str, Any]]:
        """Return rows of `columns` as dictionaries by field name."""
        names = tuple(self.chosen())
        shown: list[dict[str, Any]] = [dict(zip(names, row[-len(names) :], strict=True)) for row in rows or ()]
        for name in set(names) & set(self.lists):
            found = self.lists[name]([one[name] for one in shown])
            for one in shown:
                one[name] = found.get(one[name], [])
        return shown

    def refuse_unknown(self, *known: str) -> None:
        """Refuse parameters that do not exist."""
        if unknown := [name for name in self.request.query_params if name not in known]:
            raise exceptions.ValidationError({name: [_("There is no such parameter.")] for name in unknown})

    def list(self, request: Any) -> Any:
        """Answer one page of the rows that match the filters, or a file of all of them."""
        filters = self.filterset_class.base_filters
        seen = [name for name in filters if not is_hidden(request.user, self.model, filters[name].field_name or "")]
        self.refuse_unknown(*seen, *PAGING, CHOICE, FORMAT)
        queryset = self.filter_queryset(self.get_queryset())
        if self.reports():
            queryset = report_rows(queryset)
        if request.accepted_renderer.format != JsonRenderer.format:
            return self.file(queryset, request.accepted_renderer.format)
        return self.get_paginated_response(self.shown(self.paginate_queryset(queryset)))

    def reports(self) -> bool:
        """Tell whether what is asked for may lag behind, and is read from the copy for reports."""
        return True

    def file(self, queryset: Any, kind: str) -> Any:
        """Answer all rows as a file, in the order of the pages."""
        if paging := [name for name in PAGING if name in self.request.query_params]:
            raise exceptions.ValidationError({name: [_("A file holds all rows; it has no pages.")] for name in paging})
        pages: Any = self.paginator
        whole, headers = pages.whole(queryset, self.request, self)
        rows, lookups = self.looked_up(whole)
        table = FieldTable(rows, tuple(field_column(self, name, path) for name, path in lookups.items()))
        return file_of(table, kind, self.resource, headers)

    def retrieve(self, request: Any, **kwargs: Any) -> Response:
        """Answer one row."""
        self.refuse_unknown(CHOICE)
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

    permission_classes = ()
    schema = None

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Refuse, whoever asks and with whatever method."""
        super().initial(request, *args, **kwargs)
        raise Http404

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Never reached."""
        raise Http404

    post = put = patch = delete = get

"""REST lists as files: all rows that match, without pages, as CSV or XLSX by the exports of the pages' lists."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation

from core.api import JsonRenderer
from core.exports import XLSX_AT_ONCE, XLSX_TYPE, csv_response, xlsx_response
from core.tables import Column, Table

FORMAT = "format"
FLAGS = {True: "true", False: "false"}


class CsvRenderer(JsonRenderer):
    """Stands for CSV where formats are chosen; what is refused is still JSON."""

    media_type = "text/csv"
    format = "csv"


class XlsxRenderer(JsonRenderer):
    """Stands for XLSX where formats are chosen."""

    media_type = XLSX_TYPE
    format = "xlsx"


FILES = (CsvRenderer, XlsxRenderer)


class FormatNegotiation(DefaultContentNegotiation):
    """Chooses by `format` where several are spoken, else by Accept."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: str | None = None) -> Any:
        """Return renderer and media type; raise ValidationError for a format that there is not."""
        asked = request.query_params.get(FORMAT)
        if asked is None or len(renderers) == 1:
            return super().select_renderer(request, renderers, format_suffix)
        for one in renderers:
            if one.format == asked:
                return one, one.media_type
        names = {"names": ", ".join(one.format for one in renderers)}
        raise exceptions.ValidationError({FORMAT: [_("There are these formats: %(names)s.") % names]})


class FieldTable(Table):
    """The rows of a list in an order that they have already, with the fields that were asked for."""

    def __init__(self, rows: QuerySet, columns: tuple[Column, ...]):
        super().__init__(rows)
        self.fields = columns

    @cached_property
    def shown(self) -> tuple[Column, ...]:
        """Return the fields."""
        return self.fields

    def ordered(self) -> QuerySet:
        """Return the rows as they are."""
        return self.queryset


def model_column(model: Any, lookup: str) -> tuple[Any, bool]:
    """Return the column of a model at a lookup, and whether it may be null there."""
    nullable, column = False, model._meta.pk
    for name in lookup.split(LOOKUP_SEP):
        try:
            column = model._meta.pk if name == "pk" else model._meta.get_field(name)
        except FieldDoesNotExist:
            column = model._meta.get_field(name.removesuffix("_id"))
        nullable = nullable or column.null or (column.one_to_one and not column.concrete)
        model = column.related_model
    return column, nullable


def field_column(view: Any, name: str, path: str) -> Column:
    """Return the column of a field of the answer, called and written as in JSON, read at `path`."""
    if name in view.lists:
        return Column(name, name, fetch=lambda keys: _joined(view.lists[name](keys)))
    expression = view.computed.get(name)
    column = expression.output_field if expression else model_column(view.model, view.fields[name])[0]
    if isinstance(column, models.DateField):
        return Column(name, name, path=path, kind="date")
    if isinstance(column, models.BooleanField):
        return Column(name, name, path=path, choices=FLAGS)
    return Column(name, name, path=path, places=getattr(column, "decimal_places", 0) or 0)


def _joined(texts: Mapping[Any, list[str]]) -> dict[Any, str]:
    return {key: ", ".join(found) for key, found in texts.items()}


def file_of(table: Table, kind: str, name: str, headers: Mapping[str, str]) -> Any:
    """Answer a table as a file: CSV as long as it is, XLSX up to the rows that one waits for."""
    if kind == CsvRenderer.format:
        response: Any = csv_response(table, name)
    else:
        if table.queryset.order_by()[: XLSX_AT_ONCE + 1].count() > XLSX_AT_ONCE:
            text = _("More than %(most)s rows do not go into XLSX here: filter the list, or ask for CSV.")
            raise exceptions.ValidationError({FORMAT: [text % {"most": f"{XLSX_AT_ONCE:,}"}]})
        response = xlsx_response(table, name)
    for header, value in headers.items():
        response[header] = value
    return response

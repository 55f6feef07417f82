"""The base of all filter sets: a search word, and choices only of rows the user may see."""

from collections.abc import Iterable
from typing import Any, ClassVar
from urllib.parse import urlencode

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet, is_hidden
from core.search import matching

MANY_CHOICES = 100


def _rows(field: Any) -> QuerySet:
    found: QuerySet = field.queryset
    return found


def _chosen(field: forms.ModelChoiceField, value: Any) -> list[Any]:
    try:
        found = field.clean(value) if value else None
    except ValidationError:
        return []
    return [found] if found else []


def _options(field: forms.ModelChoiceField, rows: Iterable[Any]) -> list[tuple[str, str]]:
    first = [("", str(field.empty_label))] if field.empty_label is not None else []
    return first + [(str(field.prepare_value(row)), field.label_from_instance(row)) for row in rows]


class BaseFilterSet(django_filters.FilterSet):
    """Adds `q`, a search over the index of `search_kind` or else over `search_fields`, and scopes related choices.

    What the reader may not see of a row is no filter either.
    """

    q = django_filters.CharFilter(method="search", label=_("Search"))

    search_fields: ClassVar[tuple[str, ...]] = ()
    search_kind: ClassVar[str] = ""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for name, one in list(self.filters.items()):
            if is_hidden(self.request.user, self.queryset.model, one.field_name or ""):
                del self.filters[name]
        for related in self.filters.values():
            queryset = getattr(related, "queryset", None)
            if isinstance(queryset, ScopedQuerySet):
                related.queryset = queryset.visible_to(self.request.user)

    @cached_property
    def form(self) -> Any:
        """Return the form; long lists of choices hold only what is chosen, the rest is fetched when asked for."""
        form = super().form
        for name, field in form.fields.items():
            if isinstance(field, forms.ModelChoiceField) and isinstance(field.widget, forms.Select):
                rows = list(_rows(field)[: MANY_CHOICES + 1])
                if len(rows) > MANY_CHOICES:
                    rows = _chosen(field, form.data.get(name))
                    field.widget.attrs["data-choices"] = name
                field.widget.choices = _options(field, rows)
        return form

    @property
    def qs(self) -> QuerySet:
        """Return the rows that match; none where a filter cannot be read, rather than rows that nobody asked for."""
        found: QuerySet = super().qs if self.is_valid() else self.queryset.none()
        return found

    def choices_of(self, name: str) -> list[tuple[str, str]] | None:
        """Return every choice of the filter `name` that the user may see, or None where it has no such list."""
        field = super().form.fields.get(name)
        return _options(field, _rows(field)) if isinstance(field, forms.ModelChoiceField) else None

    def search(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep the rows that hold every word in one of the search fields, or that the index finds."""
        if self.search_kind:
            return matching(queryset, self.search_kind, value)
        for word in value.replace("\x00", "").split()[:8]:
            match = Q()
            for field in self.search_fields:
                match |= Q(**{f"{field}__icontains": word})
            queryset = queryset.filter(match)
        return queryset

    def active(self) -> list[dict[str, Any]]:
        """Return the filters in force, each with the URL that clears it."""
        found = []
        self.is_valid()
        for name, field in self.form.fields.items():
            value = self.form.cleaned_data.get(name)
            if value in (None, "", []):
                continue
            choices = dict(getattr(field, "choices", [])) if not hasattr(value, "pk") else {}
            found.append({"label": field.label, "value": choices.get(value, value), "clear_url": self._without(name)})
        return found

    def wrong(self) -> list[dict[str, Any]]:
        """Return the filters that cannot be read, each with what was asked, why not, and the URL that clears it."""
        return [
            {
                "label": self.form.fields[name].label,
                "value": self.data.get(name),
                "reasons": reasons,
                "clear_url": self._without(name),
            }
            for name, reasons in self.form.errors.items()
        ]

    def _without(self, name: str) -> str:
        left = {
            key: self.data.getlist(key) for key in self.data if key not in {name, "page", "older", "newer", "export"}
        }
        return "?" + urlencode(left, doseq=True)

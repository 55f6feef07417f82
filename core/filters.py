"""The base of all filter sets: a search word, and choices only of rows the user may see."""

from typing import Any, ClassVar
from urllib.parse import urlencode

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.scope import ScopedQuerySet


class BaseFilterSet(django_filters.FilterSet):
    """Adds `q`, a search over `search_fields`, and scopes every related choice."""

    q = django_filters.CharFilter(method="search", label=_("Search"))

    search_fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for related in self.filters.values():
            queryset = getattr(related, "queryset", None)
            if isinstance(queryset, ScopedQuerySet):
                related.queryset = queryset.visible_to(self.request.user)

    def search(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep the rows that hold every word in one of the search fields."""
        for word in value.replace("\x00", "").split()[:8]:
            match = Q()
            for field in self.search_fields:
                match |= Q(**{f"{field}__icontains": word})
            queryset = queryset.filter(match)
        return queryset

    def active(self) -> list[dict[str, Any]]:
        """Return the filters in force, each with the URL that clears it."""
        found = []
        for name, field in self.form.fields.items():
            value = self.form.cleaned_data.get(name) if self.form.is_valid() else None
            if value in (None, "", []):
                continue
            left = {key: self.data.getlist(key) for key in self.data if key not in {name, "page"}}
            choices = dict(getattr(field, "choices", [])) if not hasattr(value, "pk") else {}
            text = choices.get(value, value)
            found.append({"label": field.label, "value": text, "clear_url": "?" + urlencode(left, doseq=True)})
        return found

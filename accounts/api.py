"""REST: territories."""

import django_filters
from django.db.models import QuerySet

from accounts.models import Territory
from accounts.selectors import subtree_of
from core.resources import ApiFilterSet, ReadViewSet


class TerritoryApiFilter(ApiFilterSet):
    """Territories by place in the tree and by level."""

    within = django_filters.CharFilter(method="in_subtree", label="Code of a territory: it and all below it.")
    parent = django_filters.CharFilter(field_name="parent__code", label="Code of the territory directly above.")
    level = django_filters.CharFilter(label="Level, exactly as the company calls it.")

    def in_subtree(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep a territory and what is below it."""
        return subtree_of(queryset, "path", value)


class TerritoryViewSet(ReadViewSet):
    """The territory tree, as far as the client's own territories reach."""

    model = Territory
    resource = "territories"
    tag = "Territories"
    lookup_field = "code"
    filterset_class = TerritoryApiFilter
    fields = {
        "id": "pk",
        "code": "code",
        "name": "name",
        "level": "level",
        "parent": "parent__code",
        "updated_at": "updated_at",
    }
    guards = {"parent": "parent"}
    notes = {"parent": "Code of the territory directly above; null at the top and where it is out of reach."}

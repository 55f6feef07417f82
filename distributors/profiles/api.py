"""REST: distributors with their standing, what happened to them, and their moves."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from rest_framework.decorators import action
from rest_framework.response import Response

from accounts.selectors import subtree_of
from core.resources import ApiFilterSet, MomentFilter, ReadViewSet, WholeNumberFilter
from distributors.profiles.models import Distributor, Lifecycle
from distributors.profiles.move_api import DOCUMENTED as MOVE
from distributors.profiles.move_api import move_answer
from distributors.profiles.tagging import tag_key, tags_listed
from distributors.profiles.timeline_api import DOCUMENTED, TimelineAnswer, timeline_answer


class DistributorApiFilter(ApiFilterSet):
    """Distributors by where they are, whose they are, and what they are."""

    code = django_filters.CharFilter(label="Code, exactly.")
    territory = django_filters.CharFilter(method="in_territory", label="Code of a territory: it and all below it.")
    owner = django_filters.CharFilter(
        field_name="owner__email", lookup_expr="iexact", label="E-mail of the owner, in any case."
    )
    type = django_filters.CharFilter(field_name="type__code", label="Code of the type.")
    tier = WholeNumberFilter(label="Tier: 1 buys from us, 2 from a tier 1.")
    state = django_filters.ChoiceFilter(choices=Lifecycle.choices, label="Lifecycle state.")
    abc = django_filters.CharFilter(field_name="standing__abc", max_length=1, label="ABC class in force.")
    tag = django_filters.CharFilter(method="with_tag", label="A tag, in any case.")
    changed_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", label="Changed at this moment or later (ISO 8601)."
    )

    def with_tag(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep the distributors that carry a tag."""
        return queryset.filter(taggings__tag__key=tag_key(value))

    def in_territory(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep the distributors of a territory and of all below it."""
        return subtree_of(queryset, "territory_path", value)


class DistributorViewSet(ReadViewSet):
    """Distributors of the client's territories, with the figures that the nightly work computed."""

    model = Distributor
    resource = "distributors"
    tag = "Distributors"
    lookup_field = "code"
    filterset_class = DistributorApiFilter
    fields = {
        "id": "pk",
        "code": "code",
        "legal_name": "legal_name",
        "short_name": "short_name",
        "other_name": "other_name",
        "type": "type__code",
        "tier": "tier",
        "buys_from": "parent__code",
        "state": "state",
        "territory": "territory__code",
        "owner": "owner__email",
        "city": "city",
        "currency": "currency",
        "registration_number": "registration_number",
        "tax_number": "tax_number",
        "founded_on": "founded_on",
        "registered_capital": "registered_capital",
        "website": "website",
        "cooperation_since": "cooperation_since",
        "merged_into": "merged_into__code",
        "net_sales_12m": "standing__net_sales_12m",
        "net_sales_before": "standing__net_sales_before",
        "growth": "standing__growth",
        "orders_12m": "standing__orders_12m",
        "first_sale_on": "standing__first_sale_on",
        "last_order_on": "standing__last_order_on",
        "sales_as_of": "standing__sales_as_of",
        "abc": "standing__abc",
        "volume_group": "standing__volume_group",
        "abc_rank": "standing__abc_rank",
        "abc_share": "standing__abc_share",
        "abc_as_of": "standing__abc_as_of",
        "completeness": "standing__completeness",
        "tags": "pk",
        "updated_at": "updated_at",
    }
    lists = {"tags": tags_listed}
    guards = {"buys_from": "parent", "merged_into": "merged_into"}
    notes = {
        "type": "Code of the type.",
        "buys_from": "Code of the distributor it buys from; null for tier 1 and where that one is out of reach.",
        "territory": "Code of the territory.",
        "owner": "E-mail of the owner.",
        "registered_capital": "In the distributor's `currency`, or in the base currency where that is empty.",
        "merged_into": "Code of the distributor that this duplicate was merged into.",
        "net_sales_12m": "Net sales of the last twelve full months in the base currency.",
        "net_sales_before": "Net sales of the twelve months before those.",
        "growth": "0.1250 is 12.5 %; null without sales before, and for a distributor that began after the first month "
        "of the twelve before.",
        "sales_as_of": "First day after the months that the sales figures cover.",
        "abc": "A, B, C, or N for new; empty before the first classification.",
        "volume_group": "Group by volume: 5, 3, 2, or N for new; empty before the first classification.",
        "abc_share": "Cumulative share of the population's sales, the distributor's own included.",
        "abc_as_of": "As-of date of the class.",
        "completeness": "How much of the card is filled in, per cent.",
        "tags": "The tags it carries, by name.",
    }

    @action(detail=True, methods=["get"], url_path="timeline", filterset_class=None, pagination_class=None)
    def timeline(self, request: Any, code: str = "") -> Response:
        """Answer what happened at a distributor, newest first; only what the token's other scopes may read."""
        row = None if "\x00" in code else self.get_queryset().filter(code=code).values_list("pk", flat=True).first()
        if row is None:
            raise Http404
        return timeline_answer(request, row)

    timeline.documents = {  # type: ignore[attr-defined]
        "request": None,
        "response": TimelineAnswer,
        "parameters": DOCUMENTED,
    }

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to move where something is moved."""
        return ("distributors:write", "profiles.move_distributor") if method == "POST" else super().needs(method)

    @action(detail=True, methods=["post"], url_path="move", filterset_class=None, pagination_class=None)
    def move(self, request: Any, code: str = "") -> Response:
        """Move a distributor; refused with 409 by any rule that stands against it, each named under `fields`."""
        return move_answer(request, code)

    move.documents = MOVE  # type: ignore[attr-defined]

"""How a kind of facts is read in pages and by what changed, and written in bulk, over REST."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, cast

import django_filters
from django.db.models import BigIntegerField, BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Coalesce
from rest_framework.decorators import action
from rest_framework.response import Response

from core.api import RowsRefused
from core.idempotency import idempotency_key, respond_once
from core.resources import ApiFilterSet, IsoDateFilter, ReadViewSet, WholeNumberFilter
from core.scope import permission_name
from distributors.ledger.api_documents import BulkAnswer, bulk_example, bulk_form, bulk_request
from distributors.ledger.bulk import BulkForm, bulk_rows, renamed
from distributors.ledger.increments import FactPages
from distributors.ledger.kinds.declaration import Kind
from distributors.ledger.querysets import RevisionQuerySet
from distributors.ledger.services import ImportRefused, facts_upsert
from distributors.profiles.models import Distributor

SINCE = "changed_since_batch"
REMOVED = "removed"


class FactApiFilter(ApiFilterSet):
    """What all facts are filtered by."""

    source = django_filters.CharFilter(field_name="source__code", label="Code of the source.")
    distributor = django_filters.CharFilter(
        field_name="distributor__code",
        method="of_distributor",
        label="Code of the distributor; cards merged into it count for it.",
    )
    date_from = IsoDateFilter(field_name="day", lookup_expr="gte", label="On this day or later.")
    date_to = IsoDateFilter(field_name="day", lookup_expr="lte", label="On this day or earlier.")
    changed_since_batch = WholeNumberFilter(
        method="pulled",
        label="Only what came into force, or went out of it, in batches after this one; 0 for everything in force.",
    )

    def of_distributor(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep the facts that count for a distributor."""
        keys = Distributor.objects.filter(code=value).values_list("pk", flat=True)
        return cast(QuerySet, cast(RevisionQuerySet, queryset).for_distributors(keys))

    def pulled(self, queryset: QuerySet, _name: str, _value: int) -> QuerySet:
        """Leave all rows: the pages go by what changed (distributors.ledger.increments)."""
        return queryset


class FactViewSet(ReadViewSet):
    """Facts in force of the client's distributors; those of `kind` are written as `form` says."""

    lookup_value_regex = "[0-9]{1,19}"
    pagination_class = FactPages
    computed: ClassVar[Mapping[str, Any]] = {
        "batch": Coalesce("superseded_by", "batch", output_field=BigIntegerField()),
        "removed": ExpressionWrapper(Q(superseded_by__isnull=False), output_field=BooleanField()),
    }
    kind: Any = None
    form: ClassVar[BulkForm]

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to write where facts are sent."""
        if method == "POST":
            return f"{self.resource}:write", permission_name(self.model, "add")
        return super().needs(method)

    def reach(self) -> Any:
        """Return all revisions that the user may see."""
        return super().get_queryset()

    def get_queryset(self) -> Any:
        """Return the current revisions the user may see."""
        return self.reach().filter(superseded_by=None)

    def since(self) -> int | None:
        """Return the batch after which changes are asked for, None where they are not."""
        text = self.request.query_params.get(SINCE)
        found: int | None = self.filterset_class.base_filters[SINCE].field.clean(text)
        return None if found is None else max(found, 0)

    def reports(self) -> bool:
        """Read what changed where it is written: batches and rows must be of one moment."""
        return self.since() is None

    def narrowed_by_changes(self, fixed: Collection[str]) -> bool:
        """Tell whether a filter that is in use asks for columns other than `fixed`, which a correction may change."""
        for name, one in self.filterset_class.base_filters.items():
            column = one.field_name.split("__")[0]
            if name != SINCE and name in self.request.query_params and not {column, f"{column}_id"} & set(fixed):
                return True
        return False

    def chosen(self) -> Mapping[str, str]:
        """Tell of changes always which of them are rows that went."""
        names = super().chosen()
        return names if self.action != "list" or self.since() is None else {**names, REMOVED: self.fields[REMOVED]}

    def leading_date(self, params: Mapping[str, str]) -> str:
        """Let the date lead where it is what narrows the rows: each page is then read by the index of dates."""
        narrower = {"distributor", SINCE, "external_id", "number"} & set(params)
        return "day" if {"date_from", "date_to"} & set(params) and not narrower else ""

    def upsert(self, request: Any) -> Response:
        """Bring in the rows of a bulk body, once for each idempotency key."""
        source, rows = bulk_rows(request.data, self.form)
        key = idempotency_key(request)

        def work() -> dict[str, Any]:
            try:
                return facts_upsert(actor=request.user, kind=self.kind, source_code=source, rows=rows, key=key or None)
            except ImportRefused as error:
                raise RowsRefused(str(error), [renamed(problem, self.form) for problem in error.problems]) from error

        return respond_once(request, f"{self.resource}/bulk", work)


def fact_resource(kind: Kind, columns: dict[str, str], example: dict[str, str]) -> type[FactViewSet]:
    """Return the base of a resource that is written by the rules of `kind`, its fields called as in `columns`."""
    request = bulk_request(kind, columns)

    class WrittenViewSet(FactViewSet):
        form = bulk_form(kind, columns)

        @action(detail=False, methods=["post"], url_path="bulk", filterset_class=None, pagination_class=None)
        def bulk(self, request: Any) -> Response:
            """Add up to 5,000 rows, or correct those whose key is there: all of them, or none."""
            return self.upsert(request)

        bulk.documents = {  # type: ignore[attr-defined]  # read by the schema
            "request": request,
            "response": BulkAnswer,
            "examples": bulk_example(example),
        }

    WrittenViewSet.kind = kind
    return WrittenViewSet

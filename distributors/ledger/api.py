"""REST: products and sale lines."""

from decimal import Decimal
from typing import Any

import django_filters
from django.utils.translation import gettext as _
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from core.api import RowsRefused
from core.idempotency import answer_once, digest_of
from core.resources import ApiFilterSet, IsoDateFilter, ReadViewSet, WholeNumberFilter
from distributors.ledger.api_documents import BULK_EXAMPLES, BulkAnswer, BulkRequest, SaleLineInput
from distributors.ledger.models import LineKind, OrderType, Product, SaleLine
from distributors.ledger.services import ImportRefused, sale_lines_upsert

MAX_LINES = 5000
PLAIN_DIGITS = 40
COLUMNS = {"date": "day", "order": "order_number"}


class ProductApiFilter(ApiFilterSet):
    """Products by key, line and brand."""

    source = django_filters.CharFilter(field_name="source__code", label="Code of the source.")
    sku = django_filters.CharFilter(label="SKU, exactly; unique within a source.")
    line = django_filters.CharFilter(field_name="line__code", label="Code of the product line.")
    brand = django_filters.CharFilter(label="Brand, exactly.")


class ProductViewSet(ReadViewSet):
    """What is sold; the key in other systems is source and SKU."""

    model = Product
    resource = "products"
    tag = "Products"
    lookup_value_regex = "[0-9]{1,19}"
    filterset_class = ProductApiFilter
    fields = {
        "id": "pk",
        "source": "source__code",
        "sku": "sku",
        "name": "name",
        "line": "line__code",
        "brand": "brand",
        "base_unit": "base_unit",
        "launched_on": "launched_on",
        "list_price": "list_price",
        "floor_price": "floor_price",
        "cost": "cost",
    }
    notes = {"source": "Code of the source.", "line": "Code of the product line."}


class SaleLineApiFilter(ApiFilterSet):
    """Sale lines by distributor, product, date, kind, order and batch."""

    source = django_filters.CharFilter(field_name="source__code", label="Code of the source.")
    external_id = django_filters.CharFilter(label="Key of the line in its source.")
    distributor = django_filters.CharFilter(field_name="distributor__code", label="Code of the distributor.")
    product = django_filters.CharFilter(field_name="product__sku", label="SKU of the product.")
    date_from = IsoDateFilter(field_name="day", lookup_expr="gte", label="On this day or later.")
    date_to = IsoDateFilter(field_name="day", lookup_expr="lte", label="On this day or earlier.")
    kind = django_filters.ChoiceFilter(choices=LineKind.choices, label="Which movement of goods.")
    order_type = django_filters.ChoiceFilter(choices=OrderType.choices, label="On what terms.")
    order = django_filters.CharFilter(field_name="order_number", label="Number of the order.")
    changed_since_batch = WholeNumberFilter(
        field_name="batch", lookup_expr="gt", label="Only what came in batches after this one; 0 for everything."
    )


class SaleLineViewSet(ReadViewSet):
    """The current revision of each sale line of the client's distributors."""

    model = SaleLine
    resource = "sale-lines"
    tag = "Sale lines"
    lookup_value_regex = "[0-9]{1,19}"
    filterset_class = SaleLineApiFilter
    fields = {
        "id": "pk",
        "source": "source__code",
        "external_id": "external_id",
        "revision": "revision",
        "batch": "batch_id",
        "distributor": "distributor__code",
        "product": "product__sku",
        "date": "day",
        "kind": "kind",
        "order_type": "order_type",
        "quantity": "quantity",
        "unit": "unit",
        "base_quantity": "base_quantity",
        "amount": "amount",
        "tax": "tax",
        "cost": "cost",
        "currency": "currency",
        "base_amount": "base_amount",
        "base_tax": "base_tax",
        "base_cost": "base_cost",
        "order": "order_number",
        "promotion": "promotion",
        "salesperson": "salesperson",
        "ship_to": "ship_to",
        "buyer": "buyer",
        "serial": "serial",
        "promised_on": "promised_on",
        "delivered_on": "delivered_on",
    }
    notes = {
        "id": "Key of this revision; a correction has a new one. The key of the line is source and external_id.",
        "source": "Code of the source.",
        "batch": "Batch in which this revision became true.",
        "distributor": "Code of the distributor.",
        "product": "SKU of the product, within the source.",
    }

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to write where lines are sent."""
        return ("sale-lines:write", "ledger.add_saleline") if method == "POST" else super().needs(method)

    def get_queryset(self) -> Any:
        """Return the current revisions the user may see."""
        return super().get_queryset().filter(superseded_by=None)

    @action(detail=False, methods=["post"], url_path="bulk", filterset_class=None, pagination_class=None)
    def bulk(self, request: Any) -> Response:
        """Add up to 5,000 lines, or correct those whose key is there: all of them, or none."""
        source, rows = bulk_rows(request.data)
        key = idempotency_key(request)

        def work() -> dict[str, Any]:
            try:
                return sale_lines_upsert(actor=request.user, source_code=source, rows=rows, key=key or None)
            except ImportRefused as error:
                raise RowsRefused(str(error), [_renamed(problem) for problem in error.problems]) from error

        if not key:
            return Response(work())
        digest = digest_of("sale-lines/bulk", request.data)
        answer, repeated = answer_once(user=request.user, key=key, digest=digest, work=work)
        return Response(answer, headers={"Idempotent-Replayed": "true"} if repeated else None)

    bulk.documents = {"request": BulkRequest, "response": BulkAnswer, "examples": BULK_EXAMPLES}  # type: ignore[attr-defined]


def idempotency_key(request: Any) -> str:
    """Return the key of a write that may be sent twice, empty where there is none."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > 120 or not key.isascii() or not key.isprintable():
        raise ValidationError({"Idempotency-Key": [_("At most 120 printable ASCII characters.")]})
    return str(key)


def bulk_rows(data: Any) -> tuple[str, list[dict[str, str]]]:
    """Return the source and the lines of a bulk body as text; raise ValidationError or RowsRefused."""
    fields: dict[str, list[str]] = {}
    source, lines = (data.get("source"), data.get("lines")) if isinstance(data, dict) else (None, None)
    if not isinstance(source, str) or not 1 <= len(source) <= 40 or _bad_text(source):
        fields["source"] = [_("Name the code of a source.")]
    if not isinstance(lines, list) or not 1 <= len(lines) <= MAX_LINES:
        fields["lines"] = [_("Send a list of 1 to %(most)s lines.") % {"most": MAX_LINES}]
    if isinstance(data, dict):
        fields |= {str(name): [_("There is no such field.")] for name in data if name not in {"source", "lines"}}
    if fields or source is None or lines is None:
        raise ValidationError(fields)
    problems: list[dict[str, Any]] = []
    rows = [_row(number, line, problems) for number, line in enumerate(lines, 1)]
    if problems:
        message = _("%(count)s values cannot be read; nothing was changed.") % {"count": len(problems)}
        raise RowsRefused(message, problems)
    return source, rows


def _row(number: int, line: Any, problems: list[dict[str, Any]]) -> dict[str, str]:
    if not isinstance(line, dict):
        problems.append({"row": number, "column": "", "value": "", "reason": _("A line is an object.")})
        return {}
    row: dict[str, str] = {}
    for name, value in line.items():
        if name not in SaleLineInput.names():
            reason = _("There is no such field.")
        elif isinstance(value, bool | list | dict):
            reason = _("Send a text, a number or null.")
        elif isinstance(value, str) and _bad_text(value):
            reason = _("This is not text: it holds characters that no text has.")
        else:
            row[str(COLUMNS.get(name, name))] = _text(value)
            continue
        shown = str(name).encode(errors="replace").decode()[:80]
        problems.append({"row": number, "column": shown, "value": "", "reason": reason})
    return row


def _renamed(problem: dict[str, Any]) -> dict[str, Any]:
    """Return a problem with the column as the API calls it."""
    names = {column: name for name, column in COLUMNS.items()}
    return {**problem, "column": names.get(problem["column"], problem["column"])}


def _bad_text(value: str) -> bool:
    try:
        return b"\x00" in value.encode()
    except UnicodeEncodeError:
        return True


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) < PLAIN_DIGITS:
        return format(value, "f")
    return str(value)

"""Open items, invoices, payments, orders, stock, targets and occurrences as sections."""

from typing import Any, ClassVar

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.scope import permission_name
from core.sections import ListView, Section
from distributors.ledger.fact_filters import (
    InvoiceFilter,
    OccurrenceFilter,
    OpenItemFilter,
    OrderFilter,
    PaymentFilter,
    StockFilter,
    TargetFilter,
)
from distributors.ledger.fact_tables import (
    InvoiceTable,
    OccurrenceTable,
    OpenItemTable,
    OrderTable,
    PaymentTable,
    StockTable,
    TargetTable,
)
from distributors.ledger.records import Invoice, Occurrence, OpenItem, Order, Payment, StockSnapshot, Target
from distributors.profiles.models import Distributor

SHARED = ("distributor", "territory", "owner")
NAME = Coalesce(NullIf("distributor__short_name", Value("")), "distributor__legal_name")


class FactListView(ListView):
    """A list of facts, with the ways to the others, kept to the same distributors."""

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Name the distributor, and lead to the other lists of the same distributor, territory and owner."""
        chosen = context["filterset"].form.cleaned_data.get("distributor")
        kept = {name: self.request.GET[name] for name in SHARED if self.request.GET.get(name)}
        query = f"?{urlencode(kept)}" if kept else ""
        if isinstance(chosen, Distributor):
            context["subtitle"] = str(chosen)
        context |= {"section": self.section, "siblings": self._siblings(query), "empty": self._empty()}
        if template != "list":
            return super().render(template, status, **context)
        return TemplateResponse(self.request, "ledger/fact_list.html", context, status=status)

    def _siblings(self, query: str) -> list[dict[str, Any]]:
        return [
            {"label": one.title, "url": one.url("list") + query, "active": one is self.section}
            for one in FACT_SECTIONS
            if self.request.user.has_perm(permission_name(one.model, "view"))
        ]

    def _empty(self) -> dict[str, Any]:
        return {
            "title": _now("Nothing matches"),
            "text": _now("What the ERP sends, by file or over REST, stands here."),
        }


class FactRows:
    """What the lists of facts share: no page for one row, the name of the distributor, revisions in force."""

    model: ClassVar[Any]
    has_detail: ClassVar[bool] = False
    list_view: ClassVar[Any] = FactListView

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return the facts in force with the name of their distributor."""
        rows: QuerySet = cls.model.objects.current().annotate(distributor_name=NAME)
        return rows


class OpenItemList(FactListView):
    """The list, which begins with the invoices: credits that wait for one are asked for."""

    def get(self, request: Any) -> Any:
        """Show the invoices where nothing is asked for."""
        if not request.GET:
            request.GET = request.GET.copy()
            request.GET["kind"] = OpenItem.Kind.INVOICE
        return super().get(request)


class OpenItemSection(FactRows, Section):
    """What is open, whoever owes it."""

    model = OpenItem
    title = _("Open items")
    singular = _("open item")
    slug = "open-items"
    table = OpenItemTable
    filterset = OpenItemFilter
    list_view = OpenItemList

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return the open items with their number."""
        number = Coalesce("invoice__external_id", "payment__external_id")
        rows: QuerySet = OpenItem.objects.annotate(distributor_name=NAME, number=number)
        return rows


class InvoiceSection(FactRows, Section):
    """Invoices and credit notes in force."""

    model = Invoice
    title = _("Invoices")
    singular = _("invoice")
    table = InvoiceTable
    filterset = InvoiceFilter


class PaymentSection(FactRows, Section):
    """Payments in force."""

    model = Payment
    title = _("Payments")
    singular = _("payment")
    table = PaymentTable
    filterset = PaymentFilter


class OrderSection(FactRows, Section):
    """Orders in force."""

    model = Order
    title = _("Orders")
    singular = _("order")
    table = OrderTable
    filterset = OrderFilter


class StockSection(FactRows, Section):
    """Stock in force."""

    model = StockSnapshot
    title = _("Stock")
    singular = _("stock")
    slug = "stock"
    table = StockTable
    filterset = StockFilter


class TargetSection(FactRows, Section):
    """Targets in force."""

    model = Target
    title = _("Targets")
    singular = _("target")
    table = TargetTable
    filterset = TargetFilter

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return the targets in force with the name of whose they are."""
        return super().queryset().annotate(owner_name=Coalesce("distributor_name", "person__name", "territory__name"))


class OccurrenceSection(FactRows, Section):
    """Occurrences in force."""

    model = Occurrence
    title = _("Occurrences")
    singular = _("occurrence")
    table = OccurrenceTable
    filterset = OccurrenceFilter


FACT_SECTIONS = (
    OpenItemSection,
    InvoiceSection,
    PaymentSection,
    OrderSection,
    StockSection,
    TargetSection,
    OccurrenceSection,
)

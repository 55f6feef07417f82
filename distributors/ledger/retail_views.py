"""The tab of retail prices on a distributor's page, its form, and their list."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from core.company import company
from core.errors import DomainError
from core.money import AmountField
from core.scope import require_permission
from core.sections import Section
from core.tables import Column, Row, Table
from distributors.ledger.models import Product, RetailPrice
from distributors.ledger.retail_selectors import price_chart, price_rows, prices_of, products_in
from distributors.ledger.retail_services import retail_price_add, retail_price_remove
from distributors.profiles.filters import CoverFilter, DistributorCodeFilter
from distributors.profiles.page import distributor_for, may, tab_response


def _door(request: Any, pk: int) -> Any:
    """Return the distributor of which the user may note prices: refused without the right, 404 out of reach."""
    if request.user.reach("ledger.add_retailprice") is None:
        raise PermissionDenied
    return distributor_for(request, pk, "change")


@require_GET
def distributor_prices(request: Any, pk: int) -> HttpResponse:
    """Show what our goods cost where a distributor sells them, one product over time."""
    require_permission(request.user, "ledger.view_retailprice")
    distributor = distributor_for(request, pk)
    rows = prices_of(request.user, pk)
    product, links = products_in(rows, request.GET.get("product", ""), request.path)
    context = {
        "products": links,
        "product": product,
        "chart": price_chart(rows, product, company().base_currency) if product else None,
        "prices": price_rows(rows, product) if product else [],
        "list_url": f"{reverse('ledger:retailprice-list')}?distributor={distributor.code}",
        "may_change": distributor.merged_into_id is None and may(request.user, "change", pk),
    }
    return tab_response(request, distributor, "prices", "ledger/_distributor_prices.html", context)


class PriceForm(forms.Form):
    """A price that was seen: the product by its SKU."""

    sku = forms.CharField(label=_("SKU"), max_length=60, help_text=_("Of the product, as the list of products has it."))
    place = forms.CharField(
        label=_("where"),
        max_length=120,
        required=False,
        help_text=_("The outlet or shop; empty: at the distributor itself."),
    )
    price = AmountField(
        label=_("price"),
        max_digits=18,
        decimal_places=4,
        help_text=_("As list prices are given: with tax where those have it."),
    )
    currency = forms.CharField(label=_("currency"), max_length=3)
    seen_on = forms.DateField(label=_("seen on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def clean_sku(self) -> str:
        """Find the product."""
        found = Product.objects.filter(sku=self.cleaned_data["sku"].strip()).order_by("pk").first()
        if found is None:
            raise ValidationError(_now("There is no product with this SKU."))
        self.cleaned_data["product"] = found
        return found.sku

    def clean_currency(self) -> str:
        """Return the currency in capitals."""
        return str(self.cleaned_data["currency"]).upper()


@require_http_methods(["GET", "POST"])
def price_add(request: Any, pk: int) -> HttpResponse:
    """Note a price that was seen."""
    distributor = _door(request, pk)
    first = {"seen_on": clock.today(), "currency": distributor.currency or company().base_currency}
    form = PriceForm(request.POST if request.method == "POST" else None, initial=first)
    back = reverse("ledger:distributor-prices", args=[pk])
    if form.is_valid():
        given = {name: value for name, value in form.cleaned_data.items() if name != "sku"}
        try:
            made = retail_price_add(actor=request.user, distributor=distributor, **given)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _now("Saved."))
            return redirect(f"{back}?product={made.product_id}")
    context = {
        "form": form,
        "title": _now("%(part)s: %(name)s") % {"part": _now("Price at retail"), "name": distributor},
        "submit_label": _now("Save"),
        "cancel_url": back,
    }
    return TemplateResponse(request, "core/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def price_remove(request: Any, pk: int, retailprice_pk: int) -> HttpResponse:
    """Remove a price, once it was said what that means."""
    distributor = _door(request, pk)
    row = get_object_or_404(RetailPrice.objects.select_related("product"), pk=retailprice_pk, distributor=distributor)
    back = reverse("ledger:distributor-prices", args=[pk])
    if request.method == "POST":
        row.distributor = distributor
        retail_price_remove(actor=request.user, row=row)
        messages.success(request, _now("“%(row)s” is removed.") % {"row": row})
        return redirect(back)
    context = {
        "title": _now("Remove this price?"),
        "text": f"{row.product}, {row}: {row.price.normalize():f} {row.currency}",
        "submit_label": _now("Remove"),
        "cancel_url": back,
    }
    return TemplateResponse(request, "core/confirm.html", context)


class RetailPriceTable(Table):
    """Prices at retail, the latest first."""

    columns_declared = (
        Column("seen_on", _("Seen on"), kind="date"),
        Column("product", _("Product"), path="product__name", sub="product__sku", sort="", kind="link"),
        Column("distributor", _("Distributor"), path="distributor_name", sub="distributor__code", sort=""),
        Column("place", _("Where"), hide="md"),
        Column("price", _("Price"), kind="number", places=2, sub="currency"),
        Column("list_price", _("List price"), path="product__list_price", kind="number", places=2, optional=True),
        Column("floor_price", _("Floor price"), path="product__floor_price", kind="number", places=2, optional=True),
    )
    default_order = ("-seen_on",)
    extra = ("pk", "distributor_id", "product_id")

    def row_url(self, row: Row) -> str:
        """Lead to the prices of the product at the distributor."""
        return f"{reverse('ledger:distributor-prices', args=[row['distributor_id']])}?product={row['product_id']}"


class RetailPriceFilter(CoverFilter):
    """Prices at retail by where the distributor is, who covers it, and product."""

    sku = django_filters.CharFilter("product__sku", label=_("SKU"))
    distributor = DistributorCodeFilter("distributor", widget=forms.HiddenInput)

    search_fields = ("product__name", "product__sku", "place")

    class Meta:
        model = RetailPrice
        fields: ClassVar[list[str]] = []


class RetailPriceSection(Section):
    """What our goods cost at retail."""

    model = RetailPrice
    title = _("Retail prices")
    singular = _("retail price")
    slug = "retail-prices"
    table = RetailPriceTable
    filterset = RetailPriceFilter
    has_detail = False

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return all prices with the name of their distributor."""
        name = Coalesce(NullIf("distributor__short_name", Value("")), "distributor__legal_name")
        return RetailPrice.objects.annotate(distributor_name=name)

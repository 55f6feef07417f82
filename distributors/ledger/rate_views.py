"""Pages about exchange rates."""

from decimal import Decimal
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db import models
from django.http import Http404, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core import clock
from core.company import company
from core.filters import BaseFilterSet
from core.forms import ScopedModelForm
from core.scope import require_permission
from core.sections import FormView, ListView, Section
from core.tables import Column, Row, Table
from distributors.ledger.models import ExchangeRate
from distributors.ledger.rate_selectors import carried_days, coverage, rates_of_year
from distributors.ledger.rate_services import rate_add, rate_correct

LATEST = 31
DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def rate_text(rate: Decimal) -> str:
    """Return a rate without the zeros behind its last digit."""
    return f"{rate.normalize():f}"


class RateColumn(Column):
    """A rate with all its digits."""

    def text(self, value: Any) -> str:
        """Return the rate for a reader."""
        return rate_text(value)


class RateTable(Table):
    """Rates, the latest day first."""

    columns_declared = (
        Column("currency", gettext_lazy("Currency"), kind="link"),
        Column("day", gettext_lazy("Day"), kind="date"),
        RateColumn("rate", gettext_lazy("Rate"), kind="number"),
        Column("kind", gettext_lazy("Kind"), choices=dict(ExchangeRate.Kind.choices), hide="sm"),
        Column("updated_by", gettext_lazy("Changed by"), path="updated_by__name", hide="md"),
    )
    default_order = ("-day", "currency")

    def row_url(self, row: Row) -> str:
        """Lead to the year of the currency."""
        return reverse("ledger:rate-year", args=[row["currency"]])


class RateFilter(BaseFilterSet):
    """Rates by currency, days and kind."""

    since = django_filters.DateFilter("day", "gte", label=gettext_lazy("From"), widget=DATE)
    until = django_filters.DateFilter("day", "lte", label=gettext_lazy("To"), widget=DATE)
    kind = django_filters.ChoiceFilter(choices=ExchangeRate.Kind.choices, label=gettext_lazy("Kind"))

    search_fields = ("currency",)

    class Meta:
        model = ExchangeRate
        fields: ClassVar[list[str]] = []


class RateForm(ScopedModelForm):
    """A rate of a currency on a day; a correction changes the rate only, and says why."""

    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200)

    class Meta:
        model = ExchangeRate
        fields = ["currency", "day", "kind", "rate"]
        widgets = {"day": DATE}
        help_texts = {
            "rate": gettext_lazy("What one unit of the currency is worth in the base currency."),
            "currency": gettext_lazy("Three letters, for example CNY."),
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        left_out = ("currency", "day", "kind") if self.instance.pk else ("reason",)
        for name in left_out:
            del self.fields[name]
        if self.instance.pk:
            self.initial["rate"] = rate_text(self.instance.rate)

    def validate_constraints(self) -> None:
        """Leave it to the service, which says it in a sentence."""


class RateListView(ListView):
    """The rates, with the ways to what is missing, to a file, and to a new one."""

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Add the links."""
        actions = [{"label": _("Missing rates"), "url": reverse("ledger:rate-missing")}]
        if self.request.user.has_perm("ledger.add_import"):
            actions.append({"label": _("Import a file"), "url": f"{reverse('ledger:import-add')}?kind=rates"})
        return super().render(template, status, **context, links=actions)


class RateFormView(FormView):
    """A new rate, or a correction, which says what it changes."""

    def get(self, request: Any, **_kwargs: Any) -> Any:
        """Answer the form, begun with what the address gives."""
        first = {name: request.GET[name] for name in ("currency", "day") if name in request.GET}
        return self.show(self.section.form(instance=self.instance(), user=request.user, initial=first))

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Say what a correction does."""
        rate: ExchangeRate = context["form"].instance
        if rate.pk:
            saved = ExchangeRate.objects.get(pk=rate.pk)
            words = {
                "currency": saved.currency,
                "day": date_format(saved.day, "DATE_FORMAT"),
                "rate": rate_text(saved.rate),
                "base": company().base_currency,
            }
            context["intro"] = (
                _(
                    "1 %(currency)s was worth %(rate)s %(base)s on %(day)s. What has come in keeps that rate; "
                    "what comes in from now on takes the new one."
                )
                % words
            )
        return super().render(template, status, **context)


def rate_save(*, actor: Any, instance: ExchangeRate, version: int | None, **fields: Any) -> ExchangeRate:
    """Add a rate, or correct one."""
    if instance.pk:
        return rate_correct(actor=actor, instance=instance, version=version, **fields)
    return rate_add(actor=actor, **fields)


class ExchangeRateSection(Section):
    """Exchange rates."""

    model = ExchangeRate
    title = gettext_lazy("Exchange rates")
    singular = gettext_lazy("exchange rate")
    slug = "rates"
    table = RateTable
    filterset = RateFilter
    form = RateForm
    list_view = RateListView
    form_view = RateFormView
    save = staticmethod(rate_save)
    has_detail = False

    @classmethod
    def queryset(cls) -> models.QuerySet:
        """Return all rates."""
        return ExchangeRate.objects.select_related("updated_by")


def _crumbs() -> list[dict[str, str]]:
    return [
        {"label": _("Settings"), "url": reverse("core:settings")},
        {"label": _("Exchange rates"), "url": reverse("ledger:exchangerate-list")},
    ]


@require_GET
def rate_missing(request: Any) -> HttpResponse:
    """Show which days lack a rate, and which facts were valued by an earlier one."""
    require_permission(request.user, "ledger.view_exchangerate")
    as_of = clock.today()
    context = {
        "title": _("Missing rates"),
        "crumbs": _crumbs(),
        "coverage": coverage(as_of),
        "carried": carried_days(as_of),
        "as_of": as_of,
        "may_add": request.user.has_perm("ledger.add_exchangerate"),
    }
    return TemplateResponse(request, "ledger/rate_missing.html", context)


@require_GET
def rate_year(request: Any, currency: str) -> HttpResponse:
    """Show a currency over a year."""
    require_permission(request.user, "ledger.view_exchangerate")
    rates = rates_of_year(currency, clock.today())
    if not rates and not ExchangeRate.objects.filter(currency=currency).exists():
        raise Http404
    latest = ExchangeRate.objects.filter(currency=currency).order_by("-day", "kind")[:LATEST]
    context = {
        "title": _("%(currency)s over a year") % {"currency": currency},
        "crumbs": _crumbs(),
        "chart": _chart(currency, rates) if rates else None,
        "rates": [{"rate": one, "text": rate_text(one.rate)} for one in latest],
        "may_change": request.user.has_perm("ledger.change_exchangerate"),
    }
    return TemplateResponse(request, "ledger/rate_year.html", context)


def _chart(currency: str, rates: list[Any]) -> dict[str, Any]:
    first, last = rates[0][1], rates[-1][1]
    change = f"{(last - first) / first * 100:+.1f} %".replace("-", "\N{MINUS SIGN}")
    words = {"currency": currency, "rate": rate_text(last), "base": company().base_currency, "change": change}
    return {
        "id": "rate-year",
        "title": _("1 %(currency)s is worth %(rate)s %(base)s, %(change)s in a year") % words,
        "subtitle": company().base_currency,
        "option": {
            "tooltip": {"trigger": "axis"},
            "xAxis": {"type": "category", "data": [date_format(day, "SHORT_DATE_FORMAT") for day, _rate in rates]},
            "yAxis": {"type": "value", "scale": True},
            "series": [
                {"type": "line", "showSymbol": False, "name": currency, "data": [float(rate) for _day, rate in rates]}
            ],
        },
        "table": {
            "columns": [_("Day"), _("Rate")],
            "rows": [[date_format(day, "DATE_FORMAT"), rate_text(rate)] for day, rate in reversed(rates)],
        },
    }

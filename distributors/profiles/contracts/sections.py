"""Contracts as a section: the list of all versions, the page of one, its form."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.company import company
from core.money import amount_text
from core.sections import Section
from core.tables import Column, Row, Table
from distributors.profiles.contracts.forms import ContractForm
from distributors.profiles.contracts.models import Contract, ContractKind, ContractState
from distributors.profiles.contracts.selectors import NAME, STEPS, TONES, coverage_text, ending
from distributors.profiles.contracts.services import contract_save
from distributors.profiles.contracts.views import ContractDetail
from distributors.profiles.contracts.views import ContractForm as ContractFormView
from distributors.profiles.filters import CoverFilter, DistributorCodeFilter

WITHIN = [(str(step), format_lazy(gettext_lazy("{days} days"), days=step)) for step in STEPS]


def contract_columns(currency: str) -> tuple[Column, ...]:
    """Return the columns of the list; amounts are in the company's currency."""
    return (
        Column("number", gettext_lazy("Contract"), kind="link"),
        Column("edition", gettext_lazy("Version"), kind="number", hide="lg"),
        Column("distributor", gettext_lazy("Distributor"), path="name", sort="distributor__legal_name"),
        Column("kind", gettext_lazy("Kind"), choices=dict(ContractKind.choices), hide="sm"),
        Column(
            "state",
            gettext_lazy("State"),
            kind="chip",
            choices=dict(ContractState.choices),
            tone=lambda value: TONES.get(value, ""),
        ),
        Column("valid_from", gettext_lazy("From"), kind="date", hide="sm"),
        Column("ends_on", gettext_lazy("To"), kind="date"),
        Column("coverage", gettext_lazy("Coverage"), fetch=coverage_text, hide="lg"),
        Column("yearly_target", gettext_lazy("Yearly target"), kind="number", unit=currency, hide="lg"),
        Column("signed_on", gettext_lazy("Signed"), kind="date", optional=True),
        Column("territory", gettext_lazy("Territory"), path="distributor__territory__name", optional=True),
        Column("owner", gettext_lazy("Owner"), path="distributor__owner__name", optional=True),
        Column(
            "minimum_purchase", gettext_lazy("Minimum purchase a year"), kind="number", unit=currency, optional=True
        ),
        Column("credit_days", gettext_lazy("Credit, days"), kind="number", optional=True),
    )


class ContractTable(Table):
    """Contracts by number, the latest version first."""

    default_order = ("number", "-edition")

    def __init__(self, queryset: QuerySet, params: Mapping[str, Any] | None = None):
        super().__init__(queryset, params)
        self._columns = contract_columns(company().base_currency)

    def get_columns(self) -> tuple[Column, ...]:  # type: ignore[override]
        """Return the columns in the company's currency."""
        return self._columns

    def row_url(self, row: Row) -> str:
        """Lead to the contract."""
        return ContractSection.url("detail", row["pk"])


class ContractFilter(CoverFilter):
    """Contracts by word, territory, owner, state, kind, and when they end."""

    state = django_filters.ChoiceFilter(choices=ContractState.choices, label=gettext_lazy("State"))
    kind = django_filters.ChoiceFilter(choices=ContractKind.choices, label=gettext_lazy("Kind"))
    ends = django_filters.ChoiceFilter(
        choices=WITHIN, method="by_end", label=gettext_lazy("Ends within"), empty_label=gettext_lazy("Any time")
    )
    distributor = DistributorCodeFilter("distributor", widget=forms.HiddenInput)

    search_fields = ("number", "distributor__code", "distributor__legal_name", "distributor__short_name")

    class Meta:
        model = Contract
        fields: ClassVar[list[str]] = []

    def by_end(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep those in force that end within so many days and that no signed version follows."""
        return ending(queryset, clock.today(), int(value))


class ContractSection(Section):
    """Contracts of the distributors in reach."""

    model = Contract
    title = gettext_lazy("Contracts")
    singular = gettext_lazy("contract")
    table = ContractTable
    filterset = ContractFilter
    form = ContractForm
    save = staticmethod(contract_save)
    detail_view = ContractDetail
    form_view = ContractFormView

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return all versions with their distributors."""
        return Contract.objects.select_related("distributor", "updated_by")

    @classmethod
    def rows_for(cls, user: Any) -> QuerySet:
        """Return all versions with the name of the distributor, whose contract is seen with it."""
        return cls.queryset().annotate(name=NAME)

    @classmethod
    def groups(cls, instance: Contract, user: Any) -> list[dict[str, Any]]:
        """Return what was agreed, in groups."""
        groups = ((_("Contract"), _head(instance)), (_("Target"), _target(instance)), (_("Terms"), _terms(instance)))
        return [
            {
                "title": title,
                "rows": [{"label": label, "text": text, "url": url} for label, text, url in rows],
            }
            for title, rows in groups
        ]


def _head(one: Contract) -> list[tuple[str, str, str]]:
    until = date_format(one.ends_on, "DATE_FORMAT") if one.ends_on else _("until further notice")
    rows = [
        (_("Distributor"), str(one.distributor), one.distributor.get_absolute_url()),
        (_("Kind"), str(one.get_kind_display()), ""),
        (_("Version"), str(one.edition), ""),
        (_("Signed on"), date_format(one.signed_on, "DATE_FORMAT") if one.signed_on else "", ""),
        (_("Valid from"), date_format(one.valid_from, "DATE_FORMAT"), ""),
        (_("Valid to"), until, ""),
    ]
    if one.ends_on != one.valid_to and one.valid_to is not None:
        rows.append((_("Agreed to"), date_format(one.valid_to, "DATE_FORMAT"), ""))
    return rows


def _target(one: Contract) -> list[tuple[str, str, str]]:
    currency = company().base_currency
    share = f"{one.advertising_share.normalize():f} %" if one.advertising_share is not None else ""
    return [
        (_("Yearly target"), _money(one.yearly_target, currency), ""),
        (_("Minimum purchase a year"), _money(one.minimum_purchase, currency), ""),
        (_("Exclusivity is lost"), str(one.get_exclusivity_loss_display()), ""),
        (_("Coverage commitment"), one.coverage_commitment, ""),
        (_("Sub-distributors committed"), _number(one.sub_distributors), ""),
        (_("Advertising, share of sales"), share, ""),
        (_("Reporting duty"), one.reporting_duty, ""),
        (_("Spare-parts stock"), one.spare_parts, ""),
        (_("Minimum stock"), one.minimum_stock, ""),
    ]


def _terms(one: Contract) -> list[tuple[str, str, str]]:
    return [
        (_("Price terms"), one.price_terms, ""),
        (_("Credit, days"), _number(one.credit_days), ""),
        (_("Credit terms"), one.credit_terms, ""),
        (_("Delivery term"), one.delivery_term, ""),
        (_("Buy-back clause"), one.buy_back, ""),
        (_("Governing law"), one.governing_law, ""),
        (_("Notes"), one.notes, ""),
    ]


def _money(value: Decimal | None, currency: str) -> str:
    return "" if value is None else f"{amount_text(value, 2)} {currency}"


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"

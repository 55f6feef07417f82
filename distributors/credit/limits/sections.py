"""Limits, holds, checks, securities, promises, disputes and reminders as lists with their exports."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.sections import Section
from core.tables import Column, Row, Table
from distributors.credit.limits.models import CreditCheck, CreditLimit, Hold, LimitKind, LimitState
from distributors.credit.limits.pages import tab_url
from distributors.credit.limits.views import CheckDetail, LimitDetail
from distributors.credit.limits.ways import CreditListView
from distributors.profiles.contracts.selectors import NAME
from distributors.profiles.filters import CoverFilter, DistributorCodeFilter

WORDS = ("distributor__code", "distributor__legal_name", "distributor__short_name")
STATE_TONES = {"requested": "a", "approved": "g", "declined": "b", "withdrawn": ""}
ANSWERS = {True: _("approved"), False: _("held")}
CODE = Column("code", _("Code"), path="distributor__code", optional=True)
TERRITORY = Column("territory", _("Territory"), path="distributor__territory__name", optional=True)
OWNER = Column("owner", _("Owner"), path="distributor__owner__name", optional=True)


def _to_tab(row: Row) -> str:
    return tab_url(row["distributor_id"])


DISTRIBUTOR = Column("distributor", _("Distributor"), path="name", sort="distributor__legal_name", kind="link")
BESIDE = Column("distributor", _("Distributor"), path="name", sort="distributor__legal_name", url=_to_tab)


def money(name: str, label: Any, **more: Any) -> Column:
    """Return a column of amounts in the base currency."""
    return Column(name, label, kind="number", **more)


class CreditTable(Table):
    """Rows that lead to the distributor they are about."""

    extra = ("pk", "distributor_id")

    def row_url(self, row: Row) -> str:
        """Lead to the account of the distributor."""
        return _to_tab(row)


class OfAccounts(CoverFilter):
    """Rows of distributors, by where they are, who covers them, and by one of them."""

    distributor = DistributorCodeFilter("distributor", widget=forms.HiddenInput)

    search_fields: ClassVar[tuple[str, ...]] = WORDS


class AccountRows:
    """What the lists of credit share: the name of the distributor, no page of their own for a row."""

    model: ClassVar[Any]
    slug: ClassVar[str]
    has_detail: ClassVar[bool] = False
    list_view: ClassVar[Any] = CreditListView

    @classmethod
    def filename(cls) -> str:
        """Return what an export is called."""
        return cls.slug.rpartition("/")[2]

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return the rows with the name of their distributor."""
        rows: QuerySet = cls.model.objects.annotate(name=NAME)
        return rows


class LimitTable(CreditTable):
    """Limits, the latest request first."""

    columns_declared = (
        DISTRIBUTOR,
        Column("kind", _("Kind"), choices=dict(LimitKind.choices), hide="sm"),
        Column("amount", _("Amount"), kind="number", sub="currency"),
        Column(
            "state",
            _("State"),
            kind="chip",
            choices=dict(LimitState.choices),
            tone=lambda value: STATE_TONES.get(value, ""),
        ),
        Column("starts_on", _("From"), kind="date", hide="md"),
        Column("ends_on", _("Until"), kind="date"),
        money("recommended", _("Recommended"), hide="md"),
        Column("requested_by", _("Requested by"), path="requested_by__name", hide="lg"),
        Column("first_by", _("First approved by"), path="first_by__name", optional=True),
        Column("decided_by", _("Decided by"), path="decided_by__name", hide="lg"),
        money("base_amount", _("In base currency"), optional=True),
        CODE,
        TERRITORY,
        OWNER,
    )
    default_order = ("-pk",)

    def row_url(self, row: Row) -> str:
        """Lead to the request."""
        return LimitSection.url("detail", row["pk"])


class LimitFilter(OfAccounts):
    """Limits by state and kind."""

    state = django_filters.ChoiceFilter(choices=LimitState.choices, label=_("State"))
    kind = django_filters.ChoiceFilter(choices=LimitKind.choices, label=_("Kind"))

    class Meta:
        model = CreditLimit
        fields: ClassVar[list[str]] = []


class LimitSection(AccountRows, Section):
    """Limits and requests of the distributors in reach."""

    model = CreditLimit
    title = _("Credit limits")
    singular = _("credit limit")
    slug = "credit/limits"
    table = LimitTable
    filterset = LimitFilter
    has_detail = True
    detail_view = LimitDetail


class HoldTable(CreditTable):
    """Holds, the latest first."""

    columns_declared = (
        DISTRIBUTOR,
        Column("set_on", _("Held since"), kind="date"),
        Column("released_on", _("Released on"), kind="date"),
        Column("overdue", _("Overdue beyond grace"), hide="sm"),
        Column("over_limit", _("Over the limit"), hide="sm"),
        money("largest_late", _("Largest item overdue"), hide="md"),
        money("exposure", _("Exposure then"), hide="md"),
        money("credit_limit", _("Limit then"), hide="md"),
        CODE,
        TERRITORY,
        OWNER,
    )
    default_order = ("-set_on", "-pk")


class HoldFilter(OfAccounts):
    """Holds that are, and those that were."""

    open = django_filters.ChoiceFilter(
        choices=[("1", _("on hold now")), ("0", _("released"))], method="by_open", label=_("State")
    )

    class Meta:
        model = Hold
        fields: ClassVar[list[str]] = []

    def by_open(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep those that are not released, or those that are."""
        return queryset.filter(released_on__isnull=value == "1")


class HoldSection(AccountRows, Section):
    """Holds of the distributors in reach."""

    model = Hold
    title = _("Credit holds")
    singular = _("credit hold")
    slug = "credit/holds"
    table = HoldTable
    filterset = HoldFilter


class CheckTable(CreditTable):
    """Checks, the latest first."""

    columns_declared = (
        Column("asked_at", _("Asked at"), kind="date"),
        BESIDE,
        Column("amount", _("Amount"), kind="number", sub="currency"),
        Column("approved", _("Answer"), kind="chip", choices=ANSWERS, tone=lambda approved: "g" if approved else "b"),
        money("exposure", _("Exposure"), hide="md"),
        money("credit_limit", _("Limit"), hide="lg"),
        money("headroom", _("Headroom"), hide="md"),
        Column("order_number", _("Order"), hide="lg"),
        Column("reserved_until", _("Reserved until"), kind="date", hide="lg"),
        Column("asked_by", _("Asked by"), path="asked_by__name", hide="lg"),
        CODE,
        TERRITORY,
        OWNER,
    )
    default_order = ("-pk",)

    def row_url(self, row: Row) -> str:
        """Lead to the answer."""
        return CheckSection.url("detail", row["pk"])


class CheckFilter(OfAccounts):
    """Checks by answer and day."""

    approved = django_filters.ChoiceFilter(
        choices=[("1", _("approved")), ("0", _("held"))], method="by_answer", label=_("Answer")
    )
    since = django_filters.DateFilter("on", "gte", label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = django_filters.DateFilter("on", "lte", label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))

    search_fields = ("order_number", *WORDS)

    class Meta:
        model = CreditCheck
        fields: ClassVar[list[str]] = []

    def by_answer(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep those with an answer."""
        return queryset.filter(approved=value == "1")


class CheckSection(AccountRows, Section):
    """Checks of orders of the distributors in reach."""

    model = CreditCheck
    title = _("Credit checks")
    singular = _("credit check")
    slug = "credit/checks"
    table = CheckTable
    filterset = CheckFilter
    has_detail = True
    detail_view = CheckDetail

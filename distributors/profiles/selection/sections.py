"""Submitted scorecards, checks and risks as lists with their exports; what is changed is changed at the prospect."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.sections import Section
from core.tables import Column, Row, Table
from distributors.profiles.contracts.selectors import NAME
from distributors.profiles.filters import CoverFilter, DistributorCodeFilter
from distributors.profiles.models import Lifecycle
from distributors.profiles.selection.api import documents_listed
from distributors.profiles.selection.models import (
    Assessment,
    AssessmentState,
    Check,
    CheckState,
    DiligenceItem,
    Risk,
)
from distributors.profiles.selection.selectors import CHECK_TONES
from distributors.profiles.selection.views import tab_url
from distributors.profiles.selectors import STATE_TONES

WORDS = ("distributor__code", "distributor__legal_name", "distributor__short_name")
STATE = Column(
    "state_of",
    _("Distributor is"),
    path="distributor__state",
    kind="chip",
    choices=dict(Lifecycle.choices),
    tone=lambda value: STATE_TONES.get(value, ""),
    hide="md",
)
LEVELS = [("15", _("15 and more")), ("10", _("10 and more")), ("5", _("5 and more"))]


class OfProspects(CoverFilter):
    """Rows of distributors by their state, beside where they are and who covers them."""

    lifecycle = django_filters.ChoiceFilter("distributor__state", choices=Lifecycle.choices, label=_("Distributor is"))
    distributor = DistributorCodeFilter("distributor", widget=forms.HiddenInput)

    search_fields: ClassVar[tuple[str, ...]] = WORDS


class AssessmentTable(Table):
    """Scorecards, the latest first."""

    columns_declared = (
        Column("distributor", _("Distributor"), path="name", sort="distributor__legal_name", kind="link"),
        Column("score", _("Score"), kind="number", places=1),
        Column("rated_on", _("Rated on"), kind="date"),
        Column("rated_by", _("Rated by"), path="rated_by__name"),
        STATE,
        Column("policy", _("Weights, version"), path="policy__number", kind="number", hide="lg"),
        Column("territory", _("Territory"), path="distributor__territory__name", optional=True),
        Column("owner", _("Owner"), path="distributor__owner__name", optional=True),
    )
    default_order = ("-rated_on", "-pk")

    def row_url(self, row: Row) -> str:
        """Lead to the scorecard."""
        return AssessmentSection.url("detail", row["pk"])


class AssessmentFilter(OfProspects):
    """Scorecards by where, who, and the state of the distributor."""

    class Meta:
        model = Assessment
        fields: ClassVar[list[str]] = []


class AssessmentSection(Section):
    """Submitted scorecards of the distributors in reach."""

    model = Assessment
    title = _("Scorecards")
    singular = _("scorecard")
    slug = "selection/scorecards"
    table = AssessmentTable
    filterset = AssessmentFilter
    has_detail = False

    @classmethod
    def filename(cls) -> str:
        """Return what an export is called."""
        return "scorecards"

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return the submitted ones with the name of their distributor."""
        rows: QuerySet = Assessment.objects.filter(state=AssessmentState.SUBMITTED).annotate(name=NAME)
        return rows


def _files(keys: list[Any]) -> dict[Any, str]:
    return {key: ", ".join(names) for key, names in documents_listed(keys).items()}


class DiligenceTable(Table):
    """Decided and opened checks by distributor."""

    columns_declared = (
        Column("distributor", _("Distributor"), path="name", sort="distributor__legal_name", kind="link"),
        Column("kind", _("Item"), choices=dict(Check.choices)),
        Column(
            "state",
            _("Finding"),
            kind="chip",
            choices=dict(CheckState.choices),
            tone=lambda value: CHECK_TONES.get(value, ""),
        ),
        Column("note", _("Note"), sort="", hide="md"),
        Column("files", _("Files"), fetch=_files, hide="lg"),
        Column("decided_on", _("Decided on"), kind="date", hide="sm"),
        Column("decided_by", _("Decided by"), path="decided_by__name", hide="md"),
        STATE,
    )
    default_order = ("distributor__legal_name", "pk")
    extra = ("pk", "distributor_id")

    def row_url(self, row: Row) -> str:
        """Lead to the due diligence of the distributor."""
        return tab_url(row["distributor_id"], "diligence")


class DiligenceFilter(OfProspects):
    """Checks by item and finding, and by their distributor."""

    kind = django_filters.ChoiceFilter(choices=Check.choices, label=_("Item"))
    state = django_filters.ChoiceFilter(choices=CheckState.choices, label=_("Finding"))

    class Meta:
        model = DiligenceItem
        fields: ClassVar[list[str]] = []


class DiligenceSection(Section):
    """Checks of the distributors in reach."""

    model = DiligenceItem
    title = _("Due diligence")
    singular = _("item")
    slug = "selection/checks"
    table = DiligenceTable
    filterset = DiligenceFilter
    has_detail = False

    @classmethod
    def filename(cls) -> str:
        """Return what an export is called."""
        return "due-diligence"

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return them with the name of their distributor."""
        rows: QuerySet = DiligenceItem.objects.annotate(name=NAME)
        return rows


class RiskTable(Table):
    """Risks, the highest first."""

    columns_declared = (
        Column("title", _("Risk"), kind="link"),
        Column("distributor", _("Distributor"), path="name", sort="distributor__legal_name"),
        Column("level", _("Level"), kind="number"),
        Column("likelihood", _("Likelihood"), kind="number", hide="sm"),
        Column("impact", _("Impact"), kind="number", hide="sm"),
        Column("mitigation", _("What is done about it"), sort="", hide="lg"),
        Column("seen_to", _("Who sees to it"), path="owner__name", hide="md"),
        STATE,
    )
    default_order = ("-level", "pk")
    extra = ("pk", "distributor_id")

    def row_url(self, row: Row) -> str:
        """Lead to the risks of the distributor."""
        return tab_url(row["distributor_id"], "risks")


class RiskFilter(OfProspects):
    """Risks by level and by their distributor."""

    level = django_filters.ChoiceFilter(choices=LEVELS, lookup_expr="gte", label=_("Level"))

    search_fields = ("title", *WORDS)

    class Meta:
        model = Risk
        fields: ClassVar[list[str]] = []


class RiskSection(Section):
    """Risks of the distributors in reach."""

    model = Risk
    title = _("Risks")
    singular = _("risk")
    slug = "selection/risks"
    table = RiskTable
    filterset = RiskFilter
    has_detail = False

    @classmethod
    def filename(cls) -> str:
        """Return what an export is called."""
        return "risks"

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return them with the name of their distributor."""
        rows: QuerySet = Risk.objects.annotate(name=NAME)
        return rows

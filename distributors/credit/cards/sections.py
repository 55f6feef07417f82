"""Credit cards in force as a list with its exports; what is changed is changed at the distributor."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core import clock
from core.sections import ListView, Section
from core.tables import Column, Row, Table, address_of
from distributors.credit.cards.items import Criterion
from distributors.credit.cards.models import CreditScore
from distributors.credit.cards.page import tabs
from distributors.credit.cards.selectors import current_run
from distributors.credit.cards.wording import grade_tone
from distributors.profiles.contracts.selectors import NAME
from distributors.profiles.filters import CoverFilter, DistributorCodeFilter
from distributors.profiles.models import CreditGrade, Lifecycle
from distributors.profiles.selectors import STATE_TONES

WORDS = ("distributor__code", "distributor__legal_name", "distributor__short_name")
CONFIDENCE = [("provisional", _("provisional")), ("sound", _("60 % and more"))]


def _part(name: str) -> Column:
    return Column(name, Criterion(name).label, kind="number", places=1, optional=True)


class CreditScoreTable(Table):
    """Credit cards, those to be reviewed next first."""

    columns_declared = (
        Column("distributor", _("Distributor"), path="name", sort="distributor__legal_name", kind="link"),
        Column("code", _("Code"), path="distributor__code", hide="xl"),
        Column("territory", _("Territory"), path="distributor__territory__name", hide="md"),
        Column("owner", _("Owner"), path="distributor__owner__name", hide="xl"),
        Column("grade", _("Credit grade"), kind="chip", tone=grade_tone, sort="score"),
        Column("score", _("Score"), kind="number", places=1),
        Column("confidence", _("Confidence"), kind="number", places=0, unit="%", hide="sm"),
        Column("provisional", _("Provisional"), hide="md"),
        Column("review_due", _("Next review"), kind="date", hide="sm"),
        Column(
            "state",
            _("State"),
            path="distributor__state",
            kind="chip",
            choices=dict(Lifecycle.choices),
            tone=lambda value: STATE_TONES.get(value, ""),
            optional=True,
        ),
        *(_part(name) for name in ("character", "capacity", "capital", "collateral", "conditions")),
        Column("as_of", _("As of"), kind="date", optional=True),
    )
    default_order = ("review_due", "pk")
    extra: ClassVar[tuple[str, ...]] = ("pk", "distributor_id")

    def row_url(self, row: Row) -> str:
        """Lead to the card."""
        return address_of("credit:distributor", row["distributor_id"])


class CreditScoreFilter(CoverFilter):
    """Credit cards by territory, owner, grade, confidence and review."""

    grade = django_filters.ChoiceFilter(
        choices=[*CreditGrade.choices, ("none", _("no grade yet"))],
        method="by_grade",
        label=_("Credit grade"),
        empty_label=_("All"),
    )
    confidence = django_filters.ChoiceFilter(
        choices=CONFIDENCE, method="by_confidence", label=_("Confidence"), empty_label=_("All")
    )
    review = django_filters.ChoiceFilter(
        choices=[("due", _("due"))], method="by_review", label=_("Review"), empty_label=_("All")
    )
    distributor = DistributorCodeFilter("distributor", widget=forms.HiddenInput)

    search_fields: ClassVar[tuple[str, ...]] = WORDS

    class Meta:
        model = CreditScore
        fields: ClassVar[list[str]] = []

    def by_grade(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep a grade, or who has none."""
        return queryset.filter(grade="" if value == "none" else value)

    def by_confidence(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep grades that are provisional, or those that are not."""
        return queryset.exclude(grade="").filter(provisional=value == "provisional")

    def by_review(self, queryset: QuerySet, _name: str, _value: str) -> QuerySet:
        """Keep what is to be reviewed by now."""
        return queryset.filter(review_due__lte=clock.today())


class CreditScoreList(ListView):
    """The list, within the page of credit."""

    def render(self, template: str, status: int = 200, **context: Any) -> Any:
        """Add the tabs, and as of when the cards are."""
        run = current_run()
        text = _now("as of %(day)s") % {"day": date_format(run.as_of, "DATE_FORMAT")} if run else ""
        user: Any = self.request.user
        may_run = user.reach("credit.run_creditpolicy") is not None
        return super().render(template, status, tabs=tabs("cards"), run_text=text, may_run=may_run, **context)


class CreditScoreSection(Section):
    """The cards of the current run, of the distributors in reach."""

    model = CreditScore
    title = _("Credit cards")
    singular = _("credit card")
    slug = "credit-cards"
    table = CreditScoreTable
    filterset = CreditScoreFilter
    has_detail = False
    list_view = CreditScoreList

    @classmethod
    def filename(cls) -> str:
        """Return what an export is called."""
        return "credit-cards"

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return the cards in force with the name of their distributor."""
        rows: QuerySet = CreditScore.objects.filter(run__monthly=False).annotate(name=NAME)
        return rows

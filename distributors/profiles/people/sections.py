"""People at distributors as a section: list, page, form; nothing personal in lists and their exports."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.filters import BaseFilterSet
from core.sections import Section
from core.tables import Column, Row, Table
from distributors.profiles.filters import DistributorCodeFilter
from distributors.profiles.models import Contact
from distributors.profiles.people.forms import ContactForm
from distributors.profiles.people.models import DecisionRole, Disc, Function, Level, Stance
from distributors.profiles.people.search import KIND, distributor_name
from distributors.profiles.people.selectors import STANCES, TONES
from distributors.profiles.people.services import contact_save
from distributors.profiles.people.views import ContactDetail
from distributors.profiles.people.views import ContactForm as ContactFormView

HERE = [("yes", _("still there")), ("no", _("left"))]


class ContactTable(Table):
    """People by name."""

    columns_declared = (
        Column("name", pgettext_lazy("of a person", "Name"), kind="link"),
        Column("title", _("Job title"), hide="md"),
        Column("distributor", _("Distributor"), path="distributor_name", sort="", sub="distributor__code"),
        Column("function", _("Function"), choices=dict(Function.choices), hide="lg"),
        Column("level", _("Level"), choices=dict(Level.choices), hide="md"),
        Column("decision_role", _("Decision role"), choices=dict(DecisionRole.choices)),
        Column("stance", _("Stance"), kind="chip", choices=STANCES, tone=lambda value: TONES.get(value, "")),
        Column("relationship", _("Relationship"), kind="number", hide="lg"),
        Column("disc", _("DISC type"), choices=dict(Disc.choices), optional=True),
        Column("since", _("Works with us since"), kind="date", optional=True),
        Column("left_on", _("Left on"), kind="date", optional=True),
    )
    default_order = ("name",)

    def row_url(self, row: Row) -> str:
        """Lead to the person."""
        return ContactSection.url("detail", row["pk"])


class ContactFilter(BaseFilterSet):
    """People by name, level, decision role, stance and whether they are still there."""

    level = django_filters.ChoiceFilter(choices=Level.choices, label=_("Level"))
    decision_role = django_filters.ChoiceFilter(choices=DecisionRole.choices, label=_("Decision role"))
    stance = django_filters.ChoiceFilter(choices=Stance.choices, label=_("Stance"))
    here = django_filters.ChoiceFilter(choices=HERE, method="by_presence", label=_("Still there"))
    distributor = DistributorCodeFilter("distributor", widget=forms.HiddenInput)

    search_kind = KIND

    class Meta:
        model = Contact
        fields: ClassVar[list[str]] = []

    def by_presence(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep those who are still there, or those who left."""
        return queryset.filter(left_on__isnull=value == "yes")


class ContactSection(Section):
    """People at the distributors in reach."""

    model = Contact
    title = _("Contacts")
    singular = _("contact")
    table = ContactTable
    filterset = ContactFilter
    form = ContactForm
    save = staticmethod(contact_save)
    detail_view = ContactDetail
    form_view = ContactFormView

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return all people with their distributors."""
        return Contact.objects.select_related("distributor", "updated_by")

    @classmethod
    def rows_for(cls, user: Any) -> QuerySet:
        """Return those who were not erased, with the name of their distributor, which whoever sees them sees."""
        return Contact.objects.filter(erased_at=None).annotate(distributor_name=distributor_name())

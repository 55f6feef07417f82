"""Territories and people as sections."""

from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.forms import TerritoryForm, UserForm
from accounts.models import Territory, User
from accounts.roles import Role
from core.filters import BaseFilterSet
from core.sections import Section
from core.tables import Column, Row, Table


class TerritoryTable(Table):
    """Territories in the order of the tree."""

    columns_declared = (
        Column("name", _("Territory"), kind="link", sort="path"),
        Column("code", _("Code")),
        Column("level", _("Level"), hide="sm"),
        Column("parent", _("Within"), path="parent__name", hide="sm"),
    )
    default_order = ("path",)

    def row_url(self, row: Row) -> str:
        """Lead to the form."""
        return TerritorySection.url("edit", row["pk"])


class TerritoryFilter(BaseFilterSet):
    """Territories by word."""

    search_fields = ("name", "code")

    class Meta:
        model = Territory
        fields: ClassVar[list[str]] = []


class TerritorySection(Section):
    """The territory tree."""

    model = Territory
    title = _("Territories")
    singular = _("territory")
    slug = "territories"
    table = TerritoryTable
    filterset = TerritoryFilter
    form = TerritoryForm
    save = staticmethod(services.territory_save)
    has_detail = False


class UserTable(Table):
    """People by name."""

    columns_declared = (
        Column("name", _("Name"), kind="link", sub="title"),
        Column("email", _("E-mail"), hide="sm"),
        Column("role", _("Role"), choices=dict(Role.choices)),
        Column("code", _("Personnel number"), hide="md"),
        Column("is_active", _("May sign in"), hide="sm"),
    )
    default_order = ("name",)

    def row_url(self, row: Row) -> str:
        """Lead to the person."""
        return UserSection.url("detail", row["pk"])


class UserFilter(BaseFilterSet):
    """People by word, role and whether they may sign in."""

    role = django_filters.ChoiceFilter(choices=Role.choices, label=_("Role"))
    is_active = django_filters.BooleanFilter(label=_("May sign in"))

    search_fields = ("name", "email", "code")

    class Meta:
        model = User
        fields: ClassVar[list[str]] = []


class UserSection(Section):
    """People."""

    model = User
    title = _("People")
    singular = _("person")
    slug = "people"
    table = UserTable
    filterset = UserFilter
    form = UserForm
    save = staticmethod(services.user_save)

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return all people."""
        return User.objects.prefetch_related("territories")

    @classmethod
    def groups(cls, instance: User, user: Any) -> list[dict[str, Any]]:
        """Return the person's fields."""
        rows = [
            (_("E-mail"), instance.email),
            (_("Role"), instance.get_role_display()),
            (_("Job title"), instance.title),
            (_("Personnel number"), instance.code),
            (_("Reaches"), instance.scope_label),
            (_("May sign in"), _("yes") if instance.is_active else _("no")),
        ]
        return [{"title": _("Person"), "rows": [{"label": label, "text": text, "url": ""} for label, text in rows]}]

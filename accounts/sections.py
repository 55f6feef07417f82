"""Territories and people as sections."""

from datetime import datetime
from typing import Any, ClassVar

import django_filters
from django.db.models import QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import services
from accounts.forms import ApiTokenForm, TerritoryForm, UserForm
from accounts.models import ApiToken, Territory, User
from accounts.roles import Role
from accounts.token_views import ApiTokenAdd, ApiTokenDetail
from accounts.tokens import SCOPES
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
        Column("name", pgettext_lazy("of a person", "Name"), kind="link", sub="title"),
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
    is_active = django_filters.ChoiceFilter(choices=[("1", _("yes")), ("0", _("no"))], label=_("May sign in"))

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


class ApiTokenTable(Table):
    """Tokens, the newest first."""

    columns_declared = (
        Column("name", _("Name"), kind="link", sub="prefix"),
        Column("user", _("API client"), path="user__name"),
        Column("expires_at", _("Expires"), kind="date"),
        Column("last_used_at", _("Last used"), kind="date", hide="sm"),
        Column("revoked_at", _("Revoked"), kind="date", hide="sm"),
    )
    default_order = ("-created_at",)

    def row_url(self, row: Row) -> str:
        """Lead to the token."""
        return ApiTokenSection.url("detail", row["pk"])


class ApiTokenFilter(BaseFilterSet):
    """Tokens by word."""

    search_fields = ("name", "prefix", "user__name", "user__email")

    class Meta:
        model = ApiToken
        fields: ClassVar[list[str]] = []


class ApiTokenSection(Section):
    """Keys of other systems: made, shown once, revoked; never changed."""

    model = ApiToken
    title = _("API tokens")
    singular = _("API token")
    slug = "tokens"
    table = ApiTokenTable
    filterset = ApiTokenFilter
    form = ApiTokenForm
    form_view = ApiTokenAdd
    detail_view = ApiTokenDetail

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return all tokens."""
        return ApiToken.objects.select_related("user", "created_by")

    @classmethod
    def urls(cls) -> list[Any]:
        """Return the screens without an edit form: a token is never changed."""
        return [pattern for pattern in super().urls() if pattern.name != "apitoken-edit"]

    @classmethod
    def groups(cls, instance: ApiToken, user: Any) -> list[dict[str, Any]]:
        """Return what is known of the token; the secret is not."""
        rows = [
            (_("API client"), instance.user.name, instance.user.get_absolute_url()),
            (_("Begins with"), f"qd_{instance.prefix}_", ""),
            (_("What it may do"), ", ".join(str(SCOPES[name][0]) for name in instance.scopes if name in SCOPES), ""),
            (_("Reaches"), instance.user.scope_label, ""),
            (_("Made"), _moment(instance.created_at), ""),
            (_("Made by"), instance.created_by.name if instance.created_by else _("the command line"), ""),
            (_("Expires"), _moment(instance.expires_at), ""),
            (_("Last used"), _moment(instance.last_used_at) or _("never"), ""),
            (_("Revoked"), _moment(instance.revoked_at) or _("no"), ""),
        ]
        return [
            {"title": _("Token"), "rows": [{"label": label, "text": text, "url": url} for label, text, url in rows]}
        ]


def _moment(value: datetime | None) -> str:
    return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT") if value else ""

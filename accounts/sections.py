"""Territories and people as sections."""

from datetime import datetime
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import services
from accounts.forms import ApiTokenForm, TerritoryForm, UserForm
from accounts.models import ApiToken, Territory, User
from accounts.people_views import UserDetail
from accounts.roles import Role
from accounts.selectors import second_factor_of
from accounts.territory_views import TerritoryAdd, TerritoryDetail, TerritoryTreeView
from accounts.token_views import ApiTokenAdd, ApiTokenDetail
from accounts.tokens import SCOPES, token_state
from core.filters import BaseFilterSet
from core.scope import in_subtree
from core.sections import Section
from core.tables import Column, Row, Table


class TerritoryTable(Table):
    """Territories in the order of the tree."""

    columns_declared = (
        Column("name", _("Territory"), kind="link", sort="path"),
        Column("code", _("Code")),
        Column("level", _("Level"), hide="sm"),
        Column("parent", _("Within"), path="parent__name", hide="sm"),
        Column("closed_on", _("Closed from"), kind="date", hide="sm"),
    )
    default_order = ("path",)

    def row_url(self, row: Row) -> str:
        """Lead to the territory."""
        return TerritorySection.url("detail", row["pk"])


class TerritoryFilter(BaseFilterSet):
    """Territories by word; the open ones, or all; as the tree lies on a day."""

    on = django_filters.DateFilter(method="as_it_was", label=_("As of"), widget=forms.DateInput(attrs={"type": "date"}))
    closed = django_filters.ChoiceFilter(
        choices=[("1", _("with closed ones"))], method="with_closed", label=_("Show"), empty_label=_("open ones")
    )

    search_fields = ("name", "code", "level")

    class Meta:
        model = Territory
        fields: ClassVar[list[str]] = []

    def filter_queryset(self, queryset: Any) -> QuerySet:
        """Leave closed ones out unless they are asked for."""
        found: QuerySet = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("closed") else found.filter(closed_on=None)

    def as_it_was(self, queryset: QuerySet, _name: str, _value: Any) -> QuerySet:
        """Keep all: a day changes where they lie, not which they are."""
        return queryset

    with_closed = as_it_was


class TerritorySection(Section):
    """The territory tree."""

    model = Territory
    title = _("Territories")
    singular = _("territory")
    slug = "territories"
    table = TerritoryTable
    filterset = TerritoryFilter
    form = TerritoryForm
    list_view = TerritoryTreeView
    form_view = TerritoryAdd
    detail_view = TerritoryDetail
    save = staticmethod(services.territory_save)

    @classmethod
    def groups(cls, instance: Territory, user: Any) -> list[dict[str, Any]]:
        """Return what the territory is called and where it lies."""
        rows = [
            (_("Code"), instance.code),
            (_("Level"), instance.level),
            (_("Closed from"), Column("closed_on", "").text(instance.closed_on) or _("it is open")),
        ]
        return [{"title": _("Territory"), "rows": [{"label": label, "text": text, "url": ""} for label, text in rows]}]


class UserTable(Table):
    """People by name."""

    columns_declared = (
        Column("name", pgettext_lazy("of a person", "Name"), kind="link", sub="title"),
        Column("email", _("E-mail"), hide="sm"),
        Column("role", _("Role"), choices=dict(Role.choices)),
        Column("code", _("Personnel number"), hide="md"),
        Column("last_login", _("Last sign-in"), kind="date", hide="md"),
        Column("is_active", _("May sign in"), hide="sm"),
    )
    default_order = ("name",)

    def row_url(self, row: Row) -> str:
        """Lead to the person."""
        return UserSection.url("detail", row["pk"])


class UserFilter(BaseFilterSet):
    """People by word, role and whether they may sign in."""

    role = django_filters.ChoiceFilter(choices=Role.choices, label=_("Role"))
    territory = django_filters.ModelChoiceFilter(
        queryset=Territory.objects.all(), method="by_territory", label=_("Territory"), empty_label=_("All")
    )
    reach = django_filters.ChoiceFilter(
        choices=[("none", _("without territory"))], method="by_reach", label=_("Reaches")
    )
    is_active = django_filters.ChoiceFilter(choices=[("1", _("yes")), ("0", _("no"))], label=_("May sign in"))

    search_fields = ("name", "email", "code", "title")

    class Meta:
        model = User
        fields: ClassVar[list[str]] = []

    def by_reach(self, queryset: Any, _name: str, _value: str) -> QuerySet:
        """Keep who reaches no territory and should."""
        found: QuerySet = queryset.without_reach()
        return found

    def by_territory(self, queryset: QuerySet, _name: str, value: Territory) -> QuerySet:
        """Keep who answers for the territory or one below it."""
        there = User.territories.through.objects.filter(in_subtree("territory__path", value.path))
        return queryset.filter(pk__in=there.values("user_id"))


class UserSection(Section):
    """People."""

    model = User
    title = _("People")
    singular = _("person")
    slug = "people"
    personal = True
    table = UserTable
    filterset = UserFilter
    form = UserForm
    detail_view = UserDetail
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
            (_("Last sign-in"), _moment(instance.last_login) or _("never")),
        ]
        if instance.role != Role.API_CLIENT:
            on, off = pgettext_lazy("two-step log-in", "on"), pgettext_lazy("two-step log-in", "off")
            rows.append((_("Two-step log-in"), on if second_factor_of(instance) else off))
        return [{"title": _("Person"), "rows": [{"label": label, "text": text, "url": ""} for label, text in rows]}]


TOKEN_STATES = {
    "good": _("good"),
    "soon": _("expires soon"),
    "expired": _("expired"),
    "revoked": _("revoked"),
}
TOKEN_TONES = {"good": "g", "soon": "w", "expired": "b"}


class ScopesColumn(Column):
    """What a token may do, in words."""

    def text(self, value: Any) -> str:
        """Return the scopes for a reader."""
        return ", ".join(str(SCOPES[name][0]) for name in value if name in SCOPES)

    def plain(self, value: Any) -> str:
        """Return the scopes for a file."""
        return " ".join(value)


class ApiTokenTable(Table):
    """Tokens, the newest first."""

    columns_declared = (
        Column("name", _("Name"), kind="link", sub="prefix"),
        Column("state", _("State"), kind="chip", choices=TOKEN_STATES, tone=lambda value: TOKEN_TONES.get(value, "")),
        Column("user", _("API client"), path="user__name", hide="sm"),
        ScopesColumn("scopes", _("What it may do"), sort="", hide="md"),
        Column("expires_at", _("Expires"), kind="date"),
        Column("last_used_at", _("Last used"), kind="date", hide="sm"),
        Column("created_by", _("Made by"), path="created_by__name", hide="md"),
    )
    default_order = ("-created_at",)

    def row_url(self, row: Row) -> str:
        """Lead to the token."""
        return ApiTokenSection.url("detail", row["pk"])


class ApiTokenFilter(BaseFilterSet):
    """Tokens by word and state."""

    state = django_filters.ChoiceFilter(choices=list(TOKEN_STATES.items()), label=_("State"))

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
        """Return all tokens, with their state."""
        return ApiToken.objects.select_related("user", "created_by").annotate(state=token_state())

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
            (_("State"), str(TOKEN_STATES[instance.state]), ""),  # type: ignore[attr-defined]  # annotated by queryset()
            (_("Expires"), _moment(instance.expires_at), ""),
            (_("Last used"), _moment(instance.last_used_at) or _("never"), ""),
            (_("Revoked"), _moment(instance.revoked_at) or _("no"), ""),
        ]
        return [
            {"title": _("Token"), "rows": [{"label": label, "text": text, "url": url} for label, text, url in rows]}
        ]


def _moment(value: datetime | None) -> str:
    return formats.date_format(timezone.localtime(value), "SHORT_DATETIME_FORMAT") if value else ""

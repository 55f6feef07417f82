"""Forms for preferences, territories and people."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, Territory, User
from accounts.roles import Role
from accounts.tokens import DEFAULT_DAYS, MAX_DAYS, SCOPES
from core.forms import ScopedModelForm


class PreferencesForm(forms.ModelForm):
    """Language, theme and time zone of the person signed in."""

    language = forms.ChoiceField(
        label=_("language"),
        choices=[(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES],
    )

    class Meta:
        model = User
        fields = ["language", "theme", "time_zone"]
        help_texts = {"time_zone": _("For example Asia/Shanghai; empty: the company's.")}


class TerritoryForm(ScopedModelForm):
    """A territory's name, code, level and place in the tree."""

    class Meta:
        model = Territory
        fields = ["code", "name", "level", "parent"]


class UserForm(ScopedModelForm):
    """A person, their role and their reach."""

    class Meta:
        model = User
        fields = ["email", "name", "code", "title", "role", "territories", "everywhere", "is_active"]
        help_texts = {
            "everywhere": _("For managers and API clients who answer for every territory."),
            "territories": _("Each with everything below it."),
        }


class ApiTokenForm(ScopedModelForm):
    """What a new token is for, what it may do, and for how long."""

    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), widget=forms.CheckboxSelectMultiple, choices=[(n, s[0]) for n, s in SCOPES.items()]
    )
    days = forms.IntegerField(
        label=_("Days until it expires"), min_value=1, max_value=MAX_DAYS, initial=DEFAULT_DAYS, required=True
    )

    class Meta:
        model = ApiToken
        fields = ["name", "user"]
        help_texts = {
            "name": _("The system that will use it, for example “ERP, nightly sales”."),
            "user": _("A person of role API client; their territories are what the token reaches."),
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        clients: Any = self.fields["user"]
        clients.queryset = clients.queryset.filter(role=Role.API_CLIENT, is_active=True)

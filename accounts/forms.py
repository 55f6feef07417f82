"""Forms for preferences, territories and people."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, Territory, User
from accounts.passwords import password_hint
from accounts.roles import Role
from accounts.territory_forms import TerritoriesField, TerritoryField
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
        fields = ["language", "theme", "time_zone", "digest"]
        help_texts = {"time_zone": _("For example Asia/Shanghai; empty: the company’s.")}
        widgets = {"time_zone": forms.TextInput({"list": "time-zones", "autocomplete": "off"})}


class LogInForm(AuthenticationForm):
    """E-mail and password."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": _("This e-mail and this password do not belong together. Mind upper and lower case."),
    }


class NewPasswordForm(SetPasswordForm):
    """A new password, twice: what it must be and what is wrong with it stand beside its first field."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].help_text = password_hint()
        self.fields["new_password2"].help_text = ""

    def validate_password_for_user(self, user: User, password_field_name: str = "") -> None:
        """Check the password, whichever field was meant."""
        super().validate_password_for_user(user, "new_password1")


class OwnPasswordForm(NewPasswordForm, PasswordChangeForm):
    """The old password as well."""


class CodeForm(forms.Form):
    """A code of the app, or a backup code."""

    code = forms.CharField(max_length=40)

    def __init__(self, *args: Any, backup: bool = False, focus: bool = True, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.backup = backup
        field = self.fields["code"]
        field.label = _("Backup code") if backup else _("Code from the app")
        field.widget.attrs = {
            "autocomplete": "off" if backup else "one-time-code",
            "inputmode": "text" if backup else "numeric",
            "autocapitalize": "none",
            "spellcheck": "false",
            "autofocus": focus,
        }


class TerritoryForm(ScopedModelForm):
    """A territory's name, code, level and place in the tree."""

    class Meta:
        model = Territory
        fields = ["code", "name", "level", "parent"]
        field_classes = {"parent": TerritoryField}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        if self.instance.pk:
            del fields["parent"]
        else:
            fields["parent"].queryset = fields["parent"].queryset.open()
            fields["parent"].empty_label = _("the top of the tree")


class UserForm(ScopedModelForm):
    """A person, their role and their reach."""

    class Meta:
        model = User
        fields = ["email", "name", "code", "title", "role", "territories", "everywhere"]
        field_classes = {"territories": TerritoriesField}
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

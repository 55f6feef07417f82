"""Forms for preferences, territories and people."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Territory, User
from core.forms import ScopedModelForm


class PreferencesForm(forms.ModelForm):
    """Language, theme and time zone of the person signed in."""

    class Meta:
        model = User
        fields = ["language", "theme", "time_zone"]
        widgets = {"language": forms.Select}
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

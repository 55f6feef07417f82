"""The base of model forms: scoped choices and optimistic locking."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.saved_views import audience_choices
from core.scope import Reacher, ScopedQuerySet, is_hidden


def _shown(field: Any, value: Any) -> str:
    """Return a value as the form shows it: of a choice, its words."""
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        choices: Any = field.choices
        value = dict(choices).get(value, value)
    return "" if value is None else str(value)


class ScopedModelForm(forms.ModelForm):
    """Offers, and therefore accepts, only fields and related rows the user may see; carries its version when opened."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: Reacher, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.user = user
        for name in list(self.fields):
            if is_hidden(user, self._meta.model, name):
                del self.fields[name]
        if hasattr(self.instance, "version"):
            self.fields["version"].initial = self.instance.version
        field: Any
        for field in self.fields.values():
            queryset = getattr(field, "queryset", None)
            if isinstance(queryset, ScopedQuerySet):
                field.queryset = queryset.visible_to(user)
            field.error_messages["unique"] = _("This is taken already.")

    def differences(self, current: Any) -> list[dict[str, str]]:
        """Return, for each field that differs from the saved record, the label and both values as text."""
        rows = []
        for name in self.changed_data:
            if name == "version" or name not in self.fields:
                continue
            yours, theirs = self.cleaned_data.get(name), getattr(current, name, "")
            if yours != theirs:
                field = self.fields[name]
                sides = {"yours": _shown(field, yours), "theirs": _shown(field, theirs)}
                rows.append({"label": str(field.label), **sides})
        return rows

    def refuse(self, message: str, field: str | None = None) -> None:
        """Put a refusal beside its field, or on top."""
        self.add_error(field if field in self.fields else None, message)


class SavedViewForm(forms.Form):
    """The name of a view of a list, with whom it is shared, and whether the list begins with it."""

    name = forms.CharField(label=_("name"), max_length=60)
    shared_with = forms.ChoiceField(
        label=_("shared with"), required=False, help_text=_("Everybody sees their own rows through it, never yours.")
    )
    first = forms.BooleanField(label=_("the list begins with it for me"), required=False)

    def __init__(self, *args: Any, user: Any, named: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        if user.reach("core.share_savedview") is None:
            del fields["shared_with"]
        else:
            fields["shared_with"].choices = audience_choices()
        if named:
            del fields["first"]

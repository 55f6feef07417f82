"""The base of model forms: scoped choices and optimistic locking."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.scope import Reacher, ScopedQuerySet


class ScopedModelForm(forms.ModelForm):
    """Offers, and therefore accepts, only related rows the user may see; carries the version it was opened at."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: Reacher, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.user = user
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
                shown = getattr(current, f"get_{name}_display", None)
                rows.append(
                    {
                        "label": str(self.fields[name].label),
                        "yours": str(yours if yours is not None else ""),
                        "theirs": str(shown() if shown else ("" if theirs is None else theirs)),
                    }
                )
        return rows

    def refuse(self, message: str, field: str | None = None) -> None:
        """Put a refusal beside its field, or on top."""
        self.add_error(field if field in self.fields else None, message)

"""Uploading a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from distributors.ledger.kinds.declaration import kinds_for

PROFILE_MOST = 256 * 1024


class ImportForm(forms.Form):
    """A file, what it holds, and how its columns are called."""

    kind = forms.ChoiceField(label=_("What the file holds"))
    file = forms.FileField(
        label=_("File"), help_text=_("Text with a line of column names: CSV, or with tabs or semicolons.")
    )
    profile = forms.FileField(
        label=_("Mapping profile"),
        required=False,
        help_text=_("A .toml file that says which column is what; without it the columns are called like the fields."),
    )
    dry_run = forms.BooleanField(label=_("Check only, publish nothing"), required=False)

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.name, kind.title) for kind in kinds_for(user)]  # type: ignore[attr-defined]

    def clean_profile(self) -> Any:
        """Refuse a profile that is far too large to be one."""
        profile = self.cleaned_data["profile"]
        if profile and profile.size > PROFILE_MOST:
            raise forms.ValidationError(_("A mapping profile is a small text file."))
        return profile

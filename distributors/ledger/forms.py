"""Uploading a file."""

from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.periods import Window, month_shift
from distributors.ledger.books import month_name
from distributors.ledger.kinds.declaration import kinds_for

PROFILE_MOST = 256 * 1024
MONTHS_OFFERED = 36


class ImportForm(forms.Form):
    """A file, what it holds, and how its columns are called."""

    kind = forms.ChoiceField(label=_("What the file holds"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("A workbook (XLSX) or text (CSV) with a row of column names. They are recognised next."),
    )
    profile = forms.FileField(
        label=_("Mapping profile"),
        required=False,
        help_text=_("Only where you have one: a .toml file that says which column is what."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        too_large = _("The file is larger than %(limit)s MiB.") % {"limit": settings.IMPORT_MAX_BYTES >> 20}
        self.fields["file"].widget.attrs |= {"data-most": settings.IMPORT_MAX_BYTES, "data-too-large-text": too_large}
        self.fields["kind"].choices = [(kind.name, kind.title) for kind in kinds_for(user)]  # type: ignore[attr-defined]

    def clean_profile(self) -> Any:
        """Refuse a profile that is far too large to be one."""
        profile = self.cleaned_data["profile"]
        if profile and profile.size > PROFILE_MOST:
            raise forms.ValidationError(_("A mapping profile is a small text file."))
        return profile


class ReasonForm(forms.Form):
    """Why something is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=200, help_text=_("Stays with the record."))


class CloseForm(forms.Form):
    """Up to which month the books are closed."""

    month = forms.TypedChoiceField(label=_("Close up to and including"), coerce=date.fromisoformat)
    reason = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, opened: date | None, last: date, **kwargs: Any):
        super().__init__(*args, **kwargs)
        earliest = month_shift(last, 1 - MONTHS_OFFERED)
        months = Window(max(opened or earliest, earliest), month_shift(last, 1)).months
        choices = [(month.isoformat(), month_name(month)) for month in months]
        # The first close has no next month: whoever closes says how far, nothing is chosen for them.
        blank = [] if opened else [("", _("Choose a month"))]
        self.fields["month"].choices = [*blank, *choices]  # type: ignore[attr-defined]
        self.fields["month"].initial = choices[0][0] if opened and choices else None

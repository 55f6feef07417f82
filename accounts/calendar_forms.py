"""Forms of absences and business calendars."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import WEEKDAYS, Absence, BusinessCalendar, Territory, User
from accounts.selectors import colleagues_of, team_of
from core.calendar import countries
from core.forms import ScopedModelForm


class BusinessCalendarForm(ScopedModelForm):
    """A calendar: whose holidays, which weekend, and where it holds."""

    country = forms.ChoiceField(label=_("country"), choices=lambda: [(code, code) for code in countries()])
    # Beside the model's own fields: they would store the list of the days as it is.
    weekend: Any = forms.MultipleChoiceField(
        label=_("weekend"), required=False, widget=forms.CheckboxSelectMultiple, choices=WEEKDAYS
    )
    territories: Any = forms.ModelMultipleChoiceField(
        Territory.objects.all(),
        label=_("territories"),
        required=False,
        help_text=_("Each with everything below it; all others have the company's calendar."),
    )

    class Meta:
        model = BusinessCalendar
        fields = ["name", "country", "subdivision"]
        help_texts = {"subdivision": _("ISO code of a state or province with holidays of its own, for example BY.")}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.initial["weekend"] = list(self.instance.weekend)
        if self.instance.pk:
            self.initial["territories"] = list(self.instance.territories.all())
        if self.instance.is_company:
            del self.fields["territories"]

    def clean(self) -> dict[str, Any]:
        """Return the values; the company's calendar names no territories."""
        return {"territories": [], **(super().clean() or {})}


class CalendarExceptionForm(forms.Form):
    """One day that is worked, or not, whatever the country's calendar says."""

    day = forms.DateField(label=_("day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    worked = forms.ChoiceField(label=_("this day is"), choices=[("0", _("free")), ("1", _("worked"))])
    name = forms.CharField(label=_("what for"), max_length=80)


class AbsenceForm(ScopedModelForm):
    """Who is away, when, and who decides meanwhile."""

    class Meta:
        model = Absence
        fields = ["user", "starts_on", "ends_on", "delegate", "reason"]
        widgets = {
            name: forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d") for name in ("starts_on", "ends_on")
        }
        help_texts = {
            "delegate": _("Decides meanwhile in this person's place; what they decide bears both names."),
            "reason": _("Seen by whoever sees the absence."),
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        fields: dict[str, Any] = self.fields
        known = [self.instance.user_id, self.instance.delegate_id]
        fields["user"].queryset = User.objects.filter(
            Q(pk=user.pk) | Q(pk__in=team_of(user).values("pk")) | Q(pk=known[0])
        )
        if self.instance.pk is None:
            self.initial["user"] = user.pk
        fields["user"].empty_label = None
        fields["delegate"].queryset = User.objects.filter(
            Q(pk=user.pk) | Q(pk__in=colleagues_of(user).values("pk")) | Q(pk=known[1])
        )
        fields["delegate"].empty_label = _("Nobody")

"""Forms of classification: a policy's settings, a further population, a class set by hand."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Territory
from core import clock
from core.forms import SentencedModelForm
from core.periods import month_shift
from distributors.classification.models import AbcClass, Policy, PolicyVersion
from distributors.classification.selectors.policies import SETTINGS


class PercentField(forms.DecimalField):
    """A share that a person enters in percent."""

    def __init__(self, **kwargs: Any):
        super().__init__(max_digits=5, decimal_places=2, min_value=0, max_value=100, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show a share in percent; what was typed stays as typed."""
        return (value * 100).normalize().__format__("f") if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Any:
        """Return the share."""
        percent = super().clean(value)
        return None if percent is None else percent / 100


class VersionForm(SentencedModelForm):
    """The settings of a new version, beginning with those of the newest one."""

    cut_a = PercentField(label=_("A up to, %"), help_text=_("Cumulative share of the sum, the distributor included."))
    cut_b = PercentField(label=_("B up to, %"), help_text=_("Beyond it is C."))
    dynamics_margin = PercentField(
        label=_("Changes at once beyond a cut by, points"),
        help_text=_("A class changes at once when the share has passed the cut by more than this."),
    )
    cut_five = PercentField(label=_("Group 5 up to, %"), help_text=_("Cumulative share of the volume."))
    cut_three = PercentField(label=_("Group 3 up to, %"), help_text=_("Beyond it is group 2."))
    opened = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = PolicyVersion
        fields = [*SETTINGS, "valid_from", "note"]
        widgets = {"valid_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}
        help_texts = {
            "crossing_above": _("Otherwise the one whose sales cross the cut falls below it."),
            "annualise": _("Three to eleven months are scaled to the months counted."),
            "dynamics_periods": _("Otherwise a class changes when it has stood at so many month-ends in a row."),
            "plan_five": _("Of funds, scarce goods and training; the three add up to 100."),
            "valid_from": _("Months closed before this day keep their version."),
            "note": _("Why; shown in the history."),
        }

    def __init__(self, *args: Any, current: PolicyVersion, **kwargs: Any):
        kwargs.setdefault("initial", {})
        kwargs["initial"] |= {name: getattr(current, name) for name in SETTINGS}
        kwargs["initial"] |= {"opened": current.number, "valid_from": month_shift(clock.today(), 1)}
        super().__init__(*args, **kwargs)

    def settings(self) -> dict[str, Any]:
        """Return the settings entered."""
        return {name: self.cleaned_data[name] for name in SETTINGS}

    def _post_clean(self) -> None:
        """Leave it to the service, which knows the whole version."""


class PolicyForm(SentencedModelForm):
    """A further population."""

    class Meta:
        model = Policy
        fields = ["name", "tier", "territories"]
        error_messages = {"name": {"unique": _("There is a policy of this name.")}}

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["territories"].queryset = Territory.objects.visible_to(user)  # type: ignore[attr-defined]


class ScarceForm(forms.ModelForm):
    """The product lines of which there is not enough for all."""

    class Meta:
        model = Policy
        fields = ["scarce_lines"]
        widgets = {"scarce_lines": forms.CheckboxSelectMultiple}


class OverrideForm(forms.Form):
    """A class set by hand, with its reason and its end."""

    klass = forms.ChoiceField(label=_("Class"), choices=AbcClass.choices)
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Shown wherever the class is shown, and kept in the history.")
    )
    ends_on = forms.DateField(
        label=_("Until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The last day. After it the class by the rules holds again."),
    )

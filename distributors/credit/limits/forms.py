"""Forms of credit: requests and decisions, overrides, checks, securities, promises, disputes, reminders, the rules."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import clock
from core.forms import ScopedModelForm, SentencedModelForm
from core.money import AmountField
from distributors.credit.limits.base import NOTE
from distributors.credit.limits.collecting_models import Reminder
from distributors.credit.limits.dunning import STAGES
from distributors.credit.limits.models import LimitKind, LimitPolicy, Security
from distributors.credit.limits.promises import contestable
from distributors.credit.limits.rates import currency_default
from distributors.credit.limits.services import SETTINGS
from distributors.profiles.models import Distributor

AREA = forms.Textarea(attrs={"rows": 3})
CODE: dict[str, Any] = {"max_length": 3, "min_length": 3}


def day_field(label: Any, **more: Any) -> forms.DateField:
    """Return the field of a day."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def amount_field(label: Any, **more: Any) -> AmountField:
    """Return the field of an amount."""
    return AmountField(label=label, decimal_places=4, max_digits=18, **more)


class CurrencyForm(forms.Form):
    """A form with a currency, in capitals."""

    def clean_currency(self) -> str:
        """Return the currency in capitals."""
        return str(self.cleaned_data["currency"]).upper()


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("reason"), max_length=NOTE, widget=AREA)


class LimitForm(CurrencyForm):
    """A request of a limit or of an increase."""

    kind = forms.ChoiceField(label=_("kind"), choices=LimitKind.choices)
    amount = amount_field(_("amount"), min_value=0)
    currency = forms.CharField(label=_("currency"), **CODE)
    starts_on = day_field(_("from"))
    ends_on = day_field(_("until"))
    reason = forms.CharField(label=_("reason"), max_length=NOTE, widget=AREA)

    def __init__(self, *args: Any, distributor: Distributor, **kwargs: Any):
        today = clock.today()
        initial = {
            "currency": currency_default(distributor),
            "starts_on": today,
            "ends_on": today + timedelta(days=364),
        }
        kwargs["initial"] = {**initial, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)


class DecisionForm(forms.Form):
    """The note of a decision."""

    note = forms.CharField(
        label=_("note"), max_length=NOTE, required=False, widget=AREA, help_text=_("Declining asks for one.")
    )


class OverrideForm(ReasonForm):
    """Until when orders go in spite of a hold, and why."""

    ends_on = day_field(_("until"))

    field_order = ("ends_on", "reason")


class CheckForm(CurrencyForm):
    """A question: may this order go?"""

    distributor = forms.CharField(label=_("code of the distributor"), max_length=40)
    amount = amount_field(_("amount"), min_value=0)
    currency = forms.CharField(label=_("currency"), **CODE)
    order_number = forms.CharField(label=_("order"), max_length=60, required=False)
    reserve_hours = forms.IntegerField(
        label=_("reserve for, hours"),
        required=False,
        min_value=1,
        max_value=720,
        help_text=_("Left empty: nothing is reserved."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_distributor(self) -> Distributor:
        """Return the distributor with the code, where the user may see it."""
        code = self.cleaned_data["distributor"].strip()
        found = Distributor.objects.visible_to(self.user).filter(code=code).first()
        if found is None:
            raise forms.ValidationError(_("You see no distributor with this code."))
        return found


class SecurityForm(ScopedModelForm):
    """A security."""

    class Meta:
        model = Security
        fields = [
            *("reference", "kind", "amount", "currency", "counts", "holder", "starts_on", "expires_on"),
            "note",
        ]
        widgets = {
            "note": AREA,
            "starts_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "expires_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        }

    def clean_currency(self) -> str:
        """Return the currency in capitals."""
        return str(self.cleaned_data["currency"]).upper()


class PromiseForm(CurrencyForm):
    """A promised payment."""

    amount = amount_field(_("amount"), min_value=0)
    currency = forms.CharField(label=_("currency"), **CODE)
    due_on = day_field(_("to be paid by"))
    note = forms.CharField(label=_("note"), max_length=NOTE, required=False, widget=AREA)


class DisputeForm(ReasonForm):
    """An invoice that is contested, and why."""

    invoice: Any = forms.ModelChoiceField(None, label=_("invoice"), empty_label=_("choose"))

    field_order = ("invoice", "reason")

    def __init__(self, *args: Any, distributor: Distributor, **kwargs: Any):
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["invoice"].queryset = contestable(distributor.pk)


class OutcomeForm(forms.Form):
    """How a dispute was settled."""

    outcome = forms.CharField(label=_("outcome"), max_length=NOTE, widget=AREA)


class ReminderForm(forms.Form):
    """A reminder that was sent."""

    stage = forms.TypedChoiceField(label=_("stage"), coerce=int)
    way = forms.ChoiceField(label=_("how"), choices=Reminder.Way.choices)
    note = forms.CharField(label=_("note"), max_length=NOTE, required=False, widget=AREA)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["stage"].choices = [(one.number, f"{one.number} · {one.label}") for one in STAGES]


class PolicyForm(SentencedModelForm):
    """The rules, and why they change."""

    opened = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = LimitPolicy
        fields = [*SETTINGS, "note"]

    def __init__(self, *args: Any, current: LimitPolicy, **kwargs: Any):
        kwargs["instance"] = LimitPolicy(**{name: getattr(current, name) for name in SETTINGS})
        super().__init__(*args, **kwargs)
        self.fields["opened"].initial = current.number

    def _post_clean(self) -> None:
        """Leave what the amounts contradict to the service, which says so in a sentence."""

    def settings(self) -> dict[str, Any]:
        """Return the rules."""
        return {name: self.cleaned_data[name] for name in SETTINGS}

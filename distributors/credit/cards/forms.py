"""Forms of the credit card: evidence, accounts, a review, the policy."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core import clock
from core.company import company
from core.forms import SentencedModelForm
from core.money import AmountField
from core.periods import month_last, month_shift
from distributors.credit.cards.items import CRITERIA, LEVELS, Criterion, name_label
from distributors.credit.cards.models import NOTE, Accounts, CreditPolicy
from distributors.credit.cards.policies import SETTINGS, WEIGHTS
from distributors.credit.cards.services import FIGURES, Upload

YES_NO = [("", _("not known")), ("1", _("yes")), ("0", _("no"))]
USUAL_MONTHS = 12


def _day(label: Any, **kwargs: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **kwargs)


def _amount(label: Any, **kwargs: Any) -> AmountField:
    return AmountField(label=label, required=False, max_digits=18, decimal_places=4, **kwargs)


class Filed(forms.Form):
    """What evidence and accounts share: when they were looked at, and what they rest on."""

    reviewed_on = _day(_("reviewed on"))
    note = forms.CharField(
        label=_("what it rests on"), required=False, max_length=NOTE, widget=forms.Textarea(attrs={"rows": 3})
    )
    file = forms.FileField(
        label=_("document"),
        required=False,
        help_text=_("PDF, JPEG, PNG or DOCX, at most 20 MiB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png,.docx"}),
    )

    @property
    def upload(self) -> Upload | None:
        """Return the file that was sent."""
        given = self.cleaned_data.get("file")
        return Upload(given.file, given.name) if given else None


class EvidenceForm(Filed):
    """The score of an entered sub-criterion."""

    score = forms.IntegerField(
        label=_("score, 0 to 100"),
        min_value=0,
        max_value=100,
        help_text=_("90 and more: nothing to object. 70: minor doubts. 50: doubts. 30: grave doubts. 0: the worst."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    expires_on = _day(_("counts until"), help_text=_("After this day it counts as missing."))

    field_order = ["score", "note", "file", "reviewed_on", "expires_on"]

    def __init__(self, *args: Any, **kwargs: Any):
        today = clock.today()
        usual = {"reviewed_on": today, "expires_on": month_last(month_shift(today, USUAL_MONTHS))}
        kwargs["initial"] = {**usual, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)


class AccountsForm(Filed):
    """The accounts of a year; what is not known stays empty."""

    year = forms.IntegerField(label=_("year"), min_value=1990, max_value=2200)
    currency = forms.RegexField(
        "^[A-Z]{3}$", label=_("currency"), error_messages={"invalid": _("Three capital letters, as CNY.")}
    )
    registered_capital = _amount(_("registered capital"), min_value=0)
    equity = _amount(_("equity"))
    liabilities = _amount(_("debt"), min_value=0)
    current_assets = _amount(_("current assets"), min_value=0)
    current_liabilities = _amount(_("current liabilities"), min_value=0)
    operating_margin = forms.DecimalField(
        label=_("operating margin, %"), required=False, min_value=-100, max_value=100, max_digits=5, decimal_places=2
    )
    own_premises = forms.TypedChoiceField(
        label=_("own premises"), choices=YES_NO, required=False, coerce=lambda one: one == "1", empty_value=None
    )
    opened = forms.IntegerField(widget=forms.HiddenInput, required=False)

    field_order = ["year", "currency", *FIGURES, "note", "file", "reviewed_on", "opened"]

    def __init__(self, *args: Any, current: Accounts | None, currency: str = "", **kwargs: Any):
        today = clock.today()
        initial: dict[str, Any] = {"year": today.year - 1, "reviewed_on": today, "opened": current.pk if current else 0}
        initial["currency"] = currency or company().base_currency
        if current is not None:
            initial |= {name: getattr(current, name) for name in ("year", "currency", "note", *FIGURES)}
            own = current.own_premises
            initial["own_premises"] = "" if own is None else "1" if own else "0"
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        if current is not None:
            self.fields["year"].disabled = True

    @property
    def figures(self) -> dict[str, Any]:
        """Return the figures."""
        return {name: self.cleaned_data[name] for name in FIGURES}


class ReviewForm(forms.Form):
    """That a card was gone through, and when it is looked at again."""

    next_on = _day(_("next review"))
    note = forms.CharField(label=_("note"), required=False, max_length=NOTE, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, months: int, **kwargs: Any):
        today = clock.today()
        first = month_shift(today, months)
        usual = min(first + timedelta(days=today.day - 1), month_last(first))
        kwargs["initial"] = {"next_on": usual}
        super().__init__(*args, **kwargs)


class WeightField(forms.DecimalField):
    """A weight that a person enters in per cent, kept in parts of 10,000."""

    def __init__(self, **kwargs: Any):
        super().__init__(max_digits=5, decimal_places=2, min_value=0, max_value=100, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """Show parts in per cent; what was typed stays as typed."""
        return f"{value / 100:g}" if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Return the parts."""
        found = super().clean(value)
        return None if found is None else int(found * 100)


class PolicyForm(SentencedModelForm):
    """The weights and settings of a new version, beginning with those of the newest one."""

    opened = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = CreditPolicy
        fields = [*SETTINGS, "valid_from", "note"]
        widgets = {"valid_from": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, current: CreditPolicy, **kwargs: Any):
        initial = {name: getattr(current, name) for name in (*WEIGHTS, *SETTINGS)}
        kwargs["initial"] = {**initial, "opened": current.number, "valid_from": clock.today()}
        super().__init__(*args, **kwargs)
        for name in WEIGHTS:
            self.fields[name] = WeightField(label=name_label(name))

    @property
    def levels(self) -> list[dict[str, Any]]:
        """Return the fields of the weights by level, each with its comparison in pairs."""
        labels = {"criteria": _("The five criteria"), **{one.value: Criterion(one).label for one in CRITERIA}}
        return [
            {"level": level, "label": labels[level], "fields": [self[name] for name in names]}
            for level, names in LEVELS.items()
        ]

    @property
    def settings_fields(self) -> list[Any]:
        """Return the fields beside the weights."""
        return [self[name] for name in (*SETTINGS, "valid_from", "note")]

    def _post_clean(self) -> None:
        """Leave what the weights make up to the service, which says so in a sentence."""

    def settings(self) -> dict[str, Any]:
        """Return what was entered."""
        return {name: value for name, value in self.cleaned_data.items() if name in (*WEIGHTS, *SETTINGS)}


class AhpForm(forms.Form):
    """From when the weights of a comparison hold, and why."""

    valid_from = _day(_("valid from"))
    note = forms.CharField(label=_("why"), required=False, max_length=200)
    opened = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, opened: int, **kwargs: Any):
        kwargs["initial"] = {"valid_from": clock.today(), "opened": opened}
        super().__init__(*args, **kwargs)

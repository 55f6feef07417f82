"""Forms of selection: the scorecard, an item of due diligence, a risk, the policy."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from core.forms import ScopedModelForm, SentencedModelForm
from distributors.profiles.selection.anchors import ANCHORS, anchors_of, risk_choices
from distributors.profiles.selection.calculations import CRITERIA, WEIGHTS
from distributors.profiles.selection.models import NOTE, Assessment, CheckState, Criterion, Risk, SelectionPolicy
from distributors.profiles.selectors import owners_for


class ScorecardForm(forms.Form):
    """A rating by written anchors and a note for each criterion; what is not rated yet may stay so in a draft."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, draft: Assessment | None, weights: dict[str, int], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = draft.version if draft else 0
        found = {one.criterion: one for one in draft.ratings.all()} if draft else {}
        for name in CRITERIA:
            rating = found.get(name)
            self.fields[name] = forms.TypedChoiceField(
                label=Criterion(name).label,
                choices=anchors_of(name),
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
                initial=rating.value if rating else None,
            )
            self.fields[f"{name}_note"] = forms.CharField(
                label=_("What it rests on"),
                required=False,
                max_length=NOTE,
                widget=forms.Textarea(attrs={"rows": 2}),
                initial=rating.note if rating else "",
            )
        self.weights = weights

    @property
    def criteria(self) -> list[dict[str, Any]]:
        """Return the criteria with both fields of each."""
        return [
            {
                "name": name,
                "label": Criterion(name).label,
                "question": ANCHORS[name][0],
                "weight": self.weights[name],
                "rating": self[name],
                "note": self[f"{name}_note"],
            }
            for name in CRITERIA
        ]

    def ratings(self) -> dict[str, tuple[int | None, str]]:
        """Return rating and note by criterion."""
        data = self.cleaned_data
        return {name: (data[name], data[f"{name}_note"]) for name in CRITERIA}


class CheckForm(forms.Form):
    """What an item of due diligence found."""

    state = forms.ChoiceField(label=_("finding"), choices=CheckState.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("note"),
        required=False,
        max_length=NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("A concern and what blocks need one."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class RiskForm(ScopedModelForm):
    """A risk: how likely, how bad, what is done about it, and who sees to it."""

    likelihood = forms.TypedChoiceField(label=_("likelihood"), coerce=int)
    impact = forms.TypedChoiceField(label=_("impact"), coerce=int)
    owner: Any = forms.ModelChoiceField(None, label=_("who sees to it"), required=False)

    class Meta:
        model = Risk
        fields = ["title", "likelihood", "impact", "mitigation", "owner"]
        widgets = {"mitigation": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        fields: dict[str, Any] = self.fields
        for side in ("likelihood", "impact"):
            fields[side].choices = [("", _now("choose")), *risk_choices(side)]
        fields["owner"].queryset = owners_for(user)


class PolicyForm(SentencedModelForm):
    """The weights, the minimum score and the limit of a risk, and why they change."""

    opened = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = SelectionPolicy
        fields = [*WEIGHTS, "threshold", "risk_limit", "note"]

    def __init__(self, *args: Any, current: SelectionPolicy, **kwargs: Any):
        kwargs["instance"] = SelectionPolicy(**_settings(current))
        super().__init__(*args, **kwargs)
        self.fields["opened"].initial = current.number

    def _post_clean(self) -> None:
        """Leave what the weights make up to the service, which says so in a sentence."""

    def settings(self) -> dict[str, int]:
        """Return the numbers."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"opened", "note"}}


def _settings(current: SelectionPolicy) -> dict[str, int]:
    return {name: getattr(current, name) for name in (*WEIGHTS, "threshold", "risk_limit")}

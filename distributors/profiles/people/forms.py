"""Forms of a person: their work, what is personal of them in groups, and the day on which they left."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core import clock
from core.forms import ScopedModelForm
from distributors.profiles.forms import DATE, CodeField
from distributors.profiles.models import Contact, ContactPersonal, Distributor
from distributors.profiles.people.agreement import personal_refusals
from distributors.profiles.people.models import Tie
from distributors.profiles.people.questions import GROUPS, month_choices


class ContactForm(ScopedModelForm):
    """Who a person is at the distributor; at which one stands at the beginning."""

    distributor = CodeField(label=_("distributor"), help_text=_("Its code."))

    class Meta:
        model = Contact
        fields = [
            "distributor",
            "name",
            "title",
            "function",
            "level",
            "decision_role",
            "stance",
            "disc",
            "relationship",
            "since",
        ]
        widgets = {"since": DATE}

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        fields: dict[str, Any] = self.fields
        if self.instance.pk is not None:
            del fields["distributor"]
            return
        fields["distributor"].queryset = Distributor.objects.visible_to(user, "change").unmerged()
        if self.instance.distributor_id is not None:
            self.initial["distributor"] = self.instance.distributor.code


class PersonalForm(ScopedModelForm):
    """What is known of a person, in groups, each with its purpose and the day of the consent."""

    birth_month = forms.TypedChoiceField(
        label=_("month of birth"), choices=month_choices, coerce=int, empty_value=None, required=False
    )

    class Meta:
        model = ContactPersonal
        fields = [column for group in GROUPS for column in (*group.columns, group.purpose, group.consent)]
        widgets = {group.consent: DATE for group in GROUPS} | {
            name: forms.Textarea(attrs={"rows": 3})
            for name in ("education", "career", "family", "interests", "community", "avoid")
        }

    def clean(self) -> dict[str, Any]:
        """Refuse answers without purpose or consent beside the field that lacks."""
        data = super().clean() or self.cleaned_data
        for field, sentence in personal_refusals(data):
            if field in self.fields and field not in self.errors:
                self.add_error(field, sentence)
        return data

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Return the fields in groups, as the form shows them."""
        return [
            {"title": group.label, "fields": [self[name] for name in (*group.columns, group.purpose, group.consent)]}
            for group in GROUPS
        ]

    def differences(self, current: Any) -> list[dict[str, str]]:
        """Name the group beside a purpose or a consent, of which each group has its own."""
        named = {name: group for group in GROUPS for name in (group.purpose, group.consent)}
        for name, group in named.items():
            self.fields[name].label = f"{capfirst(str(group.label))}: {self.fields[name].label}"
        return super().differences(current)


class RelationForm(forms.Form):
    """How a person stands to another one of the same distributor."""

    kind = forms.ChoiceField(label=_("relation"), choices=Tie.choices)
    other: Any = forms.ModelChoiceField(Contact.objects.none(), label=_("to whom"))

    def __init__(self, *args: Any, user: Any, contact: Contact, **kwargs: Any):
        super().__init__(*args, **kwargs)
        people = Contact.objects.visible_to(user).filter(distributor=contact.distributor_id, erased_at=None)
        fields: dict[str, Any] = self.fields
        fields["other"].queryset = people.exclude(pk=contact.pk).order_by("name", "pk")


class LeaveForm(forms.Form):
    """On which day a person left."""

    left_on = forms.DateField(label=_("left on"), widget=DATE)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **{"initial": {"left_on": clock.today()}, **kwargs})

"""Forms of the distributor card, its addresses, its assignments and its life."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Territory
from accounts.territory_forms import TerritoryField
from core import clock
from core.company import company
from core.errors import DomainError
from core.forms import ScopedModelForm
from core.periods import month_of, month_shift
from distributors.profiles.assignments import Kept
from distributors.profiles.models import Distributor, Place, Tag
from distributors.profiles.selectors import (
    ADDRESS,
    language_choices,
    owners_for,
    parent_hidden,
    registered_address,
)
from distributors.profiles.tag_forms import chosen_names, new_tags_field, tag_choice_field
from distributors.profiles.tagging import tag_key

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


GROUPS = (
    (_("Identity"), ("code", "legal_name", "short_name", "other_name", "type", "tier", "parent")),
    (_("Cooperation"), ("territory", "owner", "cooperation_since", "currency")),
    (_("Registered address"), ADDRESS),
    (
        _("Registration"),
        ("registration_number", "tax_number", "legal_representative", "founded_on", "registered_capital"),
    ),
    (_("Contact"), ("phone", "email", "website", "language", "time_zone")),
    (_("Tags"), ("tag_choice", "new_tags")),
)


class CodeField(forms.ModelChoiceField):
    """A distributor typed by its code: a hundred thousand do not fit a list of choices."""

    widget = forms.TextInput
    default_error_messages = {"invalid_choice": _("You see no distributor with this code.")}

    def __init__(self, **kwargs: Any):
        super().__init__(Distributor.objects.unmerged(), to_field_name="code", **kwargs)


class DistributorForm(ScopedModelForm):
    """The card: identity, cooperation, contact and the registered address; territory and owner at the beginning."""

    territory = TerritoryField(Territory.objects.open(), label=_("territory"))
    owner: Any = forms.ModelChoiceField(None, label=_("owner"), required=False)
    parent = CodeField(
        label=_("buys from"), required=False, help_text=_("The code of the distributor above; empty: from us.")
    )
    address = forms.CharField(label=_("address"), max_length=200, required=False)
    city = forms.CharField(label=_("city"), max_length=80, required=False)
    province = forms.CharField(label=_("province or state"), max_length=80, required=False)
    postal_code = forms.CharField(label=_("postal code"), max_length=20, required=False)
    country = forms.CharField(label=_("country"), max_length=80, required=False)
    tag_choice = tag_choice_field(required=False)
    new_tags = new_tags_field()

    class Meta:
        model = Distributor
        fields = [
            "code",
            "legal_name",
            "short_name",
            "other_name",
            "type",
            "tier",
            "parent",
            "cooperation_since",
            "currency",
            "territory",
            "owner",
            "registration_number",
            "tax_number",
            "legal_representative",
            "founded_on",
            "registered_capital",
            "phone",
            "email",
            "website",
            "language",
            "time_zone",
        ]
        widgets = {"founded_on": DATE, "cooperation_since": DATE}
        help_texts = {"time_zone": _("For example Asia/Shanghai."), "currency": _("Three letters, for example CNY.")}

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            label=_("language"), required=False, choices=language_choices(self.instance.language)
        )
        self.fields["registered_capital"].help_text = _(
            "In the distributor's currency; where it has none, in %(currency)s."
        ) % {"currency": company().base_currency}
        if not Tag.objects.exists():
            del self.fields["tag_choice"]
        if self.instance.pk is None:
            owner: Any = self.fields["owner"]
            owner.queryset = owners_for(user)
        else:
            del self.fields["territory"], self.fields["owner"]
            self.initial.update(registered_address(self.instance))
            self.initial["tag_choice"] = list(Tag.objects.filter(taggings__distributor=self.instance.pk))
            if parent_hidden(self.instance, user):
                del self.fields["parent"]
            else:
                self.initial["parent"] = self.instance.parent.code if self.instance.parent else ""

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Return the fields in groups, as the form shows them."""
        return [
            {"title": title, "fields": [self[name] for name in names if name in self.fields]} for title, names in GROUPS
        ]

    def clean_currency(self) -> str:
        """Return the currency in capitals."""
        return self.cleaned_data["currency"].upper()

    def clean(self) -> dict[str, Any]:
        """Give the tags by name, those ticked and those typed."""
        data = super().clean() or self.cleaned_data
        try:
            data["tags"] = chosen_names(data)
        except DomainError as error:
            self.add_error("new_tags", str(error))
        data.pop("tag_choice", None)
        data.pop("new_tags", None)
        return data

    def differences(self, current: Any) -> list[dict[str, str]]:
        """Compare the address and the tags too, which are records of their own."""
        current.tag_choice = current.new_tags = None
        for name, value in registered_address(current).items():
            setattr(current, name, value)
        yours, theirs = self.cleaned_data["tags"], [tag.name for tag in current.tags.all()]
        rows = super().differences(current)
        if {tag_key(name) for name in yours} != {tag_key(name) for name in theirs}:
            rows.append({"label": str(_("tags")), "yours": ", ".join(yours), "theirs": ", ".join(theirs)})
        return rows


class PlaceForm(forms.ModelForm):
    """A shipping address."""

    class Meta:
        model = Place
        fields = list(ADDRESS)


class AssignmentForm(forms.Form):
    """Who covers a distributor from which month on."""

    starts_on = forms.DateField(label=_("from"), widget=DATE, help_text=_("The first of a month."))
    territory = TerritoryField(Territory.objects.none(), label=_("territory"))
    owner: Any = forms.ModelChoiceField(None, label=_("owner"), required=False)
    reason = forms.CharField(
        label=_("reason"), max_length=200, required=False, help_text=_("Needed for a month that is over.")
    )

    def __init__(self, *args: Any, user: Any, distributor: Distributor, **kwargs: Any):
        first = {
            "starts_on": month_shift(month_of(clock.today()), 1),
            "territory": distributor.territory_id,
            "owner": distributor.owner_id,
        }
        super().__init__(*args, **{"initial": first, **kwargs})
        fields: dict[str, Any] = self.fields
        fields["territory"].queryset = Territory.objects.visible_to(user).open()
        fields["owner"].queryset = owners_for(user)

    def refuse(self, message: str, field: str | None = None) -> None:
        """Put a refusal beside its field, or on top."""
        self.add_error(field if field in self.fields else None, message)


NOBODY = "nobody"


class KeptTerritoryField(TerritoryField):
    """A choice of territories, or the one that each has."""

    def clean(self, value: Any) -> Any:
        """Return the territory, or that each keeps its own."""
        return Kept.AS_IT_IS if value in self.empty_values else super().clean(value)


class _OwnersOrNobody(forms.models.ModelChoiceIterator):
    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        kept, *people = super().__iter__()
        yield kept
        yield NOBODY, gettext("nobody")
        yield from people


class KeptOwnerField(forms.ModelChoiceField):
    """A choice of people, of nobody, or of whoever covers each now."""

    iterator = _OwnersOrNobody

    def clean(self, value: Any) -> Any:
        """Return the owner, None for nobody, or that each keeps its own."""
        if value in self.empty_values:
            return Kept.AS_IT_IS
        return None if value == NOBODY else super().clean(value)


class BulkAssignmentForm(AssignmentForm):
    """Who covers many distributors from which month on: another territory, another owner, or both."""

    territory = KeptTerritoryField(
        Territory.objects.none(), label=_("territory"), required=False, empty_label=_("each keeps its territory")
    )
    owner: Any = KeptOwnerField(None, label=_("owner"), required=False, empty_label=_("each keeps its owner"))

    def __init__(self, *args: Any, user: Any, rows: Any = None, **kwargs: Any):
        super().__init__(*args, user=user, distributor=Distributor(), **kwargs)


class MoveForm(forms.Form):
    """Why a distributor moves to another state; `confirmed` names the move that was asked for once already."""

    reason = forms.CharField(label=_("reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}))
    confirmed = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def ask_again(self, move: str) -> None:
        """Keep that `move` was asked for, so that the next press makes it."""
        given: Any = self.data
        self.data = {**given.dict(), "confirmed": move}

    def refuse(self, message: str, field: str | None = None) -> None:
        """Put a refusal beside its field, or on top."""
        self.add_error(field if field in self.fields else None, message)


class MergeWithForm(forms.Form):
    """Which card to compare with."""

    def __init__(self, *args: Any, user: Any, distributor: Distributor, **kwargs: Any):
        super().__init__(*args, **kwargs)
        chosen = CodeField(label=_("Code of the other card"))
        rows = Distributor.objects.visible_to(user, "merge").unmerged().exclude(pk=distributor.pk)
        chosen.queryset = rows.select_related("type", "territory", "owner", "parent", "standing")
        self.fields["with"] = chosen
        self.user = user

    def clean(self) -> Any:
        """Say of a card that is merged into another one that it is, and into which."""
        typed = str(self.data.get("with", "")).strip()
        if "with" in self.errors and typed:
            seen = Distributor.objects.visible_to(self.user, "merge").select_related("merged_into")
            gone = seen.filter(code=typed).exclude(merged_into=None).first()
            if gone is not None and gone.merged_into is not None:
                text = _("%(code)s is merged into %(into)s already; undo that merge first.")
                del self.errors["with"]
                self.add_error("with", text % {"code": gone.code, "into": gone.merged_into.code})
        return super().clean()


class MergeForm(forms.Form):
    """Which of two cards stays, and why they are one."""

    keep = forms.ChoiceField(label=_("The card that stays"), widget=forms.RadioSelect)
    reason = forms.CharField(label=_("reason"), max_length=200)

    def __init__(self, *args: Any, cards: tuple[Distributor, Distributor], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.cards = cards
        choices = [(str(one.pk), f"{one.code} {one}") for one in cards]
        self.fields["keep"].choices = choices  # type: ignore[attr-defined]

    def sides(self) -> tuple[Distributor, Distributor]:
        """Return the card that goes and the one that stays."""
        one, other = self.cards
        return (other, one) if self.cleaned_data["keep"] == str(one.pk) else (one, other)

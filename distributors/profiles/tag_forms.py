"""Forms about tags: which ones a card carries, which ones many get or lose, and what an administrator does to one."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.forms import ScopedModelForm
from distributors.profiles.models import Tag
from distributors.profiles.tag_models import LONGEST
from distributors.profiles.tagging import tag_names


def tag_choice_field(**options: Any) -> forms.ModelMultipleChoiceField:
    """Return the choice of tags that there are."""
    return forms.ModelMultipleChoiceField(
        Tag.objects.all(), label=_("tags"), widget=forms.CheckboxSelectMultiple, **options
    )


def new_tags_field() -> forms.CharField:
    """Return the field in which new tags are typed."""
    return forms.CharField(
        label=_("new tags"),
        max_length=400,
        required=False,
        help_text=_("Several with commas between them. One that is there already is used, whatever its capitals."),
    )


def chosen_names(data: dict[str, Any]) -> tuple[str, ...]:
    """Return the names of the tags ticked and typed, each once; raise DomainError for one that is too long."""
    return tag_names(",".join([*(tag.name for tag in data.get("tag_choice") or ()), data.get("new_tags") or ""]))


class TagManyForm(forms.Form):
    """Which tags many distributors get."""

    tag_choice = tag_choice_field(required=False)
    new_tags = new_tags_field()

    def __init__(self, *args: Any, user: Any, rows: Any = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not Tag.objects.exists():
            del self.fields["tag_choice"]

    def clean(self) -> dict[str, Any]:
        """Give the names of what was ticked and typed."""
        try:
            names = chosen_names(self.cleaned_data)
        except DomainError as error:
            raise forms.ValidationError({"new_tags": str(error)}) from error
        if not names:
            raise forms.ValidationError(gettext("Choose a tag, or type a new one."))
        return {"names": names}


class UntagManyForm(forms.Form):
    """Which tags many distributors lose."""

    tags = tag_choice_field()

    def __init__(self, *args: Any, user: Any, rows: Any = None, **kwargs: Any):
        super().__init__(*args, **kwargs)


class TagForm(ScopedModelForm):
    """The name of a tag."""

    class Meta:
        model = Tag
        fields = ["name"]
        help_texts = {"name": _("Without commas, at most %(most)s characters.") % {"most": LONGEST}}


class TagMergeForm(forms.Form):
    """Which tag takes the place of another."""

    into = forms.ModelChoiceField(Tag.objects.none(), label=_("the tag that stays"))

    def __init__(self, *args: Any, tag: Tag, **kwargs: Any):
        super().__init__(*args, **kwargs)
        field: Any = self.fields["into"]
        field.queryset = Tag.objects.exclude(pk=tag.pk)

    def refuse(self, message: str, field: str | None = None) -> None:
        """Put a refusal beside its field, or on top."""
        self.add_error(field if field in self.fields else None, message)

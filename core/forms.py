"""The base of model forms: scoped choices and optimistic locking."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.db.models import CheckConstraint, F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from core.saved_views import audience_choices
from core.scope import Reacher, ScopedQuerySet, is_hidden


def _shown(field: Any, value: Any) -> str:
    """Return a value as the form shows it: of a choice, its words."""
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        choices: Any = field.choices
        value = dict(choices).get(value, value)
    return "" if value is None else str(value)


class SentencedModelForm(forms.ModelForm):
    """Says in a sentence which entries contradict each other where a constraint of the table has none of its own."""

    def _update_errors(self, errors: Any) -> None:
        rules: Any = self.instance._meta.constraints if self._meta.model else []
        mute = [one for one in rules if isinstance(one, CheckConstraint) and _is_mute(one)]
        said = {str(one.get_violation_error_message()): self._contradiction(one) for one in mute}
        for found in getattr(errors, "error_dict", {}).values():
            for error in found:
                error.message = said.get(str(error.message), error.message)
        parent: Any = super()
        parent._update_errors(errors)

    def _contradiction(self, constraint: CheckConstraint) -> str:
        names = dict.fromkeys(_names_in(constraint.condition))
        labels = [str(self.fields[name].label) for name in names if name in self.fields]
        if not labels:
            return str(_("What was entered breaks a rule of this record: look at it again."))
        text = _("This does not go together: %(fields)s. Mend one of them.")
        return text % {"fields": pgettext("between names", ", ").join(labels)}


def _is_mute(constraint: CheckConstraint) -> bool:
    return constraint.violation_error_message == constraint.default_violation_error_message


def _names_in(part: Any) -> Iterator[str]:
    """Yield the fields that a condition is about."""
    if isinstance(part, Q):
        for child in part.children:
            yield from _names_in(child)
    elif isinstance(part, F):
        yield str(getattr(part, "name", ""))
    elif isinstance(part, tuple):
        lookup, value = part
        yield lookup.split("__")[0]
        if isinstance(value, F):
            yield from _names_in(value)


class ScopedModelForm(SentencedModelForm):
    """Offers, and therefore accepts, only fields and related rows the user may see; carries its version when opened."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, user: Reacher, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.user = user
        for name in list(self.fields):
            if is_hidden(user, self._meta.model, name):
                del self.fields[name]
        if hasattr(self.instance, "version"):
            self.fields["version"].initial = self.instance.version
        field: Any
        for field in self.fields.values():
            queryset = getattr(field, "queryset", None)
            if isinstance(queryset, ScopedQuerySet):
                field.queryset = queryset.visible_to(user)
            field.error_messages["unique"] = _("This is taken already.")

    def differences(self, current: Any) -> list[dict[str, str]]:
        """Return, for each field that differs from the saved record, the label and both values as text."""
        rows = []
        for name in self.changed_data:
            if name == "version" or name not in self.fields:
                continue
            yours, theirs = self.cleaned_data.get(name), getattr(current, name, "")
            if yours != theirs:
                field = self.fields[name]
                sides = {"yours": _shown(field, yours), "theirs": _shown(field, theirs)}
                rows.append({"label": str(field.label), **sides})
        return rows

    def refuse(self, message: str, field: str | None = None) -> None:
        """Put a refusal beside its field, or on top."""
        self.add_error(field if field in self.fields else None, message)


class SavedViewForm(forms.Form):
    """The name of a view of a list, with whom it is shared, and whether the list begins with it."""

    name = forms.CharField(label=_("name"), max_length=60)
    shared_with = forms.ChoiceField(
        label=_("shared with"), required=False, help_text=_("Everybody sees their own rows through it, never yours.")
    )
    first = forms.BooleanField(label=_("the list begins with it for me"), required=False)

    def __init__(self, *args: Any, user: Any, named: bool = False, **kwargs: Any):
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        if user.reach("core.share_savedview") is None:
            del fields["shared_with"]
        else:
            fields["shared_with"].choices = audience_choices()
        if named:
            del fields["first"]

"""Forms about the territory tree."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Territory
from core import clock
from core.periods import month_of, month_shift


def _indented(territory: Territory, top: int) -> str:
    return "\u2003" * max(0, territory.depth - top) + territory.name


class TerritoryField(forms.ModelChoiceField):
    """A choice of territories, indented as the tree."""

    _top: int | None = None

    def label_from_instance(self, obj: Any) -> str:
        """Return the name, indented by its depth below the first one shown."""
        if self._top is None:
            self._top = obj.depth
        return _indented(obj, self._top)


class TerritoriesField(forms.ModelMultipleChoiceField):
    """A choice of several territories, indented as the tree."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name, indented by its depth."""
        return _indented(obj, 0)


class MonthForm(forms.Form):
    """A change that begins with a month, and why."""

    starts_on = forms.DateField(
        label=_("from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The first of a month."),
    )
    reason = forms.CharField(
        label=_("reason"), max_length=200, required=False, help_text=_("Needed for a month that is over.")
    )

    def refuse(self, message: str, field: str | None = None) -> None:
        """Put a refusal beside its field, or on top."""
        self.add_error(field if field in self.fields else None, message)


class TerritoryMoveForm(MonthForm):
    """Where a territory lies from which month on."""

    after = TerritoryField(
        Territory.objects.none(), label=_("lies within"), required=False, empty_label=_("the top of the tree")
    )

    field_order = ("after", "starts_on", "reason")

    def __init__(self, *args: Any, user: Any, territory: Territory, **kwargs: Any):
        first = {"starts_on": month_shift(month_of(clock.today()), 1), "after": territory.parent_id}
        super().__init__(*args, **{"initial": first, **kwargs})
        places: Any = self.fields["after"]
        places.queryset = Territory.objects.visible_to(user).open()


class TerritoryCloseForm(MonthForm):
    """Which territory takes over from one that closes, and from which month on."""

    successor = TerritoryField(
        Territory.objects.none(), label=_("taken over by"), required=False, empty_label=_("nobody: it is empty")
    )

    field_order = ("successor", "starts_on", "reason")

    def __init__(self, *args: Any, user: Any, territory: Territory, **kwargs: Any):
        super().__init__(*args, **{"initial": {"starts_on": month_of(clock.today())}, **kwargs})
        places: Any = self.fields["successor"]
        places.queryset = Territory.objects.visible_to(user).open().exclude(pk=territory.pk)

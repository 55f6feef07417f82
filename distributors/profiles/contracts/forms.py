"""The form of a contract with its coverage and its months inside, and what is asked when it moves on."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import Territory
from accounts.territory_forms import TerritoryField
from core import clock
from core.contributors import collect
from core.forms import ScopedModelForm
from core.money import AmountField
from core.periods import month_of, month_shift
from distributors.profiles.contracts.models import MONTHS, Contract, Coverage
from distributors.profiles.forms import CodeField
from distributors.profiles.models import Distributor

SPARE_ROWS = 3
MOST_ROWS = 60
DATE = {"type": "date"}
GROUPS = (
    (_("Contract"), ("distributor", "number", "kind", "valid_from", "valid_to")),
    (
        _("Target"),
        ("yearly_target", "split", "minimum_purchase", "exclusivity_loss", "sub_distributors", "coverage_commitment"),
    ),
    (
        _("Duties"),
        ("advertising_share", "reporting_duty", "spare_parts", "minimum_stock"),
    ),
    (
        _("Terms"),
        ("price_terms", "credit_days", "credit_terms", "delivery_term", "buy_back", "governing_law", "notes"),
    ),
)
MONTH_NAMES = tuple(f"month_{place}" for place in range(1, MONTHS + 1))


def line_names() -> list[str]:
    """Return the product lines that coverage is chosen from, as the apps above know them."""
    return sorted(set(collect("product_lines")))


class CoverageForm(forms.Form):
    """One row of coverage; without a territory it is left out."""

    territory = TerritoryField(Territory.objects.none(), label=_("territory"), required=False, empty_label="–")
    line = forms.ChoiceField(label=_("product line"), required=False)
    exclusive = forms.BooleanField(label=_("exclusive"), required=False)

    def __init__(self, *args: Any, territories: Any, lines: Iterable[str], **kwargs: Any):
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["territory"].queryset = territories
        fields["line"].choices = [("", _("all lines")), *((line, line) for line in lines)]

    def clean(self) -> dict[str, Any]:
        """Refuse a row that says something of no territory."""
        data = super().clean() or self.cleaned_data
        if not data.get("territory") and not self.errors and (data.get("line") or data.get("exclusive")):
            self.add_error("territory", _now("Choose the territory of this row."))
        return data


CoverageRows: Any = forms.formset_factory(CoverageForm, extra=0, max_num=MOST_ROWS, validate_max=True)


class ContractForm(ScopedModelForm):
    """A draft: number and distributor at the beginning, what was agreed, where it covers what, the year by months."""

    distributor = CodeField(label=_("distributor"), help_text=_("Its code."))

    class Meta:
        model = Contract
        fields = [name for _title, names in GROUPS for name in names if name != "distributor"]
        widgets = {
            "valid_from": forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
            "valid_to": forms.DateInput(attrs=DATE, format="%Y-%m-%d"),
            "notes": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        fields: dict[str, Any] = self.fields
        for name, label in zip(MONTH_NAMES, self._month_labels(), strict=True):
            fields[name] = AmountField(
                label=label, required=False, min_value=Decimal(0), max_digits=18, decimal_places=4
            )
        if self.instance.pk is None:
            fields["distributor"].queryset = Distributor.objects.visible_to(user).unmerged()
            self.initial["valid_from"] = month_shift(clock.today(), 1)
            if self.instance.distributor_id:
                self.initial["distributor"] = self.instance.distributor.code
        else:
            del fields["distributor"], fields["number"]
            for name, one in zip(MONTH_NAMES, self.instance.months.order_by("place"), strict=False):
                self.initial[name] = one.value

    def _month_labels(self) -> list[str]:
        if self.instance.pk is None:
            return [_now("month %(place)s") % {"place": place} for place in range(1, MONTHS + 1)]
        first = month_of(self.instance.valid_from)
        return [date_format(month_shift(first, place), "YEAR_MONTH_FORMAT") for place in range(MONTHS)]

    @cached_property
    def rows(self) -> Any:
        """Return the rows of coverage, those there are and a few empty ones; more where they are asked for."""
        there = [
            {"territory": row.territory_id, "line": row.line, "exclusive": row.exclusive}
            for row in (self.instance.coverage.all() if self.instance.pk else Coverage.objects.none())
        ]
        kwargs = {"form_kwargs": self._row_choices(there), "prefix": "row"}
        if self.is_bound:
            return CoverageRows(self.data, **kwargs)
        rows = CoverageRows(initial=there, **kwargs)
        rows.extra = SPARE_ROWS
        return rows

    def _row_choices(self, there: list[dict[str, Any]]) -> dict[str, Any]:
        user: Any = self.user
        seen = Territory.objects.visible_to(user).open()
        kept = Q(pk__in=seen.values("pk")) | Q(pk__in=[row["territory"] for row in there])
        lines = sorted({*line_names(), *(row["line"] for row in there if row["line"])})
        return {"territories": Territory.objects.filter(kept).order_by("path"), "lines": lines}

    @property
    def groups(self) -> list[dict[str, Any]]:
        """Return the fields in groups, as the form shows them."""
        return [
            {"title": title, "fields": [self[name] for name in names if name in self.fields]} for title, names in GROUPS
        ]

    @property
    def months(self) -> list[Any]:
        """Return the fields of the twelve months."""
        return [self[name] for name in MONTH_NAMES]

    def clean(self) -> dict[str, Any]:
        """Give the coverage as rows and the months as a list, where they are typed."""
        data = super().clean() or self.cleaned_data
        if not self.rows.is_valid():
            self.add_error(None, _now("Look at the rows of coverage."))
        else:
            data["coverage"] = [row for row in self.rows.cleaned_data if row.get("territory")]
        typed = [data.pop(name, None) for name in MONTH_NAMES]
        typing = data.get("split") == Contract.Split.TYPED
        data["months"] = [value or Decimal(0) for value in typed] if typing else []
        return data

    def differences(self, current: Any) -> list[dict[str, str]]:
        """Compare the coverage and the months too, which are records of their own."""
        values = dict(zip(MONTH_NAMES, current.months.order_by("place"), strict=False))
        for name in MONTH_NAMES:
            setattr(current, name, values[name].value if name in values else None)
            self.cleaned_data.setdefault(name, getattr(current, name))
        rows = super().differences(current)
        theirs = sorted(f"{one}{' *' if one.exclusive else ''}" for one in current.coverage.select_related("territory"))
        chosen = self.cleaned_data.get("coverage", [])
        yours = sorted(
            f"{Coverage(territory=one['territory'], line=one['line'])}{' *' if one['exclusive'] else ''}"
            for one in chosen
        )
        if yours != theirs:
            rows.append({"label": str(_("coverage")), "yours": "; ".join(yours), "theirs": "; ".join(theirs)})
        return rows


def with_more_rows(data: Any) -> Any:
    """Return what was typed, with room for more rows of coverage."""
    more = data.copy()
    total = more.get("row-TOTAL_FORMS", "0")
    count = int(total) if total.isascii() and total.isdigit() and len(total) < 4 else 0
    more["row-TOTAL_FORMS"] = str(min(count + SPARE_ROWS, MOST_ROWS))
    return more


class SignForm(forms.Form):
    """On which day a contract was signed."""

    signed_on = forms.DateField(label=_("signed on"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))


class WithdrawForm(forms.Form):
    """Why a draft is given up."""

    reason = forms.CharField(label=_("reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class TerminateForm(WithdrawForm):
    """The last day on which a contract holds, and why it ends before its time."""

    last = forms.DateField(label=_("last day"), widget=forms.DateInput(attrs=DATE, format="%Y-%m-%d"))

    field_order = ("last", "reason")

"""The forms of the card: one for each group, and one for each kind of row."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from core.forms import ScopedModelForm
from distributors.profiles.card.selectors import brands_text, chosen_lines, joined_lines, shares_text
from distributors.profiles.card.services import MOST_BRANDS
from distributors.profiles.contracts.forms import line_names
from distributors.profiles.models import (
    BrandSurvey,
    Business,
    BusinessFigures,
    CardFile,
    Contact,
    Cooperation,
    EarlyClass,
    Organisation,
    OtherName,
    Outlet,
)
from distributors.profiles.selectors import language_choices, owners_for

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
ROWS = 8
SPARE = 3


class OrganisationForm(ScopedModelForm):
    """House rules and settlement procedure."""

    class Meta:
        model = Organisation
        fields = ["house_rules", "settlement_procedure"]
        widgets = {name: forms.Textarea(attrs={"rows": 5}) for name in fields}


class BusinessForm(ScopedModelForm):
    """What it sells to whom; lines are ticked, those it has stay on offer."""

    lines_carried = forms.MultipleChoiceField(
        label=_("product lines carried"), required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Business
        fields = ["lines_carried", "main_customers"]
        widgets = {"main_customers": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        chosen = chosen_lines(self.instance.lines_carried)
        lines: Any = self.fields["lines_carried"]
        lines.choices = [(line, line) for line in sorted({*line_names(), *chosen})]
        self.initial["lines_carried"] = chosen

    def clean_lines_carried(self) -> str:
        """Return the lines as the card keeps them."""
        return joined_lines(self.cleaned_data["lines_carried"])


class CooperationForm(ScopedModelForm):
    """How working together began and is done; people of the distributor, and ours who cover distributors."""

    class Meta:
        model = Cooperation
        fields = [
            *("first_contact_on", "opened_by", "opened_with", "delivery_windows", "settlement_method"),
            *("settlement_days", "invoice_kind", "settlement_contact", "delivery_requirements"),
        ]
        widgets = {"first_contact_on": DAY, "delivery_requirements": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        fields: dict[str, Any] = self.fields
        ours = Q(pk__in=owners_for(user).order_by().values("pk")) | Q(pk=self.instance.opened_by_id)
        fields["opened_by"].queryset = User.objects.filter(ours).order_by("name", "pk")
        theirs = Contact.objects.visible_to(user).filter(distributor=self.instance.distributor_id, erased_at=None)
        for name in ("opened_with", "settlement_contact"):
            fields[name].queryset = theirs.order_by("name", "pk")


class EarlyClassForm(ScopedModelForm):
    """Six sides of a distributor without a history, each by its anchors."""

    class Meta:
        model = EarlyClass
        fields = ["main_goods", "reputation", "site", "attitude", "volume", "stock"]


class FiguresForm(ScopedModelForm):
    """Figures of a day; what is not known stays empty."""

    class Meta:
        model = BusinessFigures
        fields = [
            *("as_of", "currency", "turnover", "wallet", "staff", "sales_staff"),
            *("warehouse_m2", "showroom_m2", "vehicles"),
        ]
        widgets = {"as_of": DAY}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial["as_of"] = clock.today()
            self.initial["currency"] = self.instance.distributor.currency

    def clean_currency(self) -> str:
        """Return the currency in capitals."""
        return self.cleaned_data["currency"].upper()


class OutletForm(ScopedModelForm):
    """An outlet."""

    class Meta:
        model = Outlet
        fields = [
            *("name", "kind", "address", "city", "size_m2", "opened_on", "closed_on"),
            *("latitude", "longitude"),
        ]
        widgets = {"opened_on": DAY, "closed_on": DAY}


class OtherNameForm(ScopedModelForm):
    """A name in another language."""

    class Meta:
        model = OtherName
        fields = ["language", "name"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["language"] = forms.ChoiceField(
            label=_("language"), choices=language_choices(self.instance.language)
        )


class CardFileForm(ScopedModelForm):
    """A paper with what it is and until when it counts; the file itself is chosen once."""

    file = forms.FileField(label=_("file"), help_text=_("PDF, JPEG, PNG or DOCX; a photograph is a JPEG or PNG."))

    class Meta:
        model = CardFile
        fields = ["kind", "issued_on", "valid_until"]
        widgets = {"issued_on": DAY, "valid_until": DAY}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["file"]
        else:
            self.fields["file"].widget.attrs["accept"] = ".pdf,.jpg,.jpeg,.png,.docx"


class ShareForm(forms.Form):
    """One brand; without a name it is left out."""

    brand = forms.CharField(label=_("brand"), max_length=80, required=False)
    share = forms.DecimalField(
        label=_("share, %"),
        max_digits=5,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=Decimal(100),
        required=False,
    )
    ours = forms.BooleanField(label=_("ours"), required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for the other half of a row that has one."""
        data = super().clean() or self.cleaned_data
        brand, share = (data.get("brand") or "").strip(), data.get("share")
        if brand and share is None and "share" not in self.errors:
            self.add_error("share", _now("Say which share it has, roughly."))
        if not brand and share is not None:
            self.add_error("brand", _now("Say which brand has this share."))
        data["brand"] = brand
        return data


ShareRows: Any = forms.formset_factory(ShareForm, extra=0, max_num=MOST_BRANDS, validate_max=True)


class BrandsForm(ScopedModelForm):
    """The brands of a day with their rough shares."""

    class Meta:
        model = BrandSurvey
        fields = ["as_of"]
        widgets = {"as_of": DAY}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            self.initial["as_of"] = clock.today()

    @cached_property
    def rows(self) -> Any:
        """Return the rows of brands: those there are, or those of the survey before, and a few empty ones."""
        if self.is_bound:
            return ShareRows(self.data, prefix="row")
        survey: Any = self.instance if self.instance.pk else None
        if survey is None:
            survey = BrandSurvey.objects.filter(distributor=self.instance.distributor_id).first()
        there = list(survey.shares.values("brand", "share", "ours")) if survey else []
        rows = ShareRows(initial=there, prefix="row")
        rows.extra = max(SPARE, ROWS - len(there))
        return rows

    def clean(self) -> dict[str, Any]:
        """Give the rows as `shares`."""
        data = super().clean() or self.cleaned_data
        if not self.rows.is_valid():
            self.add_error(None, _now("Look at the rows of brands."))
        data["shares"] = [row for row in self.rows.cleaned_data if row.get("brand")] if self.rows.is_valid() else []
        return data

    def differences(self, current: Any) -> list[dict[str, str]]:
        """Compare the brands too, which are records of their own."""
        rows = super().differences(current)
        chosen = self.cleaned_data.get("shares", [])
        yours = shares_text(chosen)
        theirs = brands_text(current)
        return [*rows, {"label": _now("brands"), "yours": yours, "theirs": theirs}] if yours != theirs else rows

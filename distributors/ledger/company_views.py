"""The page of what holds for the company."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.formats import date_format
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.selectors import time_zones
from core import clock
from core.company import company, fiscal_calendar
from core.errors import DomainError, StaleVersion
from core.forms import ScopedModelForm
from core.models import Company
from core.periods import FiscalPeriod
from core.scope import require_permission
from distributors.ledger.company import FIXED, company_set, facts_exist

LANGUAGES = [(code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES]


class CompanyForm(ScopedModelForm):
    """Name, money, calendar and language of the company."""

    fiscal_start_month = forms.TypedChoiceField(
        label=gettext_lazy("fiscal year starts in"), choices=list(MONTHS.items()), coerce=int
    )
    default_language = forms.ChoiceField(label=gettext_lazy("language of new people"), choices=LANGUAGES)

    class Meta:
        model = Company
        fields = [
            "name",
            "base_currency",
            "rate_kind",
            "time_zone",
            "fiscal_start_month",
            "cut_off_day",
            "go_live_on",
            "default_language",
        ]
        widgets = {
            "go_live_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "time_zone": forms.TextInput({"list": "time-zones", "autocomplete": "off"}),
        }
        help_texts = {
            "base_currency": gettext_lazy("Three capital letters, such as USD; fixed once facts have come in."),
            "rate_kind": gettext_lazy("Which rate of a day counts; fixed once facts have come in."),
            "cut_off_day": gettext_lazy(
                "The last day of a fiscal month: 25 for months from the 26th to the 25th. Empty: the month’s last day."
            ),
            "go_live_on": gettext_lazy("From when on people work with the product; earlier days count as history."),
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if facts_exist():
            for name in FIXED:
                self.fields[name].disabled = True


@require_GET
def company_page(request: Any) -> HttpResponse:
    """Show what holds for the company, and where today lies in its calendar."""
    require_permission(request.user, "core.view_company")
    found = company()
    may_change = request.user.has_perm("core.change_company")
    context = {
        "title": _("Company"),
        "crumbs": [{"label": _("Settings"), "url": reverse("core:settings")}],
        "edit_url": reverse("ledger:company-edit") if may_change else None,
        "groups": [
            {"title": _("Company"), "rows": _facts(found)},
            {"title": _("Where today lies"), "rows": _calendar(found)},
        ],
    }
    return TemplateResponse(request, "core/detail.html", context)


def _rows(pairs: list[tuple[Any, str]]) -> list[dict[str, Any]]:
    return [{"label": label, "text": text, "url": ""} for label, text in pairs]


def _facts(found: Company) -> list[dict[str, Any]]:
    why = _("fixed: facts have come in")
    fixed = f" ({why})" if facts_exist() else ""
    go_live = date_format(found.go_live_on, "DATE_FORMAT") if found.go_live_on else _("not set")
    return _rows(
        [
            (_("Name"), found.name),
            (_("Base currency"), found.base_currency + fixed),
            (_("Kind of exchange rate"), str(found.get_rate_kind_display()) + fixed),
            (_("Time zone"), found.time_zone),
            (_("Fiscal year starts in"), str(MONTHS[found.fiscal_start_month])),
            (_("Cut-off day"), str(found.cut_off_day or _("the month’s last day"))),
            (_("Go-live date"), go_live),
            (_("Language of new people"), dict(LANGUAGES).get(found.default_language, found.default_language)),
        ]
    )


def _calendar(found: Company) -> list[dict[str, Any]]:
    calendar, today = fiscal_calendar(), clock.today()
    month, quarter, year = calendar.month(today), calendar.quarter(today), calendar.fiscal_year(today)
    return _rows(
        [
            (_("Today"), date_format(today, "DATE_FORMAT")),
            (_("Fiscal month"), f"{month.number}: {_span(month)}"),
            (_("Fiscal quarter"), f"{quarter.number}: {_span(quarter)}"),
            (_("Fiscal year"), f"{calendar.year_text(today)}: {_span(year)}"),
        ]
    )


def _span(period: FiscalPeriod) -> str:
    last = period.end.fromordinal(period.end.toordinal() - 1)
    return f"{date_format(period.start, 'DATE_FORMAT')} – {date_format(last, 'DATE_FORMAT')}"


@require_http_methods(["GET", "POST"])
def company_edit(request: Any) -> HttpResponse:
    """Change what holds for the company; the second of two who edit it is told."""
    require_permission(request.user, "core.change_company")
    form = CompanyForm(request.POST or None, instance=company(), user=request.user)
    if request.method == "GET":
        return _form(request, form)
    if not form.is_valid():
        return _form(request, form, 422)
    data = {name: value for name, value in form.cleaned_data.items() if name != "version"}
    try:
        company_set(actor=request.user, version=form.cleaned_data.get("version"), **data)
    except StaleVersion:
        return _conflict(request, form)
    except DomainError as error:
        form.refuse(str(error), error.field)
        return _form(request, form, 422)
    messages.success(request, _("The company is saved."))
    return redirect("ledger:company")


def _conflict(request: Any, form: Any) -> HttpResponse:
    current = company()
    form.data = form.data.copy()
    form.data["version"] = str(current.version)
    conflict = {
        "rows": form.differences(current),
        "when": current.updated_at,
        "who": current.updated_by,
        "theirs_version": current.version,
    }
    return _form(request, form, 409, conflict)


def _form(request: Any, form: CompanyForm, status: int = 200, conflict: Any = None) -> HttpResponse:
    context = {
        "form": form,
        "title": _("Change the company"),
        "submit_label": _("Save"),
        "cancel_url": reverse("ledger:company"),
        "conflict": conflict,
        "time_zones": time_zones(),
    }
    return TemplateResponse(request, "ledger/company_form.html", context, status=status)

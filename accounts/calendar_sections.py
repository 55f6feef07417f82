"""Absences and business calendars as sections."""

from typing import Any, ClassVar

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.absences import absence_save, delegate_away
from accounts.calendar_forms import AbsenceForm, BusinessCalendarForm, CalendarExceptionForm
from accounts.calendars import calendar_save, company_calendar, work_calendar
from accounts.models import WEEKDAYS, Absence, BusinessCalendar
from core import clock
from core.calendar import holiday_name, is_working_day
from core.filters import BaseFilterSet
from core.sections import DetailView, FormView, ListView, Section
from core.tables import Column, Row, Table

WHEN = [("now", gettext_lazy("today")), ("ahead", gettext_lazy("today or later")), ("over", gettext_lazy("over"))]


class AbsenceTable(Table):
    """Absences, the latest first."""

    columns_declared = (
        Column("user", gettext_lazy("Person"), path="user__name", kind="link"),
        Column("starts_on", gettext_lazy("First day"), kind="date"),
        Column("ends_on", gettext_lazy("Last day"), kind="date"),
        Column("delegate", gettext_lazy("Delegate"), path="delegate__name"),
        Column("reason", gettext_lazy("Reason"), hide="sm"),
    )
    default_order = ("-starts_on",)

    def row_url(self, row: Row) -> str:
        """Lead to the form."""
        return AbsenceSection.url("edit", row["pk"])


class AbsenceFilter(BaseFilterSet):
    """Absences by word and by when."""

    when = django_filters.ChoiceFilter(
        choices=WHEN, method="by_time", label=gettext_lazy("Away"), empty_label=gettext_lazy("Any time")
    )

    search_fields = ("user__name", "delegate__name", "reason")

    class Meta:
        model = Absence
        fields: ClassVar[list[str]] = []

    def by_time(self, queryset: Any, _name: str, value: str) -> QuerySet:
        """Keep those of today, those that are not over, or those that are."""
        today = clock.today()
        if value == "now":
            return queryset.on(today)
        return queryset.filter(ends_on__gte=today) if value == "ahead" else queryset.filter(ends_on__lt=today)


class AbsenceFormView(FormView):
    """The form, which warns where the delegate is away as well."""

    def show(self, form: Any, status: int = 200, conflict: Any = None) -> Any:
        """Render the form with its own words."""
        response: Any = super().show(form, status, conflict)
        absence = form.instance
        removable = absence.pk is not None and absence.starts_on > clock.today()
        response.context_data |= {"absence": absence if removable else None}
        if absence.pk is None:
            response.context_data["title"] = _("Enter an absence")
        return response

    def saved(self, instance: Absence) -> None:
        """Say who decides meanwhile, or that nobody does."""
        away = delegate_away(instance)
        if away is not None:
            messages.warning(
                self.request,
                _("%(name)s is away too from %(start)s to %(end)s: on those days nobody stands in.")
                % {
                    "name": instance.delegate,
                    "start": date_format(away.starts_on, "SHORT_DATE_FORMAT"),
                    "end": date_format(away.ends_on, "SHORT_DATE_FORMAT"),
                },
            )
        elif instance.delegate:
            messages.success(
                self.request,
                _("%(delegate)s decides for %(person)s meanwhile.")
                % {"delegate": instance.delegate, "person": instance.user},
            )


class AbsenceSection(Section):
    """Absences of oneself and of one's people."""

    model = Absence
    title = gettext_lazy("Absences")
    singular = gettext_lazy("absence")
    slug = "absences"
    table = AbsenceTable
    filterset = AbsenceFilter
    form = AbsenceForm
    form_view = AbsenceFormView
    save = staticmethod(absence_save)
    has_detail = False

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return all absences with their people."""
        return Absence.objects.select_related("user", "delegate")


class BusinessCalendarTable(Table):
    """Calendars, the company's first."""

    columns_declared = (
        Column("name", gettext_lazy("Calendar"), kind="link"),
        Column("country", gettext_lazy("Country")),
        Column("subdivision", gettext_lazy("Part of the country"), hide="sm"),
        Column("is_company", gettext_lazy("The company's"), hide="sm"),
    )
    default_order = ("-is_company", "name")

    def row_url(self, row: Row) -> str:
        """Lead to the calendar."""
        return BusinessCalendarSection.url("detail", row["pk"])


class BusinessCalendarFilter(BaseFilterSet):
    """Calendars by word."""

    search_fields = ("name", "country")

    class Meta:
        model = BusinessCalendar
        fields: ClassVar[list[str]] = []


class BusinessCalendarList(ListView):
    """The list, in which the company's own calendar is never missing."""

    def get(self, request: Any) -> Any:
        """Make the company's calendar where it is not there yet."""
        company_calendar()
        return super().get(request)


class BusinessCalendarDetail(DetailView):
    """A calendar: its days free of work in a year, and the company's own exceptions."""

    def get(self, request: Any, pk: int) -> Any:
        """Add the year's days and the form for another exception."""
        response = super().get(request, pk)
        calendar = response.context_data["object"]
        year = _year(request.GET.get("year", ""))
        response.context_data |= {
            "year": year,
            "years": [year - 1, year + 1],
            "days": days_of(calendar, year, request.LANGUAGE_CODE),
            "exceptions": list(calendar.exceptions.filter(day__year=year)),
            "exception_form": CalendarExceptionForm(),
            "may_change": self.may("change"),
        }
        return response


def _year(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 2000 <= int(text) <= 2100 else clock.today().year


def days_of(calendar: BusinessCalendar, year: int, language: str) -> list[dict[str, Any]]:
    """Return the holidays of a year and the weekend days that are worked, in order."""
    rules = work_calendar(calendar)
    first = clock.today().replace(year=year, month=1, day=1)
    year_days = [first.fromordinal(first.toordinal() + step) for step in range(366)]
    found = []
    for day in year_days:
        name, worked = holiday_name(rules, day, language), is_working_day(rules, day)
        if day.year == year and (name or (worked and day.weekday() in rules.weekend)):
            found.append({"day": day, "name": name or _("worked instead"), "worked": worked})
    return found


class BusinessCalendarSection(Section):
    """The calendars that working days are counted by."""

    model = BusinessCalendar
    title = gettext_lazy("Calendars")
    singular = gettext_lazy("calendar")
    slug = "calendars"
    table = BusinessCalendarTable
    filterset = BusinessCalendarFilter
    form = BusinessCalendarForm
    save = staticmethod(calendar_save)
    list_view = BusinessCalendarList
    detail_view = BusinessCalendarDetail

    @classmethod
    def groups(cls, instance: BusinessCalendar, user: Any) -> list[dict[str, Any]]:
        """Return whose holidays, which weekend, and where it holds."""
        free = ", ".join(str(name) for day, name in WEEKDAYS if str(day) in instance.weekend)
        where = ", ".join(instance.territories.values_list("name", flat=True))
        rows = [
            (_("Country"), " ".join(part for part in (instance.country, instance.subdivision) if part)),
            (_("Weekend"), free or _("none")),
            (_("Holds for"), _("everyone whose territory has no other") if instance.is_company else where or "–"),
        ]
        return [{"title": _("Calendar"), "rows": [{"label": label, "text": text, "url": ""} for label, text in rows]}]

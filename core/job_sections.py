"""Jobs as a section, with the schedules for who may see them."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core import schedules
from core.filters import BaseFilterSet
from core.models import Job, Schedule
from core.scope import require_permission
from core.sections import ListView, Section
from core.tables import Column, Row, Table, address_of

OPEN = (Job.State.QUEUED, Job.State.RUNNING)
MANAGE = "core.change_schedule"


def _tone(value: Any) -> str:
    return schedules.STATE_TONES.get(value, "")


class JobTable(Table):
    """Jobs, the newest first."""

    columns_declared = (
        Column("title", _("Job"), kind="link", sort="", sub="message"),
        Column("state", _("State"), kind="chip", choices=dict(Job.State.choices), tone=_tone),
        Column("done", _("Rows done"), kind="number"),
        Column("total", _("of"), kind="number", hide="sm"),
        Column("created_by", _("Started by"), path="created_by__name", hide="md"),
        Column("created_at", _("Asked for"), kind="date"),
        Column("finished_at", _("Ended"), kind="date", hide="md"),
        Column("error", _("Error"), sort="", hide="lg"),
    )
    default_order = ("-created_at",)

    def row_url(self, row: Row) -> str:
        """Lead to the job."""
        return address_of("core:job", row["pk"])


class JobFilter(BaseFilterSet):
    """Jobs by word and state."""

    state = django_filters.ChoiceFilter(choices=Job.State.choices, label=_("State"))

    since = django_filters.DateFilter(
        "created_at", "date__gte", label=_("Since"), widget=forms.DateInput(attrs={"type": "date"})
    )

    search_fields = ("title", "kind", "created_by__name")

    class Meta:
        model = Job
        fields: ClassVar[list[str]] = []


class JobList(ListView):
    """The list; it looks again by itself while something is at work."""

    def get(self, request: Any) -> Any:
        """Add what is at work, and the schedules."""
        response = super().get(request)
        if getattr(response, "context_data", None) is not None:
            user = request.user
            response.context_data |= {
                "at_work": Job.objects.visible_to(user).filter(state__in=OPEN).exists(),
                "planned": schedules.planned() if user.has_perm(MANAGE) else [],
            }
        return response


class JobSection(Section):
    """One's own jobs; an administrator's, all."""

    model = Job
    title = _("Jobs")
    singular = _("job")
    table = JobTable
    filterset = JobFilter
    list_view = JobList
    has_detail = False

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return all jobs."""
        return Job.objects.all()


def _schedule(request: Any, pk: int) -> Schedule:
    require_permission(request.user, MANAGE)
    return get_object_or_404(Schedule, pk=pk)


@require_POST
def schedule_switch(request: Any, pk: int) -> HttpResponse:
    """Pause a schedule, or let it go on."""
    found = _schedule(request, pk)
    schedules.schedule_switch(actor=request.user, schedule=found, active=request.POST.get("active") == "1")
    return redirect("core:job-list")


@require_POST
def schedule_run(request: Any, pk: int) -> HttpResponse:
    """Do the work of a schedule now."""
    return redirect(schedules.schedule_run(actor=request.user, schedule=_schedule(request, pk)))

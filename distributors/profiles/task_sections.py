"""Tasks as a section."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.selectors import colleagues_of, team_of
from core import clock
from core.filters import BaseFilterSet
from core.forms import ScopedModelForm
from core.sections import ListView, Section
from core.tables import Column, Row, Table
from distributors.profiles.filters import DistributorCodeFilter
from distributors.profiles.forms import CodeField
from distributors.profiles.models import Distributor, Task, TaskState
from distributors.profiles.task_entries import distributor_name
from distributors.profiles.task_services import task_save
from distributors.profiles.task_views import TaskDetail
from distributors.profiles.task_views import TaskForm as TaskFormView

WHOSE = [("mine", gettext_lazy("mine")), ("team", gettext_lazy("my people's")), ("given", gettext_lazy("given by me"))]
DUE = [("late", gettext_lazy("overdue")), ("today", gettext_lazy("today")), ("ahead", gettext_lazy("later"))]
TONES = {"done": "g", "dropped": "", "open": "a"}


class TaskTable(Table):
    """Tasks, what is due first."""

    columns_declared = (
        Column("title", gettext_lazy("Task"), kind="link"),
        Column("distributor", gettext_lazy("Distributor"), path="distributor_name", sort=""),
        Column("owner", gettext_lazy("Whose"), path="owner__name", hide="sm"),
        Column("due_on", gettext_lazy("Due"), kind="date"),
        Column(
            "state",
            gettext_lazy("State"),
            kind="chip",
            choices=dict(TaskState.choices),
            tone=lambda value: TONES.get(value, ""),
        ),
        Column("created_by", gettext_lazy("Given by"), path="created_by__name", hide="lg"),
        Column("source", gettext_lazy("Source"), choices=dict(Task.Source.choices), hide="lg"),
    )
    default_order = ("due_on",)

    def row_url(self, row: Row) -> str:
        """Lead to the task."""
        return TaskSection.url("detail", row["pk"])


class TaskFilter(BaseFilterSet):
    """Tasks by word, whose they are, state, and when they are due; open ones of one's own at first."""

    whose = django_filters.ChoiceFilter(
        choices=WHOSE, method="by_person", label=gettext_lazy("Whose"), empty_label=gettext_lazy("Everybody's")
    )
    state = django_filters.ChoiceFilter(choices=TaskState.choices, label=gettext_lazy("State"))
    due = django_filters.ChoiceFilter(
        choices=DUE, method="by_day", label=gettext_lazy("Due"), empty_label=gettext_lazy("Any time")
    )
    distributor = DistributorCodeFilter("distributor", widget=forms.HiddenInput)

    search_fields = ("title",)

    class Meta:
        model = Task
        fields: ClassVar[list[str]] = []

    def by_person(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep one's own, those of one's people, or those one gave to others."""
        user: Any = self.request.user
        if value == "team":
            return queryset.filter(owner__in=team_of(user).values("pk"))
        return queryset.filter(owner=user) if value == "mine" else queryset.filter(created_by=user).exclude(owner=user)

    def by_day(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Keep open tasks by whether their day is over, today or ahead."""
        lookup = {"late": "due_on__lt", "today": "due_on", "ahead": "due_on__gt"}[value]
        return queryset.filter(state=TaskState.OPEN, **{lookup: clock.today()})


class TaskList(ListView):
    """The list, which begins with one's own open tasks."""

    def get(self, request: Any) -> Any:
        """Show one's own open tasks where nothing is asked for."""
        if not request.GET:
            request.GET = request.GET.copy()
            request.GET.update({"whose": "mine", "state": TaskState.OPEN})
        return super().get(request)


class TaskForm(ScopedModelForm):
    """What is to be done, by whom and until when."""

    distributor = CodeField(
        label=gettext_lazy("distributor"), required=False, help_text=gettext_lazy("Its code, where it is about one.")
    )

    class Meta:
        model = Task
        fields = ["title", "distributor", "owner", "due_on", "note"]
        widgets = {
            "due_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "note": forms.Textarea(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, user: Any, **kwargs: Any):
        super().__init__(*args, user=user, **kwargs)
        fields: dict[str, Any] = self.fields
        colleagues = colleagues_of(user).values("pk")
        fields["owner"].queryset = User.objects.filter(
            Q(pk=user.pk) | Q(pk__in=colleagues) | Q(pk=self.instance.owner_id)
        )
        if self.instance.pk is None:
            self.initial["owner"] = user.pk
        fields["owner"].empty_label = None
        known = self.instance.distributor
        if known is not None and fields["distributor"].queryset.filter(pk=known.pk).exists():
            self.initial["distributor"] = known.code
        elif known is not None:
            del fields["distributor"]

    def clean(self) -> dict[str, Any]:
        """Return the values; a distributor out of reach stays as it is."""
        return {"distributor": self.instance.distributor, **(super().clean() or {})}


class TaskSection(Section):
    """Tasks of oneself, of one's people and of the distributors in reach."""

    model = Task
    title = gettext_lazy("Tasks")
    singular = gettext_lazy("task")
    table = TaskTable
    filterset = TaskFilter
    form = TaskForm
    save = staticmethod(task_save)
    list_view = TaskList
    detail_view = TaskDetail
    form_view = TaskFormView

    @classmethod
    def queryset(cls) -> QuerySet:
        """Return all tasks with their people."""
        return Task.objects.select_related("distributor", "owner", "created_by", "ended_by", "updated_by")

    @classmethod
    def rows_for(cls, user: Any) -> QuerySet:
        """Return all tasks with the distributor's name, where it is in reach."""
        return cls.queryset().annotate(distributor_name=distributor_name(user))

    @classmethod
    def groups(cls, instance: Task, user: Any) -> list[dict[str, Any]]:
        """Return what is to be done, by whom, and what became of it."""
        about = instance.distributor
        seen = about is not None and Distributor.objects.visible_to(user).filter(pk=about.pk).exists()
        rows = [
            (_("Distributor"), str(about) if seen else "", about.get_absolute_url() if about and seen else ""),
            (_("Whose"), str(instance.owner), ""),
            (_("Given by"), str(instance.created_by or _("the product")), ""),
            (_("Source"), str(instance.get_source_display()), ""),
            (_("Note"), instance.note, ""),
        ]
        return [{"title": _("Task"), "rows": [{"label": label, "text": text, "url": url} for label, text, url in rows]}]

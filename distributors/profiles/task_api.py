"""REST: tasks are read, given and ticked off."""

from typing import Any

import django_filters
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.models import User
from accounts.selectors import colleagues_of
from core.api import MAX_KEY
from core.idempotency import respond_once
from core.resources import ApiFilterSet, Body, IsoDateFilter, MomentFilter, ReadViewSet
from distributors.profiles.filters import DistributorCodeFilter
from distributors.profiles.models import Distributor, Task, TaskState
from distributors.profiles.task_services import task_end, task_save


class TaskInput(Body):
    """A task to be given."""

    title = serializers.CharField(max_length=160, help_text="What is to be done.")
    owner = serializers.EmailField(help_text="E-mail of the person whose task it is.")
    due_on = serializers.DateField(help_text="Today at the earliest.")
    distributor = serializers.CharField(max_length=40, required=False, help_text="Code of the distributor.")
    note = serializers.CharField(max_length=4000, required=False, allow_blank=True)


class TaskAnswer(serializers.Serializer):
    """The task that was written."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=TaskState.choices)


EXAMPLE = {"title": "Call about the overdue invoice", "owner": "rui@example.com", "due_on": "2026-03-12"}


class TaskApiFilter(ApiFilterSet):
    """Tasks by distributor, person, state and day."""

    distributor = DistributorCodeFilter("distributor", label="Code of the distributor.")
    owner = django_filters.CharFilter(
        field_name="owner__email", lookup_expr="iexact", label="E-mail of the person whose task it is, in any case."
    )
    state = django_filters.ChoiceFilter(choices=TaskState.choices, label="open, done or dropped.")
    due_to = IsoDateFilter(field_name="due_on", lookup_expr="lte", label="Due on this day or earlier.")
    changed_since = MomentFilter(
        field_name="updated_at", lookup_expr="gte", label="Changed at this moment or later (ISO 8601)."
    )


class TaskViewSet(ReadViewSet):
    """Tasks of the client's distributors, and of the person signed in."""

    model = Task
    resource = "tasks"
    tag = "Tasks"
    lookup_value_regex = "[0-9]{1,19}"
    filterset_class = TaskApiFilter
    fields = {
        "id": "pk",
        "title": "title",
        "note": "note",
        "distributor": "distributor__code",
        "owner": "owner__email",
        "due_on": "due_on",
        "state": "state",
        "source": "source",
        "ended_on": "ended_on",
        "created_at": "created_at",
        "updated_at": "updated_at",
    }
    guards = {"distributor": "distributor"}
    notes = {
        "distributor": "Code of the distributor it is about; null for none, and where it is out of reach.",
        "owner": "E-mail of the person whose task it is.",
        "ended_on": "Day on which it was ticked off or dropped.",
        "created_at": "When it was given.",
        "updated_at": "When it last changed.",
    }

    def needs(self, method: str) -> tuple[str, str]:
        """Ask for the right to write where something is written."""
        return ("tasks:write", "profiles.change_task") if method == "POST" else super().needs(method)

    def create(self, request: Any) -> Response:
        """Give a task to a person who sees its distributor."""
        given = TaskInput.read(request)
        return respond_once(request, "tasks", lambda: self.written(task_of(request.user, given)))

    create.documents = {  # type: ignore[attr-defined]
        "request": TaskInput,
        "response": TaskAnswer,
        "examples": [OpenApiExample("A task", request_only=True, value=EXAMPLE)],
    }

    @action(detail=True, methods=["post"], url_path="complete", filterset_class=None, pagination_class=None)
    def complete(self, request: Any, pk: str = "") -> Response:
        """Tick a task off; refused with 409 where it is over already."""
        task = Task.objects.visible_to(request.user, "change").filter(pk=min(int(pk), MAX_KEY)).first()
        if task is None:
            raise Http404
        return respond_once(request, f"tasks/{pk}", lambda: self.written(task_end(actor=request.user, task=task)))

    complete.documents = {"request": None, "response": TaskAnswer}  # type: ignore[attr-defined]

    def written(self, task: Task) -> dict[str, Any]:
        """Return what is answered of a task that was written."""
        return {"id": task.pk, "state": str(task.state)}


def task_of(user: Any, data: dict[str, Any]) -> Task:
    """Give the task that a body describes; raise ValidationError for a person or distributor out of reach."""
    person = colleagues_of(user).filter(email__iexact=data["owner"]).first()
    if person is None and str(user.email).lower() == data["owner"].lower():
        person = User.objects.filter(pk=user.pk).first()
    if person is None:
        raise ValidationError({"owner": [_("You see no person with this e-mail.")]})
    distributor, code = None, data.get("distributor", "")
    if code:
        distributor = Distributor.objects.visible_to(user).filter(code=code).first()
        if distributor is None:
            raise ValidationError({"distributor": [_("You see no distributor with this code.")]})
    return task_save(
        actor=user,
        instance=Task(),
        distributor=distributor,
        title=data["title"],
        note=data.get("note", ""),
        owner=person,
        due_on=data["due_on"],
        source=Task.Source.REST,
    )

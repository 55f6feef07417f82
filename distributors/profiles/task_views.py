"""A task's page, the presses that end or move it, and the tab on a distributor's page."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit, clock
from core.errors import DomainError
from core.models import AuditEvent
from core.sections import DetailView, FormView
from distributors.profiles.models import Distributor, Task, TaskState
from distributors.profiles.page import distributor_for, tab_response
from distributors.profiles.task_entries import distributor_tasks
from distributors.profiles.task_services import task_end, task_postpone, task_reopen

HISTORY = 50
TONES = {"done": "g", "open": "a"}


class ReasonForm(forms.Form):
    """Why a task is dropped or opened again."""

    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 3}))


class PostponeForm(ReasonForm):
    """Until when, and why."""

    due_on = forms.DateField(
        label=gettext_lazy("due on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    field_order = ("due_on", "reason")


class TaskDetail(DetailView):
    """A task with what can be done about it and what happened to it."""

    def get(self, request: Any, pk: int) -> Any:
        """Add the presses and the history."""
        response = super().get(request, pk)
        task = response.context_data["object"]
        editable = response.context_data["edit_url"] is not None
        late = task.state == TaskState.OPEN and task.due_on < clock.today()
        trail = AuditEvent.objects.filter(target_type=Task._meta.label, target_id=str(pk)).select_related("actor")
        response.context_data |= {
            "subtitle": _("due %(day)s") % {"day": date_format(task.due_on, "DATE_FORMAT")},
            "chips": [
                {"text": str(task.get_state_display()), "tone": TONES.get(task.state, "")},
                *([{"text": _("overdue"), "tone": "b"}] if late else []),
            ],
            "may_change": editable,
            "is_open": task.state == TaskState.OPEN,
            "edit_url": response.context_data["edit_url"] if task.state == TaskState.OPEN else None,
            "trail": [
                {"at": row.at, "who": row.actor, "what": audit.words_of(row.verb), "note": row.note}
                for row in trail.order_by("-at", "-pk")[:HISTORY]
            ],
        }
        return response


class TaskForm(FormView):
    """The form; a link from a distributor's page brings its code along."""

    def instance(self) -> Any:
        """Return the task, or a new one about the distributor whose code the link names."""
        found = super().instance()
        code = self.request.GET.get("distributor", "").replace("\x00", "")
        if found.pk is None and code and self.request.method == "GET":
            user: Any = self.request.user
            found.distributor = Distributor.objects.visible_to(user).filter(code=code).first()
        return found


def _task_for(request: Any, pk: int) -> Task:
    found: Task = get_object_or_404(Task.objects.visible_to(request.user, "change"), pk=pk)
    return found


@require_POST
def task_done(request: Any, pk: int) -> HttpResponse:
    """Tick a task off."""
    task = task_end(actor=request.user, task=_task_for(request, pk))
    messages.success(request, _("“%(title)s” is done.") % {"title": task})
    return redirect({"home": "core:home", "needs": "core:needs"}.get(request.POST.get("next", ""), task))


@require_http_methods(["GET", "POST"])
def task_move(request: Any, pk: int, name: str) -> HttpResponse:
    """Drop, reopen or postpone a task, with the reason."""
    task = _task_for(request, pk)
    if name not in {"drop", "reopen", "postpone"}:
        raise Http404
    form_class = PostponeForm if name == "postpone" else ReasonForm
    form = form_class(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _move_page(request, task, name, form)
    try:
        if name == "postpone":
            task_postpone(actor=request.user, task=task, **form.cleaned_data)
        elif name == "reopen":
            task_reopen(actor=request.user, task=task, **form.cleaned_data)
        else:
            task_end(actor=request.user, task=task, done=False, **form.cleaned_data)
    except DomainError as error:
        field = error.field
        form.add_error(field if field in form.fields else None, str(error))
        return _move_page(request, task, name, form)
    return redirect(task)


def _move_page(request: Any, task: Task, name: str, form: Any) -> HttpResponse:
    words = {"drop": _("Drop"), "reopen": _("Reopen"), "postpone": _("Postpone")}
    context = {
        "form": form,
        "title": _("%(move)s: %(name)s") % {"move": words[name], "name": task},
        "submit_label": words[name],
        "cancel_url": task.get_absolute_url(),
    }
    return TemplateResponse(request, "core/form.html", context, status=422 if form.is_bound else 200)


@require_GET
def distributor_tab(request: Any, pk: int) -> HttpResponse:
    """Show the tasks of a distributor."""
    distributor = distributor_for(request, pk)
    context = {"today": clock.today(), **distributor_tasks(distributor, request.user)}
    return tab_response(request, distributor, "tasks", "profiles/_tasks.html", context)

"""What tasks add to pages around them: what needs someone, the calendar, the timeline, a distributor's tab."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Value, When
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.roles import Role
from core.contributors import NEEDS_EACH, DayEntry, Event, Need
from core.scope import visibility
from core.timeline import Span
from distributors.profiles.models import Distributor, Task, TaskState

ROWS = 40
DAYS_MOST = 500
WEIGHT = 6500


def distributor_name(user: Any) -> Any:
    """Return an expression for the distributor's name, null where `user` does not see that distributor."""
    condition = visibility(Distributor, user, "view", via="distributor")
    if condition is None:
        return Value(None, output_field=CharField())
    name = Coalesce(NullIf("distributor__short_name", Value("")), "distributor__legal_name")
    return Case(When(condition, then=name)) if condition else name


def task_needs(user: Any, as_of: date) -> list[Need]:
    """Return the user's own tasks that are due, the oldest first."""
    rows = Task.objects.visible_to(user).open().filter(owner=user.pk, due_on__lte=as_of).order_by("due_on", "pk")
    named = rows.annotate(about=distributor_name(user)).select_related("created_by")[: NEEDS_EACH + 1]
    return [_need(row, place, as_of) for place, row in enumerate(named)]


def _need(row: Any, place: int, as_of: date) -> Need:
    late = (as_of - row.due_on).days
    reason = _("due today")
    if late:
        reason = ngettext("%(days)s day late", "%(days)s days late", late) % {"days": late}
    return Need(
        key=f"task-{row.pk}-{row.due_on.isoformat()}",
        chip=_("Task"),
        kind=_("Task"),
        distributor=row.about or "",
        consequence=_("%(name)s, who gave it, waits") % {"name": row.created_by}
        if row.created_by and row.created_by_id != row.owner_id
        else _("it stays overdue"),
        post=reverse("profiles:task-done", args=[row.pk]),
        tone="b" if late else "w",
        title=row.title,
        reason=reason,
        url=row.get_absolute_url(),
        action=_("Done"),
        weight=WEIGHT + (100 if late else 0) - place,
        due=row.due_on,
    )


def task_days(user: Any, first: date, last: date) -> list[DayEntry]:
    """Return the user's own open tasks on the days they are due."""
    rows = Task.objects.visible_to(user).open().filter(owner=user.pk, due_on__range=(first, last))
    return [
        DayEntry(first=row.due_on, last=row.due_on, kind=_("task"), text=row.title, url=row.get_absolute_url())
        for row in rows.order_by("due_on", "pk")[:DAYS_MOST]
    ]


def task_events(user: Any, ids: Sequence[int], span: Span) -> list[Event]:
    """Return the ended tasks of some distributors."""
    rows = Task.objects.visible_to(user).filter(span.days("ended_on"), distributor__in=ids)
    return [
        Event(
            on=row.ended_on,
            code="task",
            kind=_("Task"),
            title=row.title,
            text=str(row.get_state_display()),
            url=row.get_absolute_url(),
            who=str(row.ended_by or ""),
        )
        for row in rows.select_related("ended_by").order_by("-ended_on", "-pk")[: span.most]
    ]


def distributor_tasks(distributor: Distributor, user: Any) -> dict[str, Any]:
    """Return the open tasks of a distributor and the last that were ended, for its tab."""
    rows = Task.objects.visible_to(user).filter(distributor=distributor).select_related("owner", "ended_by")
    return {
        "open": list(rows.open()[:ROWS]),
        "ended": list(rows.exclude(state=TaskState.OPEN).order_by("-ended_on", "-pk")[:ROWS]),
        "add_url": f"{reverse('profiles:task-add')}?distributor={distributor.code}"
        if user.reach("profiles.add_task") is not None and user.role != Role.API_CLIENT
        else "",
    }

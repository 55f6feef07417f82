"""Changes to tasks: given, changed, postponed, ended, reopened."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_noop as _

from accounts.models import Notification, User
from accounts.notifications import notify
from accounts.roles import Role
from core import audit, clock
from core.errors import DomainError, TransitionRefused
from core.sentences import Sentence
from core.versions import version_write
from core.workflow import apply_move
from distributors.profiles.models import Distributor, Task, TaskState
from distributors.profiles.workflow import TASK_MOVES


def task_save(
    *,
    actor: User,
    instance: Task,
    version: int | None = None,
    distributor: Distributor | None,
    title: str,
    note: str,
    owner: User,
    due_on: date,
    source: str = Task.Source.PERSON,
) -> Task:
    """Give a task, or change one that is open; raise DomainError, or StaleVersion after a lost race.

    A task about a distributor goes to somebody who sees that distributor.
    """
    fields = {"distributor": distributor, "title": title.strip(), "note": note, "owner": owner, "due_on": due_on}
    _refuse_owner(owner, distributor)
    if not fields["title"]:
        raise DomainError(Sentence(_("Say what is to be done.")), "title")
    with transaction.atomic():
        if not instance.pk:
            if due_on < clock.today():
                raise DomainError(Sentence(_("A new task is due today at the earliest.")), "due_on")
            made: Task = Task.objects.create(**fields, source=source, created_by=actor, updated_by=actor)
            _old, new = audit.changes({}, fields)
            audit.record(actor=actor, verb="task.created", target=made, after=new)
            _tell(actor, made)
            return made
        return _change(actor, instance.pk, version, fields)


def _change(actor: User, pk: int, version: int | None, fields: dict[str, Any]) -> Task:
    before = Task.objects.select_related("distributor", "owner").get(pk=pk)
    if before.state != TaskState.OPEN:
        raise DomainError(Sentence(_("This task is over; reopen it first.")))
    version_write(Task.objects.filter(pk=pk, state=TaskState.OPEN), version, actor=actor, **fields)
    saved: Task = Task.objects.get(pk=pk)
    old, new = audit.changes({name: getattr(before, name) for name in fields}, fields)
    audit.record(actor=actor, verb="task.changed", target=saved, before=old, after=new)
    if saved.owner_id != before.owner_id:
        _tell(actor, saved)
    return saved


def _tell(actor: User, task: Task) -> None:
    """Tell somebody that a task is theirs now, unless they gave it to themselves."""
    if task.owner_id != actor.pk:
        said = Sentence(_("%(who)s gave you a task: %(title)s"), who=actor.name, title=task.title)
        notify(
            people=[task.owner_id],
            kind=Notification.Kind.TASK,
            said=said,
            url=task.get_absolute_url(),
            key=f"task-{task.pk}-{task.version}",
        )


def _refuse_owner(owner: User, distributor: Distributor | None) -> None:
    if not owner.is_active or owner.role == Role.API_CLIENT:
        raise DomainError(Sentence(_("%(name)s can no longer sign in."), name=owner.name), "owner")
    if distributor is not None and not Distributor.objects.visible_to(owner).filter(pk=distributor.pk).exists():
        raise DomainError(
            Sentence(_("%(name)s does not see this distributor; give the task to somebody who does."), name=owner.name),
            "owner",
        )


def task_end(*, actor: User, task: Task, done: bool = True, reason: str = "") -> Task:
    """Tick a task off, or drop it with a reason; of two people who press at once one wins."""
    if not done and not reason.strip():
        raise DomainError(Sentence(_("Say why: the reason stays with the record.")), "reason")
    step = TASK_MOVES["task.done" if done else "task.dropped"]
    ended: dict[str, Any] = {
        "ended_on": clock.today(),
        "ended_by": actor,
        "updated_by": actor,
        "version": F("version") + 1,
    }
    apply_move(task, step, actor=actor, note=reason.strip(), **ended)
    return task


def task_reopen(*, actor: User, task: Task, reason: str) -> Task:
    """Open a task again that was ended, with a reason."""
    if not reason.strip():
        raise DomainError(Sentence(_("Say why: the reason stays with the record.")), "reason")
    opened: dict[str, Any] = {"ended_on": None, "ended_by": None, "updated_by": actor, "version": F("version") + 1}
    apply_move(task, TASK_MOVES["task.reopened"], actor=actor, note=reason.strip(), **opened)
    return task


@transaction.atomic
def task_postpone(*, actor: User, task: Task, due_on: date, reason: str) -> Task:
    """Move the day an open task is due to a later one, with a reason."""
    if not reason.strip():
        raise DomainError(Sentence(_("Say why: the reason stays with the record.")), "reason")
    if due_on <= task.due_on or due_on < clock.today():
        raise DomainError(Sentence(_("Choose a later day.")), "due_on")
    rows = Task.objects.filter(pk=task.pk, state=TaskState.OPEN, due_on=task.due_on)
    if not rows.update(due_on=due_on, version=F("version") + 1, updated_by=actor, updated_at=clock.instant()):
        raise TransitionRefused(Sentence(_("Somebody changed this task meanwhile; look again.")))
    before = {"due_on": task.due_on.isoformat()}
    task.refresh_from_db()
    after = {"due_on": due_on.isoformat()}
    audit.record(actor=actor, verb="task.postponed", target=task, before=before, after=after, note=reason.strip())
    return task

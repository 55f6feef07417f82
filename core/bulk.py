"""What can be done to many rows of a list at once: chosen, previewed with numbers, confirmed, done as one change."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from core.errors import DomainError
from core.jobs import Outcome, Run, job_create
from core.listing import Listing
from core.models import Job
from core.scope import permission_name
from core.sentences import Sentence

KIND = "core.bulk"
JOB_ABOVE = 1000


@dataclass(frozen=True)
class Preview:
    """How many rows would change, how many not, by reason, and what else should be known of it."""

    ready: int
    refused: list[tuple[str, int]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Done:
    """How many rows changed, the address at which that is undone, where it can be, and that of what follows."""

    count: int
    undo_url: str = ""
    then_url: str = ""


@dataclass(frozen=True)
class BulkAction:
    """One change to many rows.

    `form` takes (data, user=..., rows=...), the rows being those on which the user holds `permission`; `preview` and
    `apply` take keyword arguments: actor, the same rows and what the form gave; `apply` changes what `preview` counted
    as ready and returns how many, or a `Done` where it can be undone. `then` says what `then_url` of that leads to.
    """

    name: str
    label: Any
    permission: str
    form: Any  # a class of forms that takes `user` and `rows`
    preview: Callable[..., Preview]
    apply: Callable[..., int | Done]
    then: Any = ""


@dataclass(frozen=True)
class Selection:
    """Rows of a list: those of the `keys`, or without keys all that match the query."""

    section: Any
    user: Any
    query: str
    keys: tuple[str, ...] = ()

    @property
    def listing(self) -> Listing:
        """Return the list that holds just these rows."""
        if not self.keys:
            return Listing(self.section, self.user, QueryDict(self.query))
        params = QueryDict(mutable=True)
        params.setlist("pk", list(self.keys))
        return Listing(self.section, self.user, params)

    def rows(self) -> QuerySet:
        """Return the rows that the user sees."""
        found: QuerySet = self.listing.rows.order_by()
        return found

    def permitted(self, action: BulkAction) -> QuerySet:
        """Return the rows on which the user may do `action`."""
        inside = self.section.model.objects.visible_to(self.user, action.permission)
        found: QuerySet = inside.filter(pk__in=self.rows().values("pk"))
        return found


def actions_for(section: Any, user: Any) -> list[BulkAction]:
    """Return what the user may do to many rows of a list."""
    return [action for action in section.actions if user.has_perm(permission_name(section.model, action.permission))]


def preview_of(action: BulkAction, selection: Selection, data: dict[str, Any]) -> Preview:
    """Return what would happen; rows that the user may not change are refused as such."""
    total, rows = selection.rows().count(), selection.permitted(action)
    found = action.preview(actor=selection.user, rows=rows, **data)
    hidden = total - rows.count()
    refused = [(_("not yours to change"), hidden)] if hidden else []
    refused += [(reason, count) for reason, count in found.refused if count]
    return Preview(found.ready, refused, found.notes)


def fingerprint(preview: Preview, given: dict[str, list[str]]) -> str:
    """Return a mark of a preview and of what was given, to tell whether what is confirmed is what was seen."""
    text = json.dumps([preview.ready, preview.refused, sorted(given.items())], ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


@transaction.atomic
def bulk_apply(*, action: BulkAction, selection: Selection, data: dict[str, Any]) -> Done:
    """Do `action` to the rows it can be done to, all in one transaction; return how many changed."""
    done = action.apply(actor=selection.user, rows=selection.permitted(action), **data)
    return done if isinstance(done, Done) else Done(done)


@transaction.atomic
def bulk_start(*, action: BulkAction, selection: Selection, given: dict[str, list[str]], ready: int) -> Job:
    """Let a job do it; it asks again what its owner may do."""
    title = Sentence(gettext_noop("%(action)s: %(list)s"), action=str(action.label), list=str(selection.section.title))
    args = {"list": selection.section.key(), "action": action.name, "query": selection.query, "given": given}
    return job_create(
        kind=KIND, actor=selection.user, args={**args, "keys": list(selection.keys), "ready": ready}, title=title
    )


def bulk_run(run: Run) -> dict[str, Any]:
    """Do what a bulk job was asked for, whole or not at all."""
    from core.sections import Section

    args, user = run.args, run.job.created_by
    section = Section.named(args["list"])
    action = next((one for one in actions_for(section, user) if one.name == args["action"]), None)
    selection = Selection(section, user, args["query"], tuple(args["keys"]))
    if action is None or not selection.listing.readable:
        raise DomainError(Sentence(gettext_noop("You may no longer do this.")))
    given = QueryDict(mutable=True)
    for name, values in args["given"].items():
        given.setlist(name, values)
    form = action.form(given, user=user, rows=selection.permitted(action))
    if not form.is_valid():
        raise DomainError(Sentence(gettext_noop("What was given is no longer possible; nothing was changed.")))
    run.advance(total=args["ready"], message=Sentence(gettext_noop("Changing the rows")))
    with transaction.atomic():
        run.fence()
        done = bulk_apply(action=action, selection=selection, data=form.cleaned_data)
    run.advance(done=done.count)
    links = {"url": section.url("list"), "undo": done.undo_url, "then": done.then_url}
    return {"changed": done.count, "asked": args["ready"], **links}


def _action_of(job: Job) -> BulkAction:
    """Return the action of a job that was done."""
    from core.sections import Section

    return next(one for one in Section.named(job.args["list"]).actions if one.name == job.args["action"])


def bulk_outcome(job: Job, _user: Any) -> Outcome:
    """Say how many rows changed, and how many were confirmed."""
    if "changed" not in job.result:
        return Outcome()
    facts = [
        {"label": _("Confirmed"), "text": f"{job.result['asked']:,}", "url": ""},
        {"label": _("Changed"), "text": f"{job.result['changed']:,}", "url": ""},
    ]
    links = [{"label": _("Back to the list"), "url": job.result["url"]}]
    if job.result.get("undo"):
        links.append({"label": _("Undo"), "url": job.result["undo"]})
    if job.result.get("then"):
        links.append({"label": str(_action_of(job).then), "url": job.result["then"]})
    return Outcome(facts, links)

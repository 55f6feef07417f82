"""The page between a file and its import: which column is what, with the first rows as they will be read."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError, StaleVersion
from core.files import blob_kept, blob_path
from core.sections import wants_fragment
from distributors.ledger import drafts
from distributors.ledger.guessing import profile_guessed
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.mapping import profile_read
from distributors.ledger.mapping_page import LEVELS_MOST, MappingPage, mapping_sent
from distributors.ledger.models import Import, ImportProfile
from distributors.ledger.profile_text import profile_differences, profile_text
from distributors.ledger.reading import Unreadable
from distributors.ledger.remapping import HOW_READ, mapping_kept
from distributors.ledger.sampling import Sample, sample_of
from distributors.ledger.surroundings import Surroundings

WHICH_TABLE = ("encoding", "delimiter", "sheet")


def _draft(request: Any, pk: int) -> Import:
    """Return a file that the user may bring in."""
    found: Import = get_object_or_404(Import.objects.visible_to(request.user).select_related("blob"), pk=pk)
    if not request.user.has_perm(kind_of(found.kind).permission):
        raise PermissionDenied
    return found


@require_http_methods(["GET", "POST"])
def import_mapping(request: Any, pk: int) -> HttpResponse:
    """Show and change which column is what; send the file on its way, or keep the mapping for the next one."""
    draft = _draft(request, pk)
    if draft.state != Import.State.DRAFT:
        return redirect(draft)
    screen = _Screen(request, draft)
    response = screen.posted() if request.method == "POST" else screen.shown()
    patch_vary_headers(response, ["HX-Request"])
    return response


def _unless(sent: dict[str, Any], was: Sample) -> dict[str, Any]:
    """Return what was sent without the row of the names, unless it is another one than before."""
    if (sent.get("header"), sent.get("header_above", 0)) != (was.header_row, was.header_above):
        return sent
    return {name: value for name, value in sent.items() if name not in {"header", "header_above"}}


class _Screen:
    """One request to the page."""

    def __init__(self, request: Any, draft: Import):
        self.request, self.draft, self.kind = request, draft, kind_of(draft.kind)
        self.path = blob_path(draft.blob)
        self.error = ""
        self.sample = sample_of(self.path, draft.profile)

    def posted(self) -> HttpResponse:
        """Take what was chosen, keep it, and do what was asked."""
        post, action = self.request.POST, self.request.POST.get("action", "preview")
        if "source" in post:
            self._take(mapping_sent(post, self.kind, self.sample, self.draft.profile, self._around()))
        steps = {
            "import": lambda: self._send(dry_run=False),
            "check": lambda: self._send(dry_run=True),
            "save": self._save,
            "load": self._load,
            "guess": self._guess,
            "level-add": lambda: self._levels(1),
            "level-remove": lambda: self._levels(-1),
            "across-on": lambda: self._across(on=True),
            "across-off": lambda: self._across(on=False),
        }
        return steps[action]() if action in steps else self.shown()

    def _take(self, sent: dict[str, Any]) -> None:
        """Keep the mapping; where the file is read in another way, recognise its columns anew and keep the choices."""
        was, before = self.sample, self.draft.profile
        if any(sent.get(name) != before.get(name) for name in HOW_READ):
            if any(sent.get(name, before.get(name)) != before.get(name) for name in WHICH_TABLE):
                # Another table has its names in another row, unless somebody said in which.
                sent = _unless(sent, was)
            try:
                self.sample = sample_of(self.path, sent)
                sent |= {"header": self.sample.header_row, "header_above": self.sample.header_above}
            except Unreadable as error:
                self.error = str(error)
                sent = {name: one for name, one in sent.items() if name not in HOW_READ}
                sent |= {name: before[name] for name in HOW_READ if name in before}
        if self.sample.header != was.header:
            called = self.draft.filename
            guessed = profile_guessed(self.kind, was, self._around(), called)
            fresh = drafts.draft_guess(self.kind, self.sample, self.request.user, called)
            sent = mapping_kept(sent, guessed, fresh, self.sample.header)
        drafts.draft_keep(actor=self.request.user, instance=self.draft, profile=sent)

    def _around(self) -> Surroundings:
        return Surroundings(source_code=self.draft.profile.get("source", "erp"), actor=self.request.user)

    def _send(self, *, dry_run: bool) -> HttpResponse:
        open_fields = MappingPage(self.kind, self.sample, self.draft.profile, self._around()).open_fields()
        if open_fields and not self.error:
            self.error = _("Still to be chosen: %(fields)s.") % {"fields": ", ".join(open_fields)}
        try:
            if self.error:
                return self.shown(422)
            return redirect(drafts.draft_send(actor=self.request.user, instance=self.draft, dry_run=dry_run))
        except DomainError as error:
            self.error = str(error)
            return self.shown(422)

    def _guess(self) -> HttpResponse:
        kept = {name: value for name, value in self.draft.profile.items() if name in HOW_READ}
        guessed = profile_guessed(self.kind, self.sample, self._around(), self.draft.filename)
        drafts.draft_keep(actor=self.request.user, instance=self.draft, profile={**guessed, **kept})
        return self.shown()

    def _load(self) -> HttpResponse:
        rows = ImportProfile.objects.visible_to(self.request.user).filter(kind=self.draft.kind)
        chosen = self.request.POST.get("saved", "")
        saved = get_object_or_404(rows, pk=chosen if chosen.isdecimal() else 0)
        profile = profile_read(saved.text, self.kind)
        try:
            self.sample = sample_of(self.path, profile)
            profile = drafts.of_its_year(profile, self.sample, self.draft.filename)
        except Unreadable as error:
            self.error = str(error)
            return self.shown(422)
        drafts.draft_keep(actor=self.request.user, instance=self.draft, profile=profile)
        return self.shown(version=saved.version)

    def _across(self, *, on: bool) -> HttpResponse:
        """Read columns that stand side by side as one record each, or no longer."""
        profile = {name: value for name, value in self.draft.profile.items() if name != "across"}
        if on:
            guessed = profile_guessed(self.kind, self.sample, self._around(), self.draft.filename)
            if "across" not in guessed:
                self.error = _("No columns are called like months, quarters or currencies.")
                return self.shown(422)
            given = {name for means in guessed["across"]["columns"].values() for name in means}
            kept = {name: plan for name, plan in (profile.get("columns") or {}).items() if name not in given}
            kept.pop(guessed["across"]["into"], None)
            profile |= {"across": guessed["across"], "columns": {**guessed["columns"], **kept}}
        drafts.draft_keep(actor=self.request.user, instance=self.draft, profile=profile)
        return self.shown()

    def _levels(self, change: int) -> HttpResponse:
        profile = dict(self.draft.profile)
        levels = list(profile.get("levels") or [profile.get("columns") or {}])
        if change > 0 and len(levels) < LEVELS_MOST:
            levels.append({})
        elif change < 0 and len(levels) > 1:
            levels.pop()
        for name in ("levels", "columns"):
            profile.pop(name, None)
        profile |= {"levels": levels} if len(levels) > 1 else {"columns": levels[0]}
        drafts.draft_keep(actor=self.request.user, instance=self.draft, profile=profile)
        return self.shown()

    def _save(self) -> HttpResponse:
        """Keep the mapping under its name; a name that someone else changed meanwhile is shown with the difference."""
        mapping, version = self.draft.profile, self.request.POST.get("version", "")
        name = str(mapping.get("name", ""))
        if not name:
            self.error = _("Give the mapping a name under which it is kept.")
            return self.shown(422)
        found = self._saved(name)
        stale = found is not None and not version.isdecimal()
        try:
            if stale:
                raise StaleVersion
            saved = drafts.profile_save(
                actor=self.request.user,
                instance=found or ImportProfile(kind=self.kind.name),
                version=int(version) if found and version.isdecimal() else None,
                name=name,
                text=profile_text(mapping),
                header=self.sample.header,
            )
        except StaleVersion:
            return self._conflict(name)
        except DomainError as error:
            self.error = str(error)
            return self.shown(422)
        return self.shown(version=saved.version, kept=_("The mapping “%(name)s” is kept.") % {"name": saved.name})

    def _conflict(self, name: str) -> HttpResponse:
        saved = self._saved(name)
        if saved is None:
            return self.shown(409)
        conflict = {
            "rows": profile_differences(self.draft.profile, profile_read(saved.text, self.kind)),
            "when": saved.updated_at,
            "who": saved.updated_by,
            "theirs_version": saved.version,
        }
        return self.shown(409, conflict=conflict)

    def _saved(self, name: str) -> ImportProfile | None:
        rows = ImportProfile.objects.visible_to(self.request.user)
        found: ImportProfile | None = rows.filter(kind=self.draft.kind, name=name).first() if name else None
        return found

    def shown(self, status: int = 200, *, version: int | None = None, kept: str = "", conflict: Any = None) -> Any:
        """Answer the page, or the part of it that htmx asks for."""
        mapping = self.draft.profile
        name = str(mapping.get("name", ""))
        if version is None:
            sent = self.request.POST.get("version", "")
            saved = self._saved(name) if self.request.method == "GET" else None
            version = int(sent) if sent.isdecimal() else saved.version if saved else None
        context = {
            **MappingPage(self.kind, self.sample, mapping, self._around()).context(),
            "import": self.draft,
            "kind": self.kind,
            "title": self.draft.filename,
            "error": self.error,
            "version": version,
            "kept": kept,
            "conflict": conflict,
            "saved": ImportProfile.objects.visible_to(self.request.user).filter(kind=self.draft.kind),
            "may_levels": self.kind.name == "territories",
            "crumbs": [{"label": _("Imports"), "url": reverse("ledger:import-list")}],
        }
        fragment = wants_fragment(self.request)
        template = "ledger/import_mapping.html#mapping" if fragment else "ledger/import_mapping.html"
        return TemplateResponse(self.request, template, context, status=status)


@require_POST
def import_again(request: Any, pk: int) -> HttpResponse:
    """Open the columns of a file that was sent before, as a new import of the same file."""
    made = drafts.draft_again(actor=request.user, instance=_draft(request, pk))
    return redirect("ledger:import-mapping", made.pk)


@require_POST
def import_publish(request: Any, pk: int) -> HttpResponse:
    """Bring in a file that was only checked, as it was checked."""
    checked = _draft(request, pk)
    if checked.state != Import.State.VALID:
        return redirect(checked)
    made = drafts.draft_again(actor=request.user, instance=checked)
    return redirect(drafts.draft_send(actor=request.user, instance=made, good_only=checked.good_only))


@require_POST
def import_good(request: Any, pk: int) -> HttpResponse:
    """See which rows of a refused file are good, as a check after which they may go in alone."""
    refused = _draft(request, pk)
    if refused.state != Import.State.REFUSED:
        return redirect(refused)
    made = drafts.draft_again(actor=request.user, instance=refused)
    return redirect(drafts.draft_send(actor=request.user, instance=made, dry_run=True, good_only=True))


@require_GET
def import_rejects(request: Any, pk: int) -> FileResponse:
    """Download the rows that stayed out, in the columns of their file, to be corrected and sent again."""
    found = get_object_or_404(Import.objects.visible_to(request.user).select_related("rejects"), pk=pk)
    if found.rejects is None or not blob_kept(found.rejects):
        raise Http404
    name = f"{found.filename.rsplit('.', 1)[0]}-left-out.csv"
    return FileResponse(blob_path(found.rejects).open("rb"), as_attachment=True, filename=name)


@require_POST
def import_drop(request: Any, pk: int) -> HttpResponse:
    """Give up a file that waits for its columns."""
    drafts.draft_drop(actor=request.user, instance=_draft(request, pk))
    return redirect("ledger:import-list")

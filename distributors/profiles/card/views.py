"""The forms of the card, rows added, changed and removed there, and its files."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError, StaleVersion
from core.files import blob_path
from distributors.profiles.card.kinds import GROUPS, ROWS, Part
from distributors.profiles.card.selectors import group_of
from distributors.profiles.card.services import row_remove
from distributors.profiles.contracts.forms import with_more_rows
from distributors.profiles.models import CardFile, Distributor
from distributors.profiles.page import distributor_for


def _back(distributor: Distributor, part: Part) -> str:
    return f"{reverse('profiles:distributor-profile', args=[distributor.pk])}#{part.anchor}"


def _part(parts: dict[str, Part], name: str) -> Part:
    if name not in parts:
        raise Http404
    return parts[name]


@require_http_methods(["GET", "POST"])
def group_edit(request: Any, pk: int, group: str) -> HttpResponse:
    """Change a group of the card."""
    distributor, part = distributor_for(request, pk, "change"), _part(GROUPS, group)
    return _edited(request, distributor, part, group_of(distributor, part.model))


@require_http_methods(["GET", "POST"])
def row_edit(request: Any, pk: int, kind: str, cardrow_pk: int | None = None) -> HttpResponse:
    """Add a row to the card, or change one."""
    distributor, part = distributor_for(request, pk, "change"), _part(ROWS, kind)
    if cardrow_pk is None:
        return _edited(request, distributor, part, part.model(distributor=distributor))
    row = get_object_or_404(part.model, pk=cardrow_pk, distributor=distributor)
    return _edited(request, distributor, part, row)


def _edited(request: Any, distributor: Distributor, part: Part, instance: Any) -> HttpResponse:
    """Answer the form; save it where it is sent: errors 422, a lost race 409 with the difference."""
    if request.method == "GET":
        return _form(request, distributor, part, part.form(instance=instance, user=request.user))
    if "more" in request.POST:
        form = part.form(with_more_rows(request.POST), instance=instance, user=request.user)
        form._errors = {}
        for row in form.rows:
            row._errors = {}
        return _form(request, distributor, part, form)
    form = part.form(request.POST, request.FILES, instance=instance, user=request.user)
    if not form.is_valid():
        return _form(request, distributor, part, form, 422)
    data = {name: value for name, value in form.cleaned_data.items() if name != "version"}
    fresh = part.model.objects.filter(pk=instance.pk).first() if instance.pk else None
    given = fresh or part.model(distributor=distributor)
    try:
        part.save(actor=request.user, instance=given, version=form.cleaned_data.get("version"), **data)
    except StaleVersion:
        return _conflict(request, distributor, part, form)
    except DomainError as error:
        form.refuse(str(error), error.field)
        return _form(request, distributor, part, form, 422)
    messages.success(request, _("Saved."))
    return HttpResponseRedirect(_back(distributor, part))


def _conflict(request: Any, distributor: Distributor, part: Part, form: Any) -> HttpResponse:
    """Show both versions; saving again saves over the newer one, knowingly."""
    held = part.model.objects.select_related("updated_by").filter(distributor=distributor)
    current = get_object_or_404(held, **({"pk": form.instance.pk} if part.removed else {}))
    form.data = form.data.copy()
    form.data["version"] = str(current.version)
    conflict = {
        "rows": form.differences(current),
        "when": current.updated_at,
        "who": current.updated_by,
        "theirs_version": current.version,
    }
    return _form(request, distributor, part, form, 409, conflict)


def _form(
    request: Any, distributor: Distributor, part: Part, form: Any, status: int = 200, conflict: Any = None
) -> HttpResponse:
    context = {
        "form": form,
        "title": _("%(part)s: %(name)s") % {"part": part.title, "name": distributor},
        "submit_label": _("Save"),
        "cancel_url": _back(distributor, part),
        "conflict": conflict,
    }
    template = "profiles/card/brands_form.html" if hasattr(part.form, "rows") else "core/form.html"
    return TemplateResponse(request, template, context, status=status)


@require_http_methods(["GET", "POST"])
def row_gone(request: Any, pk: int, kind: str, cardrow_pk: int) -> HttpResponse:
    """Remove a row from the card, once it was said what that means."""
    distributor, part = distributor_for(request, pk, "change"), _part(ROWS, kind)
    row = get_object_or_404(part.model, pk=cardrow_pk, distributor=distributor)
    if request.method == "POST":
        with transaction.atomic():
            row_remove(actor=request.user, instance=row, verb=part.removed)
        messages.success(request, _("“%(row)s” is removed.") % {"row": row})
        return HttpResponseRedirect(_back(distributor, part))
    context = {
        "title": _("%(part)s: %(name)s") % {"part": part.title, "name": distributor},
        "text": str(part.asked) % {"row": row},
        "submit_label": _("Remove"),
        "cancel_url": _back(distributor, part),
    }
    return TemplateResponse(request, "core/confirm.html", context)


@require_GET
def file_fetch(request: Any, pk: int) -> FileResponse:
    """Answer a file of a card as an attachment."""
    found = get_object_or_404(CardFile.objects.visible_to(request.user).select_related("blob"), pk=pk)
    path = blob_path(found.blob)
    if not path.is_file():
        raise Http404
    response = FileResponse(path.open("rb"), as_attachment=True, filename=found.name, content_type=found.content_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response

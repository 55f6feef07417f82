"""What every list shares beside its page: exports prepared by a job, and saved views."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import downloads, saved_views
from core.errors import DomainError
from core.exports import XLSX_TYPE
from core.files import blob_path
from core.forms import SavedViewForm
from core.listing import Listing
from core.models import Blob, Job, SavedView
from core.sections import Section


@require_POST
def list_export(request: Any, key: str) -> HttpResponse:
    """Let a job write the XLSX of the list as `query` describes it."""
    job = downloads.export_start(actor=request.user, section=Section.named(key), query=request.POST.get("query", ""))
    return redirect(job)


@never_cache
@require_GET
def job_file(request: Any, pk: int) -> FileResponse:
    """Answer the file that an export wrote, to whom the job belongs."""
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk, kind=downloads.KIND, state=Job.State.DONE)
    blob = get_object_or_404(Blob, pk=job.result.get("blob"))
    path = blob_path(blob)
    if not path.exists():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=job.result["name"], content_type=XLSX_TYPE)


def _form_page(request: Any, form: Any, title: str, cancel_url: str, status: int = 200) -> HttpResponse:
    context = {"form": form, "title": title, "cancel_url": cancel_url, "submit_label": _("Save"), "narrow": True}
    return TemplateResponse(request, "core/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def view_add(request: Any, key: str) -> HttpResponse:
    """Keep the list as the query describes it, under a name."""
    section, query = Section.named(key), request.GET.get("query", "")
    if not Listing(section, request.user, QueryDict(query)).allowed:
        raise PermissionDenied
    back = f"{section.url('list')}?{query}"
    form = SavedViewForm(request.POST or None, user=request.user)
    title = _("Keep this view of %(list)s") % {"list": section.title}
    if request.method == "GET":
        return _form_page(request, form, title, back)
    if form.is_valid():
        try:
            made = saved_views.saved_view_create(actor=request.user, section=section, query=query, **form.cleaned_data)
        except DomainError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("The view “%(name)s” is kept.") % {"name": made})
            return redirect(_list_url(made))
    return _form_page(request, form, title, back, 422)


def _list_url(view: SavedView, *, all_rows: bool = False) -> str:
    section = Section.named(view.section)
    query = f"?view={saved_views.ALL_ROWS}" if all_rows else saved_views.view_query(view)
    return section.url("list") + query


def _view(request: Any, pk: int, action: str) -> SavedView:
    found: SavedView = get_object_or_404(SavedView.objects.visible_to(request.user, action), pk=pk)
    return found


@require_http_methods(["GET", "POST"])
def view_edit(request: Any, pk: int) -> HttpResponse:
    """Rename a view, or share it."""
    view = _view(request, pk, "change")
    first = {"name": view.name, "shared_with": view.shared_with}
    form = SavedViewForm(request.POST or None, user=request.user, initial=first, named=True)
    title, back = _("View “%(name)s”") % {"name": view}, _list_url(view)
    if request.method == "GET":
        return _form_page(request, form, title, back)
    if form.is_valid():
        try:
            saved_views.saved_view_change(actor=request.user, view=view, **form.cleaned_data)
        except DomainError as error:
            form.add_error("name", str(error))
        else:
            return redirect(back)
    return _form_page(request, form, title, back, 422)


@require_POST
def view_query(request: Any, pk: int) -> HttpResponse:
    """Let a view keep the list as it is now."""
    view = _view(request, pk, "change")
    listing = Listing(Section.named(view.section), request.user, QueryDict(request.POST.get("query", "")))
    saved_views.saved_view_change(actor=request.user, view=view, query=listing.query)
    view.refresh_from_db()
    messages.success(request, _("The view “%(name)s” is kept.") % {"name": view})
    return redirect(_list_url(view))


@require_POST
def view_first(request: Any, pk: int) -> HttpResponse:
    """Begin the list with this view, or with all rows again."""
    view = _view(request, pk, "view")
    saved_views.first_view_set(actor=request.user, view=view, on=request.POST.get("on") == "1")
    return redirect(_list_url(view))


@require_POST
def view_delete(request: Any, pk: int) -> HttpResponse:
    """Delete a view."""
    view = _view(request, pk, "change")
    back = _list_url(view, all_rows=True)
    saved_views.saved_view_delete(actor=request.user, view=view)
    messages.success(request, _("The view “%(name)s” is deleted.") % {"name": view})
    return redirect(back)

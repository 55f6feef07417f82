"""Home, search, a job's page, and the health check."""

from typing import Any

from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from core import clock, jobs
from core.contributors import collect
from core.middleware import open_to_all
from core.models import Job
from core.needs import need_list
from core.sections import wants_fragment

SEARCH_LIMIT = 20
NEEDS_SHOWN = 12


@require_GET
def home(request: Any) -> HttpResponse:
    """Show what needs the user, and the figures that the apps give for Home."""
    as_of = clock.today(request.user.company)
    needs = need_list(request.user, as_of)
    blocks: dict[str, Any] = {"kpis": [], "charts": [], "lists": []}
    for block in collect("home", request.user, as_of):
        for name, value in block.items():
            blocks[name] = blocks.get(name, []) + value if isinstance(value, list) else value
    for name in ("kpis", "charts", "lists"):
        blocks[name].sort(key=lambda item: item.get("order", 100))
    context = {"title": _("Home"), "items": needs.items[:NEEDS_SHOWN], "as_of": as_of, **blocks}
    context |= {"more": len(needs.items) > NEEDS_SHOWN, "count": len(needs.items), "at_least": needs.more}
    return TemplateResponse(request, "core/home.html", context)


@require_GET
def search(request: Any) -> HttpResponse:
    """Answer the search page, or only its results to htmx."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    hits = collect("search", request.user, words)[:SEARCH_LIMIT] if len(words) >= 1 else []
    template = "core/search.html#results" if wants_fragment(request) else "core/search.html"
    return TemplateResponse(request, template, {"title": _("Search"), "q": words, "hits": hits})


@never_cache
@require_GET
def job(request: Any, pk: int) -> HttpResponse:
    """Show how far a job is and what came of it."""
    found = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    template = "core/job.html#state" if wants_fragment(request) else "core/job.html"
    context = {"title": str(found), "job": found, "took": clock.span_text(found.took) if found.took else ""}
    if not found.is_open:
        context["outcome"] = jobs.outcome_of(found, request.user)
    return TemplateResponse(request, template, context)


@require_POST
def job_cancel(request: Any, pk: int) -> HttpResponse:
    """Ask a job to stop."""
    found = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    jobs.job_cancel(job=found, actor=request.user)
    return redirect(found)


@open_to_all
@never_cache
@require_GET
def healthz(_request: Any) -> JsonResponse:
    """Answer that the process and its database live."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})

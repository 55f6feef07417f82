"""Pages about imports and facts, and the sales tab of a distributor's page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock
from core.company import company
from core.errors import DomainError
from core.exports import csv_response
from core.periods import full_months
from core.scope import require_permission
from core.sections import DetailView, ListView, wants_fragment
from distributors.ledger import services
from distributors.ledger.forms import ImportForm
from distributors.ledger.home import month_pairs, months_chart
from distributors.ledger.kinds.declaration import kind_of, kinds_for
from distributors.ledger.models import Import
from distributors.ledger.selectors import import_facts, months_of, product_lines_of
from distributors.ledger.tables import STATE_TONES, ProblemTable
from distributors.profiles.models import Distributor
from distributors.profiles.page import distributor_for, tab_response

PROBLEMS_SHOWN = 100


class ImportListView(ListView):
    """The imports, with the way to a new one."""

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Add the upload for whoever may use it."""
        if self.request.user.has_perm("ledger.add_import"):
            context |= {"add_url": reverse("ledger:import-add"), "add_label": _("Import a file")}
        return super().render(template, status, **context)


class ImportView(DetailView):
    """One import: how far it is, what came of it, and what is wrong with its rows."""

    def get(self, request: Any, pk: int) -> HttpResponse:
        """Answer the page, or only its state to htmx, which asks while the import is under way."""
        instance = get_object_or_404(self.queryset().select_related("job", "created_by", "batch"), pk=pk)
        job = instance.job
        stopped = instance.is_open and job is not None and not job.is_open
        context = {
            "import": instance,
            "title": instance.filename,
            "job": job,
            "under_way": instance.is_open and not stopped,
            "stopped": stopped,
            "chip": {"text": instance.get_state_display(), "tone": STATE_TONES.get(instance.state, "")},
            "facts": import_facts(instance),
            "problems": list(instance.problems.all()[:PROBLEMS_SHOWN]),
            "crumbs": [{"label": _("Imports"), "url": reverse("ledger:import-list")}],
            "again_url": f"{reverse('ledger:import-add')}?kind={instance.kind}",
            "may_add": request.user.has_perm(kind_of(instance.kind).permission),
        }
        template = "ledger/import_page.html#state" if wants_fragment(request) else "ledger/import_page.html"
        return TemplateResponse(request, template, context)


class SaleLineListView(ListView):
    """The lines of one distributor, with the way back to it."""

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Name the distributor, or say where its lines are found."""
        chosen = context["filterset"].form.cleaned_data.get("distributor")
        if isinstance(chosen, Distributor):
            context["title"] = _("Sale lines of %(name)s") % {"name": chosen}
            context["add_url"], context["add_label"] = None, ""
        else:
            context["empty"] = {
                "title": _("Choose a distributor"),
                "text": _("Its page leads to its sale lines."),
                "url": reverse("profiles:distributor-list"),
                "action": _("Distributors"),
            }
        return super().render(template, status, **context)


@require_http_methods(["GET", "POST"])
def import_add(request: Any) -> HttpResponse:
    """Take a file and its mapping, and lead to the import."""
    require_permission(request.user, "ledger.add_import")
    given = request.POST if request.method == "POST" else None
    form = ImportForm(
        given, request.FILES or None, user=request.user, initial={"kind": request.GET.get("kind", "sales")}
    )
    if request.method == "GET":
        return _import_form(request, form)
    if not form.is_valid():
        return _import_form(request, form, 422)
    data = form.cleaned_data
    try:
        made = services.import_start(
            actor=request.user,
            kind=kind_of(data["kind"]),
            file=data["file"].file,
            filename=data["file"].name,
            profile=data["profile"].read() if data["profile"] else None,
            dry_run=data["dry_run"],
        )
    except DomainError as error:
        form.add_error("profile" if isinstance(error, services.ProfileError) else None, str(error))
        return _import_form(request, form, 422)
    return redirect(made)


def _import_form(request: Any, form: ImportForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "title": _("Import a file"),
        "submit_label": _("Import"),
        "cancel_url": reverse("ledger:import-list"),
        "kinds": kinds_for(request.user),
    }
    return TemplateResponse(request, "ledger/import_form.html", context, status=status)


@never_cache
@require_GET
def import_problems(request: Any, pk: int) -> StreamingHttpResponse:
    """Download what is wrong with the rows."""
    instance = get_object_or_404(Import.objects.visible_to(request.user), pk=pk)
    return csv_response(ProblemTable(instance.problems.all()), f"problems-{instance.pk}")


@require_POST
def import_cancel(request: Any, pk: int) -> HttpResponse:
    """Ask an import to stop."""
    instance = get_object_or_404(Import.objects.visible_to(request.user).select_related("job"), pk=pk)
    if not request.user.has_perm(kind_of(instance.kind).permission):
        raise PermissionDenied
    services.import_cancel(actor=request.user, instance=instance)
    return redirect(instance)


@require_GET
def distributor_sales(request: Any, pk: int) -> HttpResponse:
    """Show a distributor's net sales by month and by product line, against the year before."""
    require_permission(request.user, "ledger.view_saleline")
    distributor = distributor_for(request, pk)
    window, currency = full_months(clock.today(), 12), company().base_currency
    months = months_of(request.user, pk, window)
    context = {
        "chart": months_chart(month_pairs(window, months), currency) if months else None,
        "lines": product_lines_of(request.user, pk, window),
        "currency": currency,
        "window": window,
        "lines_url": f"{reverse('ledger:saleline-list')}?distributor={pk}",
    }
    return tab_response(request, distributor, "sales", "ledger/_distributor_sales.html", context)

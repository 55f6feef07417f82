"""Pages about imports and facts, and the sales tab of a distributor's page."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock
from core.errors import DomainError
from core.exports import csv_response
from core.files import blob_kept
from core.periods import full_months, month_last
from core.scope import require_permission
from core.sections import DetailView, ListView, wants_fragment
from distributors.ledger import services
from distributors.ledger.batch_facts import undone_by
from distributors.ledger.drafts import draft_start
from distributors.ledger.examples import example_lines
from distributors.ledger.facts import FACTS
from distributors.ledger.forms import ImportForm
from distributors.ledger.home import month_pairs, months_chart, so_far_kpi, year_word
from distributors.ledger.kinds.declaration import kind_of, kinds_for
from distributors.ledger.models import Import, ImportProblem
from distributors.ledger.selectors import import_facts, import_links, product_lines_of, sales_of
from distributors.ledger.tables import STATE_TONES, FieldLabels, problem_table
from distributors.profiles.models import Distributor
from distributors.profiles.overview import is_new
from distributors.profiles.page import distributor_for, tab_response

PROBLEMS_SHOWN = 100
RELATED = ("job", "created_by", "batch__undone_by", "blob", "rejects")


class ImportListView(ListView):
    """The imports, with the way to a new one."""

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Add the upload for whoever may use it."""
        if self.request.user.has_perm("ledger.add_import"):
            context |= {
                "add_url": reverse("ledger:import-add"),
                "add_label": _("Import a file"),
                "actions": [{"label": _("Saved mappings"), "url": reverse("ledger:importprofile-list")}],
            }
        return super().render(template, status, **context)


class ImportView(DetailView):
    """One import: how far it is, what came of it, and what is wrong with its rows."""

    def get(self, request: Any, pk: int) -> HttpResponse:
        """Answer the page, or only its state to htmx, which asks while the import is under way."""
        instance = get_object_or_404(self.queryset().select_related(*RELATED), pk=pk)
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
            "links": import_links(instance, request.user),
            "changed": instance.rows_new + instance.rows_changed,
            "undo_url": _undo_url(instance, request.user),
            "kept": instance.state == Import.State.PUBLISHED and instance.kind not in {fact.kind for fact in FACTS},
            "problems": _problems(instance),
            "crumbs": [{"label": _("Imports"), "url": reverse("ledger:import-list")}],
            "is_over": not instance.is_open,
            "file_gone": not instance.is_open and not blob_kept(instance.blob),
            "rejects_kept": instance.rejects is not None and blob_kept(instance.rejects),
            "may_separate": _may_separate(instance, request.user),
            "may_add": request.user.has_perm(kind_of(instance.kind).permission),
        }
        if instance.state == Import.State.DRAFT and context["may_add"]:
            return redirect("ledger:import-mapping", instance.pk)
        template = "ledger/import_page.html#state" if wants_fragment(request) else "ledger/import_page.html"
        return TemplateResponse(request, template, context)


def _problems(instance: Import) -> list[ImportProblem]:
    """Return the first problems, each with what its column is called."""
    labels, found = FieldLabels.of(instance), list(instance.problems.all()[:PROBLEMS_SHOWN])
    for one in found:
        one.column = labels.get(one.column, one.column)
    return found


def _undo_url(instance: Import, user: Any) -> str:
    """Return where the batch of an import is undone, empty where it cannot be, or not by `user`."""
    batch = getattr(instance, "batch", None)
    if batch is None or undone_by(batch) or not user.has_perm("ledger.undo_batch"):
        return ""
    return reverse("ledger:batch-undo", args=[batch.pk])


def _may_separate(instance: Import, user: Any) -> bool:
    """Tell whether good rows of a refused file may go in alone: where rows are wrong, and not the file."""
    refused = instance.state == Import.State.REFUSED and not instance.good_only
    whole = ImportProblem.objects.filter(import_file=instance, row__lte=instance.profile.get("header", 1))
    return (
        refused and user.has_perm(kind_of(instance.kind).permission) and instance.rows_read > 0 and not whole.exists()
    )


class SaleLineListView(ListView):
    """The lines of one distributor, of one batch, or of some days."""

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Name the distributor or the batch, or say how lines are found."""
        data = context["filterset"].form.cleaned_data
        if isinstance(data.get("distributor"), Distributor):
            context["title"] = _("Sale lines of %(name)s") % {"name": data["distributor"]}
        elif data.get("batch") is not None:
            context["title"] = _("Sale lines of batch #%(number)s") % {"number": data["batch"]}
        elif not context["filterset"].bounded:
            context["empty"] = {
                "title": _("Choose a distributor, or a month"),
                "text": _("A distributor's page leads to its lines; From and To show those of up to 31 days."),
                "url": reverse("profiles:distributor-list"),
                "action": _("Distributors"),
            }
        return super().render(template, status, **context)


@require_http_methods(["GET", "POST"])
def import_add(request: Any) -> HttpResponse:
    """Take a file, and lead to the page of its columns."""
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
        made = draft_start(
            actor=request.user,
            kind=kind_of(data["kind"]),
            file=data["file"].file,
            filename=data["file"].name,
            profile=data["profile"].read() if data["profile"] else None,
        )
    except DomainError as error:
        form.add_error("profile" if isinstance(error, services.ProfileError) else "file", str(error))
        return _import_form(request, form, 422)
    return redirect("ledger:import-mapping", made.pk)


def _import_form(request: Any, form: ImportForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "title": _("Import a file"),
        "submit_label": _("Continue: choose the columns"),
        "cancel_url": reverse("ledger:import-list"),
        "kinds": kinds_for(request.user),
    }
    return TemplateResponse(request, "ledger/import_form.html", context, status=status)


@never_cache
@require_GET
def import_problems(request: Any, pk: int) -> StreamingHttpResponse:
    """Download what is wrong with the rows."""
    instance = get_object_or_404(Import.objects.visible_to(request.user), pk=pk)
    return csv_response(problem_table(instance), f"problems-{instance.pk}")


@require_GET
def import_example(request: Any, kind: str) -> HttpResponse:
    """Download a small file of a kind as it may look."""
    found = next((one for one in kinds_for(request.user) if one.name == kind), None)
    if found is None:
        raise Http404
    response = HttpResponse(example_lines(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found.name}-example.csv"'
    return response


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
    today, currency, fiscal = clock.today(), request.user.company.base_currency, request.user.company.fiscal
    window, (year, then) = full_months(today, 12), fiscal.year_so_far(today)
    months, sold, before = sales_of(request.user, pk, window, year, then)
    so_far = {"label": _("Net sales, %(year)s so far") % {"year": year_word(fiscal, today)}}
    context = {
        "kpis": [so_far | so_far_kpi(sold, before, then[1], currency)] if sold or before else [],
        "chart": months_chart(month_pairs(window, months), currency) if months else None,
        "lines": product_lines_of(request.user, pk, window),
        "new": is_new(distributor.standing.first_sale_on, distributor.standing.sales_as_of),
        "currency": currency,
        "ended": month_last(window.months[-1]),
        "lines_url": f"{reverse('ledger:saleline-list')}?distributor={pk}",
    }
    return tab_response(request, distributor, "sales", "ledger/_distributor_sales.html", context)

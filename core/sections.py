"""One declaration per model; list, detail, form, export and REST follow from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import View

from core import audit
from core.bulk import BulkAction, actions_for
from core.errors import DomainError, StaleVersion
from core.exports import XLSX_AT_ONCE, csv_response, xlsx_refuse, xlsx_response
from core.filters import BaseFilterSet
from core.listing import Listing
from core.money import amount_text
from core.saved_views import first_query, views_context, views_of
from core.scope import permission_name, require_visible
from core.tables import Table, column_choices

PER_PAGE = 50
FEW = 2000
EXPORTS = ("csv", "xlsx")


class Section:
    """The screens of one model; override a view class to change one, or leave the section out where it does not fit.

    `save` is a service `(actor, instance, version, **cleaned_data) -> instance`; without it there is no form. Where
    rows hold `personal` fields, whoever opens one of another person, or exports them, is noted in the trail.
    """

    model: ClassVar[Any] = None
    title: ClassVar[Any] = ""
    singular: ClassVar[Any] = ""
    slug: ClassVar[str] = ""
    table: ClassVar[type[Table]]
    filterset: ClassVar[type[BaseFilterSet]]
    form: ClassVar[Any] = None
    save: ClassVar[Callable[..., Any] | None] = None
    has_detail: ClassVar[bool] = True
    personal: ClassVar[bool] = False
    actions: ClassVar[tuple[BulkAction, ...]] = ()
    board: ClassVar[str] = ""
    list_view: ClassVar[Any] = None
    detail_view: ClassVar[Any] = None
    form_view: ClassVar[Any] = None

    all: ClassVar[list[type["Section"]]] = []

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        Section.all.append(cls)

    @classmethod
    def queryset(cls) -> Any:
        """Return all rows, with what the columns need annotated; the views narrow it to what the user may see."""
        return cls.model.objects.all()

    @classmethod
    def rows_for(cls, user: Any) -> Any:
        """Return all rows for the list, where what the columns need depends on who reads."""
        return cls.queryset()

    @classmethod
    def paged(cls, listing: Listing) -> "Paged":
        """Return the page of a list that is asked for."""
        return numbered_page(listing)

    @classmethod
    def named(cls, key: str) -> type["Section"]:
        """Return the section of the model called `key`, as in `profiles.distributor`; 404 where there is none."""
        found = next((one for one in Section.all if one.model._meta.label_lower == key), None)
        if found is None:
            raise Http404
        return found

    @classmethod
    def key(cls) -> str:
        """Return the name by which `named` finds the section."""
        return str(cls.model._meta.label_lower)

    @classmethod
    def filename(cls) -> str:
        """Return what an export is called, without its ending."""
        return str(cls.slug or cls.model._meta.model_name)

    @classmethod
    def url(cls, screen: str, *args: Any) -> str:
        """Return the URL of a screen: list, add, detail, edit."""
        opts = cls.model._meta
        return str(reverse(f"{opts.app_label}:{opts.model_name}-{screen}", args=args))

    @classmethod
    def urls(cls) -> list[URLPattern]:
        """Return the URL patterns of the section's screens."""
        name = cls.model._meta.model_name
        slug = cls.slug or f"{name}s"
        found = [path(f"{slug}/", (cls.list_view or ListView).as_view(section=cls), name=f"{name}-list")]
        if cls.form is not None:
            form_view = cls.form_view or FormView
            found.append(path(f"{slug}/add/", form_view.as_view(section=cls), name=f"{name}-add"))
            found.append(path(f"{slug}/<int:pk>/edit/", form_view.as_view(section=cls), name=f"{name}-edit"))
        if cls.has_detail:
            view = (cls.detail_view or DetailView).as_view(section=cls)
            found.append(path(f"{slug}/<int:pk>/", view, name=f"{name}-detail"))
        return found

    @classmethod
    def groups(cls, instance: Any, user: Any) -> list[dict[str, Any]]:
        """Return the groups of the detail page: [{title, rows: [{label, text, url}]}]."""
        return []


def wants_fragment(request: HttpRequest) -> bool:
    """Tell an htmx swap from a boosted link or the back button, which need the page."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


class SectionView(View):
    """What all screens share: the permission, the visible rows, the templates."""

    section: Any = None
    action = "view"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Refuse a method that there is not, and then a user without the permission, before anything else."""
        if not hasattr(self, request.method.lower()):
            return self.http_method_not_allowed(request, *args, **kwargs)
        if not request.user.has_perm(permission_name(self.section.model, self.action)):
            raise PermissionDenied
        response = super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def queryset(self) -> Any:
        """Return the rows on which the user may do what this screen does."""
        return self.section.queryset().visible_to(self.request.user, self.action)

    def opened(self, instance: Any) -> Any:
        """Return a row, having noted who reads the personal fields of somebody else."""
        if self.section.personal and instance.pk and instance != self.request.user:
            audit.record(actor=self.request.user, verb="personal.read", target=instance)
        return instance

    def may(self, action: str) -> bool:
        """Tell whether the user holds the permission for another action on this model."""
        return self.section.form is not None and self.request.user.has_perm(permission_name(self.section.model, action))

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Render the model's own template, or the generic one."""
        opts = self.section.model._meta
        names = [f"{opts.app_label}/{opts.model_name}_{template}.html", f"core/{template}.html"]
        return TemplateResponse(self.request, names, {"section": self.section, **context}, status=status)


class ListView(SectionView):
    """The list: filters, sort, columns and page in the URL; the same view exports what it shows."""

    def get(self, request: Any) -> Any:
        """Answer the page, its fragment to htmx, or an export of this view; 422 where a filter cannot be read."""
        listing = Listing(self.section, request.user, request.GET)
        if "choices" in request.GET:
            return self.choices(listing.filterset, request.GET["choices"])
        if request.GET.get("export") in EXPORTS and listing.readable:
            return self.export(listing, request.GET["export"])
        return self.render(
            "list_rows" if wants_fragment(request) else "list",
            status=200 if listing.readable else 422,
            **list_context(request, listing),
            **views_context(listing, request.user, self.views),
            add_url=self.section.url("add") if self.may("add") else None,
        )

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Begin with the view that the person begins with, where nothing is asked for."""
        if request.method == "GET" and not request.GET and Listing(self.section, request.user, request.GET).allowed:
            first = first_query(self.views)
            if first:
                return redirect(f"{request.path}{first}")
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def views(self) -> list[Any]:
        """Return the views that are kept of the list."""
        return views_of(self.section, self.request.user)

    def export(self, listing: Listing, kind: str) -> Any:
        """Answer the file; where it is too long to wait for, the offer to prepare it."""
        name = self.section.filename()
        if kind == "csv":
            return csv_response(listing.reported(), name)
        count = listing.rows.count()
        try:
            xlsx_refuse(count)
        except DomainError as error:
            messages.error(self.request, str(error))
            return redirect(f"{self.request.path}{listing.link()}")
        if count <= XLSX_AT_ONCE:
            return xlsx_response(listing.reported(), name)
        title = _("Export of %(list)s") % {"list": self.section.title}
        context = {"title": title, "count": count, "query": listing.query, "key": self.section.key()}
        return TemplateResponse(self.request, "core/export.html", {**context, "back_url": listing.link()})

    def choices(self, filterset: BaseFilterSet, name: str) -> HttpResponse:
        """Answer the options of one filter that has many."""
        found = filterset.choices_of(name)
        if found is None:
            raise Http404
        return TemplateResponse(self.request, "core/_options.html", {"options": found})


def list_context(request: Any, listing: Listing) -> dict[str, Any]:
    """Return what the list templates show: rows of one page, an honest count, links that keep the filters."""
    table, filterset = listing.table, listing.filterset
    actions = actions_for(listing.section, listing.user)
    table.selectable = bool(actions)
    paged = listing.section.paged(listing)
    return {
        "title": listing.section.title,
        "table": {"columns": table.columns, "rows": table.render(paged.rows), "select": bool(actions)},
        "bulk": {"actions": actions, "key": listing.section.key(), "query": listing.query},
        "columns": column_choices(table),
        "shown_columns": ",".join(table.asked),
        "plain_params": [pair for pair in listing.pairs if pair[0] != "columns"],
        "usual_columns_url": listing.link(columns=None) if table.asked else None,
        "filterset": filterset,
        "active_filters": filterset.active(),
        "wrong_filters": filterset.wrong(),
        "unknown": listing.unknown,
        "page": paged.page,
        "page_urls": paged.urls,
        "count": paged.count,
        "totals": totals_of(listing) if paged.totalled else [],
        "totals_left_out": paged.totalled and bool(table.summed) and not listing.tally.sums,
        "exact_url": listing.link(count="exact"),
        "board_url": reverse(listing.section.board) + listing.link(view=None) if listing.section.board else None,
        "export_url": listing.link(export="csv"),
        "xlsx_url": listing.link(export="xlsx"),
    }


def totals_of(listing: Listing) -> list[dict[str, Any]]:
    """Return what the rows of a list add up to, in the base currency: [{label, text, unit}]."""
    sums = listing.tally.sums
    shown = [total for total in listing.table.summed if sums.get(total.name) is not None]
    unit = listing.user.company.base_currency if shown else ""
    return [{"label": one.label, "text": amount_text(sums[one.name], one.places), "unit": unit} for one in shown]


@dataclass(frozen=True)
class Paged:
    """One page of a list: its rows, the ways to others, the count, its number where pages have one.

    It is `totalled` where the rows were added up as they were counted.
    """

    rows: list[Any]
    urls: dict[str, str | None]
    count: dict[str, Any]
    page: Any = None
    totalled: bool = False


def numbered_page(listing: Listing) -> Paged:
    """Return the page with the number that is asked for."""
    count, estimated = listing.tally.count, listing.tally.estimated
    listing.table.few = count <= FEW
    paginator = _CountedPaginator(listing.table.values(), PER_PAGE, count=count)
    page = paginator.get_page(listing.params.get("page"))
    params = listing.params.copy()
    params.pop("page", None)

    def turn(number: int) -> str:
        params["page"] = str(number)
        return f"?{params.urlencode()}"

    urls = {
        "first": turn(1) if page.has_previous() else None,
        "previous": turn(page.number - 1) if page.has_previous() else None,
        "next": turn(page.number + 1) if page.has_next() else None,
        "last": turn(paginator.num_pages) if page.has_next() else None,
    }
    return Paged(list(page.object_list), urls, {"value": count, "estimated": estimated}, page, totalled=True)


class _CountedPaginator(Paginator):
    """A paginator that was told the count, exact or estimated."""

    def __init__(self, rows: Any, per_page: int, *, count: int):
        super().__init__(rows, per_page)
        self._count = count

    @cached_property
    def count(self) -> int:
        return self._count


class DetailView(SectionView):
    """One record, its fields in groups."""

    def get(self, request: Any, pk: int) -> Any:
        """Answer the page of a visible row, 404 elsewhere."""
        instance = self.opened(get_object_or_404(self.queryset(), pk=pk))
        editable = (
            self.may("change") and self.section.queryset().visible_to(request.user, "change").filter(pk=pk).exists()
        )
        return self.render(
            "detail",
            object=instance,
            title=str(instance),
            groups=self.section.groups(instance, request.user),
            edit_url=self.section.url("edit", pk) if editable else None,
        )


class FormView(SectionView):
    """Add and edit: errors answer 422 beside their fields, a lost race 409 with the difference."""

    @property
    def action(self) -> str:  # type: ignore[override]
        """Return the permission's action."""
        return "change" if "pk" in self.kwargs else "add"

    def instance(self) -> Any:
        """Return the row to edit, or a new one."""
        if "pk" in self.kwargs:
            return get_object_or_404(self.queryset(), pk=self.kwargs["pk"])
        return self.section.model()

    def get(self, request: Any, **_kwargs: Any) -> Any:
        """Answer the form."""
        return self.show(self.section.form(instance=self.opened(self.instance()), user=request.user))

    def show(self, form: Any, status: int = 200, conflict: Any = None) -> HttpResponse:
        """Render the form."""
        pk = self.kwargs.get("pk")
        name = str(form.instance) if pk else self.section.singular
        return self.render(
            "form",
            status=status,
            form=form,
            title=(_("Edit %(name)s") if pk else _("New %(name)s")) % {"name": name},
            cancel_url=self.section.url("detail", pk) if pk and self.section.has_detail else self.section.url("list"),
            submit_label=_("Save"),
            conflict=conflict,
        )

    def post(self, request: Any, **_kwargs: Any) -> Any:
        """Save through the section's service, or show what stands against it with nothing typed lost."""
        form = self.section.form(request.POST, request.FILES, instance=self.instance(), user=request.user)
        if not form.is_valid():
            return self.show(form, 422)
        data = {name: value for name, value in form.cleaned_data.items() if name != "version"}
        try:
            with transaction.atomic():
                instance = self.section.save(
                    actor=request.user, instance=form.instance, version=form.cleaned_data.get("version"), **data
                )
                require_visible(instance, request.user, self.action)
        except StaleVersion:
            return self.show_conflict(form)
        except DomainError as error:
            form.refuse(str(error), error.field)
            return self.show(form, 422)
        self.saved(instance)
        return redirect(
            self.section.url("detail", instance.pk) if self.section.has_detail else self.section.url("list")
        )

    def saved(self, instance: Any) -> None:
        """Say what the person should know of what was saved."""

    def show_conflict(self, form: Any) -> HttpResponse:
        """Show both versions; saving again saves over the newer one, knowingly."""
        current = self.section.queryset().visible_to(self.request.user, self.action).get(pk=form.instance.pk)
        form.data = form.data.copy()
        form.data["version"] = str(current.version)
        conflict = {
            "rows": form.differences(current),
            "when": current.updated_at,
            "who": current.updated_by,
            "theirs_version": current.version,
        }
        return self.show(form, 409, conflict)

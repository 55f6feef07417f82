"""One declaration per model; list, detail, form, export and REST follow from it."""

from collections.abc import Callable
from typing import Any, ClassVar

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

from core.database import estimated_count
from core.errors import DomainError, StaleVersion
from core.exports import csv_response
from core.filters import BaseFilterSet
from core.scope import permission_name, require_visible
from core.tables import Table

PER_PAGE = 50
FEW = 2000


class Section:
    """The screens of one model; override a view class to change one, or leave the section out where it does not fit.

    `save` is a service `(actor, instance, version, **cleaned_data) -> instance`; without it there is no form.
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
        """Refuse a user without the permission before anything else."""
        if not request.user.has_perm(permission_name(self.section.model, self.action)):
            raise PermissionDenied
        response = super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def queryset(self) -> Any:
        """Return the rows on which the user may do what this screen does."""
        return self.section.queryset().visible_to(self.request.user, self.action)

    def may(self, action: str) -> bool:
        """Tell whether the user holds the permission for another action on this model."""
        return self.section.form is not None and self.request.user.has_perm(permission_name(self.section.model, action))

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Render the model's own template, or the generic one."""
        opts = self.section.model._meta
        names = [f"{opts.app_label}/{opts.model_name}_{template}.html", f"core/{template}.html"]
        return TemplateResponse(self.request, names, {"section": self.section, **context}, status=status)


class ListView(SectionView):
    """The list: filters, sort and page in the URL; the same view exports what it shows."""

    def get(self, request: Any) -> Any:
        """Answer the page, its fragment to htmx, or the CSV of this view."""
        filterset = self.section.filterset(request.GET, queryset=self.queryset(), request=request)
        if "choices" in request.GET:
            return self.choices(filterset, request.GET["choices"])
        table = self.section.table(filterset.qs, request.GET)
        if request.GET.get("export") == "csv":
            return csv_response(table, self.section.slug or self.section.model._meta.model_name)
        return self.render(
            "list_rows" if wants_fragment(request) else "list",
            **list_context(request, self.section, table, filterset),
            add_url=self.section.url("add") if self.may("add") else None,
        )

    def choices(self, filterset: BaseFilterSet, name: str) -> HttpResponse:
        """Answer the options of one filter that has many."""
        found = filterset.choices_of(name)
        if found is None:
            raise Http404
        return TemplateResponse(self.request, "core/_options.html", {"options": found})


def list_context(request: Any, section: Any, table: Table, filterset: BaseFilterSet) -> dict[str, Any]:
    """Return what the list templates show: rows of one page, an honest count, links that keep the filters."""
    count, estimated = estimated_count(filterset.qs)
    table.few = count <= FEW
    paginator = _CountedPaginator(table.values(), PER_PAGE, count=count)
    page = paginator.get_page(request.GET.get("page"))
    params = request.GET.copy()
    params.pop("page", None)

    def link(**changes: Any) -> str:
        query = params.copy()
        for name, value in changes.items():
            query[name] = value
        return f"?{query.urlencode()}"

    return {
        "title": section.title,
        "table": {"columns": table.columns, "rows": table.render(list(page.object_list))},
        "filterset": filterset,
        "active_filters": filterset.active(),
        "page": page,
        "page_urls": {
            "first": link(page=1) if page.has_previous() else None,
            "previous": link(page=page.number - 1) if page.has_previous() else None,
            "next": link(page=page.number + 1) if page.has_next() else None,
            "last": link(page=paginator.num_pages) if page.has_next() else None,
        },
        "count": {"value": count, "estimated": estimated},
        "export_url": link(export="csv"),
    }


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
        instance = get_object_or_404(self.queryset(), pk=pk)
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
        return self.show(self.section.form(instance=self.instance(), user=request.user))

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
            form.refuse(str(error), getattr(error, "field", None))
            return self.show(form, 422)
        return redirect(
            self.section.url("detail", instance.pk) if self.section.has_detail else self.section.url("list")
        )

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

"""The page of a saved mapping, and what is done with it there."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import DomainError
from core.filters import BaseFilterSet
from core.forms import ScopedModelForm
from core.scope import require_permission
from core.sections import DetailView, Section
from core.tables import Column, Row, Table
from distributors.ledger import drafts
from distributors.ledger.forms import PROFILE_MOST
from distributors.ledger.kinds.declaration import kind_of, kinds_for
from distributors.ledger.mapping import profile_read
from distributors.ledger.models import ImportProfile
from distributors.ledger.profile_text import profile_differences
from distributors.ledger.tables import KindTitles


def _profile(request: Any, pk: int) -> ImportProfile:
    require_permission(request.user, "ledger.view_importprofile")
    found: ImportProfile = get_object_or_404(ImportProfile.objects.visible_to(request.user), pk=pk)
    return found


def _mine(request: Any, pk: int) -> ImportProfile:
    """Return a mapping of a kind that the user may bring in."""
    found = _profile(request, pk)
    if not request.user.has_perm(kind_of(found.kind).permission):
        raise PermissionDenied
    return found


class ImportProfileTable(Table):
    """Saved mappings by kind and name."""

    columns_declared = (
        Column("name", gettext_lazy("Mapping"), kind="link"),
        Column("kind", gettext_lazy("Kind"), choices=KindTitles()),
        Column("source", gettext_lazy("Source"), hide="sm"),
        Column("version", gettext_lazy("Version"), kind="number", hide="sm"),
        Column("updated_by", gettext_lazy("Changed by"), path="updated_by__name", hide="md"),
        Column("updated_at", gettext_lazy("Changed"), kind="date"),
    )
    default_order = ("kind", "name")

    def row_url(self, row: Row) -> str:
        """Lead to the mapping."""
        return reverse("ledger:importprofile-detail", args=[row["pk"]])


class ImportProfileFilter(BaseFilterSet):
    """Saved mappings by name and kind."""

    kind = django_filters.ChoiceFilter(label=gettext_lazy("Kind"))

    search_fields = ("name", "source")

    class Meta:
        model = ImportProfile
        fields: ClassVar[list[str]] = []

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.filters["kind"].extra["choices"] = [(kind.name, kind.title) for kind in kinds_for(self.request.user)]


class ImportProfileForm(ScopedModelForm):
    """A saved mapping: its name and its TOML, typed or from a file."""

    file = forms.FileField(
        label=gettext_lazy("From a file"),
        required=False,
        help_text=gettext_lazy("A .toml file; it takes the place of the text below."),
    )

    class Meta:
        model = ImportProfile
        fields: ClassVar[list[str]] = ["kind", "name", "file", "text"]
        widgets: ClassVar[dict[str, Any]] = {"text": forms.Textarea(attrs={"rows": 18, "class": "codes"})}

    field_order = ("kind", "name", "file", "text")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["kind"]
        else:
            kinds = [(kind.name, kind.title) for kind in kinds_for(self.user)]
            self.fields["kind"] = forms.ChoiceField(label=gettext_lazy("What the file holds"), choices=kinds)
            self.order_fields(self.field_order)
        self.fields["text"].required = False

    def clean(self) -> dict[str, Any]:
        """Read the mapping from the file where there is one; either of both is needed."""
        data = super().clean() or {}
        file = data.pop("file", None)
        if file is not None and file.size <= PROFILE_MOST:
            data["text"] = file.read().decode("utf-8", "replace")
        elif file is not None:
            self.add_error("file", gettext_lazy("A mapping profile is a small text file."))
        if not data.get("text"):
            self.add_error("text", gettext_lazy("Give the mapping, or a file of it."))
        return data

    def differences(self, current: Any) -> list[dict[str, str]]:
        """Return the name and the keys of the mapping in which both differ."""
        rows = [row for row in super().differences(current) if row["label"] != str(self.fields["text"].label)]
        kind = kind_of(current.kind)
        try:
            yours = profile_read(self.cleaned_data["text"], kind)
        except DomainError:
            return rows
        return rows + profile_differences(yours, profile_read(current.text, kind))


class ImportProfileView(DetailView):
    """One saved mapping: what it says, and its use."""

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Add what may be done with it."""
        found = context["object"]
        may = self.request.user.has_perm(kind_of(found.kind).permission)
        context |= {
            "profile": found,
            "kind": kind_of(found.kind),
            "may": may,
            "edit_url": context["edit_url"] if may else None,
            "crumbs": [
                {"label": _("Imports"), "url": reverse("ledger:import-list")},
                {"label": _("Saved mappings"), "url": reverse("ledger:importprofile-list")},
            ],
        }
        return TemplateResponse(self.request, "ledger/importprofile_page.html", context, status=status)


@require_GET
def profile_export(request: Any, pk: int) -> HttpResponse:
    """Download the mapping as a file that another installation takes."""
    found = _profile(request, pk)
    name = slugify(found.name, allow_unicode=False) or f"mapping-{found.pk}"
    response = HttpResponse(found.text, content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.toml"'
    return response


@require_POST
def profile_copy(request: Any, pk: int) -> HttpResponse:
    """Make a copy under another name."""
    made = drafts.profile_copy(actor=request.user, instance=_mine(request, pk))
    return redirect("ledger:importprofile-edit", made.pk)


@require_http_methods(["GET", "POST"])
def profile_delete(request: Any, pk: int) -> HttpResponse:
    """Ask, then remove the mapping."""
    found = _mine(request, pk)
    if request.method == "GET":
        context = {
            "title": _("Delete the mapping “%(name)s”?") % {"name": found.name},
            "cancel_url": found.get_absolute_url(),
        }
        return TemplateResponse(request, "ledger/importprofile_delete.html", context)
    drafts.profile_delete(actor=request.user, instance=found)
    messages.success(request, _("The mapping “%(name)s” is deleted.") % {"name": found.name})
    return redirect("ledger:importprofile-list")


class ImportProfileSection(Section):
    """Mappings that are kept for the next file."""

    model = ImportProfile
    title = gettext_lazy("Saved mappings")
    singular = gettext_lazy("mapping")
    slug = "import-mappings"
    table = ImportProfileTable
    filterset = ImportProfileFilter
    form = ImportProfileForm
    detail_view = ImportProfileView

    @classmethod
    def save(cls, *, actor: Any, instance: ImportProfile, version: int | None, **fields: Any) -> ImportProfile:
        """Create or change a mapping."""
        instance.kind = fields.pop("kind", instance.kind)
        return drafts.profile_save(actor=actor, instance=instance, version=version, **fields)

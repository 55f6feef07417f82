"""The page of the drop folder: which files are read how, what lies there, what was read last."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from core.filters import BaseFilterSet
from core.forms import ScopedModelForm
from core.models import Job
from core.scope import require_permission
from core.sections import FormView, ListView, Section
from core.tables import Column, Row, Table
from distributors.ledger.drop_looking import drop_look_now
from distributors.ledger.drop_selectors import files_ended, files_open, folder_state
from distributors.ledger.drop_services import drop_rule_save
from distributors.ledger.kinds.declaration import kind_of, kinds_for
from distributors.ledger.models import DropRule
from distributors.ledger.tables import KindTitles


class DropRuleTable(Table):
    """Which files are read how, by pattern."""

    columns_declared = (
        Column("pattern", gettext_lazy("Files named"), kind="link"),
        Column("kind", gettext_lazy("Read as"), choices=KindTitles()),
        Column("profile", gettext_lazy("With the mapping"), path="profile__name"),
        Column(
            "good_only",
            gettext_lazy("Goes in"),
            choices={True: gettext_lazy("good rows only"), False: gettext_lazy("whole or not at all")},
            hide="sm",
        ),
        Column(
            "active",
            gettext_lazy("State"),
            kind="chip",
            choices={True: gettext_lazy("active"), False: gettext_lazy("stopped")},
            tone=lambda value: "g" if value else "",
        ),
        Column("updated_by", gettext_lazy("Changed by"), path="updated_by__name", hide="md"),
        Column("updated_at", gettext_lazy("Changed"), kind="date", hide="sm"),
    )
    default_order = ("pattern",)

    def row_url(self, row: Row) -> str:
        """Lead to the form."""
        return reverse("ledger:droprule-edit", args=[row["pk"]])


class DropRuleFilter(BaseFilterSet):
    """Rows by pattern and mapping."""

    search_fields = ("pattern", "profile__name")

    class Meta:
        model = DropRule
        fields: ClassVar[list[str]] = []


class DropRuleForm(ScopedModelForm):
    """How files are read whose names fit a pattern."""

    class Meta:
        model = DropRule
        fields: ClassVar[list[str]] = ["pattern", "kind", "profile", "good_only", "active"]
        help_texts: ClassVar[dict[str, Any]] = {
            "pattern": gettext_lazy(
                "For example sales-*.csv, or erp/sales-*.csv for files in the folder erp. A star stands for anything; "
                "of several rows that fit, the longest pattern holds."
            ),
            "good_only": gettext_lazy(
                "Rows that are wrong stay out and are kept beside the file. Otherwise one wrong row refuses the file."
            ),
            "active": gettext_lazy("Files of a row that is stopped wait in the folder."),
        }

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        kinds = [(kind.name, kind.title) for kind in kinds_for(self.user)]
        self.fields["kind"] = forms.ChoiceField(label=gettext_lazy("are read as"), choices=kinds)
        if not self.instance.pk:
            self.initial["kind"] = "sales"
        self.order_fields(self.Meta.fields)
        profile: Any = self.fields["profile"]
        profile.queryset = profile.queryset.order_by("kind", "name")
        profile.empty_label = _("none: the columns are called like the fields")
        profile.label_from_instance = lambda one: f"{kind_of(one.kind).title}: {one.name}"


class DropRuleList(ListView):
    """The page: the rows, what lies in the folder, and what was put away last."""

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Add the folder."""
        user = self.request.user
        looked_at, trouble = folder_state()
        context |= {
            "folder": settings.IMPORT_FOLDER,
            "subtitle": _("Files that other systems leave here are imported by themselves"),
            "add_label": _("Say how files are read"),
            "looked_at": looked_at,
            "trouble": trouble,
            "lying": files_open(user),
            "ended": files_ended(user),
            "imports_url": f"{reverse('ledger:import-list')}?origin=folder",
            "may_look": self.may("change"),
        }
        return super().render(template, status, **context)


class DropRuleFormView(FormView):
    """A row; a new one begins with the name of the file that nobody has explained."""

    def get(self, request: Any, **_kwargs: Any) -> Any:
        """Answer the form, begun with what the address gives."""
        first = {"pattern": request.GET["pattern"]} if "pattern" in request.GET else {}
        return self.show(self.section.form(instance=self.instance(), user=request.user, initial=first))


class DropRuleSection(Section):
    """How the files of the drop folder are read."""

    model = DropRule
    title = gettext_lazy("Drop folder")
    singular = gettext_lazy("row of the drop folder")
    slug = "settings/drop-folder"
    table = DropRuleTable
    filterset = DropRuleFilter
    form = DropRuleForm
    list_view = DropRuleList
    form_view = DropRuleFormView
    save = staticmethod(drop_rule_save)
    has_detail = False

    @classmethod
    def filename(cls) -> str:
        """Return what an export is called."""
        return "drop-folder"


@require_POST
def drop_look(request: Any) -> HttpResponse:
    """Ask for a look into the folder now."""
    require_permission(request.user, "ledger.change_droprule")
    job: Job = drop_look_now(actor=request.user)
    messages.success(request, _("A worker looks into the folder: %(job)s.") % {"job": job})
    return redirect("ledger:droprule-list")

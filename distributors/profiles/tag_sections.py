"""Tags as a section: for everyone those in use, for administrators to rename, merge and delete."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.filters import BaseFilterSet
from core.scope import visibility
from core.sections import DetailView, Section
from core.tables import Column, Row, Table
from distributors.profiles.models import Distributor, Tag
from distributors.profiles.tag_forms import TagForm
from distributors.profiles.tagging import tag_save


def carriers_url(tag: int) -> str:
    """Return the address of the list of those who carry a tag."""
    return f"{reverse('profiles:distributor-list')}?tag={tag}"


class TagTable(Table):
    """Tags by name."""

    columns_declared = (
        Column("name", gettext_lazy("Tag"), kind="link"),
        Column(
            "carriers", gettext_lazy("Distributors"), kind="number", sort="", url=lambda row: carriers_url(row["pk"])
        ),
        Column("created_at", gettext_lazy("Made"), kind="date", hide="sm"),
    )
    default_order = ("key",)

    def __init__(self, queryset: QuerySet, params: Mapping[str, Any] | None = None):
        super().__init__(queryset, params)

    def row_url(self, row: Row) -> str:
        """Lead to the tag."""
        return TagSection.url("detail", row["pk"])


class TagFilter(BaseFilterSet):
    """Tags by word."""

    search_fields = ("name",)

    class Meta:
        model = Tag
        fields: ClassVar[list[str]] = []


class TagDetail(DetailView):
    """One tag, with what an administrator may do to it."""

    def get(self, request: Any, pk: int) -> Any:
        """Add the ways to merge and delete it."""
        response = super().get(request, pk)
        if self.may("change"):
            response.context_data["actions"] = [
                {"label": _("Merge"), "url": reverse("profiles:tag-merge", args=[pk])},
                {"label": _("Delete"), "url": reverse("profiles:tag-delete", args=[pk])},
            ]
        return response


class TagSection(Section):
    """Tags, with how many distributors in reach carry them."""

    model = Tag
    title = gettext_lazy("Tags")
    singular = gettext_lazy("tag")
    table = TagTable
    filterset = TagFilter
    form = TagForm
    save = staticmethod(tag_save)
    detail_view = TagDetail

    @classmethod
    def rows_for(cls, user: Any) -> QuerySet:
        """Return the tags with the number of distributors that the reader sees."""
        return counted(user)

    @classmethod
    def groups(cls, instance: Tag, user: Any) -> list[dict[str, Any]]:
        """Return how many carry it, and for administrators who made it."""
        count = counted(user).values_list("carriers", flat=True).get(pk=instance.pk)
        rows = [{"label": _("Distributors"), "text": f"{count:,}", "url": carriers_url(instance.pk)}]
        rows.append({"label": _("Made"), "text": date_format(localtime(instance.created_at), "DATE_FORMAT"), "url": ""})
        if user.reach("profiles.change_tag") is not None:
            rows.append({"label": _("By"), "text": str(instance.created_by or _("the product")), "url": ""})
        return [{"title": _("Tag"), "rows": rows}]


def counted(user: Any) -> Any:
    """Return the tags with `carriers`, how many distributors in the user's reach carry each."""
    seen = visibility(Distributor, user, "view", via="taggings__distributor")
    if seen is None:
        return Tag.objects.annotate(carriers=Count("pk", filter=Q(pk=None)))
    condition = Q(taggings__distributor__merged_into=None, taggings__isnull=False) & seen
    return Tag.objects.annotate(carriers=Count("taggings", filter=condition))

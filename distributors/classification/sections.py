"""Classes as a section: list, filters, export."""

from typing import Any

from django.db.models import Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from core.sections import ListView, Section
from distributors.classification.filters import ClassificationFilter
from distributors.classification.models import Classification
from distributors.classification.page import tabs
from distributors.classification.selectors.amounts import amount_for
from distributors.classification.tables import ClassificationTable
from distributors.classification.wording import run_text


class ClassificationList(ListView):
    """The list, within the page of classification."""

    def render(self, template: str, status: int = 200, **context: Any) -> Any:
        """Add the tabs, and which run is listed."""
        run = context["filterset"].shown
        frame = {"tabs": tabs(self.request, "list"), "run_text": run_text(run) if run else ""}
        return super().render(template, status, **frame, **context)


class ClassificationSection(Section):
    """The classes of one run."""

    model = Classification
    title = _("Classification")
    singular = _("class")
    slug = "list"
    table = ClassificationTable
    filterset = ClassificationFilter
    has_detail = False
    list_view = ClassificationList

    @classmethod
    def queryset(cls) -> Any:
        """Return all classes with the distributors' names."""
        name = Coalesce(NullIf("distributor__short_name", Value("")), "distributor__legal_name")
        return Classification.objects.annotate(name=name)

    @classmethod
    def rows_for(cls, user: Any) -> Any:
        """Return all classes with the amounts that the reader may see."""
        return cls.queryset().annotate(amount=amount_for(user))

"""Distributors as a section."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from core.sections import Section
from distributors.profiles import bulk, services, tag_bulk
from distributors.profiles.filters import DistributorFilter
from distributors.profiles.forms import DistributorForm
from distributors.profiles.models import Distributor
from distributors.profiles.supply_views import DistributorFormView
from distributors.profiles.tables import DistributorTable
from distributors.profiles.views import OverviewView


class DistributorSection(Section):
    """Distributors."""

    model = Distributor
    title = _("Distributors")
    singular = _("distributor")
    table = DistributorTable
    filterset = DistributorFilter
    form = DistributorForm
    save = staticmethod(services.distributor_save)
    board = "profiles:distributor-board"
    actions = (bulk.REASSIGN, bulk.MOVE, tag_bulk.TAG, tag_bulk.UNTAG)
    detail_view = OverviewView
    form_view = DistributorFormView

    @classmethod
    def queryset(cls) -> Any:
        """Return those that were not merged; the page of a merged one is reached by its address and by its survivor."""
        return Distributor.objects.unmerged()

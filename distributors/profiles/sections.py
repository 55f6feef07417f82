"""Distributors as a section."""

from django.utils.translation import gettext_lazy as _

from core.sections import Section
from distributors.profiles import services
from distributors.profiles.filters import DistributorFilter
from distributors.profiles.forms import DistributorForm
from distributors.profiles.models import Distributor
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
    detail_view = OverviewView

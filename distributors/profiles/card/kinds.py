"""The parts of the card that have a form: its groups, and the rows that are many."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from distributors.profiles.card import forms, services
from distributors.profiles.card.files import file_save
from distributors.profiles.models import (
    BrandSurvey,
    Business,
    BusinessFigures,
    CardFile,
    Cooperation,
    EarlyClass,
    Organisation,
    OtherName,
    Outlet,
)


@dataclass(frozen=True)
class Part:
    """A part of the card: its rows, its form, the service that writes it, and the words around it.

    `anchor` is where the profile shows it; `removed` is the verb of the trail, empty for a group, which stays.
    """

    model: Any
    form: Any
    save: Callable[..., Any]
    title: Any
    anchor: str
    added: Any = ""
    removed: str = ""
    asked: Any = ""


GROUPS: dict[str, Part] = {
    "organisation": Part(Organisation, forms.OrganisationForm, services.group_save, _("Organisation"), "organisation"),
    "business": Part(Business, forms.BusinessForm, services.group_save, _("Business"), "business"),
    "cooperation": Part(Cooperation, forms.CooperationForm, services.group_save, _("Cooperation"), "cooperation"),
    "early": Part(EarlyClass, forms.EarlyClassForm, services.group_save, _("Early class"), "early"),
}
ROWS: dict[str, Part] = {
    "figures": Part(
        BusinessFigures,
        forms.FiguresForm,
        services.figures_save,
        _("Figures of a day"),
        "figures",
        _("Add figures"),
        "card.figures_removed",
        _("Remove the figures of %(row)s?"),
    ),
    "brands": Part(
        BrandSurvey,
        forms.BrandsForm,
        services.brands_save,
        _("Brands of a day"),
        "brands",
        _("Add a survey"),
        "card.brands_removed",
        _("Remove the brands of %(row)s?"),
    ),
    "outlets": Part(
        Outlet,
        forms.OutletForm,
        services.outlet_save,
        _("Outlet"),
        "outlets",
        _("Add an outlet"),
        "card.outlet_removed",
        _("Remove the outlet “%(row)s”? One that closed gets the day it closed on instead."),
    ),
    "names": Part(
        OtherName,
        forms.OtherNameForm,
        services.name_save,
        _("Name in another language"),
        "names",
        _("Add a name"),
        "card.name_removed",
        _("Remove the name “%(row)s”?"),
    ),
    "files": Part(
        CardFile,
        forms.CardFileForm,
        file_save,
        _("File"),
        "files",
        _("Add a file"),
        "card.file_removed",
        _("Remove “%(row)s”? Nobody can fetch it from the card any more; the trail keeps its name."),
    ),
}

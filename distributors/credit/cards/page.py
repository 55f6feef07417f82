"""The frame of the pages about credit cards, and the doors to one card."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from distributors.profiles.models import Distributor
from distributors.profiles.page import distributor_for


def require(user: Any, *permissions: str) -> None:
    """Refuse a user who lacks one of the permissions of this app."""
    if any(user.reach(f"credit.{name}") is None for name in permissions):
        raise PermissionDenied


def tabs(active: str) -> list[dict[str, Any]]:
    """Return the tabs of the page of credit cards."""
    named = [("cards", _("Cards"), "credit:creditscore-list"), ("policy", _("Policy"), "credit:policy")]
    return [{"label": label, "url": reverse(name), "active": key == active} for key, label, name in named]


def tab_url(pk: int, place: str = "") -> str:
    """Return the address of the credit tab of a distributor, at one of its parts."""
    return reverse("credit:distributor", args=[pk]) + (f"#{place}" if place else "")


def changeable_for(request: Any, pk: int, permission: str) -> Distributor:
    """Return a distributor for which the user holds a permission; refused without the right, 404 out of reach."""
    require(request.user, permission)
    found = distributor_for(request, pk)
    if not may(request.user, found, permission):
        raise Http404
    return found


def may(user: Any, distributor: Distributor, permission: str) -> bool:
    """Tell whether the user holds a permission of this app for a distributor."""
    reach = user.reach(f"credit.{permission}")
    if reach is None:
        return False
    owns = reach.owner_id is not None and distributor.owner_id == reach.owner_id
    return reach.everything or owns or any(low <= distributor.territory_path < high for low, high in reach.ranges)

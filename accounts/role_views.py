"""The page that shows what each role may do."""

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.role_words import GROUPS
from accounts.roles import MATRIX, Extent, Role
from core.scope import require_permission

TONES = {Extent.ALL: "a", Extent.TERRITORY: "g", Extent.OWN: ""}


@require_GET
def roles(request: Any) -> HttpResponse:
    """Show the matrix of roles and permissions, in words."""
    require_permission(request.user, "accounts.view_user")
    groups = [
        {"title": title, "rows": [{"text": text, "cells": _cells(name)} for name, text in permissions.items()]}
        for title, permissions in GROUPS
    ]
    context = {
        "title": _("Roles"),
        "roles": [str(label) for label in Role.labels],
        "groups": groups,
        "extents": [{"text": _reach(one), "short": _short(one), "tone": TONES[one]} for one in Extent],
    }
    return TemplateResponse(request, "accounts/roles.html", context)


def _short(extent: Extent) -> str:
    return {
        Extent.ALL: _("all"),
        Extent.TERRITORY: _("territories"),
        Extent.OWN: _("own"),
    }[extent]


def _reach(extent: Extent) -> str:
    return {
        Extent.ALL: _("everything"),
        Extent.TERRITORY: _("own territories with all below, and own distributors"),
        Extent.OWN: _("what is one’s own"),
    }[extent]


def _cells(permission: str) -> list[dict[str, str]]:
    extents = MATRIX[permission]
    return [
        {"text": _short(extents[role]), "tone": TONES[extents[role]]} if role in extents else {"text": "", "tone": ""}
        for role in Role
    ]

"""Lets a higher app add its tab to a lower app's page without being imported by it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import models


@dataclass(frozen=True, order=True)
class Panel:
    """A tab: `url_name` is reversed with the object's key, and answers a fragment to htmx, else a page."""

    order: int
    name: str
    title: Any
    url_name: str
    permission: str


_panels: dict[str, list[Panel]] = defaultdict(list)


def panel_add(model_label: str, name: str, title: Any, url_name: str, *, permission: str, order: int = 100) -> None:
    """Register a tab on the page of `model_label`, shown to whoever holds `permission`."""
    panel = Panel(order, name, title, url_name, permission)
    if panel not in _panels[model_label]:
        _panels[model_label].append(panel)


def panels_for(model: type[models.Model], user: Any) -> list[Panel]:
    """Return the tabs of a model's page that `user` may open, in order."""
    return [
        panel
        for panel in sorted(_panels[model._meta.label], key=lambda panel: panel.order)
        if user.reach(panel.permission) is not None
    ]

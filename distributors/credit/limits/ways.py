"""The ways between the pages of credit, and the list that stands among them."""

from typing import Any

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.sections import ListView


def credit_tabs(active: str) -> list[dict[str, Any]]:
    """Return the ways between the pages of credit, `active` being the name of the one that is open."""
    pages = [
        (_("Queue"), "queue"),
        (_("Ageing"), "ageing"),
        (_("Dunning"), "dunning"),
        (_("Portfolio"), "portfolio"),
        (_("Cards"), "creditscore-list"),
        (_("Limits"), "creditlimit-list"),
        (pgettext("credit", "Holds"), "hold-list"),
        (_("Checks"), "creditcheck-list"),
        (_("Securities"), "security-list"),
        (_("Promises"), "promise-list"),
        (_("Disputes"), "dispute-list"),
    ]
    return [{"label": label, "url": reverse(f"credit:{name}"), "active": name == active} for label, name in pages]


class CreditListView(ListView):
    """A list of credit, with the ways to the other pages."""

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Add the ways to the page."""
        if template != "list":
            return super().render(template, status, **context)
        active = f"{self.section.model._meta.model_name}-list"
        context |= {"section": self.section, "tabs": credit_tabs(active)}
        return TemplateResponse(self.request, "credit/limits/list.html", context, status=status)

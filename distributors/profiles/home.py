"""The figures about distributors on Home."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from distributors.profiles.models import OUR_TIER, Distributor
from distributors.profiles.standing_sums import standing_sums, whole
from distributors.profiles.tables import LargestTable

LARGEST = 6


def home_figures(user: Any, as_of: date) -> list[dict[str, Any]]:
    """Return the figures of the user's distributors and the largest of class A; nothing where there are none."""
    if user.reach("profiles.view_distributor") is None:
        return []
    rows = Distributor.objects.visible_to(user).unmerged()
    counts = whole(standing_sums(user, as_of))
    if not counts["all"]:
        return [{"empty": _empty(user)}]
    kpis = [_active(counts), _silent(counts), *([_classes(counts)] if counts["ours"] else [])]
    return [{"kpis": kpis, "lists": _largest(rows, counts, user.company.base_currency)}]


def _list(query: str) -> str:
    return f"{reverse('profiles:distributor-list')}?{query}"


def _active(counts: dict[str, int]) -> dict[str, Any]:
    return {
        "order": 30,
        "label": _("Ordered in the last 90 days"),
        "value": f"{counts['recent']:,}",
        "detail": ngettext("of %(count)s distributor, all tiers", "of %(count)s distributors, all tiers", counts["all"])
        % {"count": f"{counts['all']:,}"},
        "url": _list("orders=90"),
    }


def _silent(counts: dict[str, int]) -> dict[str, Any]:
    return {
        "order": 40,
        "label": _("Silent"),
        "value": f"{counts['silent']:,}",
        "detail": _("no order for twice their usual gap"),
        "tone": "w" if counts["silent"] else "",
        "url": _list("orders=silent"),
    }


def _classes(counts: dict[str, int]) -> dict[str, Any]:
    return {
        "order": 50,
        "label": _("Class A in force, tier 1"),
        "value": f"{counts['A']:,}",
        "detail": " · ".join(f"{name} {counts[name]:,}" for name in ("B", "C", "N")),
        "url": _list(f"tier={OUR_TIER}&abc=A"),
    }


def _largest(rows: Any, counts: dict[str, int], currency: str) -> list[dict[str, Any]]:
    if not counts["A"]:
        return []
    table = LargestTable(rows.filter(tier=OUR_TIER, standing__abc="A"), currency=currency)
    shown = table.render(list(table.values()[:LARGEST]))
    return [
        {
            "order": 10,
            "title": _("The largest of class A, tier 1"),
            "url": _list(f"tier={OUR_TIER}&abc=A"),
            "action": _("All of them"),
            "table": {"columns": [{**column, "sort_url": None} for column in table.columns], "rows": shown},
        }
    ]


def _empty(user: Any) -> dict[str, str]:
    if user.reach("profiles.add_distributor") is None:
        return {"title": _("No distributors yet"), "text": _("They appear here once they are assigned to you.")}
    return {
        "title": _("No distributors yet"),
        "text": _("Add the first one, or import a file."),
        "url": reverse("profiles:distributor-add"),
        "action": _("Add a distributor"),
    }

"""The board of distributors: a column for each state of their life, the largest on top, moved by whoever may."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET, require_POST

from core.company import company
from core.errors import DomainError
from core.listing import Listing
from core.scope import require_permission
from core.sections import wants_fragment
from distributors.profiles import services
from distributors.profiles.models import Distributor, Lifecycle
from distributors.profiles.sections import DistributorSection
from distributors.profiles.selection.rules import SelectionRefused
from distributors.profiles.selectors import STATE_TONES
from distributors.profiles.workflow import DECISIONS, MOVES, label_from, moves_from

CARDS = 12
SHOWN = ("pk", "name", "city", "state", "owner__name", "standing__abc", "standing__net_sales_12m")


@dataclass(frozen=True)
class Column:
    """One state: how many rows are in it, its largest cards, and the list that holds all of them."""

    state: str
    label: Any
    tone: str
    count: int
    cards: list[dict[str, Any]]
    url: str

    @property
    def left(self) -> int:
        """Return how many are not shown."""
        return self.count - len(self.cards)


def columns_of(listing: Listing) -> list[Column]:
    """Return every state with its cards, in as many queries for any number of rows."""
    rows: Any = listing.rows
    counts = dict(rows.order_by().values_list("state").annotate(rows=Count("pk")))
    shown = rows.with_standing().named().order_by("-standing__net_sales_12m", "pk").values(*SHOWN)
    cards = {state: list(shown.filter(state=state)[:CARDS]) if counts.get(state) else [] for state in Lifecycle.values}
    add_moves([card for column in cards.values() for card in column], listing.user)
    where = reverse("profiles:distributor-list")
    return [
        Column(
            state,
            label,
            STATE_TONES.get(state, ""),
            counts.get(state, 0),
            cards[state],
            where + listing.link(state=state),
        )
        for state, label in Lifecycle.choices
    ]


def add_moves(cards: list[dict[str, Any]], user: Any) -> None:
    """Give each card the moves that the user may make with it."""
    keys = [card["pk"] for card in cards]
    may = {
        action: set(
            Distributor.objects.visible_to(user, action)
            .filter(pk__in=keys, merged_into=None)
            .values_list("pk", flat=True)
        )
        for action in ("change", "approve")
    }
    for card in cards:
        card["url"] = reverse("profiles:distributor-detail", args=[card["pk"]])
        card["moves"] = [
            {
                "label": str(label_from(step, card["state"])),
                "target": step.target,
                "page": reverse("profiles:distributor-move", args=[card["pk"], step.name]),
                "url": reverse("profiles:distributor-boardmove", args=[card["pk"], step.name]),
            }
            for step in moves_from(card["state"])
            if card["pk"] in may["approve" if step.name in DECISIONS else "change"]
        ]


@require_GET
def board(request: Any) -> HttpResponse:
    """Show the board of what the filters keep."""
    require_permission(request.user, "profiles.view_distributor")
    listing = Listing(DistributorSection, request.user, request.GET)
    context = {
        "title": DistributorSection.title,
        "filterset": listing.filterset,
        "active_filters": listing.filterset.active(),
        "wrong_filters": listing.filterset.wrong(),
        "columns": columns_of(listing),
        "currency": company().base_currency,
        "list_url": reverse("profiles:distributor-list") + (f"?{listing.query}" if listing.query else "?view=0"),
    }
    template = "profiles/_board.html" if wants_fragment(request) else "profiles/board.html"
    response = TemplateResponse(request, template, context, status=200 if listing.readable else 422)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
def board_move(request: Any, pk: int, name: str) -> HttpResponse:
    """Move a card that is still where the person saw it; a refusal is one sentence."""
    action = "approve" if name in DECISIONS else "change"
    distributor = get_object_or_404(Distributor.objects.visible_to(request.user, action), pk=pk)
    get_object_or_404(Distributor.objects.visible_to(request.user, "change"), pk=pk)
    reason, seen = request.POST.get("reason", ""), request.POST.get("seen", "")
    try:
        services.lifecycle_move(actor=request.user, distributor=distributor, name=name, reason=reason, seen=seen)
    except SelectionRefused as error:
        reasons = [{"text": one.text, "url": one.url} for one in error.reasons]
        return JsonResponse({"message": str(error), "reasons": reasons}, status=409)
    except DomainError as error:
        return JsonResponse({"message": str(error)}, status=409)
    return JsonResponse({"state": MOVES[name].target})

"""The pipeline of prospects: the board narrowed to their states, what each still needs, and the funnel of a year."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core import clock
from core.listing import Listing
from core.periods import month_shift
from core.scope import require_permission
from core.sections import wants_fragment
from distributors.profiles.board import Column, add_moves
from distributors.profiles.models import Lifecycle, LifecycleChange
from distributors.profiles.sections import DistributorSection
from distributors.profiles.selection.calculations import against, risk_band
from distributors.profiles.selection.rules import NEXT, is_director, short_words
from distributors.profiles.selection.selectors import BAND_TONES, FACTS, facts_of, with_selection
from distributors.profiles.selectors import STATE_TONES

STATES = (Lifecycle.PROSPECT, Lifecycle.REVIEW, Lifecycle.APPROVED, Lifecycle.ACTIVE)
CARDS = 20
RECENT = timedelta(days=90)
MONTHS = 12
WIDTH, ROW = 320, 38
SHOWN = ("pk", "name", "city", "state", "owner__name", "since", *FACTS)


def pipeline_rows(rows: QuerySet, today: date) -> QuerySet:
    """Keep prospects, those under review, the approved, and those that began in the last 90 days."""
    begun = LifecycleChange.objects.filter(
        distributor=OuterRef("pk"), before=Lifecycle.APPROVED, after=Lifecycle.ACTIVE, on__gt=today - RECENT
    )
    early = Q(state__in=STATES[:-1])
    kept: QuerySet = rows.filter(merged_into=None).filter(early | Q(Exists(begun), state=Lifecycle.ACTIVE))
    return kept


def pipeline_columns(listing: Listing, today: date) -> list[Column]:
    """Return the four states with their cards, who waits longest first, in as many queries for any number of rows."""
    rows: Any = pipeline_rows(listing.rows, today)
    counts = dict(rows.order_by().values_list("state").annotate(rows=Count("pk")))
    moved = LifecycleChange.objects.filter(distributor=OuterRef("pk"), after=OuterRef("state")).order_by("-pk")
    shown = with_selection(rows.named()).annotate(
        since=Coalesce(Subquery(moved.values("on")[:1]), TruncDate("created_at"))
    )
    shown = shown.order_by("since", "pk").values(*SHOWN)
    cards = {state: list(shown.filter(state=state)[:CARDS]) if counts.get(state) else [] for state in STATES}
    every = [card for column in cards.values() for card in column]
    add_moves(every, listing.user)
    _add_selection(every, listing.user, today)
    where = reverse("profiles:distributor-list")
    return [
        Column(
            state,
            state.label,
            STATE_TONES.get(state, ""),
            counts.get(state, 0),
            cards[state],
            where + listing.link(state=state),
        )
        for state in STATES
    ]


def _add_selection(cards: list[dict[str, Any]], user: Any, today: date) -> None:
    """Give each card its figures and what is missing for the next step."""
    director = is_director(user)
    for card in cards:
        facts = facts_of(card)
        move = NEXT.get(card["state"], "")
        card["facts"] = facts if move else None
        card["days"] = max((today - card["since"]).days, 0)
        card["risk_tone"] = BAND_TONES[risk_band(facts.highest, facts.risk_limit)] if facts.risks else ""
        unmet, left = against(move, facts), against(move, facts, director=director)
        card["missing"] = short_words(left, facts)
        card["overridden"] = short_words([rule for rule in unmet if rule not in left], facts, director=True)
        card["selection_url"] = reverse("profiles:distributor-selection", args=[card["pk"]])


def funnel(rows: QuerySet, today: date) -> list[dict[str, Any]]:
    """Return how many prospects of the last twelve months reached each state since, with the share of the step before.

    A prospect counts where it is one today, or was put under review in that time.
    """
    since = month_shift(today.replace(day=1), -MONTHS)
    moves = LifecycleChange.objects.filter(distributor=OuterRef("pk"), on__gte=since)
    reviewed = Q(Exists(moves.filter(after=Lifecycle.REVIEW)))
    approved = reviewed & Q(Exists(moves.filter(after=Lifecycle.APPROVED)))
    begun = approved & Q(Exists(moves.filter(before=Lifecycle.APPROVED, after=Lifecycle.ACTIVE)))
    reached = {Lifecycle.REVIEW: reviewed, Lifecycle.APPROVED: approved, Lifecycle.ACTIVE: begun}
    prospects = Q(state=Lifecycle.PROSPECT) | reviewed
    found = rows.order_by().aggregate(
        **{Lifecycle.PROSPECT.value: Count("pk", filter=prospects)},
        **{state.value: Count("pk", filter=condition) for state, condition in reached.items()},
    )
    most = max(found.values()) or 1
    steps: list[dict[str, Any]] = []
    before = 0
    for state in STATES:
        count = found[state.value]
        share = f"{100 * count / before:.0f} %" if before else ""
        width = max(round(WIDTH * count / most), 2)
        place = {"left": (WIDTH - width) // 2, "top": ROW * len(steps), "width": width}
        steps.append({"label": state.label, "count": count, "share": share, **place})
        before = count
    return steps


@require_GET
def pipeline(request: Any) -> HttpResponse:
    """Show the pipeline of what the filters keep."""
    require_permission(request.user, "profiles.view_distributor")
    require_permission(request.user, "profiles.view_assessment")
    listing, today = Listing(DistributorSection, request.user, request.GET), clock.today()
    context = {
        "title": _("Prospects"),
        "filterset": listing.filterset,
        "active_filters": listing.filterset.active(),
        "wrong_filters": listing.filterset.wrong(),
        "columns": pipeline_columns(listing, today),
        "funnel": funnel(listing.rows, today),
        "tile_template": "profiles/selection/_tile.html",
    }
    template = "profiles/_board.html" if wants_fragment(request) else "profiles/selection/pipeline.html"
    response = TemplateResponse(request, template, context, status=200 if listing.readable else 422)
    patch_vary_headers(response, ["HX-Request"])
    return response

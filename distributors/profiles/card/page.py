"""The profile tab: the whole card, what it lacks, who covers it."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from core import clock
from distributors.profiles.card.merged import merged_rows
from distributors.profiles.card.missing import completeness_of
from distributors.profiles.card.selectors import (
    CARD,
    brands_chart,
    card_groups,
    figure_rows,
    figures_of,
    files_of,
    names_of,
    outlets_of,
    survey_rows,
    surveys_of,
    wallet_chart,
)
from distributors.profiles.handover_sheet import assignments_of
from distributors.profiles.models import Place
from distributors.profiles.page import FRAME_RIGHTS, distributor_for, move_links, rights_on, tab_response
from distributors.profiles.selectors import card_columns


@require_GET
def profile(request: Any, pk: int) -> HttpResponse:
    """Show the card with all its groups, the addresses, the assignments, and the moves that are open."""
    distributor, today = distributor_for(request, pk, more=CARD), clock.today(request.user.company)
    rights, merged = rights_on(request.user, pk, *FRAME_RIGHTS), distributor.merged_into_id is not None
    figures, surveys = figures_of(distributor), surveys_of(distributor)
    may_change = "change" in rights and not merged
    context = {
        "columns": card_columns(distributor, request.user),
        "complete": completeness_of(distributor, editable=may_change),
        "names": names_of(distributor),
        "groups": card_groups(distributor),
        "figures": figure_rows(figures),
        "surveys": survey_rows(surveys),
        "charts": [*wallet_chart(request.user, distributor, figures), *brands_chart(surveys)],
        "outlets": outlets_of(distributor),
        "files": files_of(distributor, today),
        "merged_rows": merged_rows(request.user, distributor),
        "places": list(Place.objects.filter(distributor=distributor)),
        "assignments": assignments_of(distributor, request.user),
        "today": today,
        "changes": list(distributor.lifecycle.select_related("by", "on_behalf_of")),
        "moves": move_links(request.user, distributor, changes=may_change),
        "rights": rights,
        "may_change": may_change,
        "may_assign": "assign" in rights and not merged,
    }
    return tab_response(request, distributor, "profile", "profiles/_profile.html", context)

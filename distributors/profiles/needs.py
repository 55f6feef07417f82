"""What needs someone: distributors that fell silent, and those that wait for approval."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.contributors import Need
from distributors.profiles.models import Distributor, Lifecycle
from distributors.profiles.selectors import own_reviews

ROWS = 30
SILENT_WEIGHT = 5000
REVIEW_WEIGHT = 5500


def silent_needs(user: Any, as_of: date) -> list[Need]:
    """Return the distributors the user answers for that have not ordered for twice their usual gap, largest first."""
    rows = (
        Distributor.objects.visible_to(user, "change")
        .with_standing()
        .named()
        .silent(as_of)
        .order_by("-standing__net_sales_12m", "pk")
        .values("pk", "name", "standing__last_order_on", "standing__order_gap_days")[:ROWS]
    )
    return [
        Need(
            key=f"silent-{row['pk']}",
            chip=_("Silent"),
            tone="w",
            title=_("%(name)s has not ordered for %(days)s days")
            % {"name": row["name"], "days": (as_of - row["standing__last_order_on"]).days},
            reason=_("usually every %(gap)s days, last on %(day)s")
            % {
                "gap": row["standing__order_gap_days"],
                "day": date_format(row["standing__last_order_on"], "MONTH_DAY_FORMAT"),
            },
            url=reverse("profiles:distributor-detail", args=[row["pk"]]),
            action=_("Look"),
            weight=SILENT_WEIGHT - place,
        )
        for place, row in enumerate(rows)
    ]


def review_needs(user: Any, _as_of: date) -> list[Need]:
    """Return the distributors under review that the user may approve: not those they put there themselves."""
    rows = (
        Distributor.objects.visible_to(user, "approve")
        .named()
        .filter(Q(state=Lifecycle.REVIEW) & ~Q(pk__in=own_reviews(user).values("distributor")))
        .order_by("pk")
        .values("pk", "name", "city")[:ROWS]
    )
    return [
        Need(
            key=f"review-{row['pk']}",
            chip=_("Review"),
            tone="",
            title=_("%(name)s waits for approval") % {"name": row["name"]},
            reason=row["city"] or _("a second person decides"),
            url=reverse("profiles:distributor-move", args=[row["pk"], "approve"]),
            action=_("Decide"),
            weight=REVIEW_WEIGHT - place,
        )
        for place, row in enumerate(rows)
    ]

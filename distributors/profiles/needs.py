"""What needs someone: distributors that fell silent, and those that wait for approval."""

from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.absences import represented_on_page
from core.contributors import NEEDS_EACH, Need
from core.database import Unindexed
from core.money import amount_text
from distributors.profiles.decisions import decidable
from distributors.profiles.models import Distributor, Lifecycle, LifecycleChange
from distributors.profiles.outbound import readers_waiting
from distributors.profiles.selection.calculations import APPROVE, against
from distributors.profiles.selection.rules import is_director, score_words, short_words
from distributors.profiles.selection.selectors import FACTS, facts_of, with_selection
from distributors.profiles.selectors import own_reviews

SILENT_WEIGHT = 5000
REVIEW_WEIGHT = 5500
OUTBOUND_WEIGHT = 7500


def silent_needs(user: Any, as_of: date) -> list[Need]:
    """Return the distributors the user answers for that have not ordered for twice their usual gap, largest first."""
    rows = (
        Distributor.objects.visible_to(user, "change")
        .with_standing()
        .named()
        .silent(as_of)
        # In an order that no index gives: the few that are silent are found first, and then sorted.
        .order_by(Unindexed(F("standing__net_sales_12m")).desc(), "pk")
        .values("pk", "name", "standing__last_order_on", "standing__order_gap_days", "standing__net_sales_12m")[
            : NEEDS_EACH + 1
        ]
    )
    return [_silent_need(row, as_of, place) for place, row in enumerate(rows)]


def _silent_need(row: dict[str, Any], as_of: date, place: int) -> Need:
    last, gap = row["standing__last_order_on"], row["standing__order_gap_days"]
    days = (as_of - last).days
    title = ngettext(
        "%(name)s has not ordered for %(days)s day", "%(name)s has not ordered for %(days)s days", days
    ) % {"name": row["name"], "days": days}
    reason = ngettext("usually every %(gap)s day, last on %(day)s", "usually every %(gap)s days, last on %(day)s", gap)
    return Need(
        key=f"silent-{row['pk']}-{last.isoformat()}",
        kind=_("Silent"),
        distributor=row["name"],
        consequence=_("net sales of %(amount)s a year are at stake")
        % {"amount": amount_text(row["standing__net_sales_12m"])},
        chip=_("Silent"),
        tone="w",
        title=title,
        reason=reason % {"gap": gap, "day": date_format(last, "MONTH_DAY_FORMAT")},
        url=reverse("profiles:distributor-detail", args=[row["pk"]]),
        action=_("Look"),
        weight=SILENT_WEIGHT - place,
    )


def review_needs(user: Any, as_of: date) -> list[Need]:
    """Return the distributors under review on which the user decides, also in place of someone absent.

    Those that they put there themselves wait for a second person.
    """
    own = user.reach("profiles.approve_distributor")
    people = [] if own is not None and own.everything else represented_on_page(user, as_of)
    absent = {person.pk: person for person in people}
    asked = LifecycleChange.objects.filter(distributor=OuterRef("pk"), after=Lifecycle.REVIEW)
    rows = (
        with_selection(decidable(user, people).named())
        .annotate(asked=Subquery(asked.order_by("-pk").values("pk")[:1]))
        .filter(Q(state=Lifecycle.REVIEW) & ~Q(pk__in=own_reviews(user).values("distributor")))
        .order_by("pk")
        .values("pk", "name", "city", "decides_for", "asked", *FACTS)[: NEEDS_EACH + 1]
    )
    return [
        Need(
            key=f"review-{row['pk']}-{row['asked'] or 0}",
            kind=_("Approval"),
            distributor=row["name"],
            consequence=_("cooperation cannot begin"),
            chip=_("Review"),
            tone="",
            title=_("%(name)s waits for approval") % {"name": row["name"]},
            reason=" · ".join(part for part in (_whose(row, absent), *_selection_words(row, user)) if part),
            url=reverse("profiles:distributor-move", args=[row["pk"], "approve"]),
            action=_("Decide"),
            weight=REVIEW_WEIGHT - place,
        )
        for place, row in enumerate(rows)
    ]


def _whose(row: dict[str, Any], absent: dict[int, Any]) -> str:
    if row["decides_for"] in absent:
        return _("for %(name)s, who is away") % {"name": absent[row["decides_for"]]}
    return row["city"] or _("a second person decides")


def _selection_words(row: dict[str, Any], user: Any) -> list[str]:
    """Return the score, and what still stands against an approval."""
    facts = facts_of(row)
    return [score_words(facts), *short_words(against(APPROVE, facts, director=is_director(user)), facts)]


def outbound_needs(user: Any, _as_of: date) -> list[Need]:
    """Return the API clients for which something has waited too long in the outbound feed."""
    if user.reach("profiles.view_outboundreader") is None:
        return []
    return [
        Need(
            key=f"outbound-{one.reader.pk}-{one.oldest:%Y%m%d%H%M%S}",
            kind=_("Outbound feed"),
            chip=_("Outbound feed"),
            tone="w",
            title=ngettext(
                "%(client)s has not taken %(count)s message", "%(client)s has not taken %(count)s messages", one.count
            )
            % {"client": one.reader, "count": f"{one.count:,}"},
            reason=_("the oldest waits since %(moment)s")
            % {"moment": date_format(timezone.localtime(one.oldest), "SHORT_DATETIME_FORMAT")},
            consequence=_("the other system does not act on it"),
            url=reverse("profiles:outbound"),
            action=_("Look"),
            weight=OUTBOUND_WEIGHT,
        )
        for one in readers_waiting()
        if one.late
    ]

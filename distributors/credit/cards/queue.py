"""The credit cards that are to be reviewed, in the queue of credit."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from distributors.credit.cards.models import CreditScore
from distributors.credit.cards.page import tab_url
from distributors.profiles.contracts.selectors import NAME

SHOWN = 10


def review_blocks(user: Any, as_of: date) -> list[dict[str, Any]]:
    """Return the block of the cards whose review is due, the longest waiting first."""
    rows = CreditScore.objects.visible_to(user).filter(run__monthly=False, review_due__lte=as_of)
    named = rows.annotate(name=NAME).order_by("review_due", "pk")
    found = list(named.values("distributor_id", "name", "grade", "score", "review_due")[: SHOWN + 1])
    return [
        {
            "title": _("Reviews that are due"),
            "nothing": _("No review is due."),
            "more_url": reverse("credit:creditscore-list") + "?review=due" if len(found) > SHOWN else "",
            "rows": [
                {
                    "chip": row["grade"] or "–",
                    "tone": "w",
                    "title": row["name"],
                    "url": tab_url(row["distributor_id"]),
                    "text": "" if row["score"] is None else _("score %(score)s") % {"score": row["score"]},
                    "day": row["review_due"],
                }
                for row in found[:SHOWN]
            ],
        }
    ]

"""What needs someone: files that were refused, and invoices long overdue."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from core import clock
from core.contributors import NEEDS_EACH, Need
from core.models import Job
from core.money import amount_text
from core.sentences import Sentence
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.models import Import
from distributors.ledger.selectors import failed_imports
from distributors.profiles.models import Distributor

WEIGHT = 9000
OVERDUE_WEIGHT = 6000
OVERDUE_DAYS = 60


def import_needs(user: Any, _as_of: date) -> list[Need]:
    """Return the refused imports of the last two weeks that no later one made good."""
    if user.reach("ledger.view_import") is None:
        return []
    return [
        Need(
            key=f"import-{one.kind}-{one.pk}",
            kind=_("Import"),
            consequence=_("the figures lack these rows"),
            chip=_("Import"),
            tone="b",
            title=_("%(kind)s: %(file)s was refused") % {"kind": kind_of(one.kind).title, "file": one.filename},
            reason=ngettext(
                "%(count)s problem; nothing of it is in the ledger",
                "%(count)s problems; nothing of it is in the ledger",
                one.problems_count,
            )
            % {"count": f"{one.problems_count:,}"},
            url=one.get_absolute_url(),
            action=_("See why"),
            weight=WEIGHT,
        )
        for one in failed_imports(user, clock.instant())
    ]


def import_words(job: Job) -> list[Sentence]:
    """Return what is said to who started a job by which a file was refused."""
    found = Import.objects.filter(job=job, state=Import.State.REFUSED).values("filename", "problems_count").first()
    if found is None:
        return []
    text = gettext_noop("%(file)s was refused: %(count)s problems; nothing of it is in the ledger")
    return [Sentence(text, file=found["filename"], count=found["problems_count"])]


def overdue_needs(user: Any, as_of: date) -> list[Need]:
    """Return the distributors with an invoice overdue for more than 60 days, the largest overdue amount first.

    They are those that the user answers for; finance, who answers for none, sees them all.
    """
    if user.reach("ledger.view_openitem") is None:
        return []
    answers = user.reach("profiles.change_distributor") is not None
    if not answers and user.reach("ledger.add_import") is None:
        return []
    rows = (
        Distributor.objects.visible_to(user, "change" if answers else "view")
        .named()
        .filter(standing__overdue__gt=0, standing__oldest_overdue_on__lt=as_of - timedelta(days=OVERDUE_DAYS))
        .order_by("-standing__overdue", "standing__distributor_id")
        .values("pk", "name", "standing__overdue", "standing__oldest_overdue_on")[: NEEDS_EACH + 1]
    )
    currency = user.company.base_currency
    return [
        Need(
            key=f"overdue-{row['pk']}-{row['standing__oldest_overdue_on'].isoformat()}",
            kind=_("Overdue for more than %(days)s days") % {"days": OVERDUE_DAYS},
            distributor=row["name"],
            consequence=_("the older it is, the harder it is to collect"),
            chip=_("Overdue"),
            tone="b",
            title=_("%(name)s is overdue with %(amount)s %(currency)s in all")
            % {"name": row["name"], "amount": amount_text(row["standing__overdue"]), "currency": currency},
            reason=_("the oldest invoice for %(days)s days; it is asked about from %(least)s days on")
            % {"days": f"{(as_of - row['standing__oldest_overdue_on']).days:,}", "least": OVERDUE_DAYS + 1},
            url=reverse("ledger:distributor-receivables", args=[row["pk"]]),
            action=_("See what is open"),
            weight=OVERDUE_WEIGHT - place,
        )
        for place, row in enumerate(rows)
    ]

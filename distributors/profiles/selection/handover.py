"""Risks of prospects go over to whoever takes over from a person."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import ngettext

from accounts.models import User
from accounts.tree import Holding
from core import audit, clock
from distributors.profiles.selection.models import Risk
from distributors.profiles.selection.services import EDITABLE


def open_risks(people: Collection[int]) -> QuerySet[Risk]:
    """Return the risks that these people see to, of distributors whose selection is open; others are history."""
    return Risk.objects.filter(owner__in=people, distributor__state__in=EDITABLE, distributor__merged_into=None)


def risk_holdings(user: User) -> list[Holding]:
    """Return the risks that a person sees to."""
    count = open_risks([user.pk]).count()
    text = ngettext("%(count)s risk of a prospect", "%(count)s risks of prospects", count) % {"count": f"{count:,}"}
    return [Holding(text, count, reverse("profiles:pipeline"))]


@transaction.atomic
def risks_hand_over(actor: User, old: User, new: User, _starts_on: date, reason: str) -> list[int]:
    """Let `new` see to the risks of `old`, at once; return how many."""
    rows = list(open_risks([old.pk]).select_related("distributor").order_by("pk"))
    Risk.objects.filter(pk__in=[row.pk for row in rows]).update(
        owner=new, version=F("version") + 1, updated_by=actor if actor.pk else None, updated_at=clock.instant()
    )
    entries = ((row.distributor, {"owner": str(old)}, {"risk": row.title, "owner": str(new)}) for row in rows)
    audit.record_many(actor=actor, verb="risk.changed", entries=entries, note=reason.strip())
    return [len(rows)]

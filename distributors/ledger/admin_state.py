"""What an administrator keeps in order, asked for in one question."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.models import User
from core import clock
from core.database import count_of
from core.models import Company, Job
from distributors.ledger.models import DropFile, DropLook, DropRule, ExchangeRate, Import
from distributors.ledger.rate_selectors import IN_USE, LOOKED_BACK

DAYS = timedelta(days=14)
STATE = "_admin_state"


def admin_state(user: Any, as_of: date) -> dict[str, Any]:
    """Return the numbers and names of what is to be put in order, asked for once while somebody's request lasts."""
    kept = vars(user)
    if STATE not in kept:
        kept[STATE] = _asked(user, as_of)
    found: dict[str, Any] = kept[STATE]
    return found


def _asked(user: Any, as_of: date) -> dict[str, Any]:
    since = as_of - DAYS
    files = DropFile.objects.visible_to(user)
    unknown = files.filter(state=DropFile.State.UNKNOWN)
    later = files.filter(name=OuterRef("name"), pk__gt=OuterRef("pk"))
    unread = files.filter(state=DropFile.State.REFUSED, import_file=None, ended_at__gte=clock.instant() - DAYS)
    unread = unread.filter(~Exists(later))
    failed = Job.objects.visible_to(user).filter(state=Job.State.FAILED, created_at__date__gte=since)
    refused = Import.objects.visible_to(user).filter(state=Import.State.REFUSED, created_at__date__gte=since)
    rates = ExchangeRate.objects.filter(kind=user.company.rate_kind, day__lte=as_of)
    rates = rates.exclude(currency=user.company.base_currency)
    in_use = rates.filter(day__gte=as_of - IN_USE).order_by().values(nothing=Value(1))
    known = rates.filter(day__gte=as_of - timedelta(days=LOOKED_BACK))
    annotated = Company.objects.order_by().annotate(
        people=count_of(User.objects.visible_to(user).without_reach()),
        failed=count_of(failed),
        refused=count_of(refused),
        unknown=count_of(unknown),
        unknown_name=Subquery(unknown.order_by("-pk").values("name")[:1]),
        unknown_last=Subquery(unknown.order_by("-pk").values("pk")[:1]),
        unread=count_of(unread),
        unread_name=Subquery(unread.order_by("-pk").values("name")[:1]),
        unread_last=Subquery(unread.order_by("-pk").values("pk")[:1]),
        trouble=Subquery(DropLook.objects.values("trouble")[:1]),
        expected=Exists(DropRule.objects.filter(active=True)),
        currencies=Coalesce(Subquery(in_use.annotate(n=Count("currency", distinct=True)).values("n")), 0),
        known=count_of(known),
    )
    names = list(annotated.query.annotations)
    found: dict[str, Any] = annotated.values(*names).get(pk=user.company.pk)
    found["rates"] = (LOOKED_BACK + 1) * found["currencies"] - found["known"]
    return found

"""Assignments take effect: what holds on a day is copied to the distributors, and told to other systems."""

from datetime import date

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from core import clock
from core.database import lock
from distributors.profiles.models import Assignment, Distributor
from distributors.profiles.outbound import messages_post

NOBODY = Value(0)


@transaction.atomic
def assignments_apply(*, as_of: date, only: list[int] | None = None) -> int:
    """Copy the assignments in force on `as_of` to their distributors, where they differ; return how many did."""
    lock("territory")
    latest = Assignment.objects.filter(distributor=OuterRef("pk"), starts_on__lte=as_of).order_by("-starts_on")
    rows = (
        Distributor.objects.annotate(
            now_territory=Subquery(latest.values("territory")[:1]),
            now_owner=Coalesce(Subquery(latest.values("owner")[:1]), NOBODY),
            has_owner=Coalesce("owner_id", NOBODY),
        )
        .filter(now_territory__isnull=False)
        .filter(~Q(territory=F("now_territory")) | ~Q(has_owner=F("now_owner")))
    )
    if only is not None:
        rows = rows.filter(pk__in=only)
    covered = rows.values_list(
        "pk", Subquery(latest.values("territory__code")[:1]), Subquery(latest.values("owner__email")[:1])
    )
    messages_post(
        kind="distributor.assigned",
        about=((pk, {"territory": territory, "owner": owner}) for pk, territory, owner in covered.order_by("pk")),
    )
    return Distributor.objects.filter(pk__in=rows.values("pk")).update(
        territory=Subquery(latest.values("territory")[:1]),
        territory_path=Subquery(latest.values("territory__path")[:1]),
        owner=Subquery(latest.values("owner")[:1]),
        updated_at=clock.instant(),
    )

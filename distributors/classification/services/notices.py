"""Owners hear of the classes of their distributors: once for each close, with counts."""

from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils.translation import gettext_noop

from accounts.models import Notification
from accounts.notifications import notify, notify_each
from core.sentences import Sentence
from distributors.classification.models import ClassEvent, ClassRun, Override


def close_told(*, run: ClassRun) -> None:
    """Tell each owner how many of their distributors rose and fell at a close, in the caller's transaction."""
    moved = ClassEvent.objects.filter(run=run).exclude(before="").exclude(distributor__owner=None)
    counts = moved.values("distributor__owner").annotate(
        all=Count("pk"),
        up=Count("pk", filter=Q(after__lt=F("before")) & ~Q(after="")),
        down=Count("pk", filter=Q(after__gt=F("before"))),
    )
    notify_each(_close_row(run, row) for row in counts.order_by("distributor__owner"))


def _close_row(run: ClassRun, row: Any) -> Notification:
    text = gettext_noop(
        "The class of %(all)s of your distributors changed at the close of %(day)s: %(up)s up, %(down)s down"
    )
    return Notification(
        user_id=row["distributor__owner"],
        kind=Notification.Kind.CLASS,
        said=Sentence(text, all=row["all"], up=row["up"], down=row["down"], day=run.as_of.isoformat()),
        url=reverse("classification:movements"),
        key=f"close-{run.pk}",
    )


def override_told(*, override: Override, actor: Any) -> None:
    """Tell the owner of a distributor that somebody else set its class by hand, in the caller's transaction."""
    owner = override.distributor.owner_id
    if owner is not None and owner != actor.pk:
        said = Sentence(
            gettext_noop("%(who)s set the class of %(name)s to %(class)s by hand"),
            **{"who": str(actor), "name": str(override.distributor), "class": override.klass},
        )
        notify(
            people=[owner],
            kind=Notification.Kind.CLASS,
            said=said,
            url=reverse("classification:distributor", args=[override.distributor_id]),
            key=f"override-{override.pk}",
        )

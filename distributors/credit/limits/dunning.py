"""Who is to be reminded of what is overdue: the stage by days late, and the next step."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from distributors.credit.limits.collecting_models import Reminder
from distributors.profiles.models import Distributor

AT_ONCE = 100


@dataclass(frozen=True)
class Stage:
    """A stage of dunning: from how many days late on, and what is done."""

    number: int
    least: int
    label: Any


STAGES = (
    Stage(1, 1, _("friendly reminder")),
    Stage(2, 31, _("written reminder with a date")),
    Stage(3, 61, _("last reminder, delivery stops")),
    Stage(4, 91, _("legal collection")),
)


def stage_of(days: int) -> Stage | None:
    """Return the stage for so many days late, None where nothing is late."""
    return next((stage for stage in reversed(STAGES) if days >= stage.least), None)


@dataclass(frozen=True)
class Due:
    """A distributor on the dunning list: what is overdue since when, its stage, the last reminder, and what is next."""

    pk: int
    name: str
    code: str
    owner: str
    overdue: Any
    days: int
    stage: Stage
    reminded_stage: int | None
    reminded_on: date | None

    @property
    def step(self) -> Stage | None:
        """Return the step that is to be done now, None where its stage was reminded already."""
        return self.stage if self.reminded_stage is None or self.reminded_stage < self.stage.number else None


def dunning_list(user: Any, as_of: date) -> tuple[list[Due], bool]:
    """Return the distributors in reach with something overdue, the longest first, and whether there are more.

    A reminder counts for what is overdue now where it was sent after the oldest item fell due.
    """
    sent = Reminder.objects.filter(distributor=OuterRef("pk"), sent_on__gt=OuterRef("standing__oldest_overdue_on"))
    last = sent.order_by("-stage", "-pk")
    rows = (
        Distributor.objects.visible_to(user)
        .named()
        .filter(standing__overdue__gt=0, standing__oldest_overdue_on__lt=as_of)
        .annotate(last_stage=Subquery(last.values("stage")[:1]), last_on=Subquery(last.values("sent_on")[:1]))
        .order_by("standing__oldest_overdue_on", "pk")
        .values_list(
            *("pk", "name", "code", "owner__name", "standing__overdue", "standing__oldest_overdue_on"),
            *("last_stage", "last_on"),
        )[: AT_ONCE + 1]
    )
    found = []
    for pk, name, code, owner, overdue, oldest, last_stage, last_on in rows:
        days = (as_of - oldest) // timedelta(days=1)
        stage = stage_of(days)
        if stage is not None:
            found.append(Due(pk, name, code, owner or "", overdue, days, stage, last_stage, last_on))
    return found[:AT_ONCE], len(found) > AT_ONCE

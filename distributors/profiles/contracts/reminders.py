"""Nightly: contracts whose last day is over end, and who answers for those that end soon hears of it, once a step."""

from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_noop as _

from accounts.models import Notification
from accounts.notifications import notify_each
from core.sentences import Sentence
from distributors.profiles.contracts.calculations import threshold_of
from distributors.profiles.contracts.models import Contract
from distributors.profiles.contracts.selectors import NAME, STEPS, ending
from distributors.profiles.decisions import deciders_at


def contracts_remind(*, as_of: date) -> int:
    """Tell the owner and the managers 90, 60 and 30 days before a contract ends; return how many contracts end soon.

    Each step is said once: a night that was missed is made good by the next one.
    """
    rows = ending(Contract.objects.all(), as_of).select_related("distributor").annotate(name=NAME)
    soon: list[Any] = list(rows.order_by("ends_on", "pk"))
    managers = deciders_at({row.distributor.territory_path for row in soon}, as_of)
    told: list[Notification] = []
    for row in soon:
        step = threshold_of((row.ends_on - as_of).days, STEPS)
        people = set(managers[row.distributor.territory_path])
        if row.distributor.owner_id is not None:
            people.add(row.distributor.owner_id)
        said = Sentence(
            _("Contract %(number)s with %(name)s ends on %(day)s."),
            number=row.number,
            name=row.name,
            day=date_format(row.ends_on, "Y-m-d"),
        )
        told += [
            Notification(
                user_id=pk,
                kind=Notification.Kind.CONTRACT,
                said=said,
                url=row.get_absolute_url(),
                key=f"contract-{row.pk}-{row.ends_on.isoformat()}-{step}",
            )
            for pk in sorted(people)
        ]
    notify_each(told)
    return len(soon)

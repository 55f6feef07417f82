"""New owners are told what comes to them, with the way to the hand-over sheet."""

from collections.abc import Mapping
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_noop

from accounts.models import Notification, User
from accounts.notifications import notify_each
from core.sentences import Sentence


def handover_tell(*, actor: User, owners: Mapping[int, tuple[int | None, int | None]], starts_on: date) -> None:
    """Tell each new owner once what comes to them from whom, in the caller's transaction.

    `owners` has by distributor the owner until then and the one from then on. Who gives it to themselves is not told,
    nor who takes over what nobody covered.
    """
    given: dict[tuple[int, int], list[int]] = {}
    for pk, (old, new) in owners.items():
        if old is not None and new is not None and new not in (old, actor.pk):
            given.setdefault((old, new), []).append(pk)
    people = User.objects.in_bulk({pk for pair in given for pk in pair})
    day = starts_on.isoformat()
    notify_each(
        Notification(
            user_id=new,
            kind=Notification.Kind.HANDOVER,
            said=Sentence(
                gettext_noop("%(name)s hands over to you from %(day)s on; distributors: %(count)s"),
                name=str(people[old]),
                day=date_format(starts_on, "DATE_FORMAT"),
                count=str(len(keys)),
            ),
            url=f"{reverse('profiles:distributor-handover', args=[min(keys)])}?all=yes&from={day}",
            key=f"handover-{old}-{day}-{min(keys)}",
        )
        for (old, new), keys in given.items()
    )

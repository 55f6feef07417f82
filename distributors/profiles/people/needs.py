"""What needs someone: birthdays and anniversaries of the people they answer for, in the two weeks to come."""

from calendar import isleap
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.roles import Role
from core.contributors import NEEDS_EACH, Need
from distributors.profiles.models import ContactPersonal
from distributors.profiles.people.models import DAY_OF_YEAR, day_of_year

AHEAD = timedelta(days=14)
ROUND = (1, 5, 10, 15, 20, 25, 30, 40, 50)
BIRTHDAY_WEIGHT, ANNIVERSARY_WEIGHT = 1200, 1100


def _rows(user: Any) -> Any:
    rows = ContactPersonal.objects.visible_to(user).filter(contact__left_on=None)
    return rows.select_related("contact__distributor").only(
        "contact__name",
        "contact__since",
        "contact__distributor__short_name",
        "contact__distributor__legal_name",
        "birth_month",
    )


def _answers(user: Any) -> bool:
    """Tell whether somebody answers for people: an administrator, who sees all of them, does not call on them."""
    return bool(user.role != Role.ADMIN)


def birthday_needs(user: Any, as_of: date) -> list[Need]:
    """Return the people with a birthday within two weeks, the soonest first.

    The day itself is not said: whoever wants to know it opens the person, and that reading is noted.
    """
    if not _answers(user):
        return []
    last = as_of + AHEAD
    turn = last.year != as_of.year  # in December, January comes after
    rows = _rows(user).annotate(day_of_year=DAY_OF_YEAR).filter(_days(as_of, last))
    order = [F("birth_month").desc()] if turn else []
    found = rows.order_by(*order, "day_of_year", "pk")[: NEEDS_EACH + 1]
    return [
        Need(
            key=f"birthday-{row.pk}-{last.year if turn and row.birth_month == 1 else as_of.year}",
            kind=_("Birthday"),
            chip=_("Birthday"),
            tone="",
            distributor=str(row.contact.distributor),
            title=_("%(name)s has a birthday soon") % {"name": row.contact},
            reason=_("within two weeks; the day stands on their page"),
            consequence=_("the moment passes"),
            url=row.contact.get_absolute_url(),
            action=_("Look"),
            weight=BIRTHDAY_WEIGHT - place,
        )
        for place, row in enumerate(found)
    ]


def _days(first: date, last: date) -> Q:
    """Return the condition of a birthday from `first` to `last`, one stretch of the index of days in most of the year.

    A birthday on 29 February is on the 28th in most years.
    """
    till = 29 if (last.month, last.day) == (2, 28) and not isleap(last.year) else last.day
    since, until = day_of_year(first.month, first.day), day_of_year(last.month, till)
    if since <= until:
        return Q(day_of_year__range=(since, until))
    return Q(day_of_year__gte=since) | Q(day_of_year__lte=until)


def anniversary_needs(user: Any, as_of: date) -> list[Need]:
    """Return the people who have worked with us for a round number of years within two weeks, the soonest first."""
    if not _answers(user):
        return []
    # Day by day, not as spans: so the index of days gives them in its order.
    since = [day for years in ROUND for day in _each(_back(as_of, years), _back(as_of + AHEAD, years))]
    rows = _rows(user).filter(contact__since__in=since).order_by("contact__since", "pk")[: NEEDS_EACH + 1]
    days = sorted((_coming(row.contact.since, as_of), row.pk, row) for row in rows)
    return [
        Need(
            key=f"anniversary-{row.pk}-{day.year}",
            kind=_("Anniversary"),
            chip=_("Anniversary"),
            tone="",
            distributor=str(row.contact.distributor),
            title=ngettext(
                "%(name)s has worked with us for %(years)s year",
                "%(name)s has worked with us for %(years)s years",
                day.year - row.contact.since.year,
            )
            % {"name": row.contact, "years": day.year - row.contact.since.year},
            reason=_("on %(day)s") % {"day": date_format(day, "MONTH_DAY_FORMAT")},
            consequence=_("the moment passes"),
            url=row.contact.get_absolute_url(),
            action=_("Look"),
            weight=ANNIVERSARY_WEIGHT - place,
            due=day,
        )
        for place, (day, _pk, row) in enumerate(days)
    ]


def _each(first: date, last: date) -> list[date]:
    return [first + timedelta(days=step) for step in range((last - first).days + 1)]


def _back(day: date, years: int) -> date:
    """Return the same day so many years before; of 29 February, the day before March."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _coming(since: date, as_of: date) -> date:
    """Return the anniversary of `since` on or after a day."""
    day = _back(since, since.year - as_of.year)
    return day if day >= as_of else _back(since, since.year - as_of.year - 1)

"""What stands against keeping personal answers: no purpose, no consent, a birthday that is none."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from core import clock
from distributors.profiles.people.questions import GROUPS

EARLIEST = 1900


def personal_refusals(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (field, sentence) for what stands against keeping these personal answers."""
    today = clock.today()
    for group in GROUPS:
        if any(values.get(column) not in (None, "") for column in group.columns):
            if not str(values.get(group.purpose) or "").strip():
                yield group.purpose, _("Say what for: without a purpose none of these answers is kept.")
            if values.get(group.consent) is None:
                yield group.consent, _("Enter when they agreed: without their consent none of these answers is kept.")
        given = values.get(group.consent)
        if given is not None and given > today:
            yield group.consent, _("This day is still to come.")
    yield from _birthday_refusals(values, today)


def _birthday_refusals(values: dict[str, Any], today: date) -> Iterator[tuple[str, str]]:
    month, day, year = (values.get(name) for name in ("birth_month", "birth_day", "birth_year"))
    if (month, day, year) == (None, None, None):
        return
    if month is None or day is None:
        yield ("birth_day" if day is None else "birth_month"), _("A birthday has a day and a month.")
        return
    if year is not None and not EARLIEST <= year <= today.year:
        yield "birth_year", _("Enter a year from %(first)s to %(last)s.") % {"first": EARLIEST, "last": today.year}
        return
    try:
        born = date(year or 2000, month, day)
    except ValueError:
        yield "birth_day", _("There is no such day.")
        return
    if year is not None and born > today:
        yield "birth_year", _("This day is still to come.")

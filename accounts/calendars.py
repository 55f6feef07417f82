"""Business calendars: whose days are worked by which, and changes to them."""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q
from django.utils.translation import gettext as _

from accounts.models import STEP, BusinessCalendar, CalendarException, Territory, User
from core import audit
from core.calendar import WorkCalendar, is_known_country
from core.company import company
from core.errors import DomainError
from core.versions import version_write

DEFAULT_COUNTRY = "CN"


def company_calendar() -> BusinessCalendar:
    """Return the company's calendar, made with its defaults when it is not there yet."""
    found = BusinessCalendar.objects.filter(is_company=True).first()
    if found is None:
        defaults = {"name": company().name, "country": DEFAULT_COUNTRY}
        found, _created = BusinessCalendar.objects.get_or_create(is_company=True, defaults=defaults)
    return found


def calendar_of(user: Any) -> BusinessCalendar:
    """Return the calendar of the user's first territory: its own, the nearest one above it, else the company's."""
    path = user.named_paths[0][0] if user.named_paths else None
    above = [path[:end] for end in range(STEP, len(path) + 1, STEP)] if path else []
    near = Q(territories__path__in=above)
    rows = BusinessCalendar.objects.filter(near | Q(is_company=True)).annotate(
        near=Max("territories__path", filter=near)
    )
    return rows.order_by(F("near").desc(nulls_last=True)).first() or company_calendar()


def work_calendar(calendar: BusinessCalendar) -> WorkCalendar:
    """Return what the calculations need of a calendar."""
    return WorkCalendar(
        country=calendar.country,
        subdivision=calendar.subdivision,
        weekend=frozenset(int(day) for day in calendar.weekend),
        exceptions=dict(calendar.exceptions.values_list("day", "worked")),
    )


@transaction.atomic
def calendar_save(
    *,
    actor: User,
    instance: BusinessCalendar,
    version: int | None = None,
    name: str,
    country: str,
    subdivision: str,
    weekend: list[str],
    territories: Any,
) -> BusinessCalendar:
    """Create or change a calendar and say which territories have it; raise DomainError, or StaleVersion."""
    if not is_known_country(country, subdivision):
        raise DomainError(_("The holidays of this part of the country are not known."), "subdivision")
    if len(weekend) == 7:
        raise DomainError(_("At least one day of the week is worked."), "weekend")
    fields = {"name": name, "country": country, "subdivision": subdivision, "weekend": "".join(sorted(weekend))}
    was = _was(instance.pk, fields)
    try:
        with transaction.atomic():
            saved = _written(actor, instance, version, fields)
    except IntegrityError as error:
        raise DomainError(_("Another calendar has this name."), "name") from error
    was["territories"] = _names(saved.territories.all())
    Territory.objects.filter(calendar=saved).exclude(pk__in=[one.pk for one in territories]).update(calendar=None)
    Territory.objects.filter(pk__in=[one.pk for one in territories]).update(calendar=saved)
    before, after = audit.changes(was, {**fields, "territories": _names(territories)})
    audit.record(actor=actor, verb="calendar.saved", target=saved, before=before, after=after)
    return saved


def _was(pk: int | None, fields: dict[str, Any]) -> dict[str, Any]:
    """Return what is stored; the form has put what was typed on the instance that it hands over."""
    stored = BusinessCalendar.objects.filter(pk=pk).values(*fields).first() if pk else None
    return dict(stored or {})


def _written(actor: User, instance: BusinessCalendar, version: int | None, fields: dict[str, Any]) -> BusinessCalendar:
    if not instance.pk:
        made: BusinessCalendar = BusinessCalendar.objects.create(**fields, updated_by=actor)
        return made
    version_write(BusinessCalendar.objects.filter(pk=instance.pk), version, actor=actor, **fields)
    saved: BusinessCalendar = BusinessCalendar.objects.get(pk=instance.pk)
    return saved


def _names(territories: Any) -> str:
    return ", ".join(sorted(territory.name for territory in territories))


@transaction.atomic
def exception_set(*, actor: User, calendar: BusinessCalendar, day: date, worked: bool, name: str) -> CalendarException:
    """Say of one day that it is worked, or not; a day has one such word, the later one stands."""
    before = CalendarException.objects.filter(calendar=calendar, day=day).first()
    saved, _created = CalendarException.objects.update_or_create(
        calendar=calendar, day=day, defaults={"worked": worked, "name": name.strip()[:80]}
    )
    audit.record(
        actor=actor,
        verb="calendar.exception_set",
        target=calendar,
        before={"worked": str(before.worked), "name": before.name} if before else {},
        after={"day": day.isoformat(), "worked": str(worked), "name": saved.name},
    )
    return saved


@transaction.atomic
def exception_remove(*, actor: User, exception: CalendarException) -> None:
    """Let the country's calendar hold again on this day."""
    calendar = exception.calendar
    gone, _models = CalendarException.objects.filter(pk=exception.pk).delete()
    if gone:
        before = {"day": exception.day.isoformat(), "worked": str(exception.worked), "name": exception.name}
        audit.record(actor=actor, verb="calendar.exception_removed", target=calendar, before=before)

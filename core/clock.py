"""The only source of today, so that a data set of 2013 can be lived in and tests pin it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from core.company import company


def instant() -> datetime:
    """Return the real time, for leases and time stamps that order real events."""
    return datetime.now(UTC)


def now() -> datetime:
    """Return the aware time of the product's day: the real one, moved to QUDAO_TODAY where that is set."""
    real = instant().astimezone(timezone.get_current_timezone())
    if not settings.TODAY:
        return real
    return datetime.combine(date.fromisoformat(settings.TODAY), real.timetz())


def today() -> date:
    """Return the business day: the date on the company's clock, whoever asks and wherever they are."""
    if settings.TODAY:
        return date.fromisoformat(settings.TODAY)
    return instant().astimezone(ZoneInfo(company().time_zone)).date()

"""The only source of today, so that a data set of 2013 can be lived in and tests pin it; and spans of time in words."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from core.company import company
from core.models import Company


def instant() -> datetime:
    """Return the real time, for leases and time stamps that order real events."""
    return datetime.now(UTC)


def now() -> datetime:
    """Return the aware time of the product's day: the real one, moved to QUDAO_TODAY where that is set."""
    real = instant().astimezone(timezone.get_current_timezone())
    if not settings.TODAY:
        return real
    return datetime.combine(date.fromisoformat(settings.TODAY), real.timetz())


def today(found: Company | None = None) -> date:
    """Return the business day: the date on the company's clock, whoever asks and wherever they are.

    Who has the company `found` already gives it, as a page does that is shown to a person.
    """
    if settings.TODAY:
        return date.fromisoformat(settings.TODAY)
    return instant().astimezone(ZoneInfo((found or company()).time_zone)).date()


def span_text(span: timedelta) -> str:
    """Return a span of time in its two largest units: 3 h 5 min, 2 min 10 s, 0.4 s."""
    if span < timedelta(seconds=10):
        return _("%(seconds)s s") % {"seconds": f"{max(0.1, span.total_seconds()):.1f}"}
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds}
    return _("%(seconds)s s") % {"seconds": seconds}

"""What holds for the whole installation."""

from core.models import Company
from core.periods import FiscalCalendar


def company() -> Company:
    """Return the one company row, made with its defaults when it is not there yet."""
    found, _created = Company.objects.get_or_create(pk=1)
    return found


def fiscal_calendar() -> FiscalCalendar:
    """Return the company's fiscal calendar."""
    return company().fiscal

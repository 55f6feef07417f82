"""What holds for the whole installation."""

from core.models import Company


def company() -> Company:
    """Return the one company row, made with its defaults when it is not there yet."""
    found, _created = Company.objects.get_or_create(pk=1)
    return found

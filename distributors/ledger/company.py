"""The company's settings that facts depend on."""

import re
import zoneinfo
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.company import company
from core.database import lock
from core.errors import DomainError
from core.models import Company
from distributors.ledger.models import ExchangeRate, SaleLine

FIXED = ("base_currency", "rate_kind")


@transaction.atomic
def company_set(*, actor: Any, **fields: str | None) -> Company:
    """Change what is given; raise DomainError for a base currency or kind of rate once facts depend on them."""
    lock("batch")
    found = company()
    given = {name: value for name, value in fields.items() if value is not None and value != getattr(found, name)}
    if not re.fullmatch("[A-Z]{3}", given.get("base_currency") or "AAA"):
        raise DomainError(_("A currency is three capital letters, such as USD."))
    if given.get("time_zone") and given["time_zone"] not in zoneinfo.available_timezones():
        raise DomainError(_("“%(value)s” is not a time zone.") % {"value": given["time_zone"]})
    if set(FIXED) & set(given) and SaleLine.objects.exists():
        raise DomainError(_("Lines have come in: base currency and kind of rate are fixed."))
    if "base_currency" in given and ExchangeRate.objects.exists():
        raise DomainError(_("There are rates to %(currency)s already.") % {"currency": found.base_currency})
    if given:
        before, after = audit.changes({name: getattr(found, name) for name in given}, given)
        Company.objects.filter(pk=found.pk).update(**given)
        audit.record(actor=actor, verb="company.changed", target=found, before=before, after=after)
    return company()

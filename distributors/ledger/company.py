"""The company's settings that facts depend on."""

import re
import zoneinfo
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from core import audit, clock
from core.company import company
from core.database import lock
from core.errors import DomainError, StaleVersion
from core.models import Company
from distributors.ledger.facts import FACTS
from distributors.ledger.models import ExchangeRate

FIXED = ("base_currency", "rate_kind")
LATEST_CUT_OFF = 28


def facts_exist() -> bool:
    """Tell whether facts are there that depend on the base currency and the kind of rate."""
    return any(fact.model.objects.exists() for fact in FACTS)


@transaction.atomic
def company_set(*, actor: Any, version: int | None = None, **fields: Any) -> Company:
    """Change what is given; raise DomainError for a base currency or kind of rate once facts depend on them.

    With `version`, raise StaleVersion where someone else saved since.
    """
    lock("batch")
    found = company()
    given = {name: value for name, value in fields.items() if value != getattr(found, name)}
    _refuse(found, given)
    if version is not None and version != found.version:
        raise StaleVersion
    if given:
        before, after = audit.changes({name: getattr(found, name) for name in given}, given)
        Company.objects.filter(pk=found.pk).update(
            **given,
            version=F("version") + 1,
            updated_at=clock.instant(),
            updated_by=actor if actor is not None and actor.pk else None,
        )
        audit.record(actor=actor, verb="company.changed", target=found, before=before, after=after)
    return company()


def _refuse(found: Company, given: dict[str, Any]) -> None:
    if not given.get("name", "-").strip():
        raise DomainError(_("The company has a name."), "name")
    if not re.fullmatch("[A-Z]{3}", given.get("base_currency") or "AAA"):
        raise DomainError(_("A currency is three capital letters, such as USD."), "base_currency")
    if given.get("time_zone") and given["time_zone"] not in zoneinfo.available_timezones():
        raise DomainError(_("“%(value)s” is not a time zone.") % {"value": given["time_zone"]}, "time_zone")
    if not 1 <= given.get("fiscal_start_month", 1) <= 12:
        raise DomainError(_("A month is a number from 1 to 12."), "fiscal_start_month")
    if not 1 <= (given.get("cut_off_day") or 1) <= LATEST_CUT_OFF:
        raise DomainError(_("The cut-off day is one that every month has: 1 to 28."), "cut_off_day")
    if given.get("default_language", "en") not in dict(settings.LANGUAGES):
        raise DomainError(_("The product does not speak this language."), "default_language")
    changed = next((name for name in FIXED if name in given), None)
    if changed and facts_exist():
        raise DomainError(_("Facts have come in: base currency and kind of rate are fixed."), changed)
    if "base_currency" in given and ExchangeRate.objects.exists():
        raise DomainError(
            _("There are rates to %(currency)s already.") % {"currency": found.base_currency}, "base_currency"
        )

"""The books: the line before which months are closed, and who moves it.

Publishing holds the lock of batches, and so does whoever moves the line: an import counts before or after, never half.
"""

from datetime import date

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit, clock
from core.database import date_sql, lock, month_sql
from core.errors import DomainError
from core.periods import month_of, month_shift
from core.scope import require_permission
from distributors.ledger.batches import BATCH_LOCK, batch_last
from distributors.ledger.models import PeriodLock
from distributors.profiles.outbound import message_post


def first_open() -> date | None:
    """Return the first month that is open, None where none was ever closed."""
    found: date | None = PeriodLock.objects.order_by("-number").values_list("first_open", flat=True).first()
    return found


def month_name(month: date) -> str:
    """Return a month in words."""
    return str(date_format(month, "YEAR_MONTH_FORMAT"))


def booked_sql(alias: str, opened: date) -> str:
    """Return SQL of the month in which a new row counts where that is not the month of its date, else of null."""
    return f"CASE WHEN {alias}.day < {date_sql(opened)} THEN {date_sql(opened)} END"


def removed_sql(alias: str, opened: date) -> str:
    """Return SQL of the month from which a superseded row is taken off where its own is closed, else of null."""
    counts = f"coalesce({alias}.booked_in, {alias}.day)"
    return f"CASE WHEN {counts} < {date_sql(opened)} THEN {date_sql(opened)} END"


def leaves_sql(alias: str) -> str:
    """Return SQL of the month that changes when a row is put out of force."""
    return f"coalesce({alias}.removed_in, {alias}.booked_in, {month_sql(f'{alias}.day')})"


@transaction.atomic
def books_close(*, actor: User, month: date, reason: str = "") -> PeriodLock:
    """Close all months up to and including `month`; raise DomainError where it is closed already or not over.

    What comes later for a closed month counts in the first open one.
    """
    require_permission(actor, "ledger.add_periodlock")
    lock(BATCH_LOCK)
    month, opened = month_of(month), first_open()
    if opened is not None and month < opened:
        raise DomainError(_("%(month)s is closed already.") % {"month": month_name(month)})
    if month >= month_of(clock.today()):
        raise DomainError(_("%(month)s is not over yet.") % {"month": month_name(month)})
    return _move(actor, "books.closed", opened, month_shift(month, 1), reason, reopened=False)


@transaction.atomic
def books_reopen(*, actor: User, month: date, reason: str) -> PeriodLock:
    """Open the last closed month again; raise DomainError for another one, or without a reason."""
    require_permission(actor, "ledger.add_periodlock")
    lock(BATCH_LOCK)
    opened = first_open()
    if not reason.strip():
        raise DomainError(_("Say why: the reason stays with the books."))
    if opened is None or month_of(month) != month_shift(opened, -1):
        raise DomainError(_("Only the month that was closed last can be opened again."))
    return _move(actor, "books.reopened", opened, month_of(month), reason, reopened=True)


def _move(actor: User, verb: str, before: date | None, after: date, reason: str, *, reopened: bool) -> PeriodLock:
    last = PeriodLock.objects.order_by("-number").values_list("number", flat=True).first()
    made: PeriodLock = PeriodLock.objects.create(
        number=(last or 0) + 1,
        first_open=after,
        reopened=reopened,
        reason=reason.strip()[:200],
        batch=batch_last(),
        created_by=actor,
    )
    audit.record(
        actor=actor,
        verb=verb,
        target=made,
        before={"first open month": before.isoformat() if before else ""},
        after={"first open month": after.isoformat()},
        note=reason.strip(),
    )
    message_post(kind=verb, data={"first_open": after.isoformat()})
    return made

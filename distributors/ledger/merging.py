"""What the ledger does when two cards become one, or apart again."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from core.database import create_stage, drop_stage, run
from distributors.ledger.books import month_name
from distributors.ledger.facts import FACTS
from distributors.ledger.merged import DISTRIBUTORS
from distributors.ledger.models import MonthlySales, PeriodLock, SaleLine
from distributors.ledger.staging import PREFIX

TOUCHED = f"{PREFIX}merge_touched"


def merge_follow(distributor_ids: Sequence[int], as_of: date) -> list[None]:
    """Make everything derived from the facts of these cards again, for whom they count now."""
    both = ", ".join(str(int(pk)) for pk in distributor_ids)
    create_stage(TOUCHED, [("distributor_id", "bigint"), ("month", "date")])
    months = f"SELECT DISTINCT month FROM {MonthlySales._meta.db_table} WHERE distributor_id IN ({both})"
    # A card without a month has open items and orders nevertheless.
    run(
        f"INSERT INTO {TOUCHED} (distributor_id, month) SELECT d.id, m.month FROM {DISTRIBUTORS} d "
        f"LEFT JOIN ({months}) m ON 1 = 1 WHERE d.id IN ({both})"
    )
    for refresh in dict.fromkeys(fact.refresh for fact in FACTS):
        refresh(TOUCHED, as_of)
    drop_stage(TOUCHED)
    return []


def closed_since(distributor_ids: Sequence[int], since: datetime) -> Iterator[str]:
    """Yield why a merge cannot be undone: a month was closed since in which lines of these cards count."""
    closed = PeriodLock.objects.filter(created_at__gt=since, reopened=False).order_by("-number").first()
    if closed is not None and SaleLine.objects.filter(distributor__in=distributor_ids).exists():
        yield _("Months before %(month)s were closed since the merge, and their sums never change.") % {
            "month": month_name(closed.first_open)
        }

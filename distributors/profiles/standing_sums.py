"""What the standings of somebody's distributors come to, by territory: one statement for all figures of Home."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, Q, Sum

from core.figures import figures_of
from distributors.profiles.filters import RECENT_DAYS
from distributors.profiles.models import OUR_TIER, Distributor
from distributors.profiles.querysets import silent_condition

ZERO = Decimal(0)
OURS = Q(tier=OUR_TIER)
CLASSES = ("A", "B", "C", "N")
COUNTS = ("all", "recent", "silent", "unowned", "late", "ours", *CLASSES)
AMOUNTS = ("sales", "before", "ordered", "receivable", "overdue")

Sums = dict[str, Any]


def standing_sums(user: Any, as_of: date) -> dict[str, Sums]:
    """Return COUNTS and AMOUNTS of the user's distributors by territory path, and when sales to them began.

    Sales, orders and classes are of tier 1.
    """
    rows = Distributor.objects.visible_to(user).unmerged()
    found: dict[str, Sums] = figures_of(
        "profiles.standing",
        user=user,
        permission="profiles.view_distributor",
        as_of=as_of,
        compute=lambda: _by_path(rows.with_standing(), as_of),
        count=_count,
    )
    return found


def standings_counted(user: Any, as_of: date) -> int:
    """Return how many distributors the user sees."""
    return _count(standing_sums(user, as_of))


def _count(by_path: dict[str, Sums]) -> int:
    return sum(row["all"] for row in by_path.values())


def _by_path(rows: Any, as_of: date) -> dict[str, Sums]:
    found = (
        rows.order_by()
        .values("territory_path")
        .annotate(
            all=Count("pk"),
            recent=Count("pk", filter=Q(standing__last_order_on__gte=as_of - timedelta(days=RECENT_DAYS))),
            silent=Count("pk", filter=silent_condition(as_of)),
            unowned=Count("pk", filter=Q(owner=None)),
            late=Count("pk", filter=Q(standing__oldest_overdue_on__isnull=False)),
            ours=Count("pk", filter=OURS),
            **{name: Count("pk", filter=OURS & Q(standing__abc=name)) for name in CLASSES},
            sales=Sum("standing__net_sales_12m", filter=OURS),
            before=Sum("standing__net_sales_before", filter=OURS),
            ordered=Sum("standing__ordered_open", filter=OURS),
            receivable=Sum("standing__receivable"),
            overdue=Sum("standing__overdue"),
            began=Min("standing__first_sale_on", filter=OURS),
        )
    )
    return {row.pop("territory_path"): row for row in found}


def whole(by_path: dict[str, Sums], paths: Iterable[str] = ("",)) -> Sums:
    """Return the sums over all territories under some paths, of which none lies under another, and when sales began."""
    sums: Sums = dict.fromkeys(COUNTS, 0) | dict.fromkeys(AMOUNTS, ZERO)
    began: list[date] = []
    for path in paths:
        for below, row in by_path.items():
            if below.startswith(path):
                for name in sums:
                    sums[name] += row[name] or 0
                began += [row["began"]] if row.get("began") else []
    return {**sums, "began": min(began, default=None)}

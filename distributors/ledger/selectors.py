"""Reads about imports and about one distributor's sales."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from core.periods import Window
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.models import Import, LineKind, MonthlyLineSales, MonthlySales

NET_SALES = (LineKind.SELL_IN, LineKind.RETURN)
FAILED_FOR = timedelta(days=14)
FAILED_MOST = 1000
ZERO = Decimal(0)


@dataclass(frozen=True)
class LineSales:
    """Net sales of one product line in a window and in the same months a year before."""

    name: str
    amount: Decimal
    before: Decimal
    quantity: Decimal

    @property
    def growth(self) -> Decimal | None:
        """Return the change on the year before, None where there was nothing."""
        return (self.amount - self.before) / self.before if self.before > 0 else None


def months_of(user: Any, distributor_id: int, window: Window) -> dict[date, Decimal]:
    """Return net sales by month of the window and of the year before it."""
    rows = MonthlySales.objects.visible_to(user).filter(
        distributor=distributor_id, month__gte=window.before().start, month__lt=window.end, kind__in=NET_SALES
    )
    return dict(rows.order_by().values("month").annotate(total=Sum("amount")).values_list("month", "total"))


def product_lines_of(user: Any, distributor_id: int, window: Window) -> list[LineSales]:
    """Return net sales by product line, the largest first."""
    before = window.before()
    rows = MonthlyLineSales.objects.visible_to(user).filter(
        distributor=distributor_id, month__gte=before.start, month__lt=window.end, kind__in=NET_SALES
    )
    now = Q(month__gte=window.start)
    found = (
        rows.order_by()
        .values("line__name")
        .annotate(total=Sum("amount", filter=now), was=Sum("amount", filter=~now), pieces=Sum("quantity", filter=now))
    )
    lines = [
        LineSales(one["line__name"], one["total"] or ZERO, one["was"] or ZERO, one["pieces"] or ZERO) for one in found
    ]
    return sorted(lines, key=lambda line: (-line.amount, line.name))


def failed_imports(user: Any, now: Any) -> list[Import]:
    """Return refused imports of the last 14 days that no later one of the same file name made good.

    An administrator sees all of them, everyone else their own.
    """
    rows = Import.objects.visible_to(user).filter(created_at__gte=now - FAILED_FOR).ended()
    if user.reach("ledger.import_master") is None:
        rows = rows.filter(created_by=user.pk)
    later = rows.filter(kind=OuterRef("kind"), filename=OuterRef("filename"), pk__gt=OuterRef("pk"))
    return list(rows.filter(~Exists(later), state=Import.State.REFUSED).order_by("-pk")[:FAILED_MOST])


def import_facts(instance: Import) -> list[dict[str, Any]]:
    """Return the facts of an import's page."""
    rows = [
        (_("Kind"), str(kind_of(instance.kind).title)),
        (_("Mapping"), instance.profile_name or _("columns called like the fields")),
        (_("Check only"), _("yes") if instance.dry_run else _("no")),
        (_("Uploaded by"), str(instance.created_by or _("command line"))),
        (_("Rows"), f"{instance.rows_read:,}"),
    ]
    if instance.state == Import.State.PUBLISHED:
        rows += [
            (_("New"), f"{instance.rows_new:,}"),
            (_("Changed"), f"{instance.rows_changed:,}"),
            (_("Unchanged"), f"{instance.rows_same:,}"),
        ]
        batch = getattr(instance, "batch", None)
        if batch:
            rows.append((_("Batch"), str(batch)))
    return [{"label": label, "text": text, "url": ""} for label, text in rows]

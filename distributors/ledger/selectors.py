"""Reads about imports and about one distributor's sales."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from core import clock
from core.jobs import Outcome
from core.models import Job
from core.periods import Span, Window
from distributors.ledger.batch_facts import late_text, undone_by
from distributors.ledger.kinds.declaration import kind_of, kinds_for
from distributors.ledger.models import NET_SALES, Import, MonthlyLineSales, MonthlySales, SaleLine
from distributors.ledger.span_sums import sums_of

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


def sales_of(
    user: Any, distributor_id: int, window: Window, year: Span, then: Span
) -> tuple[dict[date, Decimal], Decimal, Decimal]:
    """Return net sales by month of the window and of the year before it, and those of two spans within."""
    rows = MonthlySales.objects.visible_to(user).filter(
        distributor=distributor_id, month__gte=window.before().start, month__lt=window.end, kind__in=NET_SALES
    )
    lines = SaleLine.objects.visible_to(user).current().for_distributors([distributor_id]).filter(kind__in=NET_SALES)
    sums = sums_of(rows, lines, (year, then))
    return sums.months, sums.of(year), sums.of(then)


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


def _mapping_text(profile: dict[str, Any]) -> str:
    chosen = profile.get("columns") or profile.get("levels")
    return _("chosen for this file") if chosen else _("columns called like the fields")


def _uploader(instance: Import) -> str:
    return str(instance.created_by or instance.get_origin_display() or _("command line"))


def import_facts(instance: Import) -> list[dict[str, Any]]:
    """Return what is known of an import, as {label, text, url}."""
    rows: list[tuple[str, ...]] = [
        (_("Kind"), str(kind_of(instance.kind).title)),
        (_("Mapping"), instance.profile_name or _mapping_text(instance.profile)),
        (_("Check only"), _("yes") if instance.dry_run else _("no")),
        (_("Uploaded by"), _uploader(instance)),
        (_("Rows read"), f"{instance.rows_read:,}"),
    ]
    if instance.state == Import.State.PUBLISHED:
        rows += [
            (_("New"), f"{instance.rows_new:,}"),
            (_("Changed"), f"{instance.rows_changed:,}"),
            (_("Unchanged"), f"{instance.rows_same:,}"),
        ]
        batch = getattr(instance, "batch", None)
        if batch:
            rows.append((_("Batch"), str(batch), batch.get_absolute_url()))
            late, undo = late_text(batch), undone_by(batch)
            rows += [(_("Closed months"), late, "")] if late else []
            rows += [(_("Undone by batch"), f"{undo}: {undo.reason}", undo.get_absolute_url())] if undo else []
    began = instance.job.started_at if instance.job else None
    if began and instance.finished_at:
        rows.append((_("Took"), clock.span_text(instance.finished_at - began)))
    return [{"label": row[0], "text": row[1], "url": row[2] if row[2:] else ""} for row in rows]


def import_links(instance: Import, user: Any) -> list[dict[str, str]]:
    """Return where to go from an import that is published: to what came in, and to what comes next."""
    if instance.state != Import.State.PUBLISHED:
        return []
    kind, links = kind_of(instance.kind), list[tuple[str, str]]()
    batch = getattr(instance, "batch", None)
    if instance.rows_new + instance.rows_changed:
        links.append((_("See what came in"), reverse(kind.shown) + (f"?batch={batch.number}" if batch else "")))
    if kind.name == "sales":
        links.append((_("Distributors by net sales"), f"{reverse('profiles:distributor-list')}?sort=-net_sales"))
    following = next((one for one in kinds_for(user) if one.order > kind.order), None)
    if following is not None:
        label = _("Next: %(kind)s") % {"kind": following.title}
        links.append((label, f"{reverse('ledger:import-add')}?kind={following.name}"))
    return [{"label": label, "url": url} for label, url in links]


def import_told(job: Job, user: Any) -> Outcome:
    """Return what came of the import of a job, nothing where `user` may not see it."""
    found = Import.objects.visible_to(user).filter(job=job).select_related("job", "created_by", "batch").first()
    if found is None:
        return Outcome()
    whole = {"label": _("See the import"), "url": found.get_absolute_url()}
    state = {"label": _("State"), "text": found.get_state_display(), "url": ""}
    return Outcome([state, *import_facts(found)], [whole, *import_links(found, user)])

"""What is said of a batch, and of its undo."""

from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from distributors.ledger.books import month_name
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.models import Batch, Import, PeriodLock
from distributors.ledger.undoing import Effect

Facts = list[dict[str, Any]]


def _facts(rows: list[tuple[str, str, str]]) -> Facts:
    return [{"label": label, "text": text, "url": url} for label, text, url in rows]


def open_month_of(batch: Batch) -> date | None:
    """Return the first month that was open when a batch came."""
    moves = PeriodLock.objects.filter(batch__lt=batch.pk).order_by("-number")
    found: date | None = moves.values_list("first_open", flat=True).first()
    return found


def late_text(batch: Batch) -> str:
    """Return how many rows of a batch came for closed months and where they count, empty where none did."""
    month = open_month_of(batch) if batch.rows_late else None
    if month is None:
        return ""
    return ngettext(
        "%(count)s row of closed months counts in %(month)s",
        "%(count)s rows of closed months count in %(month)s",
        batch.rows_late,
    ) % {"count": f"{batch.rows_late:,}", "month": month_name(month)}


def undone_by(batch: Batch) -> Batch | None:
    """Return the batch that undid one."""
    return getattr(batch, "undone_by", None)


def batch_facts(batch: Batch, user: Any) -> Facts:
    """Return what is known of a batch."""
    kind, undo = kind_of(batch.kind), undone_by(batch)
    shown = f"{reverse(kind.shown)}?batch={batch.pk}" if kind.shown else ""
    rows = [
        (_("Kind"), str(kind.title), shown),
        (_("Source"), str(batch.source or ""), ""),
        (_("At"), date_format(localtime(batch.created_at), "SHORT_DATETIME_FORMAT"), ""),
        (_("By"), str(batch.created_by or _("command line")), ""),
        (_("New"), f"{batch.rows_new:,}", ""),
        (_("Put back") if batch.undoes_id else _("Changed"), f"{batch.rows_changed:,}", ""),
    ]
    file = batch.import_file
    if file is not None and Import.objects.visible_to(user).filter(pk=file.pk).exists():
        rows.insert(1, (_("File"), file.filename, file.get_absolute_url()))
    if batch.undoes is not None:
        rows.append((_("Taken out"), f"{batch.rows_removed:,}", ""))
        rows.append((_("Undoes batch"), str(batch.undoes), batch.undoes.get_absolute_url()))
        rows.append((_("Reason"), batch.reason, ""))
    if late := late_text(batch):
        rows.append((_("Closed months"), late, ""))
    if undo:
        rows.append((_("Undone by batch"), f"{undo}: {undo.reason}", undo.get_absolute_url()))
    return _facts(rows)


def effect_facts(effect: Effect) -> Facts:
    """Return what an undo would do."""
    months = [month_name(month) for month in (effect.first_month, effect.last_month) if month]
    if len(set(months)) > 1:
        months = [_("%(first)s to %(last)s") % {"first": months[0], "last": months[1]}]
    rows = [
        (_("Rows that go"), f"{effect.goes:,}", ""),
        (_("Earlier values that come back"), f"{effect.returns:,}", ""),
        (_("Distributors"), f"{effect.distributors:,}", ""),
        (_("Months"), months[0] if months else "", ""),
    ]
    if effect.late:
        text = ngettext(
            "%(count)s row of closed months: the month stays, the difference counts in the first open one",
            "%(count)s rows of closed months: these months stay, the difference counts in the first open one",
            effect.late,
        ) % {"count": f"{effect.late:,}"}
        rows.append((_("Closed months"), text, ""))
    return _facts(rows)

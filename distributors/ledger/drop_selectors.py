"""What the page of the drop folder shows, and what needs someone there."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.contributors import Need
from distributors.ledger.admin_state import admin_state
from distributors.ledger.drop_plan import LYING, OPEN, rule_of
from distributors.ledger.models import DropFile, DropLook, DropRule

SHOWN = 50
WEIGHT = 8800
# Beat ticks every minute; after so long without a look, nobody looks.
LATE = timedelta(minutes=10)


@dataclass(frozen=True)
class Lying:
    """A file that is not put away yet, and what it waits for."""

    file: DropFile
    size: str
    waits_for: str
    add_url: str


def files_open(user: Any) -> list[Lying]:
    """Return what lies in the folder, the oldest first."""
    rows = DropFile.objects.visible_to(user).filter(state__in=OPEN).select_related("import_file").order_by("pk")
    rules = list(DropRule.objects.visible_to(user))
    return [
        Lying(
            file=row,
            size=filesizeformat(row.size),
            waits_for=_waits_for(row, rules),
            add_url=_add_url(row.name) if row.state in LYING and rule_of(row.name, rules) is None else "",
        )
        for row in rows[:SHOWN]
    ]


def _add_url(name: str) -> str:
    return f"{reverse('ledger:droprule-add')}?{urlencode({'pattern': name})}"


def _waits_for(row: DropFile, rules: list[DropRule]) -> str:
    if row.state not in LYING:
        return str(row.get_state_display())
    rule = rule_of(row.name, rules)
    if rule is None:
        return _("nobody has said what this file is")
    if not rule.active:
        return _("its row is stopped")
    if row.seen_at > clock.instant() - timedelta(seconds=settings.IMPORT_FOLDER_SECONDS):
        return _("until it stays as it is for %(seconds)s seconds") % {"seconds": f"{settings.IMPORT_FOLDER_SECONDS:g}"}
    return _("the files before it")


def files_ended(user: Any) -> list[DropFile]:
    """Return what was put away last, the newest first."""
    rows = DropFile.objects.visible_to(user).filter(state__in=(DropFile.State.DONE, DropFile.State.REFUSED))
    return list(rows.select_related("import_file").order_by("-ended_at", "-pk")[:SHOWN])


def folder_state() -> tuple[datetime | None, str]:
    """Return when the folder was looked at last, and what stands against reading it; empty where nothing does."""
    found = DropLook.objects.first()
    if found is None:
        return None, _("Nobody has looked into the folder yet; it is looked at every minute.")
    if found.looked_at < clock.instant() - LATE:
        return found.looked_at, _("Nobody has looked for a while: are beat and a worker running?")
    return found.looked_at, str(found.trouble)


def drop_needs(user: Any, as_of: date) -> list[Need]:
    """Return that the folder cannot be read, and which files nobody has explained or no import says why they failed."""
    if user.reach("ledger.view_dropfile") is None:
        return []
    return _needs(admin_state(user, as_of))


def _needs(found: dict[str, Any]) -> list[Need]:
    needs = []
    if found["trouble"] and found["expected"]:
        lost = _("files that other systems leave there do not come in")
        needs.append(_need("trouble", _("The drop folder cannot be read"), str(found["trouble"]), lost))
    if found["unknown"]:
        title = ngettext(
            "%(count)s file lies in the drop folder, and nobody has said what it is: %(file)s",
            "%(count)s files lie in the drop folder, and nobody has said what they are, such as %(file)s",
            found["unknown"],
        ) % {"file": found["unknown_name"], "count": f"{found['unknown']:,}"}
        reason = _("a row of the page says how a file is read")
        needs.append(_need(f"unknown-{found['unknown_last']}", title, reason, action=_("Say what it is")))
    if found["unread"]:
        title = ngettext(
            "%(count)s file of the drop folder was refused unread: %(file)s",
            "%(count)s files of the drop folder were refused unread, such as %(file)s",
            found["unread"],
        ) % {"file": found["unread_name"], "count": f"{found['unread']:,}"}
        needs.append(_need(f"refused-{found['unread_last']}", title, _("the page says why")))
    return needs


def _need(cause: str, title: str, reason: str, consequence: str = "", action: str = "") -> Need:
    return Need(
        key=f"drop-{cause}",
        kind=_("Drop folder"),
        consequence=consequence or _("the figures lack these rows"),
        chip=_("Drop folder"),
        tone="w" if action else "b",
        title=title,
        reason=reason,
        url=reverse("ledger:droprule-list"),
        action=action or _("See why"),
        weight=WEIGHT,
    )

"""What needs someone: files that were refused."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.contributors import Need
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.selectors import failed_imports

WEIGHT = 9000


def import_needs(user: Any, _as_of: date) -> list[Need]:
    """Return the refused imports of the last two weeks that no later one made good."""
    if user.reach("ledger.view_import") is None:
        return []
    return [
        Need(
            key=f"import-{one.kind}-{one.filename}",
            chip=_("Import"),
            tone="b",
            title=_("%(kind)s: %(file)s was refused") % {"kind": kind_of(one.kind).title, "file": one.filename},
            reason=ngettext(
                "%(count)s problem; nothing of it is in the ledger",
                "%(count)s problems; nothing of it is in the ledger",
                one.problems_count,
            )
            % {"count": f"{one.problems_count:,}"},
            url=one.get_absolute_url(),
            action=_("See why"),
            weight=WEIGHT,
        )
        for one in failed_imports(user, clock.instant())
    ]

"""Nightly work: the territory tree, the e-mails of the morning, and a second round for what could not be sent."""

from datetime import time
from typing import Any

from django.db import transaction

from accounts.notifications import digests_send
from accounts.territory_services import territory_moves_apply
from core import clock
from core.jobs import Run, scheduled


@scheduled("accounts.territories", time(0, 5))
def territories_refresh(run: Run) -> dict[str, Any]:
    """Carry out the moves whose month begins, before the assignments of the day take effect."""
    with transaction.atomic():
        run.fence()
        return dict(territory_moves_apply(as_of=clock.today()))


@scheduled("accounts.digest", time(6, 30))
@scheduled("accounts.digest_again", time(12, 30))
def send_digests(run: Run) -> dict[str, Any]:
    """Write to everyone who asked for it."""
    return digests_send(run=run, day=clock.today())

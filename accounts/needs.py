"""What needs an administrator: tokens about to expire, moves of territories that could not be carried out."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import ApiToken, TerritoryMove
from accounts.tokens import SOON
from core import clock
from core.contributors import Need

TOKEN_WEIGHT = 7000
MOVE_WEIGHT = 8000
ROWS = 20
MOVE_DAYS = timedelta(days=31)


def token_needs(user: Any, _as_of: date) -> list[Need]:
    """Return the tokens in use that expire soon."""
    now = clock.instant()
    rows = ApiToken.objects.visible_to(user, "add").exclude(last_used_at=None)
    soon = rows.filter(revoked_at=None, expires_at__gt=now, expires_at__lte=now + SOON, user__is_active=True)
    return [
        Need(
            key=f"token-{token.pk}",
            chip=_("API token"),
            tone="w",
            title=_("The token “%(name)s” expires on %(day)s")
            % {"name": token, "day": date_format(token.expires_at, "DATE_FORMAT")},
            reason=ngettext(
                "%(client)s will be refused in %(count)s day",
                "%(client)s will be refused in %(count)s days",
                (token.expires_at - now).days,
            )
            % {"client": token.user.name, "count": (token.expires_at - now).days},
            url=token.get_absolute_url(),
            action=_("Look"),
            weight=TOKEN_WEIGHT,
        )
        for token in soon.select_related("user").order_by("expires_at")[:ROWS]
    ]


def move_needs(user: Any, as_of: date) -> list[Need]:
    """Return the moves of territories that had become impossible on their day, until they are moved otherwise."""
    if user.reach("accounts.change_territory") is None:
        return []
    later = TerritoryMove.objects.filter(territory=OuterRef("territory"), pk__gt=OuterRef("pk"))
    refused = TerritoryMove.objects.filter(
        ~Exists(later), state=TerritoryMove.State.REFUSED, starts_on__gt=as_of - MOVE_DAYS
    )
    return [
        Need(
            key=f"territory-move-{move.pk}",
            chip=_("Territory"),
            tone="w",
            title=_("“%(name)s” could not be moved") % {"name": move.territory},
            reason=str(move.note),
            url=reverse("accounts:territory-detail", args=[move.territory_id]),
            action=_("Look"),
            weight=MOVE_WEIGHT,
        )
        for move in refused.select_related("territory")[:ROWS]
    ]

"""What outlets are found by: their name, address and city."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import gettext as _

from core.contributors import Hit
from core.search import matching
from distributors.profiles.models import Outlet

OUTLETS = "outlet"
TEXTS = ("name", "address", "city")
ROWS = 10
OWNER_NAME = Coalesce(NullIf("distributor__short_name", Value("")), "distributor__legal_name")


def outlet_texts(keys: Sequence[int] | None) -> Iterable[tuple[Any, ...]]:
    """Return what outlets are found by: (key, text, ...) of these, or of all."""
    rows = Outlet.objects.all() if keys is None else Outlet.objects.filter(pk__in=keys)
    yield from rows.order_by("pk").values_list("pk", *TEXTS).iterator(chunk_size=2_000)


def outlets_found(user: Any, words: str) -> list[Hit]:
    """Return the outlets in reach that the index finds; closed ones come last."""
    rows = matching(Outlet.objects.visible_to(user), OUTLETS, words).annotate(at=OWNER_NAME)
    found = rows.order_by("closed_on", "name", "pk").values("pk", "name", "city", "at", "closed_on")
    ordered = sorted(found[: ROWS * 3], key=lambda row: (row["closed_on"] is not None, row["name"]))[:ROWS]
    return [
        Hit(
            kind=_("outlet"),
            title=row["name"],
            text=" · ".join(part for part in (row["city"], row["at"], _("closed") if row["closed_on"] else "") if part),
            url=reverse("profiles:outlet-detail", args=[row["pk"]]),
        )
        for row in ordered
    ]

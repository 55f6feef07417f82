"""How people at distributors are found: by their names, also in pinyin, and never by anything personal."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import gettext as _

from core.contributors import Hit
from core.search import matching
from distributors.profiles.models import Contact

ROWS = 5
KIND = "contact"


def contact_texts(keys: Sequence[int] | None) -> Iterable[tuple[Any, ...]]:
    """Return what people are found by: (key, name) of these, or of all."""
    rows = Contact.objects.filter(erased_at=None)
    if keys is not None:
        rows = rows.filter(pk__in=keys)
    yield from rows.order_by("pk").values_list("pk", "name").iterator(chunk_size=2_000)


def distributor_name() -> Any:
    """Return an expression for the name of a contact's distributor."""
    return Coalesce(NullIf("distributor__short_name", Value("")), F("distributor__legal_name"))


def contacts_found(user: Any, words: str) -> list[Hit]:
    """Return the people at distributors in reach whose names the index finds; those who left come last."""
    found = (
        matching(Contact.objects.visible_to(user).filter(erased_at=None), KIND, words)
        .annotate(at=distributor_name())
        .order_by(F("left_on").asc(nulls_first=True), "name", "pk")
        .values("pk", "name", "title", "at", "left_on")[:ROWS]
    )
    return [
        Hit(
            kind=_("contact"),
            title=row["name"],
            text=" · ".join(part for part in (row["title"], row["at"], _("left") if row["left_on"] else "") if part),
            url=reverse("profiles:contact-detail", args=[row["pk"]]),
        )
        for row in found
    ]

"""What this app finds: people, by name, pinyin, e-mail, personnel number and job title."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When
from django.utils.translation import gettext as _

from accounts.models import User
from core.contributors import Hit
from core.search import matching

PERSON = "person"
ROWS = 5


def people_texts(keys: Sequence[int] | None) -> Iterable[tuple[Any, ...]]:
    """Return what people are found by: (key, text, ...) of these, or of all."""
    rows = User.objects.all() if keys is None else User.objects.filter(pk__in=keys)
    return rows.order_by("pk").values_list("pk", "name", "email", "code", "title").iterator(chunk_size=2_000)


def people_found(user: Any, words: str) -> list[Hit]:
    """Return the people that the index finds, for who may open their pages; those who may sign in first."""
    found = matching(User.objects.visible_to(user), PERSON, words).annotate(
        place=Case(
            When(Q(name__istartswith=words) | Q(email__istartswith=words), then=Value(0)),
            default=Value(1),
            output_field=IntegerField(),
        )
    )
    return [
        Hit(_("person"), one.name, f"{one.get_role_display()} · {one.email}", one.get_absolute_url())
        for one in found.order_by("-is_active", "place", "name", "pk")[:ROWS]
    ]

"""What this app finds: distributors, territories, pages."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Territory
from core.contributors import Hit, links_for, settings_for
from core.search import matching
from distributors.profiles.models import Distributor, OtherName

ROWS = 10
SEARCH = "distributor"
TEXTS = ("code", "legal_name", "short_name", "other_name", "city")


def distributor_texts(keys: Sequence[int] | None) -> Iterable[tuple[Any, ...]]:
    """Return what distributors are found by: (key, text, ...) of these, or of all; with the texts of merged ones."""
    rows = Distributor.objects.annotate(found_as=Coalesce("merged_into", "pk"))
    if keys is not None:
        rows = rows.filter(Q(pk__in=keys, merged_into=None) | Q(merged_into__in=keys))
    found = rows.order_by("found_as", "pk").values_list("found_as", "pk", *TEXTS).iterator(chunk_size=2_000)
    others = _other_names(keys)
    for key, same in groupby(found, key=itemgetter(0)):
        yield key, *(text for row in same for text in (*row[2:], *others.get(row[1], ())))


def _other_names(keys: Sequence[int] | None) -> dict[int, list[str]]:
    """Return what companies are called in other languages, by the key of their card."""
    rows = OtherName.objects.all()
    if keys is not None:
        rows = rows.filter(Q(distributor__in=keys) | Q(distributor__merged_into__in=keys))
    found: dict[int, list[str]] = {}
    for key, name in rows.order_by("pk").values_list("distributor_id", "name"):
        found.setdefault(key, []).append(name)
    return found


def _words(words: str, *fields: str) -> Q:
    match = Q()
    for word in words.split()[:6]:
        one = Q()
        for field in fields:
            one |= Q(**{f"{field}__icontains": word})
        match &= one
    return match


def distributors_found(user: Any, words: str) -> list[Hit]:
    """Return the distributors that the index finds by code, names, pinyin or city; those that begin so first."""
    found = (
        matching(Distributor.objects.visible_to(user).unmerged(), SEARCH, words)
        .with_standing()
        .named()
        .annotate(
            place=Case(
                When(code__iexact=words, then=Value(0)),
                When(Q(legal_name__istartswith=words) | Q(short_name__istartswith=words), then=Value(1)),
                default=Value(2),
                output_field=IntegerField(),
            )
        )
        .order_by("place", "-standing__net_sales_12m", "pk")
        .values("pk", "code", "name", "city", "territory__name")[:ROWS]
    )
    return [
        Hit(
            kind=_("distributor"),
            title=row["name"],
            text=" · ".join(part for part in (row["code"], row["city"], row["territory__name"]) if part),
            url=reverse("profiles:distributor-detail", args=[row["pk"]]),
        )
        for row in found
    ]


def territories_found(user: Any, words: str) -> list[Hit]:
    """Return the territories whose name or code holds every word."""
    found = Territory.objects.visible_to(user).filter(_words(words, "name", "code")).order_by("path")[:5]
    return [Hit(_("territory"), one.name, one.level, one.get_absolute_url()) for one in found]


def pages_found(user: Any, words: str) -> list[Hit]:
    """Return the entries of the navigation and the settings whose name holds the words."""
    links: list[Any] = [*links_for(user, "main"), *links_for(user, "setup"), *settings_for(user)]
    return [
        Hit(_("page"), str(link.label), "", reverse(link.url_name))
        for link in links
        if words.casefold() in str(link.label).casefold()
    ]

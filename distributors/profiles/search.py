"""What this app finds: distributors, territories, people, pages."""

from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Territory, User
from core.contributors import Hit, links_for
from distributors.profiles.models import Distributor

ROWS = 10


def _words(words: str, *fields: str) -> Q:
    match = Q()
    for word in words.split()[:6]:
        one = Q()
        for field in fields:
            one |= Q(**{f"{field}__icontains": word})
        match &= one
    return match


def distributors_found(user: Any, words: str) -> list[Hit]:
    """Return the distributors that hold every word in code, names or city; those that begin so first."""
    found = (
        Distributor.objects.visible_to(user)
        .with_standing()
        .named()
        .filter(_words(words, "code", "legal_name", "short_name", "other_name", "city"))
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


def people_found(user: Any, words: str) -> list[Hit]:
    """Return the people, for who may open them."""
    found = User.objects.visible_to(user).filter(_words(words, "name", "email", "code")).order_by("name", "pk")[:5]
    return [Hit(_("person"), one.name, one.get_role_display(), one.get_absolute_url()) for one in found]


def pages_found(user: Any, words: str) -> list[Hit]:
    """Return the entries of the navigation whose name holds the words."""
    links = [*links_for(user, "main"), *links_for(user, "setup")]
    return [
        Hit(_("page"), str(link.label), "", reverse(link.url_name))
        for link in links
        if words.casefold() in str(link.label).casefold()
    ]

"""Reads over people and territories."""

import zoneinfo
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext as _
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import STEP, Territory, User
from accounts.roles import Role
from core.errors import DomainError
from core.scope import in_range, in_subtree

MAX_DEPTH = 14
DEMO_PASSWORD = "qudao-demo-2026"  # noqa: S105  public on purpose: it works only where DEBUG is on


def demo_logins() -> list[dict[str, str]]:
    """Return one demo person of each role, with the demo's password; nothing outside a demo."""
    found: dict[str, dict[str, str]] = {}
    for user in User.objects.filter(is_demo=True, is_active=True).exclude(role="api_client").order_by("pk"):
        found.setdefault(
            user.role,
            {"role": user.get_role_display(), "name": user.name, "email": user.email, "password": DEMO_PASSWORD},
        )
    return list(found.values())


def second_factor_of(user: User) -> TOTPDevice | None:
    """Return the app that gives the codes for the second step of the log-in, None where the password is enough."""
    return TOTPDevice.objects.filter(user=user, confirmed=True).first()


@cache
def time_zones() -> list[str]:
    """Return the names of places' time zones, for a field to propose."""
    return sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))


def subtree_of(queryset: QuerySet, column: str, code: str) -> QuerySet:
    """Return the rows of `queryset` whose territory path in `column` is in the subtree of the territory `code`.

    An unknown code gives no rows, as does one whose rows are all out of reach: the answer tells nothing of the tree.
    """
    path = Territory.objects.filter(code=code).values_list("path", flat=True).first()
    return queryset.none() if path is None else queryset.filter(in_subtree(column, path))


def next_path(parent: Territory | None) -> str:
    """Return the path of a new child of `parent`; call it under the territory lock."""
    if parent and parent.depth + 1 >= MAX_DEPTH:
        raise DomainError(_("The tree is at most %(depth)s levels deep.") % {"depth": MAX_DEPTH})
    prefix = parent.path if parent else ""
    last = Territory.objects.filter(parent=parent).aggregate(last=Max("path"))["last"]
    number = int(last[-STEP:]) + 1 if last else 1
    if number >= 10**STEP - 1:
        raise DomainError(_("“%(name)s” has no room for another territory.") % {"name": parent or ""})
    return f"{prefix}{number:0{STEP}d}"


PEOPLE = tuple(role for role in Role if role != Role.API_CLIENT)
EVERYWHERE = (Role.ADMIN, Role.FINANCE, Role.ANALYST)


def team_within(ranges: Iterable[tuple[str, str]]) -> QuerySet[User]:
    """Return the active people led from territories: reps inside of them, and whoever else stands strictly below."""
    placed = Q(pk__in=[])
    for paths in ranges:
        led = Q(user__role=Role.REP) | (Q(user__role__in=PEOPLE) & Q(territory__path__gt=paths[0]))
        placed |= in_range("territory__path", paths) & led
    through = User.territories.through.objects.filter(placed)
    led_by: QuerySet[User] = User.objects.filter(is_active=True, pk__in=through.values("user_id"))
    return led_by


def team_of(user: Any, permission: str = "accounts.change_absence") -> QuerySet[User]:
    """Return the people whom `user` leads, without themselves: by `permission`, everybody for an administrator."""
    reach = user.reach(permission)
    people: QuerySet[User] = User.objects.filter(is_active=True, role__in=PEOPLE)
    if reach is None:
        return people.none()
    if not reach.everything:
        people = team_within(reach.ranges)
    return people.exclude(pk=user.pk).order_by("name", "pk")


def colleagues_of(user: Any) -> QuerySet[User]:
    """Return the active people beside, above and below `user`, and those who answer for everything; not themselves."""
    people: QuerySet[User] = User.objects.filter(is_active=True, role__in=PEOPLE).exclude(pk=user.pk)
    reach = user.reach("profiles.view_distributor")
    if reach is None or not reach.everything:
        placed = Q(pk__in=[])
        for paths in reach.ranges if reach is not None else ():
            above = [paths[0][:end] for end in range(STEP, len(paths[0]), STEP)]
            placed |= in_range("territory__path", paths) | Q(territory__path__in=above)
        through = User.territories.through.objects.filter(placed)
        people = people.filter(Q(everywhere=True) | Q(role__in=EVERYWHERE) | Q(pk__in=through.values("user_id")))
    return people.order_by("name", "pk")

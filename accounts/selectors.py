"""Reads over people and territories."""

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from accounts.models import STEP, Territory, User
from core.errors import DomainError
from core.scope import path_range

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


def subtree_of(queryset: QuerySet, column: str, code: str) -> QuerySet:
    """Return the rows of `queryset` whose territory path in `column` is in the subtree of the territory `code`.

    An unknown code gives no rows, as does one whose rows are all out of reach: the answer tells nothing of the tree.
    """
    path = Territory.objects.filter(code=code).values_list("path", flat=True).first()
    if path is None:
        return queryset.none()
    low, high = path_range(path)
    return queryset.filter(**{f"{column}__gte": low, f"{column}__lt": high})


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

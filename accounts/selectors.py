"""Reads over people."""

from accounts.models import User

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

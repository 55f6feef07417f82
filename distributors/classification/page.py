"""The frame of the classification page: its tabs, and the policy it is about."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from distributors.classification.models import Policy


def tabs(request: Any, active: str, policy: Policy | None = None) -> list[dict[str, Any]]:
    """Return the tabs; each keeps the policy that was chosen."""
    query = f"?policy={policy.pk}" if policy and request.GET.get("policy") else ""
    named = [
        ("overview", _("Overview"), "classification:overview", query),
        ("list", _("List"), "classification:classification-list", ""),
        ("resources", _("532 and resources"), "classification:resources", query),
        ("movements", _("Movements"), "classification:movements", query),
        ("policy", _("Policy"), "classification:policy", query),
    ]
    return [
        {"label": label, "url": reverse(url_name) + more, "active": name == active}
        for name, label, url_name, more in named
    ]


def chosen_policy(request: Any) -> Policy | None:
    """Return the policy named in the URL, by default the first; None while there is none, 404 for an unknown one."""
    policies = Policy.objects.visible_to(request.user)
    wanted = request.GET.get("policy", "")
    if not wanted:
        return policies.first()
    number = wanted.isascii() and wanted.isdigit() and len(wanted) < 19
    return get_object_or_404(policies, pk=wanted if number else 0)


def page(request: Any, template: str, active: str, policy: Policy | None, **context: Any) -> TemplateResponse:
    """Answer a tab of the classification page."""
    policies = list(Policy.objects.visible_to(request.user))
    frame = {
        "title": _("Classification"),
        "tabs": tabs(request, active, policy),
        "policy": policy,
        "policies": policies if len(policies) > 1 else [],
        "may_run": request.user.has_perm("classification.run_policy"),
    }
    status = context.pop("status", 200)
    return TemplateResponse(request, f"classification/{template}.html", {**frame, **context}, status=status)

"""Pages of API tokens that differ from the generic ones: the secret is shown once, and a token ends by revoking it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import ApiToken
from accounts.tokens import token_create, token_revoke
from core.scope import require_permission
from core.sections import DetailView, FormView


class ApiTokenAdd(FormView):
    """Makes a token and shows its text, this once."""

    def post(self, request: Any, **_kwargs: Any) -> HttpResponse:
        """Make the token, or show what stands against it."""
        form = self.section.form(request.POST, instance=self.instance(), user=request.user)
        if not form.is_valid():
            return self.show(form, 422)
        given = {name: form.cleaned_data[name] for name in ("user", "name", "scopes", "days")}
        token, text = token_create(actor=request.user, **given)
        response = self.render("created", token=token, text=text, title=str(token))
        response["Cache-Control"] = "no-store"
        return response


class ApiTokenDetail(DetailView):
    """One token, with the way to revoke it while it is good."""

    def may(self, action: str) -> bool:
        """Refuse: a token is never edited."""
        return False

    def render(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """Add the action."""
        actions = []
        if context["object"].revoked_at is None and self.request.user.has_perm("accounts.change_apitoken"):
            url = reverse("accounts:apitoken-revoke", args=[context["object"].pk])
            actions.append({"url": url, "label": _("Revoke")})
        return super().render(template, status, **context, actions=actions)


@never_cache
@require_http_methods(["GET", "POST"])
def apitoken_revoke(request: Any, pk: int) -> HttpResponse:
    """Ask once more, then revoke."""
    require_permission(request.user, "accounts.change_apitoken")
    token = get_object_or_404(ApiToken.objects.visible_to(request.user, "change"), pk=pk)
    if request.method == "GET":
        context = {"title": _("Revoke %(name)s") % {"name": token}, "object": token}
        return TemplateResponse(request, "accounts/apitoken_revoke.html", context)
    token_revoke(actor=request.user, token=token)
    messages.success(request, _("The token is revoked."))
    return redirect("accounts:apitoken-detail", pk)

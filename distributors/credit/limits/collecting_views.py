"""Securities, promised payments, disputes and reminders: their forms and presses."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock
from core.company import company
from core.errors import DomainError, StaleVersion
from core.files import blob_path
from core.money import amount_text, from_units
from core.scope import require_permission
from core.sections import DetailView
from distributors.credit.limits.collecting_models import Dispute, Promise
from distributors.credit.limits.dunning import stage_of
from distributors.credit.limits.forms import DisputeForm, OutcomeForm, PromiseForm, ReminderForm, SecurityForm
from distributors.credit.limits.models import Security
from distributors.credit.limits.pages import account_for, done, form_page, tab_url
from distributors.credit.limits.promises import (
    dispute_raise,
    dispute_settle,
    promise_add,
    promise_withdraw,
    reminder_add,
)
from distributors.credit.limits.rates import currency_default
from distributors.credit.limits.recommending import counts_of, worth_of
from distributors.credit.limits.rules import policy_now
from distributors.credit.limits.securities import security_file, security_release, security_save
from distributors.profiles.contracts.documents import LARGEST


@require_http_methods(["GET", "POST"])
def security_add(request: Any, pk: int) -> HttpResponse:
    """Enter a security of a distributor."""
    distributor = account_for(request, pk, "credit.add_security")
    instance = Security(distributor=distributor, currency=currency_default(distributor), starts_on=clock.today())
    title = _("New security of %(name)s") % {"name": distributor}
    return _security_page(request, instance, title, tab_url(pk, "securities"))


@require_http_methods(["GET", "POST"])
def security_edit(request: Any, pk: int) -> HttpResponse:
    """Change a security."""
    found = _security(request, pk, "change")
    return _security_page(request, found, _("Change the security %(name)s") % {"name": found}, found.get_absolute_url())


def _security(request: Any, pk: int, action: str) -> Security:
    require_permission(request.user, f"credit.{action}_security")
    rows = Security.objects.visible_to(request.user, action).select_related("distributor", "blob")
    found: Security = get_object_or_404(rows, pk=pk)
    return found


def _security_page(request: Any, instance: Security, title: str, back: str) -> HttpResponse:
    form = SecurityForm(request.POST or None, instance=instance, user=request.user)
    page = {"title": title, "cancel_url": back}

    def act(data: dict[str, Any]) -> HttpResponse:
        try:
            saved = security_save(actor=request.user, instance=instance, **data)
        except StaleVersion:
            current = Security.objects.get(pk=instance.pk)
            conflict = {
                "rows": form.differences(current),
                "when": current.updated_at,
                "who": current.updated_by,
                "theirs_version": current.version,
            }
            form.data = {**request.POST.dict(), "version": str(current.version)}
            context = {"form": form, "conflict": conflict, **page}
            return TemplateResponse(request, "core/form.html", context, status=409)
        return done(request, _("The security is saved."), saved.get_absolute_url())

    return form_page(request, form, act, **page)


class SecurityDetail(DetailView):
    """A security with what counts of it, its file, and the presses of who keeps the register."""

    def get(self, request: Any, pk: int) -> Any:
        """Add what counts and the presses."""
        response = super().get(request, pk)
        found: Security = response.context_data["object"]
        keeps = request.user.reach("credit.change_security") is not None
        response.context_data |= {
            "chips": [self._chip(found)],
            "keeps": keeps and found.released_on is None,
            "files_hint": _("PDF, JPEG, PNG or DOCX, at most %(size)s MiB.") % {"size": LARGEST >> 20},
        }
        return response

    @staticmethod
    def _chip(found: Security) -> dict[str, str]:
        if found.released_on is not None:
            return {"text": _("given back"), "tone": ""}
        holds = found.holds_on(clock.today())
        return {"text": _("in force") if holds else _("not in force"), "tone": "g" if holds else "b"}


def security_groups(found: Security) -> list[tuple[str, Any]]:
    """Return a security as facts: pairs of label and text."""
    policy, currency = policy_now(), company().base_currency
    return [
        (_("reference"), found.reference),
        (_("kind"), found.get_kind_display()),
        (_("amount"), f"{amount_text(found.amount, 2)} {found.currency}"),
        (_("in base currency"), f"{amount_text(found.base_amount, 2)} {currency}"),
        (_("counts"), f"{counts_of(found, policy)} %"),
        (_("worth after the haircut"), f"{amount_text(from_units(worth_of(found, policy)), 2)} {currency}"),
        (_("holder"), found.holder),
    ]


@require_POST
def security_back(request: Any, pk: int) -> HttpResponse:
    """Note that a security was given back."""
    found = _security(request, pk, "change")
    try:
        security_release(actor=request.user, instance=found)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(found)


@require_POST
def security_upload(request: Any, pk: int) -> HttpResponse:
    """Keep the file of a security."""
    found = _security(request, pk, "change")
    given = request.FILES.get("file")
    try:
        if given is None:
            raise DomainError(_("Choose a file."))
        security_file(actor=request.user, instance=found, source=given.file, name=given.name)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(found)
    return done(request, _("“%(name)s” is kept.") % {"name": given.name}, found.get_absolute_url())


@require_GET
def security_fetch(request: Any, pk: int) -> FileResponse:
    """Answer the file of a security as an attachment, to whoever sees it."""
    found = _security(request, pk, "view")
    path = blob_path(found.blob) if found.blob else None
    if path is None or not path.is_file():
        raise Http404
    answer = FileResponse(
        path.open("rb"), as_attachment=True, filename=found.file_name, content_type=found.content_type
    )
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


@require_http_methods(["GET", "POST"])
def promise(request: Any, pk: int) -> HttpResponse:
    """Note a promised payment."""
    distributor = account_for(request, pk, "credit.add_promise")
    form = PromiseForm(request.POST or None, initial={"currency": currency_default(distributor)})

    def act(data: dict[str, Any]) -> HttpResponse:
        promise_add(actor=request.user, distributor=distributor, **data)
        return done(request, _("The promise is noted."), tab_url(pk, "promises"))

    return form_page(
        request,
        form,
        act,
        title=_("Promised payment of %(name)s") % {"name": distributor},
        cancel_url=tab_url(pk, "promises"),
        narrow=True,
    )


@require_POST
def promise_back(request: Any, pk: int) -> HttpResponse:
    """Take back a promise that was noted wrongly."""
    require_permission(request.user, "credit.add_promise")
    rows = Promise.objects.visible_to(request.user, "add").select_related("distributor")
    found = get_object_or_404(rows, pk=pk)
    try:
        promise_withdraw(actor=request.user, promise=found)
    except DomainError as error:
        messages.error(request, str(error))
    return redirect(tab_url(found.distributor_id, "promises"))


@require_http_methods(["GET", "POST"])
def dispute(request: Any, pk: int) -> HttpResponse:
    """Note that an invoice is contested."""
    distributor = account_for(request, pk, "credit.add_dispute")

    def act(data: dict[str, Any]) -> HttpResponse:
        dispute_raise(actor=request.user, distributor=distributor, **data)
        return done(request, _("The dispute is noted; the invoice holds no account."), tab_url(pk, "disputes"))

    return form_page(
        request,
        DisputeForm(request.POST or None, distributor=distributor),
        act,
        title=_("Disputed invoice of %(name)s") % {"name": distributor},
        cancel_url=tab_url(pk, "disputes"),
        narrow=True,
    )


@require_http_methods(["GET", "POST"])
def dispute_end(request: Any, pk: int) -> HttpResponse:
    """Settle a dispute."""
    require_permission(request.user, "credit.change_dispute")
    rows = Dispute.objects.visible_to(request.user, "change").select_related("distributor")
    found = get_object_or_404(rows, pk=pk)
    back = tab_url(found.distributor_id, "disputes")

    def act(data: dict[str, Any]) -> HttpResponse:
        dispute_settle(actor=request.user, dispute=found, **data)
        return done(request, _("The dispute is settled."), back)

    return form_page(
        request,
        OutcomeForm(request.POST or None),
        act,
        title=_("Settle the dispute about %(number)s") % {"number": found},
        intro=found.reason,
        cancel_url=back,
        narrow=True,
    )


@require_http_methods(["GET", "POST"])
def reminder(request: Any, pk: int) -> HttpResponse:
    """Note that a reminder was sent; the stage of today stands there."""
    distributor = account_for(request, pk, "credit.add_reminder")
    oldest = distributor.standing.oldest_overdue_on
    stage = stage_of((clock.today() - oldest).days) if oldest else None

    def act(data: dict[str, Any]) -> HttpResponse:
        reminder_add(actor=request.user, distributor=distributor, **data)
        return done(request, _("The reminder is noted."), tab_url(pk, "reminders"))

    return form_page(
        request,
        ReminderForm(request.POST or None, initial={"stage": stage.number if stage else 1}),
        act,
        title=_("Reminder to %(name)s") % {"name": distributor},
        cancel_url=tab_url(pk, "reminders"),
        narrow=True,
    )

"""Evidence and accounts of a distributor: entered, looked up, withdrawn, their files fetched."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError, StaleVersion
from core.files import blob_path
from distributors.credit.cards.forms import AccountsForm, EvidenceForm
from distributors.credit.cards.items import ENTERED, Item
from distributors.credit.cards.models import Accounts, Evidence
from distributors.credit.cards.page import changeable_for, may, require, tab_url
from distributors.credit.cards.selectors import accounts_of, evidence_of
from distributors.credit.cards.services import accounts_save, accounts_withdraw, evidence_add, evidence_withdraw
from distributors.profiles.models import Distributor
from distributors.profiles.page import distributor_for


@require_http_methods(["GET", "POST"])
def add(request: Any, pk: int, item: str) -> HttpResponse:
    """Enter the score of a sub-criterion with what it rests on."""
    found = changeable_for(request, pk, "add_evidence")
    if item not in ENTERED:
        raise Http404
    form = EvidenceForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = {name: value for name, value in form.cleaned_data.items() if name != "file"}
        try:
            evidence_add(actor=request.user, distributor=found, item=item, upload=form.upload, **data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("The evidence is kept, and the card is scored again."))
            return redirect(tab_url(pk))
    title = _("%(item)s: %(name)s") % {"item": str(Item(item).label).capitalize(), "name": found}
    return _form(request, title, form, tab_url(pk))


def _form(request: Any, title: str, form: Any, cancel_url: str, status: int = 200) -> HttpResponse:
    context = {"title": title, "form": form, "cancel_url": cancel_url}
    return TemplateResponse(request, "core/form.html", context, status=422 if form.errors and status == 200 else status)


@require_GET
def listed(request: Any, pk: int) -> HttpResponse:
    """Show everything that was entered of a distributor, withdrawn entries too."""
    require(request.user, "view_evidence")
    found = distributor_for(request, pk)
    context = {
        "title": _("Evidence of the credit card of %(name)s") % {"name": found},
        "distributor": found,
        "evidence": evidence_of(request.user, found),
        "accounts": accounts_of(request.user, found),
        "may_evidence": may(request.user, found, "add_evidence"),
        "may_accounts": may(request.user, found, "add_accounts"),
        "back_url": tab_url(pk),
    }
    return TemplateResponse(request, "credit/evidence.html", context)


@require_http_methods(["GET", "POST"])
def withdraw(request: Any, pk: int) -> HttpResponse:
    """Withdraw evidence that was wrong, once it was said what that means."""
    require(request.user, "add_evidence")
    rows = Evidence.objects.visible_to(request.user, "add").select_related("distributor")
    found = get_object_or_404(rows, pk=pk, withdrawn_at=None)
    if request.method == "POST":
        evidence_withdraw(actor=request.user, evidence=found)
        return _withdrawn(request, found.distributor_id)
    title = _("Withdraw “%(evidence)s”?") % {"evidence": found}
    return _confirm(request, title, found.distributor)


def _withdrawn(request: Any, pk: int) -> HttpResponse:
    messages.success(request, _("It is withdrawn, and the card is scored again."))
    return redirect(tab_url(pk))


def _confirm(request: Any, title: str, distributor: Distributor) -> HttpResponse:
    context = {
        "title": title,
        "text": _("It does not count any more from now on. It stays in the history: month-ends before rested on it."),
        "submit_label": _("Withdraw"),
        "cancel_url": tab_url(distributor.pk),
    }
    return TemplateResponse(request, "core/confirm.html", context)


@require_GET
def file_fetch(request: Any, pk: int) -> FileResponse:
    """Answer the document of evidence as an attachment, to whoever sees the evidence."""
    require(request.user, "view_evidence")
    return _file(Evidence.objects.visible_to(request.user), pk)


@require_GET
def accounts_file(request: Any, pk: int) -> FileResponse:
    """Answer the document of accounts as an attachment, to whoever sees the accounts."""
    require(request.user, "view_accounts")
    return _file(Accounts.objects.visible_to(request.user), pk)


def _file(rows: Any, pk: int) -> FileResponse:
    found = get_object_or_404(rows.exclude(blob=None).select_related("blob"), pk=pk)
    path = blob_path(found.blob)
    if not path.is_file():
        raise Http404
    name, kind = found.document, found.content_type
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type=kind)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_http_methods(["GET", "POST"])
def accounts_add(request: Any, pk: int) -> HttpResponse:
    """Enter the accounts of a further year."""
    found = changeable_for(request, pk, "add_accounts")
    return _accounts(request, found, None)


@require_http_methods(["GET", "POST"])
def accounts_edit(request: Any, pk: int) -> HttpResponse:
    """Correct the accounts of a year: a new entry that counts in place of the one before."""
    require(request.user, "add_accounts")
    rows = Accounts.objects.visible_to(request.user, "add").select_related("distributor")
    row = get_object_or_404(rows, pk=pk, withdrawn_at=None)
    return _accounts(request, row.distributor, row)


def _accounts(request: Any, found: Distributor, current: Accounts | None) -> HttpResponse:
    form = AccountsForm(request.POST or None, request.FILES or None, current=current, currency=found.currency)
    title = _("Accounts of %(name)s") % {"name": found}
    if request.method == "GET" or not form.is_valid():
        return _form(request, title, form, tab_url(found.pk))
    data = {name: form.cleaned_data[name] for name in ("year", "currency", "reviewed_on", "note", "opened")}
    try:
        accounts_save(actor=request.user, distributor=found, figures=form.figures, upload=form.upload, **data)
    except StaleVersion:
        there = _now(found, data["year"])
        form.data = {**request.POST.dict(), "opened": str(there.pk if there else 0)}
        form.add_error(None, _("There are accounts of this year already. Save again to replace them with yours."))
        return _form(request, title, form, tab_url(found.pk), 409)
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _form(request, title, form, tab_url(found.pk))
    messages.success(request, _("The accounts are kept, and the card is scored again."))
    return redirect(tab_url(found.pk, "accounts"))


def _now(distributor: Distributor, year: int) -> Accounts | None:
    found: Accounts | None = Accounts.objects.filter(distributor=distributor, year=year, withdrawn_at=None).first()
    return found


@require_http_methods(["GET", "POST"])
def accounts_remove(request: Any, pk: int) -> HttpResponse:
    """Withdraw the accounts of a year, once it was said what that means."""
    require(request.user, "add_accounts")
    rows = Accounts.objects.visible_to(request.user, "add").select_related("distributor")
    found = get_object_or_404(rows, pk=pk, withdrawn_at=None)
    if request.method == "POST":
        accounts_withdraw(actor=request.user, accounts=found)
        return _withdrawn(request, found.distributor_id)
    return _confirm(request, _("Withdraw the accounts of %(year)s?") % {"year": found.year}, found.distributor)

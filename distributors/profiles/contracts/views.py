"""A contract's page and form, the presses that move it on, and the tab on a distributor's page."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import audit, clock
from core.errors import DomainError
from core.models import AuditEvent
from core.money import amount_text
from core.periods import month_of, month_shift
from core.sections import DetailView, FormView
from distributors.profiles.contracts.documents import LARGEST, documents_of
from distributors.profiles.contracts.forms import SignForm, TerminateForm, WithdrawForm, with_more_rows
from distributors.profiles.contracts.models import MONTHS, SIGNED, Contract, ContractState
from distributors.profiles.contracts.selectors import TONES, contracts_of
from distributors.profiles.contracts.services import (
    contract_renew,
    contract_sign,
    contract_terminate,
    contract_withdraw,
)
from distributors.profiles.models import Distributor
from distributors.profiles.page import distributor_for, tab_response

HISTORY = 50
CENT_PLACES = 2
# Name in the address -> form, right and the state it begins from.
MOVES: dict[str, tuple[Any, str, str]] = {
    "sign": (SignForm, "sign", ContractState.DRAFT),
    "withdraw": (WithdrawForm, "change", ContractState.DRAFT),
    "terminate": (TerminateForm, "sign", ContractState.IN_FORCE),
}


def may(user: Any, action: str, contract: Contract) -> bool:
    """Tell whether the user may do `action` on the contract."""
    return bool(Contract.objects.visible_to(user, action).filter(pk=contract.pk).exists())


class ContractDetail(DetailView):
    """A contract with its coverage, months, versions and files, what can be done about it and what happened to it."""

    def get(self, request: Any, pk: int) -> Any:
        """Add what belongs to the contract, and the presses."""
        response = super().get(request, pk)
        contract, user = response.context_data["object"], request.user
        draft = contract.state == ContractState.DRAFT
        editable = response.context_data["edit_url"] is not None
        versions = list(Contract.objects.visible_to(user).filter(number=contract.number).order_by("-edition"))
        trail = AuditEvent.objects.filter(target_type=Contract._meta.label, target_id=str(pk)).select_related("actor")
        response.context_data |= {
            "subtitle": str(contract.distributor),
            "chips": [{"text": str(contract.get_state_display()), "tone": TONES.get(contract.state, "")}],
            "edit_url": response.context_data["edit_url"] if draft else None,
            "coverage": list(contract.coverage.select_related("territory")),
            "months": _months(contract),
            "versions": versions if len(versions) > 1 else [],
            "files": documents_of(contract),
            "files_change": editable,
            "files_hint": _("PDF, JPEG, PNG or DOCX, at most %(size)s MiB.") % {"size": LARGEST >> 20},
            "presses": _presses(user, contract, editable),
            "renews": _renews(user, contract, versions),
            "trail": [
                {"at": row.at, "who": row.actor, "what": audit.words_of(row.verb), "note": row.note}
                for row in trail.order_by("-at", "-pk")[:HISTORY]
            ],
        }
        return response


def _months(contract: Contract) -> list[dict[str, Any]]:
    first = month_of(contract.valid_from)
    return [
        {"month": month_shift(first, one.place - 1), "text": amount_text(one.value, CENT_PLACES)}
        for one in contract.months.filter(place__lte=MONTHS)
    ]


def _presses(user: Any, contract: Contract, editable: bool) -> list[dict[str, Any]]:
    words = {"sign": _("Sign"), "withdraw": _("Withdraw"), "terminate": _("Terminate")}
    signs = editable and may(user, "sign", contract)
    return [
        {
            "label": words[name],
            "url": reverse("profiles:contract-move", args=[contract.pk, name]),
            "primary": name == "sign",
        }
        for name, (_form, right, state) in MOVES.items()
        if contract.state == state and (signs if right == "sign" else editable)
    ]


def _renews(user: Any, contract: Contract, versions: list[Contract]) -> bool:
    """Tell whether a next version may be made of this one: the last that is signed, without a draft behind it."""
    signed = [one for one in versions if one.state in SIGNED]
    last = bool(signed) and signed[0].pk == contract.pk
    return last and not any(one.state == ContractState.DRAFT for one in versions) and may(user, "add", contract)


class ContractForm(FormView):
    """The form of a draft; a link from a distributor's page brings its code along."""

    def instance(self) -> Any:
        """Return the draft, or a new one of the distributor whose code the link names; a signed one is not edited."""
        found = super().instance()
        code = self.request.GET.get("distributor", "").replace("\x00", "")
        if found.pk is None and code and self.request.method == "GET":
            user: Any = self.request.user
            found.distributor = Distributor.objects.visible_to(user).filter(code=code).first()
        return found

    def get(self, request: Any, **kwargs: Any) -> Any:
        """Lead back to the contract where it is signed."""
        found = self.instance()
        if found.pk is not None and found.state != ContractState.DRAFT:
            messages.info(request, _("What is signed does not change; make a new version of the contract."))
            return redirect(found)
        return super().get(request, **kwargs)

    def post(self, request: Any, **kwargs: Any) -> Any:
        """Show the form with more rows where that was pressed, without a script; save it otherwise."""
        if "more" not in request.POST:
            return super().post(request, **kwargs)
        data = with_more_rows(request.POST)
        form = self.section.form(data, instance=self.instance(), user=request.user)
        # What was typed stays as it is; it is looked at when it is saved.
        form._errors = {}
        for row in form.rows:
            row._errors = {}
        return self.show(form)


@require_http_methods(["GET", "POST"])
def contract_move(request: Any, pk: int, name: str) -> HttpResponse:
    """Sign, withdraw or terminate a contract."""
    if name not in MOVES:
        raise Http404
    form_class, right, state = MOVES[name]
    if request.user.reach(f"profiles.{right}_contract") is None:
        raise PermissionDenied
    rows = Contract.objects.visible_to(request.user, right).select_related("distributor")
    contract = get_object_or_404(rows, pk=pk)
    if request.method == "GET":
        if contract.state != state:
            return redirect(contract)
        return _move_page(request, contract, name, form_class(initial={"signed_on": clock.today()}))
    form = form_class(request.POST)
    if not form.is_valid():
        return _move_page(request, contract, name, form, 422)
    try:
        _move(request, contract, name, form.cleaned_data)
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _move_page(request, Contract.objects.get(pk=pk), name, form, 409)
    return redirect(contract)


def _move(request: Any, contract: Contract, name: str, data: dict[str, Any]) -> None:
    if name == "sign":
        contract_sign(actor=request.user, contract=contract, **data)
        messages.success(request, _("%(contract)s is in force.") % {"contract": contract})
    elif name == "terminate":
        contract_terminate(actor=request.user, contract=contract, **data)
    else:
        contract_withdraw(actor=request.user, contract=contract, **data)


def _move_page(request: Any, contract: Contract, name: str, form: Any, status: int = 200) -> HttpResponse:
    words = {"sign": _("Sign"), "withdraw": _("Withdraw"), "terminate": _("Terminate")}
    intros = {
        "sign": _(
            "From then on it does not change any more. A version before it ends the day before this one begins, and "
            "the months of the yearly target become targets of the distributor."
        ),
        "withdraw": _("The draft stays in the list as withdrawn, and its number stays taken."),
        "terminate": _("Its coverage and its exclusivity end with the last day."),
    }
    context = {
        "form": form,
        "title": _("%(move)s: %(name)s") % {"move": words[name], "name": contract},
        "intro": intros[name],
        "submit_label": words[name],
        "cancel_url": contract.get_absolute_url(),
    }
    return TemplateResponse(request, "core/form.html", context, status=status)


@require_POST
def contract_next(request: Any, pk: int) -> HttpResponse:
    """Make the draft of the next version, and open it."""
    if request.user.reach("profiles.add_contract") is None:
        raise PermissionDenied
    contract = get_object_or_404(Contract.objects.visible_to(request.user, "add"), pk=pk)
    made = contract_renew(actor=request.user, contract=contract)
    begins = date_format(made.valid_from, "DATE_FORMAT")
    messages.success(
        request,
        _("This is the draft of version %(version)s, from %(day)s on.") % {"version": made.edition, "day": begins},
    )
    return redirect("profiles:contract-edit", made.pk)


@require_GET
def distributor_tab(request: Any, pk: int) -> HttpResponse:
    """Show the contracts of a distributor."""
    if request.user.reach("profiles.view_contract") is None:
        raise PermissionDenied
    distributor = distributor_for(request, pk)
    adds = request.user.reach("profiles.add_contract") is not None and distributor.merged_into_id is None
    context = {
        "contracts": contracts_of(pk, request.user),
        "add_url": f"{reverse('profiles:contract-add')}?distributor={distributor.code}" if adds else "",
    }
    return tab_response(request, distributor, "contracts", "profiles/contracts/_tab.html", context)

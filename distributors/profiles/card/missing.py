"""What a card lacks: why each field matters, and where it is filled in."""

from typing import Any

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from distributors.profiles.card.calculations import FIELDS, completeness
from distributors.profiles.card.presence import present_in
from distributors.profiles.models import Distributor

FEW = 5
GROUP_NAMES: dict[str, Any] = {
    "identity": _("Identity"),
    "places": _("Places"),
    "organisation": _("Organisation"),
    "business": _("Business"),
    "cooperation": _("Cooperation"),
    "files": _("Files"),
}
# Field -> (what it is called, why it matters, where it is filled in: the form, and the field in it).
WORDS: dict[str, tuple[Any, Any, str, str]] = {
    "short_name": (_("short name"), _("Lists and messages are read faster with it."), "card", "short_name"),
    "registration_number": (
        _("registration number"),
        _("With it the company is found in the register, and two cards of one company are seen."),
        "card",
        "registration_number",
    ),
    "tax_number": (_("tax number"), _("Without it no invoice can be written."), "card", "tax_number"),
    "legal_representative": (
        _("legal representative"),
        _("Who may sign a contract for the company."),
        "card",
        "legal_representative",
    ),
    "founded_on": (_("founded on"), _("How long it has held out is part of its credit."), "card", "founded_on"),
    "registered_capital": (
        _("registered capital"),
        _("What its owners answer for; the credit score asks for it."),
        "card",
        "registered_capital",
    ),
    "phone": (_("phone"), _("Somebody must be reached when a delivery stands at the gate."), "card", "phone"),
    "language": (_("language"), _("Letters go out in it."), "card", "language"),
    "time_zone": (_("time zone"), _("Calls come when somebody is there."), "card", "time_zone"),
    "currency": (_("currency"), _("Amounts of the card are read in it."), "card", "currency"),
    "registered_address": (
        _("registered address"),
        _("Contracts and formal letters go there; the list shows its city."),
        "card",
        "address",
    ),
    "shipping_address": (_("shipping address"), _("Goods must not go to an office."), "place", "address"),
    "outlets": (_("outlets"), _("They show how far its territory is really covered."), "outlets", "name"),
    "warehouse": (_("warehouse area"), _("It limits what it can take before a season."), "figures", "warehouse_m2"),
    "showroom": (_("showroom area"), _("It decides what display support is worth."), "figures", "showroom_m2"),
    "vehicles": (_("vehicles"), _("They tell whether it can deliver to its outlets itself."), "figures", "vehicles"),
    "turnover": (_("own turnover"), _("It shows how much we weigh in its business."), "figures", "turnover"),
    "staff": (_("staff"), _("It shows what the company can carry."), "figures", "staff"),
    "sales_staff": (_("sales staff"), _("They are whom we train, and who sell our goods."), "figures", "sales_staff"),
    "people": (_("people"), _("Knowledge of people must not leave with our rep."), "contact", "name"),
    "decider": (_("who decides"), _("An offer to anyone else waits."), "contact", "decision_role"),
    "house_rules": (
        _("house rules"),
        _("Who covers it next need not learn them anew."),
        "organisation",
        "house_rules",
    ),
    "settlement_procedure": (
        _("settlement procedure"),
        _("Money comes when the right person signs on the right day."),
        "organisation",
        "settlement_procedure",
    ),
    "lines_carried": (
        _("product lines carried"),
        _("A line it does not carry is one it could."),
        "business",
        "lines_carried",
    ),
    "brands": (
        _("brands and shares"),
        _("Who stands beside us on its shelf, and whether we gain or lose against them."),
        "brands",
        "row-0-brand",
    ),
    "wallet": (
        _("selling capacity in our category"),
        _("Without it nobody knows whether our sales are much or little for this distributor."),
        "figures",
        "wallet",
    ),
    "main_customers": (
        _("main customers"),
        _("Who hangs on one buyer falls with that buyer."),
        "business",
        "main_customers",
    ),
    "cooperation_since": (
        _("cooperation since"),
        _("A distributor that never ordered counts as new for three months from then."),
        "card",
        "cooperation_since",
    ),
    "first_contact_on": (
        _("first contact on"),
        _("It shows how long a prospect takes to order."),
        "cooperation",
        "first_contact_on",
    ),
    "opened_by": (_("opened by, on our side"), _("Who opened it knows what was promised."), "cooperation", "opened_by"),
    "opened_with": (
        _("opened by, on their side"),
        _("Who let us in is worth asking again."),
        "cooperation",
        "opened_with",
    ),
    "delivery_windows": (
        _("delivery windows"),
        _("A lorry outside of them waits at our expense."),
        "cooperation",
        "delivery_windows",
    ),
    "settlement_method": (
        _("settlement method"),
        _("It decides how an order is released."),
        "cooperation",
        "settlement_method",
    ),
    "settlement_days": (
        _("settlement, days"),
        _("What is due when follows from it."),
        "cooperation",
        "settlement_days",
    ),
    "invoice_kind": (
        _("kind of invoice"),
        _("A wrong invoice is a reason not to pay."),
        "cooperation",
        "invoice_kind",
    ),
    "settlement_contact": (
        _("settlement contact"),
        _("Whom to call about an overdue invoice."),
        "cooperation",
        "settlement_contact",
    ),
    "contract": (_("contract in force"), _("Targets and exclusivity rest on it."), "contract", "number"),
    "licence": (_("business licence"), _("It proves that the company is what the card says."), "files", "kind"),
    "tax_certificate": (_("tax certificate"), _("Special VAT invoices need it."), "files", "kind"),
    "photo": (_("photograph"), _("Who never was there sees what it is like."), "files", "kind"),
}


def completeness_of(distributor: Distributor, *, editable: bool) -> dict[str, Any]:
    """Return how complete a card is, by groups, and what it lacks, with why and the way to fill it in."""
    found = completeness(present_in(distributor.pk))
    missing = [_entry(name, distributor, editable=editable) for name in found.missing]
    return {
        "percent": found.percent,
        "groups": [
            {"name": GROUP_NAMES[one.name], "reached": one.reached, "possible": one.possible} for one in found.groups
        ],
        "missing": missing[:FEW],
        "more": missing[FEW:],
    }


def _entry(name: str, distributor: Distributor, *, editable: bool) -> dict[str, Any]:
    label, why, form, field = WORDS[name]
    return {
        "label": capfirst(str(label)),
        "why": why,
        "points": FIELDS[name],
        "url": f"{_form_url(form, distributor)}#id_{field}" if editable else "",
    }


def _form_url(form: str, distributor: Distributor) -> str:
    if form == "card":
        return reverse("profiles:distributor-edit", args=[distributor.pk])
    if form == "place":
        return reverse("profiles:place-add", args=[distributor.pk])
    if form in {"contact", "contract"}:
        return f"{reverse(f'profiles:{form}-add')}?distributor={distributor.code}"
    if form in {"organisation", "business", "cooperation"}:
        return reverse("profiles:card-group", args=[distributor.pk, form])
    return reverse("profiles:cardrow-add", args=[distributor.pk, form])

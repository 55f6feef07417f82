"""Orders, invoices, payments, stock, targets and occurrences on their way in: what goes in, and what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.roles import Role
from distributors.ledger.facts import FACTS
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.models import Import
from distributors.ledger.records import Invoice, Occurrence, Order, Payment, StockSnapshot, Target
from tests import factories
from tests.ledger.records import bring, picture, problems, small_world

pytestmark = pytest.mark.django_db

ORDER = "external_id,distributor,day,open_amount,currency\nO1,D1,2025-03-01,100,CNY\n"
INVOICE = "external_id,distributor,day,due_on,amount,currency\nR1,D1,2025-03-01,2025-03-31,100,CNY\n"
PAYMENT = "external_id,distributor,day,amount,currency\nP1,D1,2025-03-10,60,CNY\n"
STOCK = "distributor,product,day,quantity,unit\nD1,P1,2025-03-31,2,box\n"
TARGET = "distributor,day,value\nD1,2025-03-01,1000\n"
OCCURRENCE = "distributor,kind,external_id,day,value\nD1,complaint_received,C1,2025-03-01,1\n"
FILES = {
    "orders": (ORDER, Order),
    "invoices": (INVOICE, Invoice),
    "payments": (PAYMENT, Payment),
    "stock": (STOCK, StockSnapshot),
    "targets": (TARGET, Target),
    "occurrences": (OCCURRENCE, Occurrence),
}
VALUE = {"orders": "open_amount", "invoices": "amount", "payments": "amount", "stock": "quantity"}


def file_of(head, *rows):
    return "\n".join([head, *rows]) + "\n"


def refused(kind, text, **options):
    """Bring in a file that must be refused; return the column and the reason of its problems."""
    before = picture()
    made = bring(text, kind, **options)
    assert made.state == Import.State.REFUSED
    assert picture() == before
    return [(column, str(reason)) for _row, column, _value, reason in problems(made)]


@pytest.mark.parametrize("kind", FILES)
def test_a_file_goes_in_once_and_the_same_file_changes_nothing(kind):
    small_world()
    text, model = FILES[kind]
    made = bring(text, kind)
    assert (made.state, made.rows_new, problems(made)) == (Import.State.PUBLISHED, 1, [])
    assert model.objects.current().count() == 1
    before = picture()
    again = bring(text, kind)
    assert (again.state, again.rows_same, again.rows_new) == (Import.State.PUBLISHED, 1, 0)
    assert picture() == before | {"audit": before["audit"] + 1}


@pytest.mark.parametrize("kind", FILES)
def test_a_changed_row_is_a_new_revision_in_a_new_batch(kind):
    small_world()
    text, model = FILES[kind]
    bring(text, kind)
    changed = {"occurrences": ("C1,2025-03-01,1", "C1,2025-03-01,2"), "stock": (",2,box", ",3,box")}
    old_text, new_text = changed.get(kind, (("100,", "90,") if "100," in text else ("60,", "50,")))
    old_text, new_text = (",1000", ",900") if kind == "targets" else (old_text, new_text)
    made = bring(text.replace(old_text, new_text), kind)
    assert (made.rows_changed, made.rows_new) == (1, 0)
    old, new = model.objects.order_by("revision")
    assert (old.revision, old.batch_id, old.superseded_by_id) == (1, 1, 2)
    assert (new.revision, new.batch_id, new.superseded_by_id) == (2, 2, None)


@pytest.mark.parametrize("kind", FILES)
def test_two_rows_of_one_key_are_refused(kind):
    small_world()
    text, _model = FILES[kind]
    found = refused(kind, text + text.splitlines()[1] + "\n")
    assert [reason for _column, reason in found] == [
        "Row 2 is about the same already: keep one of both, or mend what tells them apart."
    ]


@pytest.mark.parametrize("kind", FILES)
def test_unknown_distributors_are_refused(kind):
    small_world()
    text, _model = FILES[kind]
    found = refused(kind, text.replace("D1", "D9"))
    assert ("distributor", "This distributor is not known: mend the cell, or bring the distributor in first.") in found


@pytest.mark.parametrize("kind", ["orders", "invoices", "payments"])
def test_currencies_without_a_rate_are_refused_and_others_are_converted_half_up(kind):
    small_world()
    text, model = FILES[kind]
    assert refused(kind, text.replace("CNY", "EUR")) == [
        ("currency", "This currency is not known: bring in exchange rates for it first, or mend the cell.")
    ]
    bring(text.replace("CNY", "USD").replace("2025-03-10", "2025-03-02"), kind)
    row = model.objects.get()
    amount = row.open_amount if kind == "orders" else row.amount
    based = row.base_open_amount if kind == "orders" else row.base_amount
    assert based == (amount * Decimal("7.123456789012")).quantize(Decimal("0.0001"))


@pytest.mark.parametrize("kind", ["orders", "invoices", "payments"])
def test_a_correction_keeps_distributor_and_date(kind):
    small_world()
    text, _model = FILES[kind]
    bring(text, kind)
    assert [column for column, _reason in refused(kind, text.replace("D1", "D2"))] == ["distributor"]
    assert [
        column for column, _reason in refused(kind, text.replace("2025-03-01", "2025-03-02").replace("-10,", "-11,"))
    ] == ["day"]


HEAD_I = "external_id,distributor,kind,day,due_on,amount,currency,settles"


def test_what_cannot_be_an_invoice_is_refused():
    small_world()
    bring(INVOICE + "R2,D2,2025-03-01,2025-03-31,10,CNY\n", "invoices")
    assert refused("invoices", file_of(HEAD_I, "X,D1,invoice,2025-03-02,2025-03-01,1,CNY,")) == [
        ("due_on", "It is due before it is issued: mend one of both dates.")
    ]
    assert [c for c, _ in refused("invoices", file_of(HEAD_I, "X,D1,invoice,2025-03-02,2025-03-02,-1,CNY,"))] == [
        "amount"
    ]
    assert refused("invoices", file_of(HEAD_I, "X,D1,invoice,2025-03-02,2025-03-02,1,CNY,R1")) == [
        ("settles", "Only a credit note settles an invoice: leave the cell empty.")
    ]
    assert refused("invoices", file_of(HEAD_I, "X,D1,credit_note,2025-03-02,2025-03-02,1,CNY,R2")) == [
        (
            "settles",
            "The stated invoice belongs to another distributor: mend the number of the invoice or the distributor.",
        )
    ]
    assert refused("invoices", file_of(HEAD_I, "R1,D1,credit_note,2025-03-01,2025-03-31,100,CNY,")) == [
        ("kind", "An invoice stays an invoice and a credit note a credit note: give this one another number.")
    ]
    both = file_of(
        HEAD_I, "X,D1,credit_note,2025-03-02,2025-03-02,1,CNY,", "Y,D1,credit_note,2025-03-02,2025-03-02,1,CNY,X"
    )
    assert refused("invoices", both) == [
        ("settles", "A credit note settles invoices, not credit notes: state an invoice, or nothing.")
    ]


HEAD_P = "external_id,distributor,day,amount,currency,method,due_on,settles,reverses"


@pytest.mark.parametrize(
    ("row", "column", "reason"),
    [
        ("X,D1,2025-03-10,1,CNY,acceptance,,,", "due_on", "A bank acceptance has a due day: fill it in."),
        (
            "X,D1,2025-03-10,1,CNY,cash,2025-04-01,,",
            "due_on",
            "Only a bank acceptance has a due day: leave it empty, or mend the method.",
        ),
        (
            "X,D1,2025-03-10,1,CNY,acceptance,2025-03-01,,",
            "due_on",
            "It is due before it came in: mend one of both dates.",
        ),
        (
            "X,D1,2025-03-10,60,CNY,cash,,,P9",
            "reverses",
            "There is no such payment: mend the number, or bring the payment in first.",
        ),
        ("X,D1,2025-03-10,60,CNY,cash,,R1,P1", "settles", "A reversal settles nothing: leave the invoices empty."),
        (
            "X,D1,2025-03-10,59,CNY,cash,,,P1",
            "reverses",
            "A reversal has distributor, currency and amount of the payment that it reverses: make them the same.",
        ),
        (
            "X,D2,2025-03-10,60,CNY,cash,,,P1",
            "reverses",
            "A reversal has distributor, currency and amount of the payment that it reverses: make them the same.",
        ),
        ("X,D1,2025-03-10,60,CNY,cash,,,P2", "reverses", "This payment is reversed already: take the row out."),
        ("X,D1,2025-03-10,60,CNY,cash,,,Z2", "reverses", "A reversal cannot be reversed; send a new payment instead."),
        (
            "P2,D1,2025-03-10,61,CNY,cash,,,",
            "amount",
            "A payment that is reversed keeps its amount and currency: mend the row to what they were.",
        ),
        (
            "X,D1,2025-03-10,1,CNY,cash,,R2,",
            "settles",
            "The stated invoice belongs to another distributor: mend the number of the invoice or the distributor.",
        ),
        (
            "X,D1,2025-03-10,1,CNY,cash,,C1,",
            "settles",
            "It states a credit note; payments settle invoices: name an invoice.",
        ),
        (
            "X,D1,2025-03-10,3,CNY,cash,,R1=2;R3=1.5,",
            "settles",
            "It states more than its amount: lower what the invoices get.",
        ),
        ("X,D1,2025-03-10,3,CNY,cash,,R1=1;R1=1,", "settles", "It states an invoice twice: name it once."),
        (
            "X,D1,2025-03-10,3,CNY,cash,,R1;R2,",
            "settles",
            "Give one invoice number, or several with amounts, such as R1=100.00;R2=50.",
        ),
        (
            "X,D1,2025-03-10,-3,CNY,cash,,,",
            "amount",
            "A payment is above zero: mend the amount; for money that went back, name the payment that it reverses.",
        ),
    ],
)
def test_what_cannot_be_a_payment_is_refused(row, column, reason):
    small_world()
    note = "C1,D1,credit_note,2025-03-02,2025-03-02,1,CNY,"
    bring(
        file_of(
            HEAD_I, "R1,D1,invoice,2025-03-01,2025-03-31,100,CNY,", "R2,D2,invoice,2025-03-01,2025-03-31,9,CNY,", note
        ),
        "invoices",
    )
    bring(
        file_of(
            HEAD_P,
            *(
                f"{number},D1,2025-03-10,60,CNY,cash,,,{back}"
                for number, back in (("P1", ""), ("P2", ""), ("Z2", "P2"))
            ),
        ),
        "payments",
    )
    assert refused("payments", file_of(HEAD_P, row)) == [(column, reason)]


def test_a_reversal_stands_below_zero_whatever_its_sign_and_may_come_with_its_payment():
    small_world()
    made = bring(file_of(HEAD_P, "P1,D1,2025-03-10,60,CNY,cash,,,", "Z1,D1,2025-03-11,60,CNY,cash,,,P1"), "payments")
    assert problems(made) == []
    assert Payment.objects.get(external_id="Z1").amount == Decimal(-60)
    again = bring(file_of(HEAD_P, "Z1,D1,2025-03-11,-60,CNY,cash,,,P1"), "payments")
    assert (again.state, again.rows_same) == (Import.State.PUBLISHED, 1)


def test_two_reversals_of_one_payment_in_one_file_are_refused():
    small_world()
    bring(PAYMENT, "payments")
    rows = ("Z1,D1,2025-03-11,60,CNY,cash,,,P1", "Z2,D1,2025-03-11,60,CNY,cash,,,P1")
    assert refused("payments", file_of(HEAD_P, *rows)) == [
        ("reverses", "This payment is reversed already: take the row out.")
    ]


def test_stock_is_kept_in_base_units_and_never_below_zero():
    small_world()
    bring(STOCK, "stock")
    assert StockSnapshot.objects.get().base_quantity == Decimal(24)
    assert refused("stock", STOCK.replace(",2,", ",-2,").replace("31", "30")) == [
        ("quantity", "Stock is not below zero: mend the quantity.")
    ]
    assert refused("stock", STOCK.replace("box", "crate")) == [
        (
            "unit",
            "The product has no such unit: add the unit to the product, or leave the cell empty for its base unit.",
        )
    ]


def test_a_target_has_one_owner_of_three_kinds_and_begins_with_a_month():
    world = small_world()
    rep = factories.user(Role.REP, world["territory"], code="S1")
    head = "distributor,person,territory,metric,period,day,value,reason"
    made = bring(
        file_of(
            head,
            "D1,,,net_sales,month,2025-03-01,1,",
            ",S1,,net_sales,quarter,2025-04-01,2,agreed",
            ",,T1,quantity,month,2025-03-01,3,",
        ),
        "targets",
    )
    assert problems(made) == []
    owners = list(Target.objects.order_by("value").values_list("owner_kind", "owner_key"))
    assert owners == [("distributor", world["one"].pk), ("person", rep.pk), ("territory", world["territory"].pk)]
    reason = "Name one of distributor, salesperson and territory: no more and no fewer."
    assert refused("targets", file_of(head, "D1,S1,,net_sales,month,2025-03-01,1,")) == [("distributor", reason)]
    assert refused("targets", file_of(head, ",,,net_sales,month,2025-03-01,1,")) == [("distributor", reason)]
    assert refused("targets", file_of(head, "D1,,,net_sales,month,2025-03-02,1,")) == [
        ("day", "A month or quarter begins on the first of a month: write that day.")
    ]
    assert refused("targets", file_of(head, "D1,,,net_sales,month,2025-03-01,-1,")) == [
        ("value", "A target is not below zero: mend it.")
    ]


def test_targets_are_seen_by_their_person_and_by_whoever_answers_for_the_territory():
    world = small_world()
    elsewhere = factories.territory("Elsewhere", code="T2")
    rep, other = factories.user(Role.REP, world["territory"], code="S1"), factories.user(Role.REP, elsewhere, code="S2")
    manager, inspector = factories.user(Role.MANAGER, world["territory"]), factories.user(Role.ANALYST)
    bring(
        file_of(
            "distributor,person,territory,day,value",
            "D1,,,2025-03-01,1",
            ",S1,,2025-03-01,2",
            ",,T1,2025-03-01,3",
            ",S2,,2025-03-01,4",
            ",,T2,2025-03-01,5",
        ),
        "targets",
    )

    def seen(user):
        return sorted(int(value) for value in Target.objects.visible_to(user).values_list("value", flat=True))

    assert seen(manager) == seen(rep) == [1, 2, 3]
    assert seen(other) == [4, 5]
    assert seen(inspector) == [1, 2, 3, 4, 5]


def test_an_occurrence_does_not_end_before_it_occurs_and_keeps_its_day():
    small_world()
    head = "distributor,kind,external_id,day,ends_on"
    bring(file_of(head, "D1,penalty,X1,2025-03-02,2025-04-01"), "occurrences")
    assert refused("occurrences", file_of(head, "D1,penalty,X2,2025-03-02,2025-03-01")) == [
        ("ends_on", "It ends before it occurs: mend one of both dates.")
    ]
    assert [column for column, _ in refused("occurrences", file_of(head, "D1,penalty,X1,2025-03-03,2025-04-01"))] == [
        "day"
    ]
    assert Occurrence.objects.current().get().day == date(2025, 3, 2)


def test_an_order_has_nothing_below_zero_open():
    small_world()
    assert refused("orders", ORDER.replace("100", "-1")) == [
        ("open_amount", "What is not invoiced is not below zero: mend the amount.")
    ]


@pytest.mark.parametrize("kind", FILES)
def test_finance_brings_facts_in_and_a_manager_does_not(kind):
    world = small_world()
    text, model = FILES[kind]
    with pytest.raises(PermissionDenied):
        bring(text, kind, actor=factories.user(Role.MANAGER, world["territory"]))
    assert not model.objects.exists()
    assert bring(text, kind, actor=factories.user(Role.FINANCE)).state == Import.State.PUBLISHED


def test_every_table_of_facts_has_its_kind_and_its_columns():
    for fact in FACTS:
        columns = {field.column for field in fact.model._meta.fields}
        assert set(fact.fixed) <= columns
        assert {name for name, _type in kind_of(fact.kind).columns if name != "row"} <= columns

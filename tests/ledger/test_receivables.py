"""What is settled, open and overdue once invoices and payments are in, in whatever order they come."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import transaction

from accounts.roles import Role
from distributors.ledger.models import ExchangeRate, Import
from distributors.ledger.rate_services import rate_add, rate_correct
from distributors.ledger.receivables import receivable_standings_refresh
from distributors.ledger.records import Allocation, OpenItem, Payment
from distributors.ledger.verification import verify
from distributors.profiles.merging import distributor_merge
from tests import factories
from tests.ledger.records import bring, problems, small_world

pytestmark = pytest.mark.django_db

HEAD_I = "external_id,distributor,kind,day,due_on,amount,currency,settles,cancelled"
HEAD_P = "external_id,distributor,day,amount,currency,kind,method,due_on,settles,reverses"


def invoices(*rows):
    """Bring in invoices written as "R1 100 2025-03-31", with kind, stated invoice and cancelled where they matter."""
    made = [_invoice(*row.split()) for row in rows]
    return published("\n".join([HEAD_I, *made]) + "\n", "invoices")


def _invoice(number, amount, due="2025-03-31", currency="CNY", kind="invoice", settles="", cancelled="no"):
    settles = "" if settles == "-" else settles
    return f"{number},D1,{kind},2025-03-01,{due},{amount},{currency},{settles},{cancelled}"


def payments(*rows):
    """Bring in payments written as "P1 100 2025-03-10", with what they settle, reverse, and are, where it matters."""
    made = [_payment(*row.split()) for row in rows]
    return published("\n".join([HEAD_P, *made]) + "\n", "payments")


def _payment(number, amount, day="2025-03-10", settles="-", currency="CNY", kind="settlement", reverses=""):
    settles = "" if settles == "-" else settles
    return f"{number},D1,{day},{amount},{currency},{kind},transfer,,{settles},{reverses}"


def published(text, kind):
    made = bring(text, kind)
    assert (made.state, problems(made)) == (Import.State.PUBLISHED, [])
    assert [(one.name, one.examples) for one in verify() if one.wrong] == []
    return made


def settled():
    """Return who settled what: (payment or credit note, invoice, amount, stated)."""
    rows = Allocation.objects.values_list(
        "payment__external_id", "credit_note__external_id", "invoice__external_id", "amount", "stated"
    )
    return sorted(
        (paid or note, invoice, f"{amount.normalize():f}", stated) for paid, note, invoice, amount, stated in rows
    )


def open_items():
    """Return what is open: kind, number, amount."""
    rows = OpenItem.objects.values_list("kind", "invoice__external_id", "payment__external_id", "amount")
    return sorted((kind, invoice or paid, f"{amount.normalize():f}") for kind, invoice, paid, amount in rows)


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-04-15"
    return small_world()


def standing(world):
    found = world["one"].standing
    found.refresh_from_db()
    return found


def test_the_oldest_is_settled_first(world):
    invoices("R2 50 2025-04-30", "R1 100 2025-03-31")
    payments("P1 120")
    assert settled() == [("P1", "R1", "100", False), ("P1", "R2", "20", False)]
    assert open_items() == [("invoice", "R2", "30")]


def test_a_payment_before_its_invoice_waits_and_settles_it_when_it_comes(world):
    payments("P1 100 2025-03-10 R9", "P2 30")
    assert open_items() == [("credit", "P1", "100"), ("credit", "P2", "30")]
    invoices("R1 50")
    assert settled() == [("P2", "R1", "30", False)]
    invoices("R9 80")
    assert settled() == [("P1", "R1", "20", False), ("P1", "R9", "80", True), ("P2", "R1", "30", False)]
    assert open_items() == []


def test_a_payment_in_another_currency_settles_what_it_states_by_the_rate_of_its_day(world):
    invoices("R1 1000")
    payments("P1 100 2025-03-03 R1 USD")
    share = Allocation.objects.get()
    assert (share.amount, share.used) == (Decimal("712.3457"), Decimal(100))
    assert open_items() == [("invoice", "R1", "287.6543")]


def test_a_foreign_payment_larger_than_the_invoice_keeps_its_rest_in_its_own_currency(world):
    invoices("R1 500")
    payments("P1 100 2025-03-03 R1 USD")
    share, rest = Allocation.objects.get(), OpenItem.objects.get()
    assert (share.amount, share.used) == (Decimal(500), Decimal("70.1906"))
    assert (rest.kind, rest.currency, rest.amount) == ("credit", "USD", Decimal("29.8094"))


def test_a_foreign_payment_that_states_nothing_settles_nothing_of_another_currency(world):
    invoices("R1 500")
    payments("P1 100 2025-03-03 - USD")
    assert settled() == []


def test_a_payment_larger_than_what_is_open_stays_as_a_credit_until_the_next_invoice(world):
    invoices("R1 100")
    payments("P1 150 2025-03-10 R1")
    assert open_items() == [("credit", "P1", "50")]
    invoices("R2 80")
    assert open_items() == [("invoice", "R2", "30")]
    assert settled() == [("P1", "R1", "100", True), ("P1", "R2", "50", False)]


def test_a_reversal_restores_what_the_payment_settled(world):
    invoices("R1 100", "R2 50 2025-04-30")
    before = open_items()
    payments("P1 120")
    payments("Z1 120 2025-03-20 - CNY settlement P1")
    assert settled() == []
    assert open_items() == before
    assert Payment.objects.current().count() == 2


def test_an_invoice_cancelled_after_payment_releases_what_had_settled_it(world):
    invoices("R1 100", "R2 60 2025-04-30")
    payments("P1 100 2025-03-10 R1")
    invoices("R1 100 2025-03-31 CNY invoice - yes")
    assert settled() == [("P1", "R2", "60", False)]
    assert open_items() == [("credit", "P1", "40")]
    invoices("R1 100 2025-03-31 CNY invoice - no")
    assert settled() == [("P1", "R1", "100", True)]


def test_a_corrected_amount_moves_what_is_settled(world):
    invoices("R1 100", "R2 60 2025-04-30")
    payments("P1 100")
    invoices("R1 70")
    assert settled() == [("P1", "R1", "70", False), ("P1", "R2", "30", False)]
    assert Allocation.objects.filter(invoice__superseded_by__isnull=False).count() == 0


def test_credit_notes_settle_what_they_state_else_the_oldest(world):
    invoices("R1 100", "R2 60 2025-04-30", "C1 50 2025-03-01 CNY credit_note R2", "C2 30 2025-03-01 CNY credit_note")
    assert settled() == [("C1", "R2", "50", True), ("C2", "R1", "30", False)]
    assert open_items() == [("invoice", "R1", "70"), ("invoice", "R2", "10")]


def test_a_prepayment_settles_only_what_it_states(world):
    invoices("R1 100")
    payments("P1 40 2025-03-10 - CNY prepayment", "P2 70 2025-03-11 R1=60 CNY prepayment")
    assert settled() == [("P2", "R1", "60", True)]
    assert open_items() == [("invoice", "R1", "40"), ("prepaid", "P1", "40"), ("prepaid", "P2", "10")]
    assert standing(world).prepaid == Decimal(50)


def test_an_invoice_that_turns_out_to_be_anothers_is_not_settled_by_the_statement(world):
    payments("P1 100 2025-03-10 R1")
    published(f"{HEAD_I}\nR1,D2,invoice,2025-03-01,2025-03-31,100,CNY,,no\n", "invoices")
    assert settled() == []
    invoices("R2 30")
    assert settled() == [("P1", "R2", "30", False)]


def test_an_acceptance_settles_at_once_and_keeps_its_due_day(world):
    invoices("R1 100")
    published(f"{HEAD_P}\nP1,D1,2025-03-10,100,CNY,settlement,acceptance,2025-09-10,,\n", "payments")
    assert settled() == [("P1", "R1", "100", False)]
    assert Payment.objects.get().due_on == date(2025, 9, 10)


def test_the_same_facts_in_any_order_of_batches_settle_the_same(world):
    batches = (
        lambda: invoices("R1 100", "R2 60 2025-04-30"),
        lambda: invoices("R3 45 2025-03-15", "C1 20 2025-03-01 CNY credit_note R2"),
        lambda: payments("P1 90 2025-03-10 R2", "P2 40 2025-03-09", "P3 10 2025-03-08 R3 USD"),
        lambda: payments("P4 33 2025-03-11 R1=20;R3=13", "Z2 40 2025-03-12 - CNY settlement P2"),
    )
    seen = set()
    for order in permutations(batches):
        # A reversal names a payment that is there already.
        if order.index(batches[3]) < order.index(batches[2]):
            continue
        with transaction.atomic():
            point = transaction.savepoint()
            for batch in order:
                batch()
            seen.add((tuple(settled()), tuple(open_items())))
            transaction.savepoint_rollback(point)
    assert len(seen) == 1


def test_standing_knows_receivable_overdue_and_what_is_ordered_in_base_currency(world):
    ExchangeRate.objects.create(currency="EUR", day=date(2025, 3, 1), rate=Decimal(8))
    invoices("R1 100 2025-03-31", "R2 60 2025-04-30", "R3 10 2025-04-14 EUR")
    payments("P1 30")
    orders = ("O1,D1,2025-04-01,500,CNY,open", "O2,D1,2025-04-01,9,CNY,closed")
    published("\n".join(["external_id,distributor,day,open_amount,currency,state", *orders]), "orders")
    found = standing(world)
    assert (found.receivable, found.overdue, found.oldest_overdue_on) == (Decimal(210), Decimal(150), date(2025, 3, 31))
    assert (found.ordered_open, found.prepaid, found.receivable_as_of) == (Decimal(500), 0, date(2025, 4, 15))
    assert receivable_standings_refresh(as_of=date(2025, 5, 2)) == 2
    assert standing(world).overdue == Decimal(210)


def test_the_rest_of_an_item_has_its_share_of_the_base_amount(world):
    invoices("R1 100 2025-03-31 USD")
    payments("P1 99.9999 2025-03-03 - USD")
    assert OpenItem.objects.get().base_amount == Decimal("0.0007")


def test_a_rate_that_comes_late_settles_what_is_stated_in_another_currency(world):
    ExchangeRate.objects.create(currency="EUR", day=date(2025, 2, 28), rate=Decimal(8))
    published(f"{HEAD_I}\nR1,D1,invoice,2025-03-01,2025-03-31,100,EUR,,no\n", "invoices")
    payments("P1 400 2025-03-20 R1")
    assert settled() == []
    published("currency,day,rate\nEUR,2025-03-20,8\n", "rates")
    assert settled() == [("P1", "R1", "50", True)]


def test_a_rate_added_or_corrected_by_hand_settles_anew_what_is_stated_in_another_currency(world):
    finance = factories.user(Role.FINANCE)
    ExchangeRate.objects.create(currency="EUR", day=date(2025, 2, 28), rate=Decimal(8))
    published(f"{HEAD_I}\nR1,D1,invoice,2025-03-01,2025-03-31,100,EUR,,no\n", "invoices")
    payments("P1 400 2025-03-20 R1")
    day = {"currency": "EUR", "day": date(2025, 3, 20), "kind": "average"}
    made = rate_add(actor=finance, rate=Decimal(8), **day)
    assert (settled(), standing(world).receivable) == ([("P1", "R1", "50", True)], 400)
    assert [one.name for one in verify() if one.wrong] == []
    rate_correct(actor=finance, instance=made, rate=Decimal(10), reason="typing error")
    assert (settled(), standing(world).receivable) == ([("P1", "R1", "40", True)], 480)
    assert [one.name for one in verify() if one.wrong] == []


def test_a_rate_that_comes_late_settles_what_the_survivor_states_of_a_merged_card(world):
    ExchangeRate.objects.create(currency="EUR", day=date(2025, 2, 28), rate=Decimal(8))
    published(f"{HEAD_I}\nR1,D1,invoice,2025-03-01,2025-03-31,100,EUR,,no\n", "invoices")
    distributor_merge(actor=factories.user(), source=world["one"], survivor=world["two"], reason="one company")
    published(f"{HEAD_P}\nP1,D2,2025-03-20,400,CNY,settlement,transfer,,R1,\n", "payments")
    assert settled() == []
    published("currency,day,rate\nEUR,2025-03-20,8\n", "rates")
    assert settled() == [("P1", "R1", "50", True)]
    assert [one.name for one in verify() if one.wrong] == []

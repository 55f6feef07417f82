"""Closed months keep their sums; what comes late for them counts in the first open one."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.roles import Role
from core.errors import DomainError
from core.models import AuditEvent
from distributors.ledger.books import books_close, books_reopen, first_open
from distributors.ledger.models import Batch, MonthlySales, PeriodLock, SaleLine
from distributors.ledger.verification import verify
from tests import factories
from tests.ledger.records import bring, lines, small_world

pytestmark = pytest.mark.django_db

JANUARY, FEBRUARY, MARCH, APRIL = (date(2025, month, 1) for month in range(1, 5))


def finance():
    return factories.user(Role.FINANCE)


def sound():
    return [(one.name, one.examples) for one in verify() if one.wrong] == []


def months():
    """Return the amount of each month."""
    found = {}
    for month, amount in MonthlySales.objects.order_by("month", "kind").values_list("month", "amount"):
        found[month] = found.get(month, Decimal(0)) + amount
    return found


def line(name, day, amount, code="D1"):
    return f"{name},{code},P1,{day},1,{amount},CNY"


def test_a_new_line_of_a_closed_month_counts_in_the_first_open_one():
    small_world()
    bring(lines(line("A", "2025-01-10", 100), line("B", "2025-02-10", 10)))
    books_close(actor=finance(), month=JANUARY)
    made = bring(lines(line("C", "2025-01-20", 7), line("D", "2025-02-20", 1)))
    assert months() == {JANUARY: 100, FEBRUARY: 18}
    assert SaleLine.objects.get(external_id="C").booked_in == FEBRUARY
    assert SaleLine.objects.get(external_id="D").booked_in is None
    assert made.batch.rows_late == 1
    assert sound()


def test_a_correction_of_a_closed_month_takes_off_the_old_amount_where_the_new_one_counts():
    small_world()
    bring(lines(line("A", "2025-01-10", 100), line("B", "2025-01-11", 10)))
    books_close(actor=finance(), month=FEBRUARY)
    bring(lines(line("A", "2025-01-10", 130)))
    assert months() == {JANUARY: 110, MARCH: 30}
    march = MonthlySales.objects.get(month=MARCH)
    assert (march.lines, march.orders, march.quantity) == (0, 0, 0)
    january = MonthlySales.objects.get(month=JANUARY)
    assert (january.lines, january.orders) == (2, 2)
    bring(lines(line("A", "2025-01-10", 90)))
    assert months() == {JANUARY: 110, MARCH: -10}
    assert sound()


def test_an_adjustment_stays_where_it_was_booked_when_more_months_are_closed():
    small_world()
    bring(lines(line("A", "2025-01-10", 100)))
    books_close(actor=finance(), month=JANUARY)
    bring(lines(line("A", "2025-01-10", 130)))
    books_close(actor=finance(), month=FEBRUARY)
    bring(lines(line("A", "2025-01-10", 150)))
    assert months() == {JANUARY: 100, FEBRUARY: 30, MARCH: 20}
    assert sound()


def test_the_month_closed_last_can_be_opened_again_with_a_reason():
    small_world()
    bring(lines(line("A", "2025-01-10", 100), line("B", "2025-02-10", 10)))
    person = finance()
    books_close(actor=person, month=FEBRUARY, reason="year end")
    for month, reason in ((JANUARY, "x"), (FEBRUARY, "  "), (MARCH, "x")):
        with pytest.raises(DomainError):
            books_reopen(actor=person, month=month, reason=reason)
    assert PeriodLock.objects.count() == 1
    books_reopen(actor=person, month=FEBRUARY, reason="an invoice was forgotten")
    assert first_open() == FEBRUARY
    bring(lines(line("A", "2025-01-10", 101), line("B", "2025-02-10", 11)))
    assert months() == {JANUARY: 100, FEBRUARY: 12}
    verbs = AuditEvent.objects.filter(verb__startswith="books.").order_by("id").values_list("verb", "note")
    assert list(verbs) == [("books.closed", "year end"), ("books.reopened", "an invoice was forgotten")]
    assert sound()


def test_closed_months_and_months_that_are_not_over_are_not_closed():
    person = finance()
    books_close(actor=person, month=FEBRUARY)
    with pytest.raises(DomainError, match="February 2025 is closed already"):
        books_close(actor=person, month=FEBRUARY)
    with pytest.raises(DomainError, match="not over yet"):
        books_close(actor=person, month=date(2999, 1, 1))
    assert first_open() == MARCH


@pytest.mark.parametrize("role", [role for role in Role if role != Role.FINANCE])
def test_only_finance_closes_and_opens_months(role):
    books_close(actor=finance(), month=FEBRUARY)
    person = factories.user(role)
    with pytest.raises(PermissionDenied):
        books_close(actor=person, month=MARCH)
    with pytest.raises(PermissionDenied):
        books_reopen(actor=person, month=FEBRUARY, reason="x")
    assert first_open() == MARCH


def test_invoices_and_payments_of_closed_months_are_booked_in_the_open_one():
    from distributors.ledger.records import Invoice, Payment

    small_world()
    books_close(actor=finance(), month=MARCH)
    bring("external_id,distributor,day,due_on,amount,currency\nR1,D1,2025-03-01,2025-03-31,100,CNY\n", "invoices")
    bring("external_id,distributor,day,amount,currency\nP1,D1,2025-04-02,60,CNY\n", "payments")
    assert Invoice.objects.get().booked_in == APRIL
    assert Payment.objects.get().booked_in is None
    assert list(Batch.objects.order_by("number").values_list("rows_late", flat=True)) == [1, 0]
    assert sound()


def test_verify_finds_what_changed_a_closed_month():
    small_world()
    bring(lines(line("A", "2025-01-10", 100)))
    books_close(actor=finance(), month=JANUARY)
    bring(lines(line("B", "2025-01-10", 100)))
    SaleLine.objects.filter(external_id="B").update(booked_in=None)
    wrong = [one.name for one in verify() if one.wrong]
    assert "sales: closed months are as they were" in wrong

"""Undo of a batch: what came goes, what went comes back, and nothing is deleted."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.roles import Role
from core.errors import DomainError
from core.models import AuditEvent
from distributors.ledger.books import books_close
from distributors.ledger.facts import FACTS, fact_of
from distributors.ledger.models import Batch, MonthlyLineSales, MonthlySales, SaleLine
from distributors.ledger.records import OpenItem
from distributors.ledger.undoing import batch_undo, undo_effect
from distributors.ledger.verification import verify
from distributors.profiles.merging import distributor_merge
from distributors.profiles.models import Standing
from tests import factories
from tests.ledger.records import base_amounts, bring, lines, picture, small_world
from tests.ledger.test_books import line, months, sound
from tests.ledger.test_records import FILES

pytestmark = pytest.mark.django_db

JANUARY, FEBRUARY, MARCH = (date(2025, month, 1) for month in range(1, 4))
CHANGED = {"sales": (",100,", ",90,"), "stock": (",2,box", ",3,box"), "payments": (",60,", ",50,")}
CHANGED |= {"targets": (",1000", ",900"), "occurrences": ("2025-03-01,1", "2025-03-01,2")}
TEXTS = {kind: text for kind, (text, _model) in FILES.items()} | {"sales": lines(line("A", "2025-01-10", 100))}


def undo(batch, reason="wrong file"):
    return batch_undo(actor=None, batch=Batch.objects.get(pk=getattr(batch, "pk", batch)), reason=reason)


def in_force(kind):
    """Return what is in force of a kind, as its facts say it."""
    fact = fact_of(kind)
    return sorted(map(repr, fact.model.objects.current().values_list(*fact.columns)))


def derived():
    """Return everything that pages read, for distributors by their keys."""
    tables = (Standing, MonthlySales, MonthlyLineSales)
    return [sorted(map(repr, model.objects.order_by().values_list())) for model in tables]


@pytest.mark.parametrize("kind", [fact.kind for fact in FACTS])
def test_what_was_new_goes_and_what_was_changed_comes_back(kind):
    small_world()
    bring(TEXTS[kind], kind)
    before, read = in_force(kind), derived()
    old, new = CHANGED.get(kind, ("100,", "90,"))
    changed = TEXTS[kind].replace(old, new)
    more = (
        changed
        + changed.splitlines()[1]
        .replace("D1", "D2")
        .replace("R1", "R9")
        .replace("P1,D", "P9,D")
        .replace("O1", "O9")
        .replace("A,D", "Z,D")
        + "\n"
    )
    assert bring(more, kind).state == "published"
    assert in_force(kind) != before
    made = undo(2)
    assert (made.pk, made.rows_removed, made.rows_changed, made.rows_new) == (3, 2, 1, 0)
    assert in_force(kind) == before
    assert derived() == read
    assert fact_of(kind).model.objects.count() == 4
    assert sound()


@pytest.mark.parametrize("kind", [fact.kind for fact in FACTS])
def test_what_was_undone_can_come_in_again_and_an_undo_can_be_undone(kind):
    small_world()
    bring(TEXTS[kind], kind)
    before = in_force(kind)
    undo(1)
    assert in_force(kind) == []
    assert sound()
    undo(2)
    assert in_force(kind) == before
    undo(3)
    again = bring(TEXTS[kind], kind)
    assert (again.rows_new, again.batch.pk) == (1, 5)
    assert in_force(kind) == before
    assert sorted(fact_of(kind).model.objects.values_list("revision", flat=True)) == [1, 2, 3]
    assert sound()


def test_batches_are_undone_the_last_one_first():
    small_world()
    bring(lines(line("A", "2025-01-10", 100), line("B", "2025-01-11", 10)))
    bring(lines(line("A", "2025-01-10", 101)))
    bring(lines(line("A", "2025-01-10", 102), line("B", "2025-01-11", 12)))
    before = picture()
    with pytest.raises(DomainError, match=r"Later batches changed rows of #1: #3 \(2 rows\)\. Undo these first"):
        undo(1)
    with pytest.raises(DomainError, match=r"rows of #2: #3 \(1 row\)"):
        undo(2)
    assert picture() == before
    undo(3)
    undo(2)
    assert base_amounts() == {"A": 1_000_000, "B": 100_000}
    undo(1)
    assert base_amounts() == {}
    assert not MonthlySales.objects.exists()
    assert sound()


def test_a_batch_is_undone_once():
    small_world()
    bring(lines(line("A", "2025-01-10", 100)))
    undo(1)
    before = picture()
    with pytest.raises(DomainError, match="#1 is undone already, by #2"):
        undo(1)
    assert picture() == before


def test_a_line_that_came_again_stands_against_the_redo():
    small_world()
    bring(lines(line("A", "2025-01-10", 100)))
    undo(1)
    bring(lines(line("A", "2025-01-10", 70)))
    with pytest.raises(DomainError, match=r"rows of #2: #3 \(1 row\)"):
        undo(2)
    undo(3)
    undo(2)
    assert base_amounts() == {"A": 1_000_000}
    assert sound()


def test_an_undo_needs_a_reason_and_the_right():
    small_world()
    bring(lines(line("A", "2025-01-10", 100)))
    before = picture()
    with pytest.raises(DomainError, match="Say why"):
        undo(1, " ")
    for role in set(Role) - {Role.ADMIN, Role.FINANCE}:
        with pytest.raises(PermissionDenied):
            batch_undo(actor=factories.user(role), batch=Batch.objects.get(), reason="x")
    assert {**picture(), "User": before["User"]} == before
    person = factories.user(Role.FINANCE)
    batch_undo(actor=person, batch=Batch.objects.get(), reason="sent twice")
    row = AuditEvent.objects.get(verb="batch.undone")
    assert (row.actor, row.note, row.target_text) == (person, "sent twice", "#1")


def test_the_undo_of_a_closed_month_is_an_adjustment_of_the_open_one():
    small_world()
    bring(lines(line("A", "2025-01-10", 100), line("B", "2025-02-10", 10)))
    bring(lines(line("A", "2025-01-10", 130), line("C", "2025-01-10", 5), line("D", "2025-02-11", 1)))
    assert months() == {JANUARY: 135, FEBRUARY: 11}
    books_close(actor=factories.user(Role.FINANCE), month=JANUARY)
    effect = undo_effect(Batch.objects.get(pk=2))
    assert (effect.goes, effect.returns, effect.distributors, effect.late) == (3, 1, 1, 3)
    assert (effect.first_month, effect.last_month) == (JANUARY, FEBRUARY)
    made = undo(2)
    assert months() == {JANUARY: 135, FEBRUARY: -25}
    assert base_amounts() == {"A": 1_000_000, "B": 100_000}
    assert made.rows_late == 1
    undo(made)
    assert months() == {JANUARY: 135, FEBRUARY: 11}
    assert sound()


def test_receivables_and_standings_follow_an_undo():
    small_world()
    bring(TEXTS["invoices"], "invoices")
    bring(TEXTS["payments"], "payments")
    assert OpenItem.objects.get().amount == 40
    undo(2)
    assert OpenItem.objects.get().amount == 100
    bring(lines(line("A", "2025-01-10", 100)))
    undo(1)
    assert not OpenItem.objects.exists()
    assert set(Standing.objects.values_list("receivable", flat=True)) == {Decimal(0)}
    assert sound()


def test_what_came_back_is_what_an_import_compares_with():
    small_world()
    bring(lines(line("A", "2025-01-10", 100)))
    bring(lines(line("A", "2025-01-10", 101)))
    undo(2)
    made = bring(lines(line("A", "2025-01-10", 100)))
    assert (made.rows_same, made.rows_changed) == (1, 0)
    assert list(SaleLine.objects.order_by("revision").values_list("revision", "batch", "superseded_by")) == [
        (1, 1, 2),
        (2, 2, 3),
        (3, 3, None),
    ]


HEAD_P = "external_id,distributor,day,amount,currency,method,settles,reverses"


def payments(*rows):
    return bring(lines(*rows, head=HEAD_P), "payments")


def refused_undo(number):
    """Return why a batch is not undone, and make sure that nothing changed."""
    before = picture()
    with pytest.raises(DomainError) as error:
        undo(number)
    assert picture() == before
    return str(error.value)


def test_a_batch_whose_payment_was_reversed_later_is_not_undone_before_the_reversal():
    small_world()
    payments("P1,D1,2025-03-10,60,CNY,cash,-,", "P2,D1,2025-03-10,10,CNY,cash,-,")
    payments("R1,D1,2025-03-11,-60,CNY,cash,,P1")
    expected = "Later batches reversed payments of #1: #2 (1 row). Undo these first, the last one first."
    assert refused_undo(1) == expected
    undo(2)
    undo(1)
    assert in_force("payments") == []
    assert sound()


def test_a_payment_and_its_reversal_in_one_batch_go_together():
    small_world()
    payments("P1,D1,2025-03-10,60,CNY,cash,-,", "R1,D1,2025-03-11,-60,CNY,cash,,P1")
    undo(1)
    assert in_force("payments") == []
    assert sound()


def test_a_correction_of_a_payment_reversed_since_is_undone_only_where_the_amount_stays():
    small_world()
    payments("P1,D1,2025-03-10,60,CNY,cash,-,")
    payments("P1,D1,2025-03-10,50,CNY,cash,-,")
    payments("R1,D1,2025-03-11,-50,CNY,cash,,P1")
    assert "reversed payments of #2: #3 (1 row)" in refused_undo(2)
    payments("P1,D1,2025-03-10,50,CNY,transfer,-,")
    undo(4)
    assert sound()


def test_a_reversal_does_not_come_back_without_its_payment():
    small_world()
    payments("P1,D1,2025-03-10,60,CNY,cash,-,")
    payments("R1,D1,2025-03-11,-60,CNY,cash,,P1")
    undo(2)
    undo(1)
    expected = "Reversals would come back with #3 whose payments later batches took out: #4 (1 row)."
    assert refused_undo(3).startswith(expected)
    undo(4)
    undo(3)
    assert len(in_force("payments")) == 2
    assert sound()


def days_of(code):
    return Standing.objects.values_list("first_sale_on", "last_order_on").get(distributor__code=code)


def test_first_sale_and_last_order_leave_with_what_was_undone_in_a_closed_month():
    small_world()
    bring(lines(line("B", "2025-02-11", 10), line("C", "2025-02-20", 10)))
    bring(lines(line("A", "2025-01-10", 100), line("D", "2025-03-10", 5), line("E", "2025-03-11", 5, "D2")))
    books_close(actor=factories.user(Role.FINANCE), month=date(2025, 3, 1))
    assert days_of("D1") == (date(2025, 1, 10), date(2025, 3, 10))
    undo(2)
    assert (days_of("D1"), days_of("D2")) == ((date(2025, 2, 11), date(2025, 2, 20)), (None, None))
    assert sound()
    undo(3)
    assert (days_of("D1"), days_of("D2")) == ((date(2025, 1, 10), date(2025, 3, 10)), (date(2025, 3, 11),) * 2)
    assert sound()


def test_the_days_of_a_survivor_leave_with_what_was_undone_of_the_merged_card():
    world = small_world()
    bring(lines(line("B", "2025-02-11", 10, "D2")))
    bring(lines(line("A", "2025-01-10", 100)))
    books_close(actor=factories.user(Role.FINANCE), month=date(2025, 2, 1))
    distributor_merge(actor=factories.user(), source=world["one"], survivor=world["two"], reason="one company")
    assert days_of("D2") == (date(2025, 1, 10), date(2025, 2, 11))
    undo(2)
    assert days_of("D2") == (date(2025, 2, 11), date(2025, 2, 11))
    assert sound()


def test_verify_finds_a_last_order_that_no_line_in_force_has():
    small_world()
    bring(lines(line("A", "2025-01-10", 100)))
    Standing.objects.filter(distributor__code="D1").update(last_order_on=date(2025, 1, 11))
    wrong = {one.name: one.wrong for one in verify() if one.wrong}
    assert wrong["first sale and last order are those of lines in force"] == 1

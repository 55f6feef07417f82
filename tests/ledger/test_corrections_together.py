"""Whatever is imported, corrected, closed, undone and merged, in whatever order: nothing that was closed moves."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts.roles import Role
from core.errors import DomainError
from core.periods import month_shift
from distributors.ledger.books import books_close, books_reopen, first_open
from distributors.ledger.models import Batch, MonthlyLineSales, MonthlySales, SaleLine
from distributors.ledger.services import sale_lines_upsert
from distributors.ledger.undoing import batch_undo
from distributors.ledger.verification import verify
from distributors.profiles.merging import distributor_merge, distributor_unmerge
from distributors.profiles.models import Distributor
from tests import factories
from tests.ledger.records import small_world

pytestmark = pytest.mark.django_db

CODES = ("D1", "D2", "D3")
MONTHS = [date(2025, month, 1) for month in range(1, 5)]

# A line keeps its card and its day, whatever else changes.
LINE = st.tuples(st.integers(0, 5), st.integers(-50, 50))
SEND = st.tuples(st.just("send"), st.lists(LINE, min_size=1, max_size=4, unique_by=lambda one: one[0]))
CLOSE = st.tuples(st.just("close"), st.sampled_from(MONTHS))
REOPEN = st.tuples(st.just("reopen"), st.none())
UNDO = st.tuples(st.just("undo"), st.integers(1, 8))
PAIR = st.tuples(st.sampled_from(CODES), st.sampled_from(CODES))
MERGE = st.tuples(st.just("merge"), PAIR)
UNMERGE = st.tuples(st.just("unmerge"), st.sampled_from(CODES))
STEPS = st.lists(st.one_of(SEND, SEND, CLOSE, REOPEN, UNDO, UNDO, MERGE, UNMERGE), min_size=2, max_size=10)


def send(people, lines):
    rows = [
        {
            "external_id": f"L{number}",
            "distributor": CODES[number % 3],
            "product": "P1",
            "day": f"2025-0{1 + number % 4}-10",
            "quantity": "1",
            "amount": str(amount),
            "currency": "CNY",
        }
        for number, amount in lines
    ]
    sale_lines_upsert(actor=people["admin"], source_code="erp", rows=rows)


def reopen(people, _nothing):
    opened = first_open()
    if opened is not None:
        books_reopen(actor=people["finance"], month=month_shift(opened, -1), reason="again")


def undo(people, number):
    batch = Batch.objects.filter(pk=number).first()
    if batch is not None:
        batch_undo(actor=people["admin"], batch=batch, reason="wrong")


def cards(*codes):
    return [Distributor.objects.get(code=code) for code in codes]


def merge(people, pair):
    source, survivor = cards(*pair)
    distributor_merge(actor=people["admin"], source=source, survivor=survivor, reason="one")


STEP = {
    "send": send,
    "close": lambda people, month: books_close(actor=people["finance"], month=month),
    "reopen": reopen,
    "undo": undo,
    "merge": merge,
    "unmerge": lambda people, code: distributor_unmerge(actor=people["admin"], source=cards(code)[0], reason="two"),
}


def closed_sums():
    """Return amount, quantity and lines of each closed month, over all distributors: a merge moves them between two."""
    opened = first_open()
    if opened is None:
        return {}
    rows = MonthlySales.objects.filter(month__lt=opened).order_by().values("month")
    summed = rows.annotate(all=Sum("amount"), pieces=Sum("quantity"), count=Sum("lines"))
    return {one["month"]: (one["all"], one["pieces"], one["count"]) for one in summed}


def sum_of(rows, column):
    return rows.aggregate(total=Sum(column))["total"] or Decimal(0)


def assert_conserved():
    in_force = SaleLine.objects.current()
    total, count = sum_of(in_force, "base_amount"), in_force.count()
    for model in (MonthlySales, MonthlyLineSales):
        assert sum_of(model.objects, "amount") == total
        assert sum_of(model.objects, "lines") == count


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
@example(steps=[("send", [(0, 5)]), ("merge", ("D1", "D2")), ("close", MONTHS[0]), ("undo", 1), ("undo", 2)])
@example(steps=[("send", [(0, 5), (4, 7)]), ("send", [(0, 6)]), ("close", MONTHS[1]), ("undo", 2), ("reopen", None)])
@example(steps=[("merge", ("D1", "D2")), ("merge", ("D2", "D3")), ("send", [(0, 9)]), ("unmerge", "D2")])
def test_closed_months_stay_and_money_is_conserved(steps):
    with transaction.atomic():
        small_world()
        factories.distributor(Distributor.objects.get(code="D1").territory, code="D3")
        people = {"admin": factories.user(Role.ADMIN), "finance": factories.user(Role.FINANCE)}
        for name, given_to in steps:
            before, opened = closed_sums(), first_open()
            try:
                with transaction.atomic():
                    STEP[name](people, given_to)
            except DomainError:
                assert (closed_sums(), first_open()) == (before, opened)
            now = closed_sums()
            assert {month: now.get(month) for month in before if month in now or name != "reopen"} == {
                month: sums for month, sums in before.items() if month in now or name != "reopen"
            }
            assert_conserved()
        assert [(one.name, one.examples) for one in verify() if one.wrong] == []
        transaction.set_rollback(True)

"""May this order go? The answer, its reasons, what it reserves, and that no two reserve the same headroom."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts.roles import Role
from core import clock
from core.errors import DomainError
from core.idempotency import KeyReused
from distributors.credit.calculations.limits import Exposure
from distributors.credit.limits.checks import credit_check, decided, reservation_release
from distributors.credit.limits.figures import Account
from distributors.credit.limits.holds import hold_override
from distributors.credit.limits.models import CreditCheck, LimitPolicy
from distributors.profiles.models import Cooperation
from tests import factories
from tests.credit.accounts import TODAY, account, bill, limit, order, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def one(settings):
    settings.TODAY = TODAY
    return account()


@pytest.fixture
def finance():
    return factories.user(Role.FINANCE)


def check(actor, one, amount, **more):
    return credit_check(actor=actor, distributor=one, amount=Decimal(amount), **{"currency": "CNY", **more})


def soon(hours=2):
    return clock.now() + timedelta(hours=hours)


def test_an_order_within_the_headroom_goes_and_one_above_is_held(one, finance):
    limit(one, 1000)
    bill(one, "R1", 400, "2025-06-30")
    order(one, "O1", 100)
    made = check(finance, one, 500)
    assert (made.approved, made.exposure, made.headroom, made.reason_list) == (True, 500, 0, [])
    more = check(finance, one, 501)
    assert (more.approved, more.exposure, more.headroom, more.reason_list) == (False, 500, 500, ["over_limit"])
    assert (more.valid_until, more.reserved_until) == (None, None)


def test_a_bank_acceptance_settles_the_invoice_and_stays_exposure_until_its_day(one, finance, settings):
    limit(one, 1000)
    bill(one, "R1", 400, "2025-06-30")
    pay(one, "P1", 400, method="acceptance", due_on="2025-04-20")
    made = check(finance, one, 1)
    assert (made.receivable, made.acceptances, made.exposure) == (0, 400, 400)
    settings.TODAY = "2025-04-20"
    assert check(finance, one, 1).exposure == 0


def test_without_a_limit_it_is_held_and_with_prepayment_it_is_checked_against_that(one, finance):
    assert check(finance, one, 1).reason_list == ["no_limit"]
    Cooperation.objects.update(settlement_method="prepaid")
    assert check(finance, one, 1).reason_list == ["not_prepaid"]
    pay(one, "P1", 100, kind="prepayment")
    made = check(finance, one, 100)
    assert (made.approved, made.pays_before, made.credit_limit, made.headroom) == (True, True, None, 0)
    assert check(finance, one, "100.01").reason_list == ["not_prepaid"]


def test_every_reason_is_given_and_an_override_lifts_the_hold_only(one, finance):
    limit(one, 10_000)
    bill(one, "R1", 2000, "2025-04-09")  # six days late
    made = check(finance, one, 9000)
    assert set(made.reason_list) == {"on_hold", "overdue", "over_limit"}
    hold_override(actor=finance, distributor=one, ends_on=date(2025, 4, 20), reason="agreed")
    assert check(finance, one, 9000).reason_list == ["over_limit"]
    assert check(finance, one, 8000).approved


def test_what_fell_overdue_since_the_night_holds_already(one, finance, settings):
    limit(one, 10_000)
    bill(one, "R1", 2000, "2025-04-10")
    assert check(finance, one, 1).approved  # five days are grace
    settings.TODAY = "2025-04-16"
    assert check(finance, one, 1).reason_list == ["on_hold", "overdue"]


def test_a_limit_ends_with_its_last_day_where_the_distributor_is(one, finance, settings, monkeypatch):
    settings.TODAY = None
    limit(one, 1000, starts_on=date(2025, 1, 1), ends_on=date(2025, 4, 15))
    one.time_zone = "Asia/Shanghai"
    moments = {datetime(2025, 4, 15, 15, 59, tzinfo=UTC): True, datetime(2025, 4, 15, 16, 1, tzinfo=UTC): False}
    for moment, approved in moments.items():
        monkeypatch.setattr(clock, "instant", lambda moment=moment: moment)
        made = check(finance, one, 10)
        assert made.approved is approved
        assert made.reason_list == ([] if approved else ["no_limit"])
    first = CreditCheck.objects.order_by("pk").first()
    assert first.valid_until == datetime(2025, 4, 15, 16, 0, tzinfo=UTC)


def test_what_is_reserved_is_taken_until_its_moment_its_release_or_its_order(one, finance):
    limit(one, 1000)
    made = check(finance, one, 600, reserve_until=soon(), order_number="O7")
    assert made.reserved_until is not None
    assert check(finance, one, 500).reason_list == ["over_limit"]
    reservation_release(actor=finance, instance=made)
    with pytest.raises(DomainError, match="reserves nothing"):
        reservation_release(actor=finance, instance=made)
    again = check(finance, one, 600, reserve_until=soon(), order_number="O8")
    order(one, "O8", 600)
    last = check(finance, one, 400)
    assert (last.approved, last.reserved, last.ordered) == (True, 0, 600)
    CreditCheck.objects.filter(pk=again.pk).update(order_number="", reserved_until=clock.now())
    assert check(finance, one, 400).reserved == 0


def test_an_order_asked_about_again_does_not_stand_in_its_own_way(one, finance):
    limit(one, 1000)
    first = check(finance, one, 600, reserve_until=soon(), order_number="O7")
    second = check(finance, one, 700, reserve_until=soon(), order_number="O7")
    assert (second.approved, second.reserved) == (True, 0)
    first.refresh_from_db()
    assert first.released_at is not None
    assert check(finance, one, 400).reason_list == ["over_limit"]


def test_an_order_that_came_under_the_code_of_a_merged_card_ends_its_reservation(one, finance):
    limit(one, 1000)
    old = factories.distributor(one.territory, code="OLD", merged_into=one, state="ended")
    check(finance, one, 600, reserve_until=soon(), order_number="O9")
    order(old, "O9", 600)
    assert check(finance, one, 100).reserved == 0


def test_the_same_key_gives_the_same_answer_and_no_other_question(one, finance):
    limit(one, 1000)
    made = check(finance, one, 600, key="k1", reserve_until=soon())
    again = check(finance, one, 600, key="k1", reserve_until=soon())
    assert (again.pk, CreditCheck.objects.count()) == (made.pk, 1)
    with pytest.raises(KeyReused):
        check(finance, one, 601, key="k1")
    with pytest.raises(KeyReused):
        check(finance, account(code="D2"), 600, key="k1")
    assert check(factories.user(Role.FINANCE), one, 1, key="k1").pk != made.pk


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"amount": 0}, "above zero"),
        ({"amount": -5}, "above zero"),
        ({"currency": "EUR"}, "no rate"),
        ({"reserve_until": datetime(2020, 1, 1, tzinfo=UTC)}, "at most 72 hours"),
        ({"reserve_until": datetime(2999, 1, 1, tzinfo=UTC)}, "at most 72 hours"),
    ],
)
def test_a_question_that_cannot_be_is_refused_and_nothing_is_kept(one, finance, more, reason):
    with pytest.raises(DomainError, match=reason):
        check(finance, one, **{"amount": 1, **more})
    assert not CreditCheck.objects.exists()


def test_an_amount_in_another_currency_is_converted(one, finance):
    limit(one, 700)
    assert check(finance, one, 100, currency="USD").approved
    assert check(finance, one, "100.01", currency="USD").reason_list == ["over_limit"]


def test_only_finance_and_clients_ask_and_only_about_what_they_reach(one):
    for role in (Role.ADMIN, Role.MANAGER, Role.REP, Role.INSPECTOR, Role.ANALYST):
        with pytest.raises(PermissionDenied):
            check(factories.user(role, one.territory), one, 1)
    with pytest.raises(PermissionDenied):
        check(factories.user(Role.API_CLIENT, factories.territory()), one, 1)
    assert not CreditCheck.objects.exists()


def test_a_check_takes_few_statements_however_much_there_is(one, finance, django_assert_max_num_queries):
    limit(one, 100_000)
    for number in range(5):
        bill(one, f"R{number}", 10, "2025-06-30")
        check(finance, one, 10, reserve_until=soon())
    with django_assert_max_num_queries(12):
        check(finance, one, 10, key="k")


@given(
    st.lists(st.tuples(st.integers(1, 500), st.booleans()), min_size=1, max_size=30),
    st.integers(0, 2000),
    st.integers(-1000, 1000),
    st.booleans(),
)
def test_the_headroom_of_what_is_approved_is_never_below_zero(orders, most, receivable, before):
    """Whatever is asked in whatever order, what is approved and reserved never exceeds what may be lent."""
    reserved, start = 0, receivable
    for amount, reserves in orders:
        exposure = Exposure(start, 0, 0, 0, reserved)
        found = decided(
            Account(exposure, None if before else most, None, before, 0, False, False), amount, LimitPolicy(number=1)
        )
        if found.approved:
            assert found.headroom >= 0
            reserved += amount if reserves else 0
            assert start + reserved <= (0 if before else most)


@pytest.mark.django_db(transaction=True)
def test_of_fifty_at_once_none_approves_what_another_has_reserved(settings):
    settings.TODAY = TODAY
    one, finance = account(), factories.user(Role.FINANCE)
    limit(one, 1000)
    crowd = 50 if connection.vendor == "postgresql" else 8
    barrier, answers, wrong = Barrier(crowd), [], []

    def ask():
        barrier.wait()
        try:
            answers.append(check(finance, one, 100, reserve_until=soon()).approved)
        except Exception as error:  # noqa: BLE001 (said by the assertion below)
            wrong.append(error)
        finally:
            connection.close()

    limit_now = 1000 if crowd == 50 else 300
    if crowd != 50:
        limit(one, limit_now, starts_on=date(2025, 4, 1))
    threads = [Thread(target=ask) for _number in range(crowd)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert (answers.count(True), len(answers)) == (limit_now // 100, crowd)
    taken = sum(CreditCheck.objects.filter(reserved_until__isnull=False).values_list("amount", flat=True))
    assert taken == limit_now

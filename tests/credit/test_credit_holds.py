"""Holds are set and released by rule, overridden by signature, and told to others."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from accounts.roles import Role
from core.errors import DomainError, TransitionRefused
from core.timeline import Span
from distributors.credit.limits.entries import credit_events, hold_needs, limit_needs, security_needs
from distributors.credit.limits.holds import credit_refresh, hold_override, override_end
from distributors.credit.limits.promises import (
    contestable,
    dispute_raise,
    dispute_settle,
    promise_add,
    promise_withdraw,
    reminder_add,
    with_state,
)
from distributors.credit.models import CreditLimit, Dispute, Hold, HoldOverride, Promise, Reminder
from distributors.ledger.records import Invoice
from distributors.profiles.models import Cooperation, OutboundMessage
from tests import factories
from tests.credit.accounts import TODAY, account, bill, limit, order, pay, people, security, standing
from tests.ledger.records import Foreground

pytestmark = pytest.mark.django_db


@pytest.fixture
def one(settings):
    settings.TODAY = TODAY
    return account()


@pytest.fixture
def finance():
    return factories.user(Role.FINANCE)


def held(one):
    return (standing(one).on_hold, Hold.objects.filter(distributor=one, released_on=None).count())


def night():
    return credit_refresh(runner=Foreground())


def kinds():
    return list(OutboundMessage.objects.order_by("pk").values_list("kind", flat=True))


def test_exposure_is_made_of_its_parts_and_follows_each_fact(one):
    limit(one, 1000)
    bill(one, "R1", 300, "2025-06-30")
    order(one, "O1", 200)
    assert (standing(one).exposure, standing(one).headroom) == (500, 500)
    pay(one, "P1", 350)
    assert (standing(one).exposure, standing(one).headroom) == (150, 850)
    pay(one, "P2", 100, method="acceptance", due_on="2025-09-01")
    assert standing(one).exposure == 150  # paid in advance, but not money yet


def test_an_item_late_beyond_grace_holds_and_its_payment_releases(one):
    limit(one, 100_000)
    bill(one, "R1", 1001, "2025-04-09")
    assert held(one) == (True, 1)
    found = Hold.objects.get()
    assert (found.overdue, found.over_limit, found.largest_late, found.set_on) == (True, False, 1001, date(2025, 4, 15))
    pay(one, "P1", 1001, settles="R1")
    assert held(one) == (False, 0)
    assert Hold.objects.get().released_on == date(2025, 4, 15)
    assert kinds() == ["credit.held", "credit.released"]
    assert OutboundMessage.objects.get(kind="credit.held").data["reasons"] == ["overdue"]


@pytest.mark.parametrize(
    ("amount", "due", "currency", "most", "expected"),
    [
        (1000, "2025-04-01", "", None, False),  # not above 1,000
        (1001, "2025-04-10", "", None, False),  # five days are grace
        (1001, "2025-04-09", "", None, True),
        (1001, "2025-04-09", "USD", None, False),  # ten days abroad
        (1001, "2025-04-04", "USD", None, True),
        (1500, "2025-04-01", "", 150_000, False),  # not above one percent of the limit
        (1501, "2025-04-01", "", 150_000, True),
    ],
)
def test_grace_and_thresholds_are_exact(settings, amount, due, currency, most, expected):
    settings.TODAY = TODAY
    one = account(currency=currency)
    if most:
        limit(one, most)
    bill(one, "R1", amount, due)
    assert held(one) == (expected, int(expected))


def test_over_the_limit_holds_from_the_first_ten_thousandth_on(one):
    limit(one, 500)
    bill(one, "R1", 500, "2025-06-30")
    assert held(one) == (False, 0)
    order(one, "O1", "0.0001")
    assert held(one) == (True, 1)
    assert Hold.objects.get().over_limit
    limit(one, 600, starts_on=date(2025, 4, 2))
    assert held(one) == (False, 0)


def test_the_night_holds_what_fell_overdue_and_ends_what_is_over_once(one, settings):
    limit(one, 100_000)
    bill(one, "R1", 2000, "2025-04-12")
    assert held(one) == (False, 0)
    settings.TODAY = "2025-04-18"
    assert night()["held"] == 1
    assert night() == {"converted": 0, "accounts": 0, "held": 0, "released": 0}
    assert (held(one), kinds()) == ((True, 1), ["credit.held"])


def test_an_override_is_signed_dated_and_ends_with_its_day(one, finance, settings):
    with pytest.raises(DomainError, match="not on hold"):
        hold_override(actor=finance, distributor=one, ends_on=date(2025, 4, 20), reason="agreed")
    bill(one, "R1", 2000, "2025-04-01")
    for ends_on, reason, said in (
        (date(2025, 4, 20), " ", "why"),
        (date(2025, 4, 14), "agreed", "lies ahead"),
        (date(2025, 5, 16), "agreed", "at most 30 days"),
    ):
        with pytest.raises(DomainError, match=said):
            hold_override(actor=finance, distributor=one, ends_on=ends_on, reason=reason)
    with pytest.raises(PermissionDenied):
        hold_override(actor=people(one)["manager"], distributor=one, ends_on=date(2025, 4, 20), reason="x")
    assert (HoldOverride.objects.count(), held(one)) == (0, (True, 1))
    made = hold_override(actor=finance, distributor=one, ends_on=date(2025, 4, 20), reason="agreed")
    assert (held(one), made.signed_by) == ((False, 1), finance)
    with pytest.raises(DomainError, match="in force already"):
        hold_override(actor=finance, distributor=one, ends_on=date(2025, 4, 22), reason="agreed")
    for day, expected in (("2025-04-20", False), ("2025-04-21", True)):
        settings.TODAY = day
        night()
        assert standing(one).on_hold is expected, day
    assert kinds() == ["credit.held", "credit.released", "credit.held"]
    again = hold_override(actor=finance, distributor=one, ends_on=date(2025, 4, 25), reason="again")
    override_end(actor=finance, override=again)
    with pytest.raises(DomainError, match="over already"):
        override_end(actor=finance, override=again)
    assert standing(one).on_hold


def test_a_disputed_invoice_holds_no_account_until_it_is_settled(one, finance):
    rep = factories.user(Role.REP, one.territory)
    one.owner = rep
    one.save()
    bill(one, "R1", 2000, "2025-04-01")
    invoice = Invoice.objects.get()
    assert list(contestable(one.pk)) == [invoice]
    with pytest.raises(DomainError, match="contested"):
        dispute_raise(actor=rep, distributor=one, invoice=invoice, reason=" ")
    made = dispute_raise(actor=rep, distributor=one, invoice=invoice, reason="two pumps were missing")
    assert (held(one), list(contestable(one.pk))) == ((False, 0), [])
    with pytest.raises(DomainError, match="disputed already"):
        dispute_raise(actor=rep, distributor=one, invoice=invoice, reason="again")
    with pytest.raises(PermissionDenied):
        dispute_settle(actor=rep, dispute=made, outcome="paid")
    with pytest.raises(DomainError, match="how"):
        dispute_settle(actor=finance, dispute=made, outcome="")
    dispute_settle(actor=finance, dispute=made, outcome="credit note follows")
    with pytest.raises(TransitionRefused):
        dispute_settle(actor=finance, dispute=Dispute.objects.get(), outcome="twice")
    assert held(one) == (True, 1)


def test_an_invoice_that_the_erp_marks_as_disputed_does_not_hold_either(one):
    bill(one, "R1", 2000, "2025-04-01", disputed="yes")
    assert held(one) == (False, 0)


def test_a_promise_is_kept_or_broken_by_the_payments_alone(one, settings):
    rep = factories.user(Role.REP, one.territory)
    one.owner = rep
    one.save()
    for amount, due, said in ((0, date(2025, 4, 20), "above zero"), (5, date(2025, 4, 14), "ahead")):
        with pytest.raises(DomainError, match=said):
            promise_add(actor=rep, distributor=one, amount=Decimal(amount), currency="CNY", due_on=due)
    first = promise_add(actor=rep, distributor=one, amount=Decimal(100), currency="CNY", due_on=date(2025, 4, 20))
    second = promise_add(actor=rep, distributor=one, amount=Decimal(50), currency="CNY", due_on=date(2025, 4, 25))

    def states():
        return dict(with_state(Promise.objects.order_by("pk")).values_list("pk", "state"))

    assert states() == {first.pk: "open", second.pk: "open"}
    pay(one, "P1", 100)
    assert states() == {first.pk: "kept", second.pk: "open"}  # one payment keeps one promise
    settings.TODAY = "2025-04-26"
    assert states() == {first.pk: "kept", second.pk: "broken"}
    promise_withdraw(actor=rep, promise=second)
    with pytest.raises(TransitionRefused):
        promise_withdraw(actor=rep, promise=second)
    assert states()[second.pk] == "withdrawn"


def test_what_an_earlier_promise_was_paid_before_is_not_asked_of_a_later_one_again(one, settings):
    finance = factories.user(Role.FINANCE)

    def promise(amount, due):
        return promise_add(actor=finance, distributor=one, amount=Decimal(amount), currency="CNY", due_on=due)

    settings.TODAY = "2025-04-01"
    promise(100, date(2025, 4, 10))
    settings.TODAY = "2025-04-03"
    pay(one, "P1", 60)
    settings.TODAY = "2025-04-05"
    promise(100, date(2025, 4, 20))
    settings.TODAY = "2025-04-09"
    pay(one, "P2", 40)
    settings.TODAY = "2025-04-15"
    old = factories.distributor(one.territory, code="OLD", merged_into=one, state="ended")
    pay(old, "P3", 99)
    settings.TODAY = "2025-04-21"
    states = with_state(Promise.objects.order_by("pk")).values_list("state", "paid", "asked")
    assert list(states) == [("kept", 100, 100), ("broken", 139, 140)]
    pay(old, "P4", 1, day="2025-04-20")
    assert [state for state, *_rest in states.all()] == ["kept", "kept"]


def test_the_same_promise_or_reminder_pressed_twice_is_noted_once(one):
    finance = factories.user(Role.FINANCE)
    bill(one, "R1", 2000, "2025-03-10")
    promise = {"amount": Decimal(100), "currency": "CNY", "due_on": date(2025, 4, 20)}
    promise_add(actor=finance, distributor=one, **promise)
    reminder_add(actor=finance, distributor=one, stage=1, way="phone")
    with pytest.raises(DomainError, match="already today"):
        promise_add(actor=finance, distributor=one, **promise)
    with pytest.raises(DomainError, match="already today"):
        reminder_add(actor=finance, distributor=one, stage=1, way="phone")
    assert (Promise.objects.count(), Reminder.objects.count()) == (1, 1)


def test_a_reminder_keeps_what_was_overdue(one):
    finance = factories.user(Role.FINANCE)
    with pytest.raises(DomainError, match="Nothing is overdue"):
        reminder_add(actor=finance, distributor=one, stage=1, way="phone")
    bill(one, "R1", 2000, "2025-03-10")
    made = reminder_add(actor=finance, distributor=one, stage=2, way="letter", note="with a date")
    assert (made.overdue, made.days_late, made.sent_by) == (2000, 36, finance)


def test_needs_and_timeline_tell_of_requests_holds_and_securities(one):
    who = people(one)
    bill(one, "R1", 2000, "2025-04-01")
    security(one, expires_on=date(2025, 5, 15))
    CreditLimit.objects.create(
        distributor=one,
        amount=400_000,
        currency="CNY",
        base_amount=400_000,
        converted_on=date(2025, 4, 15),
        starts_on=date(2025, 4, 15),
        ends_on=date(2025, 12, 31),
        reason="season",
        requested_by=who["rep"],
    )
    day = date(2025, 4, 15)
    assert [len(limit_needs(who[name], day)) for name in ("rep", "manager", "finance")] == [0, 0, 1]
    CreditLimit.objects.update(amount=100_000, base_amount=100_000)
    assert [len(limit_needs(who[name], day)) for name in ("rep", "manager", "finance")] == [0, 1, 1]
    assert [len(hold_needs(who[name], day)) for name in ("rep", "manager", "finance")] == [1, 1, 1]
    assert [len(security_needs(who[name], day)) for name in ("rep", "manager", "finance")] == [0, 0, 1]
    inspector = factories.user(Role.INSPECTOR, one.territory)
    assert hold_needs(inspector, day) == security_needs(inspector, day) == []
    span = Span(today=day)
    assert [event.title for event in credit_events(who["finance"], [one.pk], span)] == ["Put on credit hold"]
    assert credit_events(inspector, [one.pk], span) == []


def test_who_pays_before_delivery_is_held_for_what_is_late_only(one):
    Cooperation.objects.update(settlement_method="prepaid")
    limit(one, 10)
    bill(one, "R1", 900, "2025-06-30")
    assert (held(one), standing(one).credit_limit, standing(one).headroom) == ((False, 0), None, None)

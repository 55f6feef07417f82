"""Who asks for a limit, who may approve it, and what is in force when."""

from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from accounts.models import Absence
from accounts.roles import Role
from core import clock
from core.errors import DomainError, StaleVersion, TransitionRefused
from core.models import AuditEvent
from distributors.credit.limits.holds import amounts_convert, credit_refresh
from distributors.credit.limits.models import CreditLimit, LimitPolicy, LimitState
from distributors.credit.limits.recommending import recommendation, terms_of
from distributors.credit.limits.rules import Level, level_of, policy_now
from distributors.credit.limits.services import limit_decide, limit_request, limit_withdraw, policy_change
from distributors.ledger.models import ExchangeRate, MonthlySales
from distributors.profiles.models import Contract, Cooperation, OutboundMessage
from tests import factories
from tests.credit.accounts import TODAY, account, limit, people, security, standing
from tests.ledger.records import Foreground

pytestmark = pytest.mark.django_db

SPAN = {"starts_on": date(2025, 4, 15), "ends_on": date(2026, 4, 14)}


@pytest.fixture
def one(settings):
    settings.TODAY = TODAY
    where = factories.territory()
    return account(where=where)


@pytest.fixture
def who(one):
    return people(one)


def ask(actor, one, amount=100_000, **more):
    given = {"currency": "CNY", "reason": "season", **SPAN, **more}
    return limit_request(actor=actor, distributor=one, amount=Decimal(amount), **given)


def test_a_rep_asks_and_the_manager_approves_up_to_the_amount(one, who):
    asked = ask(who["rep"], one)
    assert (asked.state, standing(one).credit_limit) == (LimitState.REQUESTED, None)
    made = limit_decide(actor=who["manager"], request=asked, approve=True)
    assert (made.state, made.decided_by, standing(one).credit_limit) == (LimitState.APPROVED, who["manager"], 100_000)
    assert standing(one).headroom == 100_000
    assert OutboundMessage.objects.get(kind="credit.limit_approved").data["amount"] == "100000.0000"
    verbs = list(AuditEvent.objects.filter(target_type="credit.CreditLimit").values_list("verb", flat=True))
    assert sorted(verbs) == ["credit.limit_approved", "credit.limit_requested"]


def test_above_the_managers_amount_finance_decides(one, who):
    asked = ask(who["rep"], one, 300_001)
    with pytest.raises(DomainError, match="decided by finance"):
        limit_decide(actor=who["manager"], request=asked, approve=True)
    asked.refresh_from_db()
    assert (asked.state, standing(one).credit_limit) == (LimitState.REQUESTED, None)
    assert limit_decide(actor=who["finance"], request=asked, approve=True).state == LimitState.APPROVED


def test_nobody_decides_on_their_own_request_not_even_through_a_delegate(one, who):
    asked = ask(who["manager"], one)
    with pytest.raises(DomainError, match="own request"):
        limit_decide(actor=who["manager"], request=asked, approve=True)
    helper = factories.user(Role.REP, one.territory)
    day = date(2025, 4, 15)
    Absence.objects.create(user=who["manager"], starts_on=day, ends_on=day, delegate=helper, reason="leave")
    with pytest.raises(DomainError, match="own request"):
        limit_decide(actor=helper, request=asked, approve=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditLimit.objects.filter(pk=asked.pk).update(
            state="approved", decided_by=who["manager"], decided_at="2025-04-15T00:00:00Z"
        )
    asked.refresh_from_db()
    assert asked.state == LimitState.REQUESTED


def test_a_delegate_decides_for_who_is_away_and_is_named_as_such(one, who):
    asked = ask(who["rep"], one)
    helper = factories.user(Role.REP, one.territory)
    with pytest.raises(DomainError, match="may not decide"):
        limit_decide(actor=helper, request=asked, approve=True)
    day = date(2025, 4, 15)
    Absence.objects.create(user=who["manager"], starts_on=day, ends_on=day, delegate=helper, reason="leave")
    made = limit_decide(actor=helper, request=asked, approve=True)
    assert (made.decided_by, made.decided_for) == (helper, who["manager"])
    assert AuditEvent.objects.get(verb="credit.limit_approved").on_behalf_of == who["manager"]


def test_two_persons_approve_above_the_second_amount(one, who):
    asked = ask(who["rep"], one, 1_000_001)
    first = limit_decide(actor=who["finance"], request=asked, approve=True)
    assert (first.state, first.first_by, standing(one).credit_limit) == (LimitState.REQUESTED, who["finance"], None)
    with pytest.raises(DomainError, match="second approval"):
        limit_decide(actor=who["finance"], request=first, approve=True)
    with pytest.raises(TransitionRefused):
        limit_decide(actor=who["second"], request=asked, approve=True)  # a page from before the first approval
    made = limit_decide(actor=who["second"], request=first, approve=True)
    assert (made.state, standing(one).credit_limit) == (LimitState.APPROVED, 1_000_001)


def test_of_the_two_persons_one_is_of_finance(one, who):
    asked = ask(who["rep"], one, 1_000_001)
    first = limit_decide(actor=who["manager"], request=asked, approve=True)
    assert (first.state, first.first_by) == (LimitState.REQUESTED, who["manager"])
    other = factories.user(Role.MANAGER, one.territory)
    with pytest.raises(DomainError, match="decided by finance"):
        limit_decide(actor=other, request=first, approve=True)
    assert limit_decide(actor=who["finance"], request=first, approve=True).state == LimitState.APPROVED


def test_a_decision_is_made_once_and_declining_asks_why(one, who):
    asked = ask(who["rep"], one)
    with pytest.raises(DomainError, match="why"):
        limit_decide(actor=who["manager"], request=asked, approve=False)
    limit_decide(actor=who["manager"], request=asked, approve=False, note="too early")
    with pytest.raises(TransitionRefused):
        limit_decide(actor=who["finance"], request=asked, approve=True)
    asked.refresh_from_db()
    assert (asked.state, asked.note, standing(one).credit_limit) == (LimitState.DECLINED, "too early", None)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"amount": -1}, "above zero"),
        ({"kind": "temporary", "amount": 0, "ends_on": date(2025, 5, 1)}, "above zero"),
        ({"kind": "temporary", "ends_on": date(2025, 5, 1)}, "could be increased"),
        ({"starts_on": date(2025, 4, 14)}, "today at the earliest"),
        ({"ends_on": date(2025, 4, 14)}, "before the first"),
        ({"ends_on": date(2026, 5, 21)}, "At most 400 days"),
        ({"kind": "temporary", "ends_on": date(2025, 7, 15)}, "At most 90 days"),
        ({"reason": "  "}, "who decides reads it"),
        ({"currency": "EUR"}, "no rate for EUR"),
    ],
)
def test_a_request_that_cannot_be_is_refused_and_nothing_is_kept(one, who, given, reason):
    with pytest.raises(DomainError, match=reason):
        ask(who["rep"], one, **given)
    assert not CreditLimit.objects.exists()
    assert not AuditEvent.objects.filter(target_type="credit.CreditLimit").exists()


def test_who_pays_before_delivery_and_who_has_ended_gets_no_limit(one, who):
    Cooperation.objects.update(settlement_method="prepaid")
    with pytest.raises(DomainError, match="pays before"):
        ask(who["rep"], one)
    one.state = "ended"
    with pytest.raises(DomainError, match="ended"):
        ask(who["rep"], one)
    assert not CreditLimit.objects.exists()


def test_one_request_of_a_kind_waits_and_its_maker_alone_takes_it_back(one, who):
    asked = ask(who["rep"], one)
    with pytest.raises(DomainError, match="waits already"):
        ask(who["manager"], one)
    with pytest.raises(DomainError, match="Only who made"):
        limit_withdraw(actor=who["manager"], request=asked)
    limit_withdraw(actor=who["rep"], request=asked)
    with pytest.raises(TransitionRefused):
        limit_decide(actor=who["manager"], request=asked, approve=True)
    assert CreditLimit.objects.get().state == LimitState.WITHDRAWN
    assert ask(who["manager"], one).pk


def test_a_rep_asks_for_own_distributors_only_and_an_inspector_for_none(one):
    rep = factories.user(Role.REP, factories.territory())
    for person in (rep, factories.user(Role.INSPECTOR, one.territory), factories.user(Role.ADMIN)):
        with pytest.raises(PermissionDenied):
            ask(person, one)
    assert not CreditLimit.objects.exists()


def test_a_temporary_increase_is_added_and_ends_by_itself(one, who, settings):
    limit(one, 100_000)
    asked = ask(who["rep"], one, 50_000, kind="temporary", ends_on=date(2025, 4, 20))
    limit_decide(actor=who["manager"], request=asked, approve=True)
    assert standing(one).credit_limit == 150_000
    for day, expected in (("2025-04-20", 150_000), ("2025-04-21", 100_000), ("2026-01-01", None)):
        settings.TODAY = day
        credit_refresh(runner=Foreground())
        assert standing(one).credit_limit == expected, day


def test_an_increase_counts_with_the_limit_it_is_added_to_for_who_decides(one, who):
    limit(one, 280_000)
    asked = ask(who["rep"], one, 50_000, kind="temporary", ends_on=date(2025, 4, 20))
    with pytest.raises(DomainError, match="finance"):
        limit_decide(actor=who["manager"], request=asked, approve=True)
    assert limit_decide(actor=who["finance"], request=asked, approve=True).state == LimitState.APPROVED


def test_small_requests_are_judged_by_what_they_come_to_on_any_of_their_days(one, who):
    def approve(amount, **more):
        asked = ask(who["rep"], one, amount, **more)
        return limit_decide(actor=who["manager"], request=asked, approve=True)

    ahead = {"kind": "temporary", "starts_on": date(2025, 5, 1), "ends_on": date(2025, 5, 20)}
    approve(100_000)
    approve(200_000, **ahead)
    for more in (ahead, {"starts_on": date(2025, 4, 20)}):
        with pytest.raises(DomainError, match="finance"):
            approve(150_000, **more)
    CreditLimit.objects.filter(state=LimitState.REQUESTED).update(state=LimitState.WITHDRAWN, decided_at=clock.now())
    approve(200_000, kind="temporary", starts_on=date(2025, 5, 21), ends_on=date(2025, 5, 30))


def test_what_could_not_be_asked_for_any_more_is_not_approved_either(one, who):
    asked = ask(who["rep"], one)
    Cooperation.objects.update(settlement_method="prepaid")
    with pytest.raises(DomainError, match="pays before"):
        limit_decide(actor=who["manager"], request=asked, approve=True)
    Cooperation.objects.update(settlement_method="transfer")
    type(one).objects.filter(pk=one.pk).update(merged_into=factories.distributor(one.territory))
    with pytest.raises(DomainError, match="merged"):
        limit_decide(actor=who["manager"], request=asked, approve=True)
    assert CreditLimit.objects.get().state == LimitState.REQUESTED
    assert limit_decide(actor=who["manager"], request=asked, approve=False, note="Gone").state == LimitState.DECLINED


def test_of_approved_limits_the_last_to_start_holds_also_where_it_is_lower(one):
    limit(one, 100_000)
    limit(one, 40_000, starts_on=date(2025, 4, 1))
    limit(one, 900_000, starts_on=date(2025, 5, 1))
    assert standing(one).credit_limit == 40_000


def test_a_limit_in_another_currency_follows_the_rate_and_keeps_its_value_without_one(one, who, settings):
    made = limit_decide(actor=who["manager"], request=ask(who["rep"], one, 10_000, currency="USD"), approve=True)
    assert (made.base_amount, standing(one).credit_limit) == (70_000, 70_000)
    settings.TODAY = "2025-04-16"
    ExchangeRate.objects.create(currency="USD", day=date(2025, 4, 16), rate=Decimal("7.25"))
    credit_refresh(runner=Foreground())
    assert standing(one).credit_limit == 72_500
    assert amounts_convert(date(2025, 6, 1)) == 0  # no rate for weeks
    assert CreditLimit.objects.get().base_amount == 72_500


def test_the_recommendation_is_kept_with_its_arithmetic(one, who):
    for month in (date(2024, 10, 1), date(2025, 3, 1), date(2024, 7, 1)):
        MonthlySales.objects.create(
            distributor=one,
            month=month,
            kind="sell_in",
            counted=True,
            quantity=1,
            amount=Decimal(300_000),
            tax=Decimal(39_000),
            cost=0,
            lines=1,
            orders=1,
            products=1,
            first_on=month,
            last_on=month,
        )
    security(one)
    asked = ask(who["rep"], one)
    working = asked.working
    # Six months: 2 x 339,000 / 6; July of last year's coming quarter: 339,000 / 3: as much, and so the six months'.
    assert (working["half_year"], working["season"], working["security"]) == (1_130_000_000, 1_130_000_000, 500_000_000)
    if not getattr(one.standing, "credit_grade", ""):
        assert (working["lacks"], asked.recommended) == ("grade", 50_000)
    assert recommendation(one, policy_now(), date(2025, 4, 15)).amount == asked.recommended


def test_a_contract_that_was_ended_for_a_later_day_still_gives_its_terms(settings, one):
    Cooperation.objects.filter(distributor=one).update(settlement_days=None)
    Contract.objects.create(
        distributor=one,
        number="C-1",
        state="terminated",
        signed_on=date(2025, 1, 1),
        valid_from=date(2025, 1, 1),
        ends_on=clock.today(),
        credit_days=45,
    )
    assert terms_of(one)[1] == 45
    settings.TODAY = (clock.today() + timedelta(days=1)).isoformat()
    assert terms_of(one)[1] is None


def test_the_rules_change_by_versions_that_agree(one):
    admin = factories.user(Role.ADMIN)
    made = policy_change(actor=admin, opened=1, manager_most=Decimal(10), note="tighter")
    assert (made.number, policy_now().manager_most, LimitPolicy.objects.count()) == (2, 10, 2)
    with pytest.raises(StaleVersion):
        policy_change(actor=admin, opened=1, manager_most=Decimal(20))
    with pytest.raises(DomainError, match="not below"):
        policy_change(actor=admin, opened=2, second_from=Decimal(5))
    with pytest.raises(DomainError, match="Nothing"):
        policy_change(actor=admin, opened=2)
    with pytest.raises(PermissionDenied):
        policy_change(actor=factories.user(Role.FINANCE), opened=2, manager_most=Decimal(20))
    assert policy_now().number == 2
    levels = [level_of(Decimal(amount), policy_now()) for amount in (10, 11, 1_000_000, 1_000_001)]
    assert levels == [Level.MANAGER, Level.FINANCE, Level.FINANCE, Level.TWO]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_at_once_one_wins(settings):
    settings.TODAY = TODAY
    where = factories.territory()
    one = account(where=where)
    who = people(one)
    asked = ask(who["rep"], one)
    barrier, outcomes = Barrier(2), []

    def decide(name):
        barrier.wait()
        try:
            limit_decide(actor=who[name], request=CreditLimit.objects.get(pk=asked.pk), approve=True)
            outcomes.append("approved")
        except TransitionRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=decide, args=(name,)) for name in ("finance", "manager")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["approved", "refused"]
    assert AuditEvent.objects.filter(verb="credit.limit_approved").count() == 1

"""How credit cards are scored: from the ledger, from accounts, from what was entered, as of a day."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from core.errors import DomainError
from core.models import AuditEvent
from distributors.credit.cards import securities
from distributors.credit.cards.models import Accounts, CreditScore, Evidence, GradeEvent, ScoreRun
from distributors.credit.cards.nightly import months_due
from distributors.credit.cards.policies import policy_on
from distributors.credit.cards.runs import card_score, scores_run
from distributors.credit.cards.selectors import grades_by_territory
from distributors.credit.cards.services import (
    accounts_save,
    accounts_withdraw,
    evidence_add,
    evidence_withdraw,
    review_add,
)
from distributors.credit.limits.models import Security
from distributors.profiles.models import Distributor, Standing
from tests import factories
from tests.credit.world import TODAY, breach, card, invoice, numbers, scored, stock, traded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def finance():
    return factories.user(Role.FINANCE)


def enter(actor, of, item="references", score=80, **fields):
    given = {"reviewed_on": TODAY, "expires_on": date(2026, 6, 30), "note": "Seen", **fields}
    return evidence_add(actor=actor, distributor=of, item=item, score=score, **given)


def account(actor, of, year=2024, **fields):
    figures = {
        "registered_capital": Decimal(5_000_000),
        "equity": Decimal(500),
        "liabilities": Decimal(500),
        "current_assets": Decimal(150),
        "current_liabilities": Decimal(100),
        "operating_margin": Decimal(5),
        "own_premises": True,
    }
    more = {name: fields.pop(name) for name in ("opened", "currency", "reviewed_on") if name in fields}
    given = {"currency": "CNY", "reviewed_on": TODAY, **more}
    return accounts_save(actor=actor, distributor=of, year=year, figures={**figures, **fields}, **given)


def test_a_distributor_without_any_history_has_no_grade_and_no_confidence():
    one = factories.distributor()
    scored()
    row = card(one)
    assert (row.score, row.grade, row.confidence, row.provisional) == (None, "", Decimal(0), False)
    assert GradeEvent.objects.count() == 0


def test_what_is_settled_within_the_grace_is_on_time_at_home_and_overseas():
    home, abroad = traded(), traded(currency="USD")
    for one in (home, abroad):
        invoice(one, date(2025, 3, 1), 100, date(2025, 3, 6))
        invoice(one, date(2025, 3, 1), 100, date(2025, 3, 11))
        invoice(one, date(2025, 3, 1), 100, date(2025, 3, 12))
        invoice(one, date(2025, 3, 1), 100)
    scored()
    assert (card(home).punctuality, card(abroad).punctuality) == (Decimal(25), Decimal(50))
    assert numbers(card(home), "invoiced", "on_time") == [Decimal(400), Decimal(100)]


@pytest.mark.parametrize(
    "fields",
    [{"disputed": True}, {"cancelled": True}, {"kind": "credit_note"}, {"due_on": date(2025, 6, 12)}],
)
def test_what_is_disputed_cancelled_no_invoice_or_within_the_grace_says_nothing(fields):
    one = traded()
    invoice(one, date(2025, 3, 1), 100, **fields)
    scored()
    assert card(one).punctuality is None


def test_invoices_in_foreign_currency_weigh_by_their_value_in_ours():
    one = traded(currency="USD")
    invoice(one, date(2025, 3, 1), 100, date(2025, 3, 1), currency="USD", base_amount=700)
    invoice(one, date(2025, 3, 1), 300)
    scored()
    assert card(one).punctuality == Decimal(70)


def test_breaches_of_the_last_year_count_unless_taken_back():
    one, other = traded(), traded()
    breach(one, date(2025, 1, 1))
    breach(one, date(2024, 1, 1))
    breach(one, date(2025, 1, 2), reversed_by="X")
    scored()
    assert (card(one).breaches, card(other).breaches) == (Decimal(60), Decimal(100))


def test_the_trend_compares_twelve_full_months_and_says_nothing_of_who_began_in_them():
    one, new = traded(), factories.distributor()
    Standing.objects.filter(pk=new.pk).update(first_sale_on=date(2024, 2, 1))
    scored()
    assert card(one).trend == Decimal("73.33")
    assert card(new).trend is None


def test_turns_are_sales_over_the_mean_stock_against_the_plan():
    one = traded()
    stock(one, date(2025, 1, 31), 2000)
    stock(one, date(2025, 2, 28), 2400)
    scored()
    assert card(one).turns == Decimal(80)


def test_demand_is_that_of_the_others_in_the_territory_where_enough_of_them_trade():
    country = factories.territory("Country")
    few, many = factories.territory("Few", country), factories.territory("Many", country)
    lonely = traded(few)
    crowd = [traded(many) for _one in range(6)]
    scored()
    assert card(lonely).demand == Decimal("73.33")
    assert card(lonely).demand_now == Decimal(6 * 13_200)
    assert {card(one).demand_now for one in crowd} == {Decimal(5 * 13_200)}
    Standing.objects.filter(pk=crowd[0].pk).update(first_sale_on=date(2024, 2, 1))
    scored()
    assert card(crowd[1]).demand_now == Decimal(5 * 13_200)


def test_accounts_give_their_ratios_and_count_no_longer_once_they_are_too_old(finance, settings):
    one = traded()
    account(finance, one)
    row = card(one)
    assert numbers(row, "margin", "registered", "debt", "current", "premises") == [
        Decimal(70),
        Decimal(80),
        Decimal(80),
        Decimal(80),
        Decimal(100),
    ]
    settings.TODAY = "2026-06-30"
    scored(date(2026, 6, 30))
    assert card(one).debt == Decimal(80)
    settings.TODAY = "2026-07-01"
    scored(date(2026, 7, 1))
    assert card(one).debt is None


def test_of_a_year_the_last_correction_counts_and_what_was_withdrawn_does_not(finance):
    one = traded()
    first = account(finance, one)
    second = account(finance, one, opened=first.pk, liabilities=Decimal(0))
    assert card(one).debt == Decimal(100)
    assert account(finance, one, liabilities=Decimal(0)).pk == second.pk
    accounts_withdraw(actor=finance, accounts=second)
    assert card(one).debt is None
    assert Accounts.objects.filter(withdrawn_at=None).count() == 0


def test_debt_that_has_eaten_up_the_equity_scores_nothing_and_no_debt_at_hand_everything(finance):
    one = traded()
    account(finance, one, equity=Decimal(-900), current_liabilities=Decimal(0))
    assert numbers(card(one), "debt", "current") == [Decimal(0), Decimal(100)]


def test_evidence_scores_at_once_and_counts_as_missing_once_it_has_expired(finance, settings):
    one = traded()
    scored()
    before = card(one)
    enter(finance, one, score=10, expires_on=date(2025, 7, 1))
    after = card(one)
    assert (after.references, after.confidence - before.confidence) == (Decimal(10), Decimal("4.50"))
    assert after.score < before.score
    assert Standing.objects.get(pk=one.pk).credit_score == after.score
    settings.TODAY = "2025-07-02"
    scored(date(2025, 7, 2))
    assert (card(one).references, card(one).confidence) == (None, before.confidence)


def test_the_latest_evidence_counts_and_withdrawing_it_brings_back_the_one_before(finance):
    one = traded()
    enter(finance, one, score=40, reviewed_on=date(2025, 1, 1))
    last = enter(finance, one, score=90)
    assert card(one).references == Decimal(90)
    evidence_withdraw(actor=finance, evidence=last)
    assert card(one).references == Decimal(40)
    with pytest.raises(DomainError, match="withdrawn already"):
        evidence_withdraw(actor=finance, evidence=last)


def test_the_same_evidence_twice_is_one_and_another_of_the_day_is_refused(finance):
    one = traded()
    first = enter(finance, one)
    assert enter(finance, one).pk == first.pk
    with pytest.raises(DomainError, match="of this day already"):
        enter(finance, one, score=20)
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"item": "punctuality"}, "cannot be typed in"),
        ({"item": "debt"}, "cannot be typed in"),
        ({"item": "nonsense"}, "cannot be typed in"),
        ({"score": 101}, "between 0 and 100"),
        ({"score": -1}, "between 0 and 100"),
        ({"reviewed_on": date(2025, 6, 16)}, "lies in the past"),
        ({"expires_on": date(2025, 6, 14)}, "at least until"),
        ({"note": "  "}, "rests on"),
    ],
)
def test_evidence_that_says_nothing_is_refused_and_nothing_is_kept(finance, fields, words):
    one = traded()
    with pytest.raises(DomainError, match=words):
        enter(finance, one, **fields)
    assert (Evidence.objects.count(), CreditScore.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"year": 2025}, "year that is over"),
        ({"year": 1980}, "this old"),
        ({"liabilities": Decimal(-1)}, "below zero"),
        ({"operating_margin": Decimal(101)}, "between -100 and 100"),
        ({"reviewed_on": date(2026, 1, 1)}, "lies in the past"),
    ],
)
def test_accounts_that_cannot_be_are_refused(finance, fields, words):
    with pytest.raises(DomainError, match=words):
        account(finance, traded(), **fields)
    assert Accounts.objects.count() == 0


def test_of_two_who_correct_the_same_accounts_the_second_is_told(finance):
    one = traded()
    first = account(finance, one)
    account(finance, one, opened=first.pk, equity=Decimal(1))
    with pytest.raises(DomainError):
        account(finance, one, opened=first.pk, equity=Decimal(2))
    assert Accounts.objects.count() == 2


@pytest.mark.parametrize("state", ["ended", "merged"])
def test_who_has_ended_or_was_merged_has_no_card_and_takes_no_evidence(finance, state):
    one, survivor = traded(), traded()
    scored()
    assert Standing.objects.get(pk=one.pk).credit_grade != ""
    fields = {"state": "ended"} if state == "ended" else {"merged_into": survivor}
    Distributor.objects.filter(pk=one.pk).update(**fields)
    with pytest.raises(DomainError):
        enter(finance, one)
    scored()
    assert not CreditScore.objects.filter(distributor=one).exists()
    assert Standing.objects.get(pk=one.pk).credit_grade == ""
    assert card_score(distributor=one) is None or state == "merged"


def test_what_was_found_of_a_merged_card_counts_for_its_survivor(finance):
    one, survivor = factories.distributor(), traded()
    enter(finance, one, score=77)
    invoice(one, date(2025, 3, 1), 100, date(2025, 3, 1))
    Distributor.objects.filter(pk=one.pk).update(merged_into=survivor)
    scored()
    assert numbers(card(survivor), "references", "punctuality") == [Decimal(77), Decimal(100)]


def test_a_changed_grade_is_an_event_with_an_audit_row_and_stands_in_the_standing(finance):
    one = traded()
    scored()
    first = Standing.objects.get(pk=one.pk)
    assert [event.before for event in GradeEvent.objects.all()] == [""]
    assert AuditEvent.objects.filter(verb="credit.graded").count() == 0
    enter(finance, one, score=0)
    enter(finance, one, item="litigation", score=0)
    last = Standing.objects.get(pk=one.pk)
    assert last.credit_grade != first.credit_grade
    event = GradeEvent.objects.exclude(before="").latest("pk")
    assert (event.after, event.score) == (last.credit_grade, last.credit_score)
    audit = AuditEvent.objects.filter(verb="credit.graded").latest("pk")
    assert (audit.target_id, audit.after["grade"]) == (str(one.pk), last.credit_grade)


def test_the_same_scoring_twice_changes_nothing():
    one = traded()
    scored()
    events, standing = GradeEvent.objects.count(), Standing.objects.values().get(pk=one.pk)
    scored()
    assert (GradeEvent.objects.count(), ScoreRun.objects.count()) == (events, 1)
    assert Standing.objects.values().get(pk=one.pk) == standing


def test_one_card_scored_alone_equals_the_run_over_all():
    territory = factories.territory()
    many = [traded(territory) for _one in range(7)]
    invoice(many[0], date(2025, 3, 1), 100, date(2025, 3, 1))
    scored()
    names = [field.name for field in CreditScore._meta.fields if field.name not in ("id", "run", "scored_at")]
    whole = CreditScore.objects.values(*names).get(distributor=many[0], run__monthly=False)
    card_score(distributor=many[0])
    assert CreditScore.objects.values(*names).get(distributor=many[0], run__monthly=False) == whole


def test_a_month_end_is_scored_once_and_stays_as_it_was(finance):
    one = traded()
    scored(date(2025, 6, 1), monthly=True)
    then = CreditScore.objects.get(run__monthly=True)
    enter(finance, one, reviewed_on=date(2025, 5, 1), score=5)
    scored(date(2025, 6, 1), monthly=True)
    assert CreditScore.objects.get(run__monthly=True).score == then.score
    assert months_due(TODAY) == []
    assert months_due(date(2025, 8, 3)) == [date(2025, 7, 1), date(2025, 8, 1)]
    with pytest.raises(DomainError):
        scores_run(as_of=date(2025, 6, 2), monthly=True)


def test_a_review_sets_the_next_one_and_twice_a_day_is_once(finance):
    one = traded()
    with pytest.raises(DomainError, match="no grade yet"):
        review_add(actor=finance, distributor=one, next_on=date(2026, 6, 1))
    scored()
    assert card(one).review_due == date(2026, 6, 1)
    review_add(actor=finance, distributor=one, next_on=date(2025, 12, 1))
    assert card(one).review_due == date(2025, 12, 1)
    made = review_add(actor=finance, distributor=one, next_on=date(2025, 11, 1))
    assert (card(one).review_due, made.grade) == (date(2025, 11, 1), card(one).grade)
    assert one.credit_reviews.count() == 1
    with pytest.raises(DomainError, match="lies ahead"):
        review_add(actor=finance, distributor=one, next_on=TODAY)


def test_securities_count_where_somebody_supplies_them(monkeypatch):
    one, free, bare = traded(), traded(), traded()

    def reader(_as_of, _some):
        keys = np.array([one.pk, free.pk, bare.pk])
        return keys, np.array([50_0000, 10_0000, 0]), np.array([100_0000, 0, 100_0000])

    monkeypatch.setattr(securities, "_readers", [])
    scored()
    assert card(one).coverage is None
    monkeypatch.setattr(securities, "_readers", [reader])
    scored()
    assert [card(each).coverage for each in (one, free, bare)] == [Decimal(60), Decimal(100), Decimal(0)]


def test_securities_in_force_count_after_their_haircut_against_the_exposure():
    one, other = traded(standing={"exposure": 1000}), traded(standing={"exposure": 1000})
    given = {"currency": "CNY", "converted_on": TODAY, "starts_on": date(2025, 1, 1)}
    for number, more in enumerate(
        (
            {"kind": "property", "base_amount": 400},
            {"kind": "deposit", "base_amount": 300},
            {"kind": "guarantee", "base_amount": 900, "expires_on": date(2025, 6, 14)},
            {"kind": "personal", "base_amount": 900, "released_on": TODAY},
            {"kind": "property", "base_amount": 50, "counts": 0},
        )
    ):
        Security.objects.create(distributor=one, reference=f"S{number}", amount=more["base_amount"], **given, **more)
    scored()
    assert numbers(card(one), "security", "exposure", "coverage") == [Decimal(500), Decimal(1000), Decimal(60)]
    assert (card(other).security, card(other).coverage) == (Decimal(0), Decimal(0))


def test_the_statements_of_a_scoring_do_not_grow_with_the_distributors():
    def statements():
        policy_on(TODAY)
        with CaptureQueriesContext(
            connection,
        ) as found:
            scored()
        return len(found)

    territory = factories.territory()
    for _one in range(3):
        traded(territory)
    few = statements()
    for _one in range(12):
        traded(territory)
    assert statements() <= few + 2


def test_grades_are_counted_by_territory_within_reach():
    mine, theirs = factories.territory(), factories.territory()
    one, _other = traded(mine), traded(theirs)
    scored()
    manager = factories.user(Role.MANAGER, mine)
    assert grades_by_territory(manager) == {mine.path: {card(one).grade: 1}}


def test_the_database_itself_refuses_a_score_beyond_the_scale(finance):
    made = enter(finance, traded())
    with pytest.raises(IntegrityError), transaction.atomic():
        Evidence.objects.filter(pk=made.pk).update(score=101)

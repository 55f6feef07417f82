"""The pages of credit: what they show, what they refuse, and how few questions they ask."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.roles import Role
from distributors.credit.limits.dunning import dunning_list, stage_of
from distributors.credit.limits.portfolio import portfolio_of
from distributors.credit.limits.statement import statement_of
from distributors.credit.limits.trends import ageing_trend, month_ends
from distributors.credit.models import CreditCheck, CreditLimit, Promise, Security
from distributors.ledger.ageing import ageing
from distributors.ledger.calculations.ageing import aged
from distributors.ledger.records import OpenItem
from tests import factories
from tests.credit.accounts import TODAY, account, bill, limit, pay, people, security, standing

pytestmark = pytest.mark.django_db

DAY = date(2025, 4, 15)


@pytest.fixture
def one(settings):
    settings.TODAY = TODAY
    return account()


@pytest.fixture
def finance(client):
    person = factories.user(Role.FINANCE)
    client.force_login(person)
    return person


def url(name, *args):
    return reverse(f"credit:{name}", args=args)


def busy(one):
    """Give an account some of everything."""
    limit(one, 10_000)
    for number, due in enumerate(("2025-06-30", "2025-04-01", "2025-03-01", "2025-02-01", "2025-01-05")):
        bill(one, f"R{number}", 1000 + number, due)
    pay(one, "P1", 500)
    security(one, expires_on=date(2025, 5, 1))
    Promise.objects.create(
        distributor=one, amount=5, currency="CNY", base_amount=5, made_on=date(2025, 4, 1), due_on=date(2025, 4, 10)
    )


@pytest.mark.parametrize("name", ["queue", "ageing", "dunning", "portfolio"])
def test_a_page_asks_the_same_few_questions_however_many_accounts_there_are(
    client, one, finance, django_assert_max_num_queries, name
):
    busy(one)
    for number in range(3):
        busy_too = account(code=f"X{number}")
        bill(busy_too, f"X{number}", 2000, "2025-01-05")
    with django_assert_max_num_queries(25):
        page = client.get(url(name)).content.decode()
    assert str(one) in page or name == "ageing"


def test_the_queue_leads_to_every_page_of_credit_and_to_what_waits(client, one, finance):
    busy(one)
    page = client.get(url("queue")).content.decode()
    for title in ("Requests that wait", "Accounts on hold", "Securities that end", "Broken promises", "Reviews that"):
        assert title in page
    for name in ("ageing", "dunning", "portfolio", "creditscore-list", "creditlimit-list", "security-list"):
        assert f'href="{url(name)}"' in page


def test_the_account_shows_its_arithmetic_in_few_questions(client, one, finance, django_assert_max_num_queries):
    busy(one)
    with django_assert_max_num_queries(25):
        page = client.get(url("distributor-limit", one.pk), headers={"HX-Request": "true"}).content.decode()
    for text in ("10,000", "= exposure", "On hold since", "S-"):
        assert text in page
    assert "Deliver in spite of it" in page
    client.force_login(factories.user(Role.ANALYST))
    seen = client.get(url("distributor-limit", one.pk)).content.decode()
    assert "= exposure" in seen
    assert "Deliver in spite of it" not in seen


def test_a_limit_is_asked_for_and_approved_in_the_browser(client, one):
    who = people(one)
    client.force_login(who["rep"])
    address = url("distributor-limitask", one.pk)
    assert "no grade yet" in client.get(address).content.decode()
    given = {"kind": "regular", "amount": "1000", "currency": "cny", "starts_on": TODAY, "ends_on": "2025-12-31"}
    refused = client.post(address, {**given, "reason": ""})
    assert (refused.status_code, CreditLimit.objects.count()) == (422, 0)
    client.post(address, {**given, "reason": "season"})
    asked = CreditLimit.objects.get()
    assert (asked.currency, asked.requested_by) == ("CNY", who["rep"])
    client.post(url("creditlimit-decide", asked.pk, "approve"))
    asked.refresh_from_db()
    assert asked.state == "requested"  # a rep decides nothing
    client.force_login(who["manager"])
    assert "Approve" in client.get(asked.get_absolute_url()).content.decode()
    client.post(url("creditlimit-decide", asked.pk, "approve"), {"note": "fine"})
    assert standing(one).credit_limit == 1000
    assert client.post(url("creditlimit-decide", asked.pk, "forget")).status_code == 404


def test_finance_asks_whether_an_order_may_go(client, one, finance):
    limit(one, 1000)
    address = url("creditcheck-ask")
    unknown = client.post(address, {"distributor": "D999", "amount": "1", "currency": "CNY"})
    assert (unknown.status_code, CreditCheck.objects.count()) == (422, 0)
    answer = client.post(address, {"distributor": "D1", "amount": "900", "currency": "CNY", "reserve_hours": "2"})
    found = CreditCheck.objects.get()
    assert answer["Location"] == found.get_absolute_url()
    assert "approved" in client.get(answer["Location"]).content.decode()
    client.post(url("creditcheck-release", found.pk))
    found.refresh_from_db()
    assert found.released_at is not None


def test_a_security_is_entered_changed_proved_and_given_back(client, one, finance):
    given = {"reference": "L1", "kind": "property", "amount": "800", "currency": "CNY", "starts_on": "2025-01-01"}
    client.post(url("distributor-security", one.pk), given)
    made = Security.objects.get()
    twice = client.post(url("distributor-security", one.pk), given)
    assert (twice.status_code, Security.objects.count()) == (422, 1)
    address = url("security-edit", made.pk)
    stale = {**given, "amount": "900", "version": "0"}
    assert client.post(address, stale).status_code == 409
    assert client.post(address, {**stale, "version": "1"}).status_code == 302
    page = client.get(made.get_absolute_url()).content.decode()
    assert "450.00" in page  # half of 900 counts
    wrong = SimpleUploadedFile("a.pdf", b"no pdf")
    client.post(url("security-upload", made.pk), {"file": wrong})
    assert Security.objects.get().file_name == ""
    right = io.BytesIO(b"%PDF-1.7 deposit")
    right.name = "deposit.pdf"
    client.post(url("security-upload", made.pk), {"file": right})
    answer = client.get(url("security-file", made.pk))
    assert b"".join(answer.streaming_content) == b"%PDF-1.7 deposit"
    client.post(url("security-back", made.pk))
    assert Security.objects.get().released_on == DAY
    assert client.post(address, {**stale, "version": "2"}).status_code == 422


def test_promises_disputes_reminders_and_overrides_are_entered_on_their_forms(client, one, finance):
    bill(one, "R1", 2000, "2025-03-01")
    client.post(url("distributor-promise", one.pk), {"amount": "5", "currency": "CNY", "due_on": "2025-04-20"})
    client.post(url("distributor-reminder", one.pk), {"stage": "2", "way": "phone"})
    client.post(url("distributor-override", one.pk), {"ends_on": "2025-04-20", "reason": "agreed"})
    assert not standing(one).on_hold
    invoice = OpenItem.objects.get().invoice_id
    client.post(url("distributor-dispute", one.pk), {"invoice": invoice, "reason": "broken pump"})
    page = client.get(url("distributor-limit", one.pk)).content.decode()
    for text in ("agreed", "broken pump", "days late"):
        assert text in page or text == "agreed"
    names = ("promise", "reminder", "dispute", "hold", "security", "creditcheck", "creditlimit")
    for name in names:
        assert client.get(url(f"{name}-list")).status_code == 200, name
        assert client.get(url(f"{name}-list") + "?export=csv").status_code == 200, name


def test_the_statement_adds_up_from_its_opening_to_its_closing(client, one, finance):
    bill(one, "R1", 1000, "2025-03-01")
    bill(one, "R2", 300, "2025-05-01", day="2025-03-20")
    pay(one, "P1", 400)
    found = statement_of(finance, one.pk, date(2025, 3, 1), DAY)
    assert [(sheet.currency, sheet.opening, sheet.closing) for sheet in found] == [("CNY", 1000, 900)]
    assert [(entry.number, entry.amount, entry.balance) for entry in found[0].entries] == [
        ("R2", 300, 1300),
        ("P1", -400, 900),
    ]
    page = client.get(url("distributor-statement", one.pk) + "?since=2025-03-01&until=nonsense").content.decode()
    assert "1,300.00" in page
    assert one.legal_name in page


def test_a_statement_that_would_leave_something_out_is_refused(client, one, finance, monkeypatch):
    bill(one, "R1", 1000, "2025-03-01")
    bill(one, "R2", 300, "2025-05-01", day="2025-03-20")
    monkeypatch.setattr("distributors.credit.limits.statement.MOST_ROWS", 1)
    page = client.get(url("distributor-statement", one.pk) + "?since=2025-01-01")
    assert page.status_code == 422
    assert "choose a shorter period" in page.content.decode()
    assert page.context["sheets"] == []


def test_the_trend_ends_with_the_ageing_of_today_and_its_buckets_make_up_the_receivable(one, finance):
    busy(one)
    ends = ageing_trend(finance, DAY, None, "CNY")
    now = [found.amount for found in ageing(OpenItem.objects.all(), DAY)]
    assert list(ends[-1].amounts) == now
    assert sum(now) == standing(one).receivable
    assert [end.day for end in ends] == month_ends(DAY)
    assert ends[-2].total == 5010  # before the payment of this month
    assert ends[-3].amounts[1] == 1003 + 0  # due on 1 February, 27 days late at its end
    assert ends[0].dso.days is None


@given(st.lists(st.tuples(st.integers(-400, 400), st.integers(0, 10**12))))
def test_the_buckets_of_ageing_make_up_the_receivable(items):
    import numpy as np

    days = np.array([day for day, _amount in items], dtype=np.int64)
    amounts = np.array([amount for _day, amount in items], dtype=np.int64)
    found = aged(days, amounts)
    assert sum(found.amounts) == found.total == sum(amount for _day, amount in items)
    assert found.overdue == sum(amount for day, amount in items if day > 0)


def test_the_dunning_list_names_the_next_step_until_it_is_done(one, finance):
    assert [stage_of(days) and stage_of(days).number for days in (0, 1, 30, 31, 60, 61, 90, 91)] == [
        *(None, 1, 1, 2, 2, 3, 3, 4)
    ]
    bill(one, "R1", 2000, "2025-03-01")
    found, more = dunning_list(finance, DAY)
    assert [(due.days, due.step.number, more) for due in found] == [(45, 2, False)]
    from distributors.credit.limits.promises import reminder_add

    reminder_add(actor=finance, distributor=one, stage=2, way="letter")
    assert dunning_list(finance, DAY)[0][0].step is None
    inspector = factories.user(Role.REP, factories.territory())
    assert dunning_list(inspector, DAY) == ([], False)


def test_the_portfolio_adds_up(one, finance):
    limit(one, 1000)
    bill(one, "R1", 900, "2025-06-30")
    two = account(code="D2")
    limit(two, 100)
    bill(two, "R2", 300, "2025-06-30")
    found = portfolio_of(finance)
    assert (found.total.count, found.total.exposure, found.total.limit, found.total.held) == (2, 1200, 1100, 1)
    assert sum(group.exposure for group in found.territories) == sum(group.exposure for group in found.grades) == 1200
    assert [exposure for _pk, _name, exposure in found.largest] == [900, 300]
    assert found.uses == [(0, Decimal(0)), (0, Decimal(0)), (1, Decimal(900)), (1, Decimal(300))]
    assert portfolio_of(factories.user(Role.REP, factories.territory())).total.count == 0


def test_the_list_of_distributors_shows_and_filters_credit_to_who_may_see_it(client, one, finance):
    busy(one)
    address = reverse("profiles:distributor-list") + "?columns=name,exposure,credit_limit,headroom,on_hold"
    assert "10,000" in client.get(address).content.decode()
    assert str(one) in client.get(reverse("profiles:distributor-list") + "?credit=held").content.decode()
    assert str(one) not in client.get(reverse("profiles:distributor-list") + "?credit=none").content.decode()
    client.force_login(factories.user(Role.INSPECTOR, one.territory))
    assert "10,000" not in client.get(address).content.decode()

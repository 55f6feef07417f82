"""Everything that needs a person: ranked, put aside with a reason, and back when it should be."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.roles import Role
from core.contributors import NEEDS_EACH
from core.errors import DomainError
from core.models import AuditEvent, Snooze
from core.needs import need_list, need_snooze, need_wake, needs_of
from distributors.profiles.models import Standing, Task
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def rui():
    return factories.user(Role.REP, name="Rui")


def task(owner, days=0, **fields):
    return Task.objects.create(
        **{"title": "Call them", "owner": owner, "due_on": TODAY - timedelta(days=days), **fields}
    )


def silent(owner, days=60):
    standing = {"last_order_on": TODAY - timedelta(days=days), "order_gap_days": 20, "net_sales_12m": 5000}
    return factories.distributor(owner=owner, legal_name="Quiet Trading", standing=standing)


def aside(user, need, days=3, reason="waits for their answer"):
    return need_snooze(user=user, key=need.key, until=TODAY + timedelta(days=days), reason=reason)


def test_an_item_says_whom_it_is_about_and_what_happens_if_nothing_is_done(rui, client):
    silent(rui)
    client.force_login(rui)
    page = client.get(reverse("core:needs")).content.decode()
    assert "Quiet Trading has not ordered for 60 days" in page
    assert "net sales of 5,000 a year are at stake" in page


def test_the_action_is_one_press_where_it_can_be(rui, client):
    made = task(rui, distributor=silent(rui), days=2)
    client.force_login(rui)
    page = client.get(reverse("core:needs")).content.decode()
    assert f'action="{reverse("profiles:task-done", args=[made.pk])}"' in page
    client.post(reverse("profiles:task-done", args=[made.pk]), {"next": "needs"})
    assert [need.code for need in needs_of(rui, TODAY)] == ["silent"]


def test_what_is_put_aside_is_gone_until_its_day(rui, client, settings):
    task(rui)
    (need,) = needs_of(rui, TODAY)
    client.force_login(rui)
    body = {"key": need.key, "until": TODAY + timedelta(days=3), "reason": "waits for their answer"}
    assert client.post(reverse("core:need-aside"), body).status_code == 302
    assert needs_of(rui, TODAY) == []
    assert "waits for their answer" in client.get(reverse("core:needs")).content.decode()
    assert "Call them" not in client.get(reverse("core:home")).content.decode()
    assert AuditEvent.objects.get(verb="need.snoozed").note == "waits for their answer"
    assert needs_of(rui, TODAY + timedelta(days=2)) == []
    assert len(needs_of(rui, TODAY + timedelta(days=3))) == 1


def test_another_cause_is_another_item(rui):
    quiet = silent(rui)
    (need,) = needs_of(rui, TODAY)
    aside(rui, need, days=80)
    assert needs_of(rui, TODAY) == []
    Standing.objects.filter(pk=quiet.pk).update(last_order_on=TODAY - timedelta(days=50))
    assert len(needs_of(rui, TODAY)) == 1


def test_what_was_put_aside_and_settled_is_not_shown_as_aside(rui):
    made = task(rui)
    aside(rui, needs_of(rui, TODAY)[0])
    assert len(need_list(rui, TODAY).snoozed) == 1
    Task.objects.filter(pk=made.pk).update(state="done", ended_on=TODAY)
    assert need_list(rui, TODAY).snoozed == []


def test_an_item_is_taken_back(rui, client):
    task(rui)
    (need,) = needs_of(rui, TODAY)
    aside(rui, need)
    client.force_login(rui)
    client.post(reverse("core:need-back"), {"key": need.key})
    assert [one.key for one in needs_of(rui, TODAY)] == [need.key]
    need_wake(user=rui, key=need.key)
    assert AuditEvent.objects.filter(verb="need.woken").count() == 1


@pytest.mark.parametrize(
    ("days", "reason", "says"),
    [(0, "x", "from tomorrow"), (91, "x", "at most 90"), (3, "  ", "Say why")],
)
def test_putting_aside_asks_for_a_reason_and_a_day_ahead(rui, days, reason, says):
    task(rui)
    with pytest.raises(DomainError, match=says):
        aside(rui, needs_of(rui, TODAY)[0], days, reason)
    assert not Snooze.objects.exists()
    assert len(needs_of(rui, TODAY)) == 1


def test_nobody_puts_aside_what_is_not_theirs(rui):
    task(factories.user(Role.REP))
    with pytest.raises(DomainError, match="any more"):
        need_snooze(user=rui, key=f"task-{Task.objects.get().pk}-{TODAY}", until=TODAY + timedelta(days=1), reason="x")
    assert not Snooze.objects.exists()


def test_one_persons_aside_is_not_anothers(rui):
    boss = factories.user(Role.ADMIN)
    silent(rui)
    aside(rui, needs_of(rui, TODAY)[0])
    assert needs_of(rui, TODAY) == []
    assert len(needs_of(boss, TODAY)) == 1


def test_more_than_are_shown_of_a_kind_are_counted_as_at_least(rui, client):
    for _number in range(NEEDS_EACH + 3):
        task(rui, days=1)
    found = need_list(rui, TODAY)
    assert (len(found.items), found.more) == (NEEDS_EACH, True)
    client.force_login(rui)
    assert f"at least {NEEDS_EACH}" in client.get(reverse("core:needs")).content.decode()


def test_kinds_filter_the_page(rui, client):
    task(rui)
    silent(rui)
    client.force_login(rui)
    page = client.get(reverse("core:needs") + "?kind=task").content.decode()
    assert "Call them" in page
    assert "Quiet Trading" not in page


def test_the_page_takes_as_many_queries_with_one_item_as_with_many(rui, client, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    silent(rui)
    task(rui)
    client.force_login(rui)
    client.get(reverse("core:needs"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("core:needs"))
    for _number in range(8):
        silent(rui)
        task(rui)
    with django_assert_num_queries(len(few)):
        client.get(reverse("core:needs"))

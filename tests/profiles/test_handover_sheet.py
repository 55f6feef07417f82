"""The hand-over sheet: what a new owner must know, told to them, seen by both sides and by who assigns there."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Notification
from accounts.people_services import user_deactivate
from accounts.roles import MATRIX, Role
from core.models import AuditEvent
from distributors.ledger.kinds.declaration import kind_of
from distributors.ledger.services import facts_upsert
from distributors.profiles.assignments import assignment_start
from distributors.profiles.contracts.services import contract_terminate
from distributors.profiles.handover_sheet import hand_over_of, sheet_of
from distributors.profiles.models import Assignment, Task
from tests import factories
from tests.ledger.records import company
from tests.profiles.contracts import signed

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 10)
APRIL = date(2026, 4, 1)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()
    company()


@pytest.fixture
def town():
    return factories.territory("Town")


@pytest.fixture
def manager(town):
    return factories.user(Role.MANAGER, town, name="Manager")


@pytest.fixture
def old(town):
    return factories.user(Role.REP, town, name="Olga Old")


@pytest.fixture
def new():
    return factories.user(Role.REP, factories.territory("Elsewhere"), name="Nina New")


@pytest.fixture
def one(town, old):
    standing = {"receivable": Decimal(900), "overdue": Decimal(300), "oldest_overdue_on": date(2026, 1, 5)}
    return factories.distributor(town, old, code="D1", legal_name="Harbour", standing=standing)


def give(manager, one, new, starts_on=APRIL):
    assignment_start(
        actor=manager, distributors=[one], starts_on=starts_on, territory=one.territory, owner=new, reason="moves on"
    )


def sheet(client, person, one, **asked):
    client.force_login(person, backend="accounts.backends.EmailBackend")
    return client.get(reverse("profiles:distributor-handover", args=[one.pk]), asked)


def test_the_sheet_has_debts_tasks_contracts_people_and_orders(client, manager, old, new, one):
    Task.objects.create(title="Bring the price list", owner=old, due_on=date(2026, 3, 1), distributor=one)
    signed(factories.user(Role.ADMIN), one, "C-1", [], coverage_commitment="ten outlets", valid_to=date(2026, 4, 30))
    factories.contact(one, name="Lin", stance="opponent", decision_role="decider", phones="+86 4711", family="two sons")
    factories.contact(one, name="Gone", left_on=date(2026, 1, 1))
    for number in range(7):
        row = {"external_id": f"O{number}", "distributor": "D1", "day": f"2026-02-0{number + 1}", "currency": "CNY"}
        kind = kind_of("orders")
        facts_upsert(actor=factories.user(Role.ADMIN), kind=kind, source_code="erp", rows=[{**row, "open_amount": "5"}])
    give(manager, one, new)
    # What came in since computed the standing anew.
    type(one.standing).objects.filter(pk=one.pk).update(receivable=Decimal(900), overdue=Decimal(300))
    text = sheet(client, manager, one).content.decode()
    for wanted in ("Olga Old", "Nina New", "1 April 2026", "900 CNY", "300 CNY", "ten outlets"):
        assert wanted in text
    for wanted in ("Bring the price list", "ends soon", "Lin", "opponent", "O6", "O0", "5 CNY not invoiced"):
        assert wanted in text
    for kept in ("4711", "two sons", "Gone"):
        assert kept not in text


def test_a_contract_that_still_holds_stands_on_it_though_it_was_ended_for_a_later_day(client, manager, new, one):
    made = signed(factories.user(Role.ADMIN), one, "C-1", [], coverage_commitment="ten outlets")
    give(manager, one, new)
    contract_terminate(actor=manager, contract=made, last=APRIL, reason="over")
    assert "ten outlets" in sheet(client, manager, one).content.decode()


@pytest.mark.parametrize(
    ("kind", "hidden", "heading"),
    [
        ("contract", "ten outlets", "Contracts and what they promise"),
        ("task", "Bring the price list", "Open tasks"),
        ("contact", "Lin", "People"),
    ],
)
def test_what_a_reader_may_not_see_by_their_own_permission_stands_not_on_it(
    manager, old, new, one, kind, hidden, heading
):
    Task.objects.create(title="Bring the price list", owner=old, due_on=date(2026, 3, 1), distributor=one)
    signed(factories.user(Role.ADMIN), one, "C-1", [], coverage_commitment="ten outlets")
    factories.contact(one, name="Lin")
    give(manager, one, new)
    found = hand_over_of(manager, one.pk, TODAY, None, whole=False)
    whole = render_to_string("profiles/handover_sheet.html", sheet_of(manager, found, TODAY, "CNY"))
    manager.granted = frozenset(MATRIX) - {f"profiles.view_{kind}"}
    text = render_to_string("profiles/handover_sheet.html", sheet_of(manager, found, TODAY, "CNY"))
    for words in (hidden, heading):
        assert words in whole
        assert words not in text


def test_the_new_owner_is_told_with_the_way_to_the_sheet_and_may_open_it_before_the_month(client, manager, new, one):
    give(manager, one, new)
    told = Notification.objects.get(user=new)
    assert str(told) == "Olga Old hands over to you from 1 April 2026 on; distributors: 1"
    client.force_login(new, backend="accounts.backends.EmailBackend")
    page = client.get(told.url)
    assert page.status_code == 200
    assert client.get(one.get_absolute_url()).status_code == 404
    event = AuditEvent.objects.get(verb="handover.read")
    assert (event.actor, event.after["old"], event.after["new"]) == (new, "Olga Old", "Nina New")


def test_both_owners_and_who_assigns_there_see_it_and_nobody_else(client, manager, old, new, one, town):
    give(manager, one, new)
    others = [
        factories.user(Role.REP, town),
        factories.user(Role.MANAGER, factories.territory()),
        factories.user(Role.FINANCE),
        factories.user(Role.INSPECTOR, town),
    ]
    assert [sheet(client, person, one).status_code for person in (manager, old, new)] == [200] * 3
    assert [sheet(client, person, one).status_code for person in others] == [404] * 4


def test_who_gave_sees_it_for_a_month_and_who_took_until_they_give_it_on(client, settings, manager, old, new, one):
    give(manager, one, new)
    settings.TODAY = "2026-05-02"
    assert sheet(client, old, one).status_code == 200
    settings.TODAY = "2026-05-03"
    old.territories.clear()
    assert sheet(client, old, one).status_code == 404
    third = factories.user(Role.REP, one.territory)
    give(manager, one, third, date(2026, 6, 1))
    assert sheet(client, new, one, **{"from": "2026-04-01"}).status_code == 404


def test_all_that_goes_over_with_it_stands_on_one_sheet_also_of_a_person_who_leaves(client, old, new, one, town):
    admin = factories.user(Role.ADMIN)
    other = factories.distributor(town, old, code="D2")
    stays = factories.distributor(town, factories.user(Role.REP, town), code="D3")
    user_deactivate(actor=admin, user=old, starts_on=APRIL, successor=new, reason="leaves")
    page = sheet(client, new, one, all="yes")
    assert [section["distributor"] for section in page.context["sections"]] == [one, other]
    assert stays.legal_name not in page.content.decode()
    assert Notification.objects.filter(user=new, kind="handover").count() == 1
    rows = client.get(reverse("profiles:handover-list")).context["rows"]
    assert [(row["old"], row["new"], row["n"], row["starts_on"]) for row in rows] == [(old, new, 2, APRIL)]
    client.force_login(admin, backend="accounts.backends.EmailBackend")
    listed = client.get(reverse("profiles:user-handovers", args=[old.pk]))
    assert len(listed.context["rows"]) == 1
    assert reverse("profiles:user-handovers", args=[old.pk]) in client.get(old.get_absolute_url()).content.decode()


def test_a_person_out_of_reach_sees_no_hand_over_in_the_list(client, manager, new, one):
    give(manager, one, new)
    client.force_login(factories.user(Role.MANAGER, factories.territory()), backend="accounts.backends.EmailBackend")
    page = client.get(reverse("profiles:handover-list"))
    assert page.context["rows"] == []
    assert "Nothing was handed over" in page.content.decode()


def test_another_territory_alone_hands_nothing_over_and_tells_nobody(client, manager, old, one):
    assignment_start(
        actor=manager, distributors=[one], starts_on=APRIL, territory=factories.territory(), owner=old, reason=""
    )
    assert not Notification.objects.exists()
    assert sheet(client, manager, one, **{"from": "2026-04-01"}).status_code == 404
    assert sheet(client, manager, one, **{"from": "soon"}).status_code == 404


def test_who_gives_to_themselves_is_not_told(manager, one):
    give(manager, one, manager)
    assert not Notification.objects.exists()


def test_the_profile_leads_to_the_sheet_of_each_change_of_owner(client, manager, new, one):
    give(manager, one, new)
    client.force_login(manager, backend="accounts.backends.EmailBackend")
    text = client.get(reverse("profiles:distributor-profile", args=[one.pk])).content.decode()
    assert text.count("/handover/?from=2026-04-01") == 1
    assert "/handover/?from=2020-01-01" not in text


def test_a_sheet_of_many_takes_as_many_queries_as_one_of_few(client, manager, old, new, one, town):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert sheet(client, manager, one, all="yes").status_code == 200
        return len(queries)

    give(manager, one, new)
    asked()
    before = asked()
    more = [factories.distributor(town, old) for _number in range(6)]
    Assignment.objects.bulk_create(
        Assignment(distributor=row, starts_on=APRIL, territory=town, owner=new) for row in more
    )
    for row in more:
        factories.contact(row)
        Task.objects.create(title="Call", owner=old, due_on=TODAY, distributor=row)
    assert asked() == before

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core.errors import TransitionRefused
from core.models import AuditEvent
from distributors.profiles import services
from distributors.profiles.models import Distributor, LifecycleChange, Place, Standing
from distributors.profiles.selectors import overview_kpis
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = date(2025, 11, 20)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def enter(client):
    def enter(user):
        client.force_login(user, backend="accounts.backends.EmailBackend")
        return client

    return enter


def url(screen, *args):
    return reverse(f"profiles:{screen}", args=args)


def test_the_page_is_not_there_for_a_rep_of_another_territory(enter):
    found, other = factories.distributor(), factories.user(Role.REP, factories.territory())
    client = enter(other)
    for screen in ("distributor-detail", "distributor-profile", "distributor-edit", "distributor-reassign"):
        assert client.get(url(screen, found.pk)).status_code == 404
    assert client.post(url("distributor-move", found.pk, "watch"), {"reason": "x"}).status_code == 404
    assert Distributor.objects.get(pk=found.pk).state == "active"


def test_a_tab_is_a_page_of_its_own_and_a_fragment_to_htmx(enter):
    found = factories.distributor(legal_name="Harbour Trading")
    client = enter(factories.user())
    whole = client.get(url("distributor-profile", found.pk))
    part = client.get(url("distributor-profile", found.pk), headers={"HX-Request": "true"})
    assert b"<html" in whole.content
    assert b"<html" not in part.content
    assert b"Legal name" in part.content
    assert "HX-Request" in whole["Vary"]


def test_what_a_role_may_not_do_is_not_offered_and_not_done(enter):
    where = factories.territory()
    rep = factories.user(Role.REP, where)
    mine, theirs = factories.distributor(where, rep), factories.distributor(where)
    client = enter(rep)
    own = client.get(url("distributor-profile", mine.pk)).context
    assert (own["edit_url"] is not None, own["actions"], [tab["label"] for tab in own["tabs"]][-1] == "History") == (
        True,
        [],
        False,
    )
    assert {str(move["label"]) for move in own["moves"]} == {"Put on watch", "Begin the exit"}
    seen = client.get(url("distributor-profile", theirs.pk)).context
    assert (seen["edit_url"], seen["moves"]) == (None, [])
    assert client.get(url("distributor-edit", theirs.pk)).status_code == 404
    assert client.get(url("distributor-history", mine.pk)).status_code == 404
    assert client.get(url("distributor-add")).status_code == 403


def test_the_timeline_shows_moves_and_assignments_and_filters_by_kind(enter):
    admin, found = factories.user(), factories.distributor()
    services.lifecycle_move(actor=admin, distributor=found, name="watch", reason="Pays late")
    client = enter(admin)
    page = client.get(url("distributor-detail", found.pk))
    assert [(event.kind, event.on) for event in page.context["events"]] == [
        ("State", TODAY),
        ("Assignment", date(2020, 1, 1)),
    ]
    only = client.get(url("distributor-detail", found.pk) + "?kind=State")
    assert [event.text for event in only.context["events"]] == ["Pays late"]


def form_data(found, **changed):
    return {
        "version": found.version,
        "code": found.code,
        "legal_name": found.legal_name,
        "type": found.type_id,
        "tier": found.tier,
        **changed,
    }


def test_two_editors_the_second_sees_both_versions_and_may_save_knowingly(enter):
    admin, found = factories.user(), factories.distributor(legal_name="Old name")
    client = enter(admin)
    edit = url("distributor-edit", found.pk)
    assert client.post(edit, form_data(found, legal_name="Theirs", city="Dalian")).status_code == 302
    second = client.post(edit, form_data(found, legal_name="Mine", city=""))
    assert second.status_code == 409
    rows = {row["label"]: (row["yours"], row["theirs"]) for row in second.context["conflict"]["rows"]}
    assert rows["Legal name"] == ("Mine", "Theirs")
    assert Distributor.objects.get(pk=found.pk).legal_name == "Theirs"
    version = second.context["form"].data["version"]
    assert client.post(edit, form_data(found, legal_name="Mine", version=version)).status_code == 302
    assert Distributor.objects.get(pk=found.pk).legal_name == "Mine"


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(enter):
    found, other = factories.distributor(tier=2), factories.distributor(tier=3)
    client = enter(factories.user())
    answer = client.post(url("distributor-edit", found.pk), form_data(found, parent=other.code, phone="010-1"))
    assert answer.status_code == 422
    assert "lower tier" in answer.context["form"].errors["parent"][0]
    assert answer.context["form"]["phone"].value() == "010-1"
    assert Distributor.objects.get(pk=found.pk).parent is None


def test_a_supplier_out_of_reach_stays_unnamed_and_stays(enter):
    above = factories.distributor(legal_name="Far away", tier=1)
    found = factories.distributor(tier=2, parent=above)
    client = enter(factories.user(Role.MANAGER, found.territory))
    for screen in ("distributor-detail", "distributor-profile", "distributor-edit"):
        page = client.get(url(screen, found.pk)).content.decode()
        assert "Far away" not in page
        assert above.code not in page
    assert client.post(url("distributor-edit", found.pk), form_data(found, legal_name="Mine")).status_code == 302
    saved = Distributor.objects.get(pk=found.pk)
    assert (saved.legal_name, saved.parent) == ("Mine", above)


def test_a_manager_adds_a_distributor_in_reach_and_names_no_other_territory_or_parent(enter):
    where, elsewhere = factories.territory(), factories.territory()
    hidden = factories.distributor(elsewhere, tier=1)
    client = enter(factories.user(Role.MANAGER, where))
    data = {"code": "N1", "legal_name": "New", "type": factories.distributor_type().pk, "tier": 2}
    refused = client.post(url("distributor-add"), {**data, "territory": elsewhere.pk, "parent": hidden.code})
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"territory", "parent"}
    assert client.post(url("distributor-add"), {**data, "territory": where.pk, "city": "Dalian"}).status_code == 302
    assert Distributor.objects.get(code="N1").city == "Dalian"


def test_a_move_needs_its_reason_and_a_second_press_answers_409(enter):
    found = factories.distributor()
    client = enter(factories.user(Role.MANAGER, found.territory))
    watch = url("distributor-move", found.pk, "watch")
    assert client.post(watch, {"reason": ""}).status_code == 422
    assert client.post(watch, {"reason": "Pays late"}).status_code == 302
    assert client.post(watch, {"reason": "Pays late"}).status_code == 409
    assert LifecycleChange.objects.count() == 1


def test_a_reassignment_out_of_reach_is_refused(enter):
    found, elsewhere = factories.distributor(), factories.territory()
    client = enter(factories.user(Role.MANAGER, found.territory))
    data = {"starts_on": "2025-12-01", "territory": elsewhere.pk, "reason": ""}
    assert client.post(url("distributor-reassign", found.pk), data).status_code == 422
    assert found.assignments.count() == 1
    below = factories.territory(parent=found.territory)
    data = {"starts_on": "2025-11-01", "territory": below.pk, "reason": ""}
    assert client.post(url("distributor-reassign", found.pk), data).status_code == 302
    assert Distributor.objects.get(pk=found.pk).territory == below


def test_a_shipping_address_of_another_distributor_is_out_of_reach(enter):
    mine, other = factories.distributor(), factories.distributor()
    place = Place.objects.create(distributor=other, kind="shipping", city="Dalian")
    client = enter(factories.user())
    assert client.post(url("place-remove", mine.pk, place.pk)).status_code == 404
    assert client.post(url("place-edit", mine.pk, place.pk), {"city": "X"}).status_code == 404
    assert client.post(url("place-add", mine.pk), {"city": "Beijing"}).status_code == 302
    assert set(Place.objects.values_list("city", flat=True)) == {"Dalian", "Beijing"}


def test_history_says_who_changed_what(enter):
    admin, found = factories.user(name="Mei"), factories.distributor(legal_name="Old name")
    client = enter(admin)
    client.post(url("distributor-edit", found.pk), form_data(found, legal_name="New name"))
    (row,) = client.get(url("distributor-history", found.pk)).context["history"]
    assert (row["who"], row["what"]) == (admin, "Changed")
    assert row["changes"] == [{"label": "Legal name", "before": "Old name", "after": "New name"}]


def test_the_overview_takes_as_many_queries_for_much_as_for_little(enter):
    admin, found = factories.user(), factories.distributor()
    client = enter(admin)
    page = url("distributor-detail", found.pk)
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    for number in range(20):
        factories.distributor(tier=2, parent=found, standing={"net_sales_12m": Decimal(number)})
        LifecycleChange.objects.create(distributor=found, before="active", after="watch", on=TODAY, by=admin)
    with CaptureQueriesContext(connection) as many:
        response = client.get(page)
    assert len(few) == len(many) <= 25
    assert len(response.context["children"]) == 8
    assert response.context["children_more"]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_press_at_the_same_moment_make_one_move():
    managers = [factories.user(Role.MANAGER), factories.user(Role.MANAGER)]
    found = factories.distributor()
    rows = [Distributor.objects.get(pk=found.pk) for _manager in managers]
    together, outcomes = threading.Barrier(2), []

    def press(manager, row, name):
        together.wait()
        try:
            services.lifecycle_move(actor=manager, distributor=row, name=name, reason="Now")
            outcomes.append(name)
        except TransitionRefused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=press, args=args) for args in zip(managers, rows, ("watch", "exit"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes)[0] in {"exit", "refused"}
    assert outcomes.count("refused") == 1
    assert LifecycleChange.objects.count() == AuditEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("state", "gap", "ago", "detail", "tone"),
    [
        ("active", 10, 20, "20 days ago · usually every 10 days", ""),
        ("active", 10, 21, "21 days ago · usually every 10 days", "w"),
        ("exiting", 10, 21, "21 days ago · usually every 10 days", ""),
        ("active", 1, 1, "1 day ago · usually every 1 day", ""),
        ("active", None, 400, "400 days ago", ""),
        ("active", 0, 3, "3 days ago", "w"),
    ],
)
def test_the_last_order_warns_where_the_list_of_the_silent_holds_the_distributor(state, gap, ago, detail, tone):
    found = factories.distributor(state=state)
    Standing.objects.filter(pk=found.pk).update(last_order_on=TODAY - timedelta(days=ago), order_gap_days=gap)
    (kpi,) = (kpi for kpi in overview_kpis(Standing.objects.get(pk=found.pk), TODAY) if kpi["label"] == "Last order")
    assert (kpi["detail"], kpi["tone"]) == (detail, tone)
    assert Distributor.objects.silent(TODAY).exists() == (tone == "w")

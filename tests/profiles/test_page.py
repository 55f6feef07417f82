import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.absences import absence_save
from accounts.models import Absence
from accounts.roles import Role
from core.errors import TransitionRefused
from core.models import AuditEvent
from distributors.profiles import services
from distributors.profiles.models import Distributor, LifecycleChange, Place, Standing
from distributors.profiles.overview import open_points, overview_kpis
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
    only = client.get(url("distributor-detail", found.pk) + "?kind=state")
    assert [event.text for event in only.context["events"]] == ["Pays late"]
    chosen = [kind["label"] for kind in only.context["kinds"] if kind["active"]]
    assert chosen == ["State"]
    admin.language = "zh-hans"
    admin.save()
    again = client.get(url("distributor-detail", found.pk) + "?kind=state")
    assert len(again.context["events"]) == 1
    assert [kind["url"] for kind in again.context["kinds"] if kind["active"]] == [
        again.request["PATH_INFO"] + "?kind=state"
    ]
    assert len(client.get(url("distributor-detail", found.pk) + "?kind=nonsense").context["events"]) == 2


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


@pytest.fixture
def review():
    """A distributor that Rui put under review, and the manager who may decide."""
    where = factories.territory("Harbour district")
    rui, lin = factories.user(Role.REP, where, name="Rui"), factories.user(Role.MANAGER, where, name="Lin")
    above = factories.distributor(where, legal_name="Wholesale House")
    found = factories.distributor(
        where,
        rui,
        state="prospect",
        legal_name="Harbour Trading",
        tier=2,
        parent=above,
        registration_number="REG-77",
        registered_capital=Decimal(500000),
        currency="USD",
    )
    services.lifecycle_move(actor=rui, distributor=found, name="submit", reason="Sells what we lack")
    return found, rui, lin


def test_who_decides_sees_what_the_decision_rests_on_and_every_way_it_may_go(enter, review):
    found, _rui, lin = review
    page = enter(lin).get(url("distributor-move", found.pk, "approve"))
    text = page.content.decode()
    for fact in ("Rui", "20 November 2025", "Sells what we lack", "Wholesale House", "Harbour district", "REG-77"):
        assert fact in text
    assert "500,000 USD" in text
    assert {move["name"] for move in page.context["moves"]} == {"approve", "send_back", "end"}
    for move in page.context["moves"]:
        assert f'formaction="{move["url"]}"' in text


@pytest.mark.parametrize(("name", "state"), [("approve", "approved"), ("send_back", "prospect"), ("end", "ended")])
def test_each_way_of_a_decision_needs_its_reason_and_is_taken(enter, review, name, state):
    found, _rui, lin = review
    client, decide = enter(lin), url("distributor-move", found.pk, name)
    refused = client.post(decide, {"reason": " "})
    assert refused.status_code == 422
    assert "Sells what we lack" in refused.content.decode()
    assert Distributor.objects.get(pk=found.pk).state == "review"
    assert client.post(decide, {"reason": "Papers read", "confirmed": name}).status_code == 302
    last = LifecycleChange.objects.order_by("-pk")[0]
    assert (last.after, last.reason, last.by) == (state, "Papers read", lin)


def test_a_refusal_is_called_so_and_asked_for_twice(enter, review):
    found, _rui, lin = review
    client, end = enter(lin), url("distributor-move", found.pk, "end")
    page = client.get(url("distributor-move", found.pk, "approve"))
    assert {str(move["label"]) for move in page.context["moves"]} == {"Approve", "Refuse", "Send back to prospects"}
    asked = client.post(end, {"reason": "Too small"})
    text = asked.content.decode()
    assert asked.status_code == 200
    assert "Press once more to confirm" in text
    assert "Confirm: Refuse" in text
    assert "Too small" in text
    assert Distributor.objects.get(pk=found.pk).state == "review"
    assert client.post(end, {"reason": "Too small", "confirmed": "approve"}).status_code == 200
    assert Distributor.objects.get(pk=found.pk).state == "review"
    assert client.post(end, {"reason": "Too small", "confirmed": "end"}).status_code == 302
    assert Distributor.objects.get(pk=found.pk).state == "ended"


@pytest.mark.parametrize(
    ("state", "label"),
    [("prospect", "Drop the prospect"), ("approved", "Call it off"), ("exiting", "End the cooperation")],
)
def test_what_ends_is_called_by_what_it_ends(enter, state, label):
    found = factories.distributor(state=state)
    client, end = enter(factories.user()), url("distributor-move", found.pk, "end")
    assert label in client.get(url("distributor-profile", found.pk)).content.decode()
    asked = client.post(end, {"reason": "Agreed"}).content.decode()
    assert f"Confirm: {label}" in asked
    assert Distributor.objects.get(pk=found.pk).state == state
    assert client.post(end, {"reason": "Agreed", "confirmed": "end"}).status_code == 302
    assert Distributor.objects.get(pk=found.pk).state == "ended"


def test_who_put_it_under_review_is_offered_no_approval_and_gets_none(enter):
    lin = factories.user(Role.MANAGER, factories.territory())
    found = factories.distributor(lin.territories.get(), state="prospect")
    services.lifecycle_move(actor=lin, distributor=found, name="submit", reason="Mine")
    client, approve = enter(lin), url("distributor-move", found.pk, "approve")
    page = client.get(approve)
    assert {move["name"] for move in page.context["moves"]} == {"send_back", "end"}
    assert "a second person approves" in page.content.decode()
    answer = client.post(approve, {"reason": "I trust myself"})
    assert answer.status_code == 409
    assert "I trust myself" in answer.content.decode()
    assert Distributor.objects.get(pk=found.pk).state == "review"


def test_what_is_decided_already_answers_with_who_decided_instead_of_the_form(enter, review):
    found, _rui, lin = review
    services.lifecycle_move(actor=lin, distributor=found, name="approve", reason="Papers read")
    client, approve = enter(factories.user(name="Mei")), url("distributor-move", found.pk, "approve")
    page = client.get(approve)
    assert page.status_code == 200
    assert "form" not in page.context
    text = page.content.decode()
    for fact in ("“Approve” is not possible: Harbour Trading is approved.", "Lin", "Papers read"):
        assert fact in text
    late = client.post(approve, {"reason": "Me too"})
    assert late.status_code == 409
    assert "Nothing was changed. You wrote: Me too" in late.content.decode()
    assert LifecycleChange.objects.count() == 2


def test_a_delegate_sees_the_decision_for_whom_and_no_way_to_the_card(enter, review):
    found, _rui, lin = review
    hua = factories.user(Role.MANAGER, factories.territory(), name="Hua")
    absence_save(
        actor=lin, instance=Absence(), user=lin, starts_on=TODAY, ends_on=TODAY, delegate=hua, reason="", version=None
    )
    page = enter(hua).get(url("distributor-move", found.pk, "approve"))
    text = page.content.decode()
    assert "You decide for Lin, who is away." in text
    assert "REG-77" in text
    assert url("distributor-profile", found.pk) not in text
    assert "Wholesale House" not in text
    assert {move["name"] for move in page.context["moves"]} == {"approve", "end"}


def test_one_entered_under_review_says_that_nobody_proposed_it(enter):
    found = factories.distributor(state="review")
    page = enter(factories.user()).get(url("distributor-move", found.pk, "approve"))
    assert "nobody is recorded as having proposed it" in page.content.decode()


def test_a_supplier_out_of_reach_stays_unnamed_on_the_decision(enter):
    above = factories.distributor(legal_name="Far away", tier=1)
    found = factories.distributor(tier=2, parent=above, state="review")
    page = enter(factories.user(Role.MANAGER, found.territory)).get(url("distributor-move", found.pk, "approve"))
    assert "Far away" not in page.content.decode()


def test_a_form_saved_unchanged_leaves_no_trace(enter):
    found = factories.distributor(currency="CNY", registered_capital=Decimal(100), website="http://harbour.example/")
    client = enter(factories.user())
    services.place_save(
        actor=None, distributor=found, address="Dock 4", city="", province="", postal_code="", country=""
    )
    client.post(url("distributor-edit", found.pk), form_data(found, city="Dalian"))
    before, trail = Distributor.objects.values().get(pk=found.pk), AuditEvent.objects.count()
    form = client.get(url("distributor-edit", found.pk)).context["form"]
    data = {name: form[name].value() for name in form.fields}
    sent = {name: "" if value is None else value for name, value in data.items()}
    assert client.post(url("distributor-edit", found.pk), sent).status_code == 302
    place = Place.objects.get(distributor=found, kind="shipping")
    assert client.post(url("place-edit", found.pk, place.pk), {"address": "Dock 4"}).status_code == 302
    assert Distributor.objects.values().get(pk=found.pk) == before
    assert AuditEvent.objects.count() == trail


def test_the_trail_of_a_shipping_address_says_what_changed(enter):
    found = factories.distributor()
    place = Place.objects.create(distributor=found, kind="shipping", city="Dalian")
    enter(factories.user()).post(url("place-edit", found.pk, place.pk), {"city": "Beijing"})
    event = AuditEvent.objects.get(verb="distributor.place_saved")
    assert (event.before, event.after) == ({"city": "Dalian"}, {"city": "Beijing"})


@pytest.mark.parametrize(("currency", "shown"), [("EUR", "2,000,000 EUR"), ("", "2,000,000 CNY")])
def test_registered_capital_is_in_the_distributors_currency_else_in_ours(enter, currency, shown):
    found = factories.distributor(registered_capital=Decimal(2000000), currency=currency)
    client = enter(factories.user())
    assert shown in client.get(url("distributor-profile", found.pk)).content.decode()
    form = client.get(url("distributor-edit", found.pk)).context["form"]
    assert "where it has none, in CNY" in str(form.fields["registered_capital"].help_text)


def test_the_language_is_chosen_by_its_name_and_an_unknown_one_stays(enter):
    found = factories.distributor(language="x-trade")
    client, edit = enter(factories.user()), url("distributor-edit", found.pk)
    choices = dict(client.get(edit).context["form"].fields["language"].choices)
    assert (choices["zh-hans"], choices["vi"], choices["x-trade"]) == ("Simplified Chinese", "Vietnamese", "x-trade")
    assert client.post(edit, form_data(found, language="klingon")).status_code == 422
    assert client.post(edit, form_data(found, language="x-trade", city="Dalian")).status_code == 302
    now = Distributor.objects.get(pk=found.pk)
    assert now.language == "x-trade"
    assert client.post(edit, form_data(now, language="vi", city="Dalian")).status_code == 302
    stale = client.post(edit, form_data(now, language="en", city="Dalian"))
    (row,) = stale.context["conflict"]["rows"]
    assert (row["yours"], row["theirs"]) == ("English", "Vietnamese")
    (last, _first) = client.get(url("distributor-history", found.pk)).context["history"]
    assert last["changes"][0]["after"] == "Vietnamese"


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
    assert (row["who"], row["what"]) == ("Mei", "Changed")
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


def test_open_points_say_from_when_and_one_day_is_one_day():
    found = factories.distributor(
        standing={"abc": "A", "abc_next": "B", "last_order_on": TODAY - timedelta(days=1), "order_gap_days": 0}
    )
    change, silent = open_points(found, Standing.objects.get(pk=found.pk), TODAY, "CNY")
    assert change["text"] == "on 1 December, if it holds until then"
    assert silent["title"] == "No order for 1 day"


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
    (kpi,) = (
        kpi for kpi in overview_kpis(Standing.objects.get(pk=found.pk), TODAY, "CNY") if kpi["label"] == "Last order"
    )
    assert (kpi["detail"], kpi["tone"]) == (detail, tone)
    assert Distributor.objects.silent(TODAY).exists() == (tone == "w")

"""What imports of master data leave in the audit trail: one row for each record, as a form would."""

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from core import audit
from core.models import AuditEvent
from distributors.ledger import trail
from distributors.ledger.kinds import distributors
from distributors.ledger.models import ExchangeRate, Import
from distributors.profiles.models import Distributor, Place
from tests import factories
from tests.ledger.records import bring, small_world

pytestmark = pytest.mark.django_db

HEAD = "code,legal_name,short_name,territory,owner,tier,parent,registered_capital,founded_on,phone,city\n"


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-06-15"
    world = small_world()
    factories.territory("Away", code="T2")
    world["rep"] = factories.user(Role.REP, name="Rui", code="R1")
    world["actor"] = factories.user(Role.ADMIN)
    return world


def written(*verbs):
    """Return verb, name, before and after of each row of the trail about a record, by verb and name."""
    events = AuditEvent.objects.filter(verb__in=verbs).order_by("verb", "target_text")
    return [(one.verb, one.target_text, one.before, one.after) for one in events]


def test_a_changed_distributor_has_a_row_with_just_what_changed(world):
    Distributor.objects.filter(code="D1").update(legal_name="One", short_name="Uno", phone="1", registered_capital=5)
    Distributor.objects.filter(code="D2").update(legal_name="Two", short_name="Due")
    Place.objects.create(distributor=world["one"], kind=Place.Kind.REGISTERED, city="Wuxi")
    rows = "D1,One,Eins,T1,,1,,1000.5,2001-02-03,1,Nanjing\nD2,Two,Due,T1,,2,D1,,,,\n"
    bring(HEAD + rows, "distributors", actor=world["actor"], filename="cards.csv")
    assert written("distributor.changed") == [
        ("distributor.changed", "Due", {"tier": "1", "parent": ""}, {"tier": "2", "parent": "Eins"}),
        (
            "distributor.changed",
            "Eins",
            {"short_name": "Uno", "registered_capital": "5.0000", "founded_on": "", "city": "Wuxi"},
            {"short_name": "Eins", "registered_capital": "1000.5000", "founded_on": "2001-02-03", "city": "Nanjing"},
        ),
    ]
    event = AuditEvent.objects.get(verb="distributor.changed", target_text="Eins")
    assert (event.actor, event.note) == (world["actor"], "cards.csv")
    assert (event.target_type, event.target_id) == ("profiles.Distributor", str(world["one"].pk))
    bring(HEAD + rows, "distributors")
    assert len(written("distributor.changed", "distributor.created", "distributor.assigned")) == 2


def test_a_new_distributor_has_a_row_with_what_was_given(world):
    bring(HEAD + "N1,New,,T1,R1,2,D1,,,,Wuxi\n", "distributors")
    after = {
        "code": "N1",
        "legal_name": "New",
        "type": "Ordinary",
        "tier": "2",
        "state": "active",
        "parent": str(world["one"]),
        "territory": "Home",
        "owner": "Rui",
        "city": "Wuxi",
    }
    assert written("distributor.created", "distributor.changed") == [("distributor.created", "New", {}, after)]


def test_a_new_cover_has_a_row_of_its_own(world):
    Distributor.objects.filter(code="D1").update(legal_name="One")
    bring("code,legal_name,territory,owner\nD1,One,T2,R1\n", "distributors")
    assert written("distributor.changed", "distributor.assigned") == [
        (
            "distributor.assigned",
            "One",
            {"territory": "Home", "owner": ""},
            {"from": "2025-06-01", "territory": "Away", "owner": "Rui"},
        )
    ]


def test_every_record_has_its_row_however_many_chunks_they_come_in(world, monkeypatch):
    for module in (trail, distributors):
        monkeypatch.setattr(module, "CHUNK", 2)
    monkeypatch.setattr(audit, "AT_ONCE", 2)
    names = [f"N{number}" for number in range(7)]
    head = "code,legal_name,territory\n"
    bring(head + "".join(f"{name},{name},T1\n" for name in names), "distributors")
    bring(head + "".join(f"{name},{name} Ltd,T2\n" for name in names), "distributors")
    for verb in ("created", "changed", "assigned"):
        assert AuditEvent.objects.filter(verb=f"distributor.{verb}").count() == 7
    assert set(Distributor.objects.filter(code__in=names).values_list("territory__code", flat=True)) == {"T2"}


def test_what_an_import_changed_stands_in_the_history_of_the_distributor(client, world):
    bring("code,legal_name,territory\nD1,Renamed,T1\n", "distributors", actor=world["actor"], filename="cards.csv")
    client.force_login(factories.user(Role.MANAGER, world["territory"]))
    page = client.get(reverse("profiles:distributor-history", args=[world["one"].pk])).content.decode()
    assert "Renamed" in page
    assert "cards.csv" in page


def test_a_supplier_out_of_reach_is_not_named_in_the_history(client, world):
    hidden = factories.distributor(factories.territory("Elsewhere"), code="H1", legal_name="Hidden Trading")
    bring("code,legal_name,territory,tier,parent\nD1,One,T1,2,H1\n", "distributors")
    client.force_login(factories.user(Role.MANAGER, world["territory"]))
    page = client.get(reverse("profiles:distributor-history", args=[world["one"].pk])).content.decode()
    assert "another distributor" in page
    assert hidden.legal_name not in page


def test_a_refused_file_leaves_no_row_about_a_record(world):
    made = bring("code,legal_name,territory\nD1,Renamed,T1\nD2,Two,nowhere\n", "distributors")
    assert made.state == Import.State.REFUSED
    assert written("distributor.changed", "distributor.created", "distributor.assigned") == []


def test_people_have_rows_of_what_changed_and_of_what_they_reach(world):
    head = "email,name,role,code,territory,is_active\n"
    bring(head + "max@x.example,Max,rep,7,T1,yes\n", "people", actor=world["actor"], filename="people.csv")
    made = {"email": "max@x.example", "role": "rep", "everywhere": "False", "territories": "Home"}
    assert written("user.created") == [("user.created", "Max", {}, made)]
    bring(head + "max@x.example,Maxi,manager,7,T2,no\n", "people")
    assert written("user.changed") == [
        (
            "user.changed",
            "Maxi",
            {"name": "Max", "role": "rep", "territories": "Home"},
            {"name": "Maxi", "role": "manager", "territories": "Away"},
        )
    ]
    assert written("user.deactivated") == [("user.deactivated", "Maxi", {}, {})]
    assert AuditEvent.objects.get(verb="user.created").note == "people.csv"
    assert not [one for one in AuditEvent.objects.all() if "password" in one.after]


def test_a_person_who_reaches_more_than_the_file_says_is_changed_and_followed(world):
    person = factories.user(Role.REP, world["territory"], name="Rui", email="rui@x.example")
    person.territories.add(factories.territory("Beyond"))
    text = "email,name,role,territory\nrui@x.example,Rui,rep,T1\n"
    made = bring(text, "people")
    assert (made.rows_changed, made.rows_same) == (1, 0)
    assert [one.code for one in User.objects.get(pk=person.pk).territories.all()] == ["T1"]
    assert written("user.changed") == [
        ("user.changed", "Rui", {"territories": "Beyond, Home"}, {"territories": "Home"})
    ]
    made = bring(text, "people")
    assert (made.rows_changed, made.rows_same) == (0, 1)


def test_a_column_of_tags_says_all_that_a_distributor_carries(world):
    file = "code,legal_name,territory,tags\nD1,One,T1,Tools；key account\nD2,Two,T1,\n"
    bring(file, "distributors", actor=world["actor"])
    carried = {row.code: [tag.name for tag in row.tags.all()] for row in Distributor.objects.all()}
    assert (carried["D1"], carried["D2"]) == (["key account", "Tools"], [])
    again = bring(file.replace("；key", "、KEY"), "distributors", actor=world["actor"])
    assert (again.rows_new, again.rows_changed, again.rows_same) == (0, 0, 2)
    less = bring(file.replace("Tools；", "").replace("T1,\n", "T1,Paints\n"), "distributors", actor=world["actor"])
    assert (less.rows_new, less.rows_changed, less.rows_same) == (0, 2, 0)
    assert [one[1:] for one in written("distributor.tagged")][-1] == ("Two", {"tags": ""}, {"tags": "Paints"})
    kept = bring("code,legal_name,territory\nD2,Two,T1\n", "distributors", actor=world["actor"])
    assert (kept.rows_same, Distributor.objects.get(code="D2").tags.count()) == (1, 1)


def test_a_tag_that_is_too_long_is_named_with_its_row_and_nothing_changes(world):
    file = f"code,legal_name,territory,tags\nD1,One,T1,{'x' * 41}\n"
    refused = bring(file, "distributors", actor=world["actor"])
    assert (refused.state, refused.problems.get().column) == (Import.State.REFUSED, "tags")
    assert not Distributor.objects.get(code="D1").tags.exists()


def test_each_rate_of_a_file_has_a_row_and_who_brought_it(world):
    finance = factories.user(Role.FINANCE)
    rows = "currency,day,rate\nUSD,2025-03-01,7.25\nEUR,2025-03-01,8\n"
    made = bring(rows, "rates", actor=finance, filename="rates.csv")
    assert (made.rows_new, made.rows_changed) == (1, 1)
    added = {"currency": "EUR", "day": "2025-03-01", "kind": "average", "rate": "8"}
    assert written("rate.added", "rate.corrected") == [
        ("rate.added", "EUR 2025-03-01", {}, added),
        ("rate.corrected", "USD 2025-03-01", {"rate": "7.123456789012"}, {"rate": "7.25"}),
    ]
    event = AuditEvent.objects.get(verb="rate.corrected")
    usd = ExchangeRate.objects.get(currency="USD")
    assert (event.actor, event.note, event.target_id) == (finance, "rates.csv", str(usd.pk))
    assert set(ExchangeRate.objects.values_list("updated_by", flat=True)) == {finance.pk}
    assert not ExchangeRate.objects.filter(updated_at=None).exists()
    bring(rows, "rates", actor=world["actor"])
    assert len(written("rate.added", "rate.corrected")) == 2
    assert ExchangeRate.objects.filter(updated_by=finance).count() == 2

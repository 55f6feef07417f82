"""The lists of open items and facts, the receivables of a distributor's page, and what they put on Home."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from core import clock
from core.contributors import collect
from core.listing import Listing
from core.needs import needs_of
from core.sections import Section
from core.timeline import Span, timeline_events
from distributors.ledger.ageing import ageing
from distributors.ledger.records import OpenItem
from distributors.profiles.models import Distributor
from tests import factories
from tests.ledger.records import bring, problems, small_world

pytestmark = pytest.mark.django_db
LISTS = ("openitem", "invoice", "payment", "order", "stocksnapshot", "target", "occurrence")


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-04-15"
    made = small_world()
    Distributor.objects.filter(pk=made["one"].pk).update(legal_name="Harbour Trading", owner=None)
    for kind, text in {
        "invoices": "external_id,distributor,day,due_on,amount,currency\n"
        "R1,D1,2025-01-01,2025-01-31,1000,CNY\nR2,D1,2025-03-01,2025-03-31,500,CNY\nR3,D1,2025-04-01,2025-04-30,300,CNY\n"
        "R4,D2,2025-04-01,2025-04-30,77,CNY\n",
        "payments": "external_id,distributor,day,amount,currency,method,due_on\n"
        "P1,D1,2025-02-10,400,CNY,acceptance,2025-08-10\n",
        "orders": "external_id,distributor,day,open_amount,currency\nO1,D1,2025-04-02,250,CNY\n",
        "stock": "distributor,product,day,quantity,value\nD1,P1,2025-03-31,12,900\nD1,P2,2025-02-28,5,50\n",
        "targets": "distributor,day,value\nD1,2025-04-01,4000\n",
        "occurrences": "distributor,kind,external_id,day\nD1,penalty,X1,2025-03-05\n",
    }.items():
        assert problems(bring(text, kind)) == []
    return made


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text_of(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def numbers_in(page):
    """Return the numbers of facts that stand in cells."""
    return set(re.findall(r">\s*([OPRX]\d)\s*<", page))


def test_each_list_shows_its_facts_and_leads_to_the_others(world):
    client = signed_in(factories.user(Role.FINANCE))
    for name, word in zip(LISTS, ("R1", "R1", "P1", "O1", "Product", "4,000", "X1"), strict=True):
        page = text_of(client, reverse(f"ledger:{name}-list"))
        assert word in page
        assert "Harbour Trading" in page
        assert all(reverse(f"ledger:{one}-list") in page for one in LISTS)


def test_a_list_keeps_to_the_distributor_that_is_chosen_and_so_do_the_ways_to_the_others(world):
    client = signed_in(factories.user(Role.FINANCE))
    page = text_of(client, f"{reverse('ledger:invoice-list')}?distributor={world['two'].pk}")
    assert numbers_in(page) == {"R4"}
    assert f"{reverse('ledger:payment-list')}?distributor={world['two'].pk}" in page


@pytest.mark.parametrize(
    ("name", "query", "numbers"),
    [
        ("openitem", "age=30", {"R2"}),
        ("openitem", "age=due", {"R3", "R4"}),
        ("openitem", "age=more", set()),
        ("invoice", "due_until=2025-01-31&q=R", {"R1"}),
        ("order", "batch=3", {"O1"}),
        ("order", "batch=2", set()),
    ],
)
def test_lists_are_filtered_by_age_days_batch_and_word(world, name, query, numbers):
    client = signed_in(factories.user(Role.FINANCE))
    assert numbers_in(text_of(client, f"{reverse(f'ledger:{name}-list')}?{query}")) == numbers


def test_a_list_is_exported_as_it_is_shown(world):
    client = signed_in(factories.user(Role.FINANCE))
    export = b"".join(client.get(f"{reverse('ledger:openitem-list')}?export=csv&q=R1").streaming_content).decode()
    head, row = export.strip().splitlines()
    assert head.startswith("\ufeffDue,Number,Distributor")
    assert row.startswith("2025-01-31,R1,Harbour Trading,invoice,600.0000")


def test_a_manager_sees_only_the_facts_of_the_own_territory(world):
    elsewhere = factories.territory("Elsewhere")
    client = signed_in(factories.user(Role.MANAGER, elsewhere))
    for name in LISTS:
        assert "Harbour Trading" not in text_of(client, reverse(f"ledger:{name}-list"))


def test_the_receivables_of_a_distributor_show_what_is_open_and_what_settled_it(world):
    client = signed_in(factories.user(Role.REP, world["territory"]))
    page = text_of(client, reverse("ledger:distributor-receivables", args=[world["one"].pk]))
    assert "78.6 % of what is owed is overdue" in page
    assert "P1: 400.00 (acceptance, due" in page
    assert {"R1", "R2", "R3", "O1"} <= numbers_in(page)
    assert "R4" not in numbers_in(page)
    assert all(word in page for word in ("1,400", "1,100", "over 90 days"))


def test_a_distributor_without_facts_says_so(world):
    three = factories.distributor(world["territory"])
    client = signed_in(factories.user(Role.ADMIN))
    assert "Nothing is open." in text_of(client, reverse("ledger:distributor-receivables", args=[three.pk]))


def test_ageing_counts_from_the_day_after_the_due_day(world):
    OpenItem.objects.all().delete()
    today = date(2025, 4, 15)
    for days in (0, 1, 30, 31, 60, 61, 90, 91):
        OpenItem.objects.create(
            distributor=world["one"],
            kind="invoice",
            invoice_id=1,
            due_on=today - timedelta(days=days),
            amount=Decimal(1),
            base_amount=Decimal(1),
            currency="CNY",
        )
    assert [one.items for one in ageing(OpenItem.objects.all(), today)] == [1, 2, 2, 2, 1]


def test_long_overdue_is_a_need_of_who_answers_for_it_and_of_finance(world):
    def keys(user):
        return [one.key for one in needs_of(user, clock.today()) if one.key.startswith("overdue")]

    key = f"overdue-{world['one'].pk}-2025-01-31"
    assert keys(factories.user(Role.MANAGER, world["territory"])) == [key]
    assert keys(factories.user(Role.FINANCE)) == [key]
    (need,) = [one for one in needs_of(factories.user(Role.FINANCE), clock.today()) if one.key == key]
    assert str(need.kind) == "Overdue for more than 60 days"
    assert need.title == "Harbour Trading is overdue with 1,100 CNY in all"
    assert need.reason == "the oldest invoice for 74 days; it is asked about from 61 days on"
    assert keys(factories.user(Role.MANAGER, factories.territory())) == []
    assert keys(factories.user(Role.INSPECTOR, world["territory"])) == []
    bring("external_id,distributor,day,amount,currency\nP2,D1,2025-04-10,600,CNY\n", "payments")
    assert keys(factories.user(Role.FINANCE)) == []


def test_home_tells_what_is_overdue(world):
    found = [kpi for one in collect("home", factories.user(Role.FINANCE), clock.today()) for kpi in one.get("kpis", [])]
    (tile,) = [kpi for kpi in found if kpi["label"] == "Overdue"]
    assert (tile["value"], tile["unit"]) == ("1.1 k", "CNY")
    assert tile["detail"] == "from the first day on: 74.5 % of what is owed, 1 distributor"


def test_the_timeline_has_invoices_and_payments_by_month(world):
    events = timeline_events(factories.user(Role.FINANCE), [world["one"].pk], Span(clock.today()))
    titles = {(one.code, one.title) for one in events if one.code in {"invoice", "payment"}}
    assert titles == {
        ("invoice", "1 invoice, 1,000 CNY with tax"),
        ("invoice", "1 invoice, 500 CNY with tax"),
        ("invoice", "1 invoice, 300 CNY with tax"),
        ("payment", "1 payment, 400 CNY"),
    }


def test_queries_do_not_grow_with_rows(world):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = signed_in(factories.user(Role.FINANCE))
    urls = [reverse(f"ledger:{name}-list") for name in LISTS]
    urls.append(reverse("ledger:distributor-receivables", args=[world["one"].pk]))

    def counts():
        found = []
        for url in urls:
            with CaptureQueriesContext(connection) as seen:
                client.get(url)
            found.append(len(seen))
        return found

    counts()
    before = counts()
    rows = "\n".join(f"M{number},D1,2025-03-01,2025-03-31,5,CNY" for number in range(40))
    bring(f"external_id,distributor,day,due_on,amount,currency\n{rows}\n", "invoices")
    assert counts() == before


@pytest.fixture
def second(world):
    """Give D2, with facts like those of D1, a district below Home and an owner of its own."""
    below = factories.territory("Below", world["territory"])
    rep = factories.user(Role.REP, below)
    Distributor.objects.filter(pk=world["two"].pk).update(territory=below, territory_path=below.path, owner=rep)
    for kind, text in {
        "payments": "external_id,distributor,day,amount,currency\nP9,D2,2025-02-10,7,CNY\n",
        "orders": "external_id,distributor,day,open_amount,currency\nO9,D2,2025-04-02,25,CNY\n",
        "stock": "distributor,product,day,quantity,value\nD2,P1,2025-03-31,12,900\n",
        "targets": f"distributor,person,territory,day,value\nD2,,,2025-04-01,4\n,,{below.code},2025-04-01,9\n"
        f",{rep.email},,2025-04-01,6\n",
        "occurrences": "distributor,kind,external_id,day\nD2,penalty,X9,2025-03-05\n",
        "sales": "external_id,distributor,product,day,quantity,amount,currency\n"
        "L1,D1,P1,2025-04-02,1,10,CNY\nL2,D2,P1,2025-04-02,1,10,CNY\n",
    }.items():
        assert problems(bring(text, kind)) == []
    return below, rep


@pytest.mark.parametrize("name", [*LISTS, "saleline"])
def test_every_list_of_facts_is_kept_to_a_territory_with_all_below_and_to_an_owner(world, second, name):
    below, rep = second
    client, url = signed_in(factories.user(Role.FINANCE)), reverse(f"ledger:{name}-list")
    days = {"since": "2025-04-01", "until": "2025-04-15"} if name == "saleline" else {}

    def count(**asked):
        page = client.get(url, {**days, **asked})
        assert page.status_code == 200
        return page.context["count"]["value"]

    everything = count()
    of_two = {"target": 2}.get(name, 1)
    assert 0 < of_two < everything
    assert count(territory=below.pk) == of_two
    assert count(territory=world["territory"].pk) == everything - (name == "target")
    assert count(owner=rep.pk) == of_two
    assert count(owner=rep.pk, territory=factories.territory().pk) == 0


@pytest.mark.parametrize("name", [*LISTS, "saleline"])
def test_a_territory_is_asked_for_as_a_range_of_paths(world, second, name):
    """Neither keys of distributors nor of territories are listed in between."""
    section = next(one for one in Section.all if one.model._meta.model_name == name)
    query = f"territory={second[0].pk}&since=2025-04-01&until=2025-04-15"
    query = query.split("&")[0] if name == "openitem" else query
    rows = Listing(section, factories.user(Role.FINANCE), QueryDict(query)).rows
    sql = str(rows.order_by().values("pk").query)
    assert "territory_path" in sql
    assert ">= " in sql
    assert sql.count("SELECT") == 1


def test_the_other_lists_keep_territory_and_owner(world, second):
    below, rep = second
    page = signed_in(factories.user(Role.FINANCE)).get(
        reverse("ledger:invoice-list"), {"territory": below.pk, "owner": rep.pk, "kind": "invoice"}
    )
    assert {one["url"].partition("?")[2] for one in page.context["siblings"]} == {
        f"territory={below.pk}&owner={rep.pk}"
    }


def test_a_territory_out_of_reach_cannot_be_asked_for(world, second):
    client = signed_in(factories.user(Role.MANAGER, second[0]))
    page = client.get(reverse("ledger:invoice-list"), {"territory": world["territory"].pk})
    assert page.status_code == 422
    assert page.context["count"]["value"] == 0

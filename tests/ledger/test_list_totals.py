"""What the rows of a list add up to: of just the rows that are kept, in base currency, as honest as their count."""

import csv
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core import listing
from core.database import Tally, tallied
from core.models import Company
from distributors.profiles.models import Distributor, Standing
from tests import factories
from tests.ledger.records import bring, problems, small_world

pytestmark = pytest.mark.django_db
DISTRIBUTORS = reverse("profiles:distributor-list")


@pytest.fixture
def world(settings):
    settings.TODAY = "2025-04-15"
    made = small_world()
    for kind, text in {
        "invoices": "external_id,distributor,day,due_on,amount,currency,kind,cancelled\n"
        "R1,D1,2025-01-01,2025-01-31,1000,CNY,invoice,\nR2,D1,2025-03-02,2025-03-31,100,USD,invoice,\n"
        "R3,D2,2025-03-01,2025-03-31,77,CNY,invoice,\nR4,D1,2025-03-01,2025-03-31,900,CNY,invoice,yes\n"
        "C1,D1,2025-03-05,2025-03-05,250,CNY,credit_note,\n",
        "payments": "external_id,distributor,day,amount,currency,reverses\n"
        "P1,D1,2025-02-10,400,CNY,\nP2,D2,2025-02-11,60,CNY,\nP3,D2,2025-02-12,-60,CNY,P2\n",
        "orders": "external_id,distributor,day,open_amount,currency,state\n"
        "O1,D1,2025-04-02,250,CNY,open\nO2,D1,2025-04-02,99,CNY,cancelled\n",
        "sales": "external_id,distributor,product,day,quantity,amount,currency,kind\n"
        "L1,D1,P1,2025-04-02,1,10,CNY,sell_in\nL2,D2,P1,2025-04-03,-1,-4,CNY,return\n"
        "L3,D2,P1,2025-04-03,1,7,CNY,sell_through\n",
    }.items():
        assert problems(bring(text, kind)) == []
    return made


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def totals(client, url, **query):
    page = client.get(url, query)
    assert page.status_code == 200
    return {str(one["label"]): (one["text"], one["unit"]) for one in page.context["totals"]}


@pytest.mark.parametrize(
    ("name", "query", "text"),
    [
        ("invoice", {}, "1,539.35"),
        ("invoice", {"kind": "credit_note"}, "−250.00"),
        ("invoice", {"q": "R2"}, "712.35"),
        ("payment", {}, "400.00"),
        ("payment", {"q": "P2"}, "60.00"),
        ("openitem", {"kind": "invoice"}, "1,139.35"),
        ("order", {}, "250.00"),
    ],
)
def test_a_list_of_facts_says_what_its_rows_add_up_to_in_base_currency(world, name, query, text):
    client = signed_in(factories.user(Role.FINANCE))
    found = totals(client, reverse(f"ledger:{name}-list"), **query)
    assert list(found.values()) == [(text, "CNY")]


def test_what_is_open_of_credits_is_taken_off(world):
    assert problems(bring("external_id,distributor,day,amount,currency\nP9,D2,2025-04-01,500,CNY\n", "payments")) == []
    found = totals(signed_in(factories.user(Role.FINANCE)), reverse("ledger:openitem-list"), kind="")
    assert list(found.values()) == [("639.35", "CNY")]


def test_sales_to_us_and_onwards_are_never_one_sum(world):
    client, days = signed_in(factories.user(Role.FINANCE)), {"since": "2025-04-01", "until": "2025-04-15"}
    url = reverse("ledger:saleline-list")
    assert totals(client, url, **days) == {
        "Sell-in less returns, without tax": ("6.00", "CNY"),
        "Sell-through, without tax": ("7.00", "CNY"),
    }
    assert totals(client, url, **days, kind="net") == {"Sell-in less returns, without tax": ("6.00", "CNY")}
    assert totals(client, url) == {}


@pytest.fixture
def three():
    Company.objects.update_or_create(pk=1, defaults={"base_currency": "CNY"})
    town = factories.territory("Town")
    for number, state in enumerate(("active", "active", "watch"), 1):
        standing = {"net_sales_12m": Decimal(1000) * number, "receivable": Decimal(number)}
        factories.distributor(town, state=state, standing=standing)
    factories.distributor(factories.territory("Far"), standing={"net_sales_12m": Decimal(77_777)})
    return factories.user(Role.MANAGER, town)


def test_distributors_add_up_to_their_net_sales_of_just_the_rows_in_reach_that_the_filter_keeps(three):
    client = signed_in(three)
    assert totals(client, DISTRIBUTORS) == {"Net sales to tier 1, 12 months": ("6,000", "CNY")}
    assert totals(client, DISTRIBUTORS, state="active") == {"Net sales to tier 1, 12 months": ("3,000", "CNY")}
    factories.distributor(three.territories.get(), tier=2, standing={"net_sales_12m": Decimal(50)})
    both = {"Net sales to tier 1, 12 months": ("6,000", "CNY"), "Net sales to lower tiers, 12 months": ("50", "CNY")}
    assert totals(client, DISTRIBUTORS) == both
    assert totals(client, DISTRIBUTORS, tier=2) == {"Net sales to lower tiers, 12 months": ("50", "CNY")}
    found = totals(client, DISTRIBUTORS, columns="name,receivable", state="watch")
    assert found == {"Receivable": ("3", "CNY")}
    assert totals(client, DISTRIBUTORS, columns="name,code") == {}
    assert totals(client, DISTRIBUTORS, state="ended") == {}


def test_an_export_has_no_row_of_totals(three):
    answer = signed_in(three).get(f"{DISTRIBUTORS}?export=csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 1 + 3


def test_rows_that_are_not_counted_are_not_added_up_either_and_both_are_one_press_away(three, monkeypatch):
    def few(rows, sums, *, exact=False):
        return tallied(rows, sums, exact=True) if exact else Tally(12_000, True, {})

    monkeypatch.setattr(listing, "tallied", few)
    client = signed_in(three)
    page = client.get(f"{DISTRIBUTORS}?state=active")
    text = page.content.decode()
    assert page.context["totals"] == []
    assert "So many rows are not added up." in text
    assert text.count('href="?state=active&amp;count=exact"') == 2
    exact = client.get(f"{DISTRIBUTORS}?state=active&count=exact")
    assert [one["text"] for one in exact.context["totals"]] == ["3,000"]
    assert "not added up" not in exact.content.decode()


def test_the_sum_is_asked_with_the_count(three):
    client = signed_in(three)

    def asked(query):
        with CaptureQueriesContext(connection) as caught:
            client.get(f"{DISTRIBUTORS}?{query}")
        return len(caught)

    asked("columns=name,code")
    assert asked("columns=name,net_sales,receivable") == asked("columns=name,code")


@pytest.mark.parametrize(("limit", "exact"), [(2, False), (2, True), (3, False)])
def test_a_tally_adds_up_all_rows_or_none(three, limit, exact):
    from django.db.models import Sum

    rows = Distributor.objects.visible_to(three)
    found = tallied(rows, {"net": Sum("standing__net_sales_12m")}, exact=exact, exact_up_to=limit)
    if found.estimated:
        assert connection.vendor == "postgresql"
        assert (limit, exact) == (2, False)
        assert found.sums == {}
    else:
        assert (found.count, found.sums) == (3, {"net": Decimal(6000)})


def test_what_the_planner_thinks_many_is_added_up_where_it_is_few(three, monkeypatch):
    from django.db.models import Sum

    monkeypatch.setattr("core.database.planned_rows", lambda _rows: 1_000_000)
    found = tallied(Distributor.objects.visible_to(three), {"net": Sum("standing__net_sales_12m")})
    assert (found.count, found.estimated, found.sums) == (3, False, {"net": Decimal(6000)})
    assert Standing.objects.count() == 4


@pytest.mark.postgres
@pytest.mark.parametrize("planned", [3, 1])
def test_more_rows_than_are_added_up_are_only_counted_whatever_the_planner_thinks(three, monkeypatch, planned):
    from django.db.models import Sum

    monkeypatch.setattr("core.database.SUMMED", 2)
    monkeypatch.setattr("core.database.planned_rows", lambda _rows: planned)
    found = tallied(Distributor.objects.visible_to(three), {"net": Sum("standing__net_sales_12m")})
    assert found == Tally(3, False, {})

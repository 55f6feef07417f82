import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core.database import run
from distributors.profiles.models import Distributor, Standing
from distributors.profiles.tables import DistributorTable
from tests import factories

pytestmark = pytest.mark.django_db

LIST = reverse("profiles:distributor-list")
TODAY = date(2025, 11, 20)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def two_reps():
    """Two towns of one region, a rep each with two distributors, and their manager."""
    region = factories.territory("Region")
    east, west = factories.territory("East", region), factories.territory("West", region)
    rui, lan = factories.user(Role.REP, east, name="Rui"), factories.user(Role.REP, west, name="Lan")
    for place, (town, rep, name) in enumerate(
        [(east, rui, "Harbour East"), (east, rui, "Silk East"), (west, lan, "Harbour West"), (west, lan, "Silk West")]
    ):
        factories.distributor(town, rep, legal_name=name, standing={"net_sales_12m": Decimal(100 * place)})
    return rui, lan, factories.user(Role.MANAGER, region)


def names(client, user, query=""):
    client.force_login(user, backend="accounts.backends.EmailBackend")
    response = client.get(f"{LIST}{query}")
    assert response.status_code == 200
    shown = [row["cells"][0]["text"] for row in response.context["table"]["rows"]]
    assert response.context["count"] == {"value": len(shown), "estimated": False}
    return shown


def exported(client, user, query=""):
    client.force_login(user, backend="accounts.backends.EmailBackend")
    response = client.get(f"{LIST}?export=csv{query}")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return [row["Distributor"] for row in csv.DictReader(io.StringIO(text))]


def test_each_rep_sees_their_own_and_the_manager_both_the_largest_first(client, two_reps):
    rui, lan, manager = two_reps
    assert names(client, rui) == ["Silk East", "Harbour East"]
    assert names(client, lan) == ["Silk West", "Harbour West"]
    assert names(client, manager) == ["Silk West", "Harbour West", "Silk East", "Harbour East"]


def test_search_and_export_keep_to_the_scope_and_to_the_filters(client, two_reps):
    rui, _lan, manager = two_reps
    assert names(client, rui, "?q=harbour") == ["Harbour East"]
    assert exported(client, rui, "&q=harbour") == ["Harbour East"]
    assert exported(client, manager, "&q=harbour&sort=name") == ["Harbour East", "Harbour West"]


def test_the_choices_of_filters_hold_only_what_the_user_may_see(client, two_reps):
    rui, lan, _manager = two_reps
    client.force_login(rui, backend="accounts.backends.EmailBackend")
    form = client.get(LIST).context["filterset"].form
    assert [label for _value, label in form.fields["territory"].choices][1:] == ["East"]
    assert [label for _value, label in form.fields["owner"].choices][1:] == ["Rui"]
    west = lan.territories.get()
    assert client.get(f"{LIST}?territory={west.pk}").context["filterset"].form.errors["territory"]


def test_a_territory_holds_its_subtree(client, two_reps):
    rui, _lan, manager = two_reps
    region, east = manager.territories.get(), rui.territories.get()
    assert len(names(client, manager, f"?territory={region.pk}")) == 4
    assert names(client, manager, f"?territory={east.pk}") == ["Silk East", "Harbour East"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("abc=A", ["late", "fresh"]),
        ("state=watch", ["watched"]),
        ("tier=2", ["second"]),
        ("moving=1", ["watched"]),
        ("orders=90", ["watched", "fresh"]),
        ("orders=silent", ["late"]),
        ("orders=never", ["second"]),
        ("no_order=100", ["late", "gone"]),
        ("parent=TOP", ["second"]),
    ],
)
def test_every_filter_finds_its_rows(client, query, found):
    where = factories.territory()

    def make(name, sales, standing, **fields):
        standing = {"net_sales_12m": Decimal(sales), **standing}
        return factories.distributor(where, legal_name=name, standing=standing, **fields)

    top = make("late", 50, {"abc": "A", "last_order_on": date(2025, 8, 1), "order_gap_days": 30}, code="TOP")
    make("watched", 40, {"abc": "B", "abc_next": "A", "last_order_on": TODAY, "order_gap_days": 30}, state="watch")
    make("fresh", 30, {"abc": "A", "last_order_on": date(2025, 11, 1), "order_gap_days": 30})
    make("gone", 20, {"last_order_on": date(2025, 2, 1), "order_gap_days": 30}, state="ended")
    make("second", 10, {}, tier=2, parent=top)
    assert names(client, factories.user(), f"?{query}") == found


@pytest.mark.parametrize(
    ("query", "status"),
    [("tier=x", 422), ("no_order=-3", 422), ("territory=99999", 422), ("q=%00", 422), ("sort=x", 200), ("page=0", 200)],
)
def test_a_query_that_makes_no_sense_still_answers(client, query, status):
    client.force_login(factories.user(), backend="accounts.backends.EmailBackend")
    assert client.get(f"{LIST}?{query}").status_code == status


def test_an_export_neutralises_a_name_that_a_spreadsheet_would_run(client):
    factories.distributor(legal_name="=1+1")
    assert exported(client, factories.user()) == ["'=1+1"]


def test_the_number_of_queries_does_not_grow_with_the_rows(client):
    manager = factories.user(Role.MANAGER, where := factories.territory())
    for _number in range(10):
        factories.distributor(where)
    client.force_login(manager, backend="accounts.backends.EmailBackend")
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for _number in range(190):
        factories.distributor(where)
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)
    assert len(many) == len(few) <= 15
    assert sum('FROM "profiles_distributor"' in query["sql"] for query in many) <= 3


@pytest.mark.postgres
def test_the_largest_come_by_the_index_of_sales_once_there_are_many():
    where = factories.territory()
    rows = Distributor.objects.bulk_create(
        Distributor(
            code=f"M{number}",
            legal_name=f"Many {number}",
            type=factories.distributor_type(),
            territory=where,
            territory_path=where.path,
        )
        for number in range(3000)
    )
    Standing.objects.bulk_create(Standing(distributor=row, net_sales_12m=row.pk) for row in rows)
    run("ANALYZE profiles_distributor")
    run("ANALYZE profiles_standing")
    for user in (factories.user(), factories.user(Role.MANAGER, where)):
        plan = DistributorTable(Distributor.objects.visible_to(user)).values()[:50].explain()
        assert "profiles_standing_sales" in plan, plan


def test_a_code_beyond_ones_reach_finds_nothing_not_even_that_it_is_there(client):
    north, south = factories.territory("North"), factories.territory("South")
    hidden = factories.distributor(south, code="SECRET")
    factories.distributor(north, code="LOWER", tier=2, parent=hidden)
    client.force_login(factories.user(Role.MANAGER, north), backend="accounts.backends.EmailBackend")
    counts = {
        code: client.get(reverse("profiles:distributor-list"), {"parent": code}).context["count"]["value"]
        for code in ("SECRET", "NOBODY")
    }
    assert counts == {"SECRET": 0, "NOBODY": 0}

"""What counts for a survivor is listed for it: the tab, the lists, the timeline, REST."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from core.timeline import Span, timeline_events
from distributors.ledger.receivable_selectors import orders_of, payments_of, stock_of
from distributors.profiles.merging import distributor_merge
from tests import factories
from tests.api.conftest import TokenClient
from tests.ledger.records import bring, lines, problems, small_world
from tests.ledger.test_books import line
from tests.ledger.test_records import INVOICE, OCCURRENCE, ORDER, PAYMENT, STOCK, TARGET

pytestmark = pytest.mark.django_db

LISTS = ("saleline", "invoice", "payment", "order", "stocksnapshot", "target", "occurrence")
RESOURCES = ("sale-lines", "invoices", "payments", "orders", "stock", "targets", "occurrences")
TODAY = date(2025, 4, 15)


@pytest.fixture
def world(settings):
    """D1, with a row of every kind, is merged into D2, which has a line of its own; D3 is another company."""
    settings.TODAY = TODAY.isoformat()
    world = small_world()
    world["admin"] = factories.user(Role.ADMIN)
    other = factories.distributor(world["territory"], code="D3")
    bring(lines(line("A", "2025-03-10", 100), line("B", "2025-03-11", 10, "D2"), line("C", "2025-03-12", 1, "D3")))
    files = {"invoices": INVOICE, "payments": PAYMENT, "orders": ORDER, "stock": STOCK, "targets": TARGET}
    for kind, text in {**files, "occurrences": OCCURRENCE}.items():
        assert problems(bring(text, kind)) == []
    distributor_merge(actor=world["admin"], source=world["one"], survivor=world["two"], reason="one company")
    return {**world, "three": other}


def listed(user, name, distributor):
    client = Client()
    client.force_login(user)
    return client.get(f"{reverse(f'ledger:{name}-list')}?distributor={distributor.pk}").context["table"]["rows"]


@pytest.mark.parametrize("name", LISTS)
def test_the_list_of_a_survivor_has_what_came_for_the_merged_card(world, name):
    own = 1 if name == "saleline" else 0
    assert len(listed(world["admin"], name, world["two"])) == 1 + own
    assert len(listed(world["admin"], name, world["one"])) == 1
    assert len(listed(world["admin"], name, world["three"])) == own


def test_the_tab_of_a_survivor_has_what_came_for_the_merged_card(world):
    for found in (payments_of, orders_of, stock_of):
        counts = [len(found(world["admin"], world[name].pk)) for name in ("two", "one", "three")]
        assert counts == [1, 1, 0], found.__name__


def test_the_timeline_of_a_survivor_sums_what_came_for_both_and_leads_there(world):
    def months(one):
        events = timeline_events(world["admin"], [one.pk], Span(TODAY))
        return {
            event.code: (event.title, event.url) for event in events if event.code in {"order", "invoice", "payment"}
        }

    survivor = months(world["two"])
    assert survivor["order"][0] == "2 orders, 110 CNY without tax"
    assert {code: title for code, (title, _url) in survivor.items() if code != "order"} == {
        "invoice": "1 invoice, 100 CNY with tax",
        "payment": "1 payment, 60 CNY",
    }
    assert all(f"distributor={world['two'].pk}&" in url for _title, url in survivor.values())
    merged = months(world["one"])
    assert merged["order"][0] == "1 order, 100 CNY without tax"
    assert all(f"distributor={world['one'].pk}&" in url for _title, url in merged.values())
    assert list(months(world["three"])) == ["order"]


@pytest.mark.parametrize("resource", RESOURCES)
def test_rest_gives_what_counts_for_a_survivor_by_its_code(world, resource):
    client = TokenClient(factories.api_token()[1])
    own = 1 if resource == "sale-lines" else 0
    for params in ({}, {"changed_since_batch": 0}):
        counts = [
            len(client.rows(f"/api/v1/{resource}/", distributor=code, **params)) for code in ("D2", "D1", "D3", "NONE")
        ]
        assert counts == [1 + own, 1, own, 0]


def test_what_lies_outside_ones_reach_stays_unseen_also_in_the_list_of_a_survivor(world):
    away = factories.territory("Away")
    world["one"].territory_path, world["one"].territory = away.path, away
    world["one"].save()
    manager = factories.user(Role.MANAGER, world["territory"])
    assert listed(manager, "invoice", world["two"]) == []
    assert payments_of(manager, world["two"].pk) == []

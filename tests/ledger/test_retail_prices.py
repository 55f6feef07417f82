"""Prices at retail: noted, drawn against list and floor price, removed; what is refused; our share by the ledger."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.roles import Role
from core.models import AuditEvent
from distributors.ledger.models import ExchangeRate, RetailPrice
from distributors.ledger.rollups import rollups_refresh
from distributors.ledger.wallet import wallet_points
from tests import factories
from tests.ledger.records import company

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 12)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()
    company()


@pytest.fixture
def rui():
    return factories.user(Role.REP, name="Rui")


@pytest.fixture
def hangzhou(rui):
    return factories.distributor(factories.territory("East"), rui, legal_name="Hangzhou Trading")


@pytest.fixture
def pump():
    return factories.product("PUMP", name="Pump", list_price=Decimal(500), floor_price=Decimal(460))


def add(client, one, **fields):
    body = {"sku": "PUMP", "place": "North shop", "price": "480", "currency": "cny", "seen_on": "2026-03-01", **fields}
    return client.post(reverse("ledger:retailprice-add", args=[one.pk]), body)


def tab(client, one):
    return client.get(reverse("ledger:distributor-prices", args=[one.pk])).content.decode()


def test_a_price_is_noted_and_drawn_against_list_and_floor_price(client, rui, hangzhou, pump):
    client.force_login(rui)
    assert "No price is noted here" in tab(client, hangzhou)
    assert add(client, hangzhou).status_code == 302
    assert add(client, hangzhou, seen_on="2026-03-05", price="455").status_code == 302
    text = tab(client, hangzhou)
    for words in ("480.00 CNY", "list price", "floor price", "460.00", "North shop"):
        assert words in text
    event = AuditEvent.objects.filter(verb="price.seen").first()
    assert (event.target_id, event.after["price"]) == (str(hangzhou.pk), "480")
    export = client.get(reverse("ledger:retailprice-list") + "?export=csv")
    assert "North shop" in b"".join(export.streaming_content).decode()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"price": "0"}, "above zero"),
        ({"price": "-1"}, "above zero"),
        ({"seen_on": "2026-03-13"}, "still to come"),
        ({"currency": "¥"}, "three letters"),
        ({"sku": "NONE"}, "no product with this SKU"),
        ({"sku": ""}, "required"),
    ],
)
def test_a_price_that_cannot_be_is_refused(client, rui, hangzhou, pump, fields, says):
    client.force_login(rui)
    page = add(client, hangzhou, **fields)
    assert page.status_code == 422
    assert says in page.content.decode()
    assert not RetailPrice.objects.exists()


def test_the_price_of_a_place_and_day_is_noted_once_and_removed_with_a_trace(client, rui, hangzhou, pump):
    client.force_login(rui)
    add(client, hangzhou)
    assert add(client, hangzhou, price="470").status_code == 422
    row = RetailPrice.objects.get()
    url = reverse("ledger:retailprice-remove", args=[hangzhou.pk, row.pk])
    assert client.get(url).status_code == 200
    assert RetailPrice.objects.exists()
    assert client.post(url).status_code == 302
    assert not RetailPrice.objects.exists()
    assert AuditEvent.objects.filter(verb="price.removed").count() == 1


def test_the_tab_asks_as_many_queries_for_many_prices(client, rui, hangzhou, pump, django_assert_max_num_queries):
    for day in range(1, 11):
        RetailPrice.objects.create(
            distributor=hangzhou, product=pump, price=5, currency="CNY", seen_on=date(2026, 3, day)
        )
    client.force_login(rui)
    tab(client, hangzhou)
    with django_assert_max_num_queries(25):
        tab(client, hangzhou)


def test_our_share_is_net_sales_of_twelve_months_in_what_it_could_sell(rui, hangzhou, pump):
    for month in (1, 2):
        factories.sale_line(hangzhou, pump, day=date(2026, month, 15), amount=Decimal(1000))
    rollups_refresh()
    ExchangeRate.objects.create(currency="USD", day=date(2026, 2, 25), rate=Decimal(7))
    asked = [
        (date(2026, 2, 1), Decimal(10_000), "CNY"),
        (date(2026, 3, 1), Decimal(1_000), "USD"),
        (date(2026, 3, 1), Decimal(1_000), "EUR"),
    ]
    assert wallet_points(rui, hangzhou.pk, asked) == [
        (date(2026, 2, 1), Decimal(1000), Decimal(10_000)),
        (date(2026, 3, 1), Decimal(2000), Decimal(7_000)),
        (date(2026, 3, 1), Decimal(2000), None),
    ]
    assert wallet_points(factories.user(Role.REP), hangzhou.pk, asked)[0][1] == 0

import re
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.dateparse import parse_datetime

from accounts.roles import Role
from config.api import VIEWSETS
from core.money import MoneyField
from distributors.credit.models import CreditPolicy
from distributors.profiles.models import Distributor
from tests import factories
from tests.api.conftest import error_of

pytestmark = pytest.mark.django_db


def codes(rows):
    return [row["code"] for row in rows]


def all_pages(client, path, **params):
    found, pages = [], 0
    while path:
        body = client.get(path, params).json()
        found += body["results"]
        path, params, pages = body["next"], {}, pages + 1
        assert pages < 50
    return found


def test_a_distributor_is_answered_in_plain_values(token_client):
    owner = factories.user(Role.REP, email="rui@test.example")
    parent = factories.distributor()
    made = factories.distributor(
        owner=owner,
        parent=parent,
        tier=2,
        registered_capital=Decimal("1234567.8"),
        founded_on=date(2001, 2, 3),
        standing={"abc": "A", "net_sales_12m": Decimal("10.5")},
    )
    row = token_client().get(f"/api/v1/distributors/{made.code}/").json()
    assert row["id"] == made.pk
    assert row["owner"] == "rui@test.example"
    assert row["buys_from"] == parent.code
    assert row["territory"] == made.territory.code
    assert row["registered_capital"] == "1234567.8000"
    assert row["net_sales_12m"] == "10.5000"
    assert row["founded_on"] == "2001-02-03"
    assert parse_datetime(row["updated_at"]) == made.updated_at
    assert (row["abc"], row["growth"], row["merged_into"]) == ("A", None, None)


@pytest.mark.parametrize("viewset", VIEWSETS, ids=lambda viewset: viewset.resource)
def test_list_and_row_have_the_declared_fields(token_client, viewset):
    from tests.access import world

    world()
    client = token_client()
    rows = client.rows(client.list_of(viewset))
    assert rows
    assert all(list(row) == list(viewset.fields) for row in rows)
    key = "code" if viewset.lookup_field == "code" else "id" if "id" in viewset.fields else "number"
    assert client.get(f"/api/v1/{viewset.resource}/{rows[0][key]}/").json() == rows[0]


@pytest.mark.parametrize("viewset", VIEWSETS, ids=lambda viewset: viewset.resource)
def test_a_list_costs_the_same_queries_for_few_rows_and_many(token_client, viewset, django_assert_max_num_queries):
    from tests.access import world

    for _times in range(3):
        world()
    CreditPolicy.objects.create(number=2, valid_from=date(2001, 1, 1))
    client = token_client()
    address = client.list_of(viewset)
    with django_assert_max_num_queries(6):
        assert len(client.rows(address)) >= 2


def test_pages_give_every_row_once_in_the_order_of_the_key(token_client):
    made = [factories.distributor() for _each in range(7)]
    found = all_pages(token_client(), "/api/v1/distributors/", page_size=3)
    assert codes(found) == codes([vars(one) for one in made])


def test_rows_that_come_and_go_while_paging_neither_repeat_nor_hide_others(token_client):
    made = [factories.distributor() for _each in range(6)]
    client = token_client()
    first = client.get("/api/v1/distributors/", {"page_size": 2}).json()
    late = factories.distributor(code="A-first-by-name")
    Distributor.objects.filter(pk=made[0].pk).update(legal_name="Z", version=9)
    rest = all_pages(client, first["next"])
    found = codes(first["results"]) + codes(rest)
    assert found == [*codes([vars(one) for one in made]), late.code]


def test_the_next_page_keeps_the_filters(token_client):
    for _each in range(3):
        factories.distributor(tier=2)
    body = token_client().get("/api/v1/distributors/", {"page_size": 1, "tier": 2}).json()
    assert parse_qs(urlsplit(body["next"]).query) | {"cursor": []} == {"page_size": ["1"], "tier": ["2"], "cursor": []}
    assert token_client().get("/api/v1/distributors/", {"tier": 2}).json()["next"] is None


@pytest.mark.parametrize(
    "cursor", ["", "x", "-1", "LTE", "MQ==x", "9" * 40, "\x00", "é", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA", "8J-Yig"]
)
def test_a_cursor_that_was_not_given_is_refused(token_client, cursor):
    response = token_client().get("/api/v1/distributors/", {"cursor": cursor})
    assert response.status_code == 400
    assert list(error_of(response)["fields"]) == ["cursor"]


@pytest.mark.parametrize("size", ["0", "501", "-1", "x", "", "1e2", "²", "9" * 30])
def test_a_page_has_one_to_five_hundred_rows(token_client, size):
    response = token_client().get("/api/v1/distributors/", {"page_size": size})
    assert response.status_code == 400
    assert list(error_of(response)["fields"]) == ["page_size"]


def test_distributors_are_filtered(token_client):
    country = factories.territory()
    city = factories.territory(parent=country)
    owner = factories.user(Role.REP, email="Owner@Test.example")
    dealer = factories.distributor_type("dealer")
    wanted = factories.distributor(city, owner, tier=2, state="watch", type=dealer, standing={"abc": "B"})
    other = factories.distributor()
    client = token_client()
    for name, value in {
        "territory": country.code,
        "owner": "owner@TEST.example",
        "tier": 2,
        "state": "watch",
        "type": "dealer",
        "abc": "B",
        "code": wanted.code,
    }.items():
        assert codes(client.rows("/api/v1/distributors/", **{name: value})) == [wanted.code], name
    assert client.rows("/api/v1/distributors/", territory="unknown") == []
    Distributor.objects.filter(pk=wanted.pk).update(updated_at="2026-01-01T00:00:00Z")
    since = {"changed_since": "2026-01-01T08:00:01+08:00"}
    assert codes(client.rows("/api/v1/distributors/", **since)) == [other.code]
    assert client.rows("/api/v1/distributors/", changed_since="2999-11-25T19:56:04.6-16:14") == []


def test_territories_are_filtered(token_client):
    top = factories.territory()
    below = factories.territory(parent=top, level="city")
    factories.territory()
    client = token_client()
    assert codes(client.rows("/api/v1/territories/", within=top.code)) == [top.code, below.code]
    assert codes(client.rows("/api/v1/territories/", parent=top.code)) == [below.code]
    assert codes(client.rows("/api/v1/territories/", level="city")) == [below.code]


def test_products_are_found_by_their_key(token_client):
    wanted = factories.product("A/1", brand="Lu")
    factories.product("A/2")
    client = token_client()
    for params in ({"source": "erp", "sku": "A/1"}, {"brand": "Lu"}):
        assert [row["id"] for row in client.rows("/api/v1/products/", **params)] == [wanted.pk]
    assert client.rows("/api/v1/products/", source="other") == []
    assert len(client.rows("/api/v1/products/", line="line")) == 2


def test_sale_lines_are_filtered(token_client):
    product, other = factories.product(), factories.product()
    near, far = factories.distributor(), factories.distributor()
    first = factories.sale_line(
        near, product, day=date(2026, 1, 1), order_number="SO-1", kind="return", order_type="gift"
    )
    last = factories.sale_line(far, other, day=date(2026, 2, 1))
    client = token_client()

    def ids(**params):
        return [row["id"] for row in client.rows("/api/v1/sale-lines/", **params)]

    assert ids() == [first.pk, last.pk]
    for params in (
        {"distributor": near.code},
        {"product": product.sku},
        {"date_to": "2026-01-31"},
        {"order": "SO-1"},
        {"kind": "return"},
        {"order_type": "gift"},
        {"external_id": first.external_id, "source": "erp"},
    ):
        assert ids(**params) == [first.pk], params
    assert ids(date_from="2026-02-01") == [last.pk]


def test_a_pull_by_date_comes_in_the_order_of_the_date_each_line_once(token_client):
    near, product = factories.distributor(), factories.product()
    days = [date(2026, 2, day) for day in (3, 1, 2, 1, 3, 2, 1)]
    made = [factories.sale_line(near, product, day=day) for day in days]
    factories.sale_line(near, product, day=date(2026, 1, 31))
    client = token_client()
    found = all_pages(client, "/api/v1/sale-lines/", date_from="2026-02-01", page_size=2)
    assert [row["id"] for row in found] == [one.pk for one in sorted(made, key=lambda one: (one.day, one.pk))]
    with CaptureQueriesContext(connection) as captured:
        client.rows("/api/v1/sale-lines/", date_from="2026-02-01")
    pages = [one["sql"] for one in captured if "LIMIT" in one["sql"] and 'FROM "ledger_saleline"' in one["sql"]]
    assert len(pages) == 1
    assert re.search(r'ORDER BY ("ledger_saleline"."day"|\d+) ASC, ', pages[0])
    by_key = client.rows("/api/v1/sale-lines/", date_from="2026-02-01", distributor=near.code)
    assert [row["id"] for row in by_key] == [one.pk for one in made]


def test_a_cursor_of_another_order_is_refused(token_client):
    near, product = factories.distributor(), factories.product()
    for day in (1, 2, 3):
        factories.sale_line(near, product, day=date(2026, 2, day))
    client = token_client()
    by_date = client.get("/api/v1/sale-lines/", {"date_from": "2026-02-01", "page_size": 1}).json()["next"]
    by_key = client.get("/api/v1/sale-lines/", {"page_size": 1}).json()["next"]
    for params, other in (({}, by_date), ({"date_from": "2026-02-01"}, by_key)):
        cursor = parse_qs(urlsplit(other).query)["cursor"][0]
        response = client.get("/api/v1/sale-lines/", {**params, "cursor": cursor})
        assert (response.status_code, list(error_of(response)["fields"])) == (400, ["cursor"])


def test_what_changed_since_a_batch_begins_where_its_lines_begin(token_client):
    near, product = factories.distributor(), factories.product()
    old = [factories.sale_line(near, product) for _each in range(3)]
    new = [factories.sale_line(near, product) for _each in range(5)]
    client = token_client()
    known = old[-1].batch_id
    with CaptureQueriesContext(connection) as captured:
        assert len(client.rows("/api/v1/sale-lines/", changed_since_batch=known)) == 5
    assert any(f'"ledger_saleline"."id" >= {new[0].pk}' in one["sql"] for one in captured)
    found = all_pages(client, "/api/v1/sale-lines/", changed_since_batch=known, page_size=2)
    assert [row["id"] for row in found] == [one.pk for one in new]
    assert client.rows("/api/v1/sale-lines/", changed_since_batch=new[-1].batch_id) == []


def test_only_what_changed_since_a_batch_is_pulled(token_client):
    near, product = factories.distributor(), factories.product()
    old = factories.sale_line(near, product)
    corrected = factories.sale_line(near, product)
    known = corrected.batch_id
    later = factories.batch()
    type(corrected).objects.filter(pk=corrected.pk).update(superseded_by=later)
    newer = factories.sale_line(near, product, external_id=corrected.external_id, revision=2, batch=later)
    rows = token_client().rows("/api/v1/sale-lines/", changed_since_batch=known)
    assert [(row["id"], row["revision"], row["batch"]) for row in rows] == [(newer.pk, 2, later.pk)]
    everything = token_client().rows("/api/v1/sale-lines/", changed_since_batch=0)
    assert [row["id"] for row in everything] == [old.pk, newer.pk]
    assert token_client().get(f"/api/v1/sale-lines/{corrected.pk}/").status_code == 404


def test_a_row_of_another_territory_does_not_exist(token_client):
    near, far = factories.territory(), factories.territory()
    mine, hidden = factories.distributor(near), factories.distributor(far)
    client = token_client(user=factories.user(Role.API_CLIENT, near))
    assert codes(client.rows("/api/v1/distributors/")) == [mine.code]
    assert client.get(f"/api/v1/distributors/{hidden.code}/").status_code == 404
    assert client.get(f"/api/v1/territories/{far.code}/").status_code == 404
    assert client.rows("/api/v1/distributors/", territory=far.code) == []


def test_a_related_row_of_another_territory_is_not_named(token_client):
    near, far = factories.territory(), factories.territory()
    hidden = factories.distributor(far, code="HIDDEN")
    mine = factories.distributor(near, parent=hidden, tier=2, merged_into=hidden)
    below = factories.territory(parent=near)
    client = token_client(user=factories.user(Role.API_CLIENT, near))
    row = client.get(f"/api/v1/distributors/{mine.code}/").json()
    assert (row["buys_from"], row["merged_into"]) == (None, None)
    everywhere = token_client().get(f"/api/v1/distributors/{mine.code}/").json()
    assert (everywhere["buys_from"], everywhere["merged_into"]) == ("HIDDEN", "HIDDEN")
    city = token_client(user=factories.user(Role.API_CLIENT, below)).rows("/api/v1/territories/")
    assert [(one["code"], one["parent"]) for one in city] == [(below.code, None)]


def test_a_person_signed_in_reads_as_far_as_their_pages_do(client):
    near, far = factories.territory(), factories.territory()
    mine = factories.distributor(near)
    factories.distributor(far)
    client.force_login(factories.user(Role.REP, near))
    assert codes(client.get("/api/v1/distributors/").json()["results"]) == [mine.code]


def test_no_amount_is_a_float():
    for viewset in VIEWSETS:
        assert not [field for field in viewset.model._meta.fields if field.get_internal_type() == "FloatField"]
        assert all(
            field.to_python("1.5") == Decimal("1.5")
            for field in viewset.model._meta.fields
            if isinstance(field, MoneyField)
        )


def test_head_and_options_are_answered(token_client):
    client = token_client()
    head = client.head("/api/v1/distributors/")
    assert (head.status_code, head.content) == (200, b"")
    options = client.options("/api/v1/distributors/")
    assert options.status_code == 200
    assert "GET" in options.json()["methods"]

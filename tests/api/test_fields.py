"""Who names fields gets these and no others, and the database reads no others."""

import re
from datetime import date
from decimal import Decimal

import django_filters
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from config.api import VIEWSETS
from tests import factories
from tests.api.conftest import error_of
from tests.api.test_reads import all_pages

pytestmark = pytest.mark.django_db
LIST = "/api/v1/distributors/"


@pytest.mark.parametrize("viewset", VIEWSETS, ids=lambda viewset: viewset.resource)
def test_every_list_and_row_answers_the_fields_that_are_named_in_their_order(token_client, viewset):
    from tests.access import world

    world()
    client = token_client()
    address = client.list_of(viewset)
    names = list(reversed(viewset.fields))
    whole = client.rows(address)
    assert [list(row) for row in client.rows(address, fields=",".join(names))] == [names] * len(whole)
    key = "code" if viewset.lookup_field == "code" else "id" if "id" in viewset.fields else "number"
    for name in names:
        assert client.rows(address, fields=name) == [{name: row[name]} for row in whole]
        assert client.get(f"{address}{whole[0][key]}/", {"fields": name}).json() == {name: whole[0][name]}


def test_only_the_columns_of_the_named_fields_are_read(token_client):
    factories.distributor()
    client = token_client()
    with CaptureQueriesContext(connection) as captured:
        client.rows(LIST, fields="code,abc")
    (read,) = [one["sql"] for one in captured if 'FROM "profiles_distributor"' in one["sql"]]
    columns = re.search("SELECT (.*?) FROM", read).group(1)
    assert set(re.findall(r'"(\w+)"\."(\w+)"', columns)) == {
        ("profiles_distributor", "id"),
        ("profiles_distributor", "code"),
        ("profiles_standing", "abc"),
    }
    assert "accounts_user" not in read
    assert "accounts_territory" not in read


@pytest.mark.parametrize("text", ["nothing", "code,nothing", "", ",", "code,", "Code", "pk", "owner__password", "\x00"])
@pytest.mark.parametrize("address", [LIST, LIST + "D1/"])
def test_a_field_that_there_is_not_is_named_with_those_there_are(token_client, address, text):
    factories.distributor(code="D1")
    response = token_client().get(address, {"fields": text})
    assert response.status_code == 400
    ((name, (message,)),) = error_of(response)["fields"].items()
    assert name == "fields"
    unknown = dict.fromkeys(one for one in text.split(",") if one != "code")
    assert f"“{', '.join(unknown)}”" in message
    assert "id, code, legal_name" in message


def test_a_row_refuses_parameters_that_there_are_not(token_client):
    factories.distributor(code="D1")
    response = token_client().get(LIST + "D1/", {"field": "code"})
    assert (response.status_code, list(error_of(response)["fields"])) == (400, ["field"])


def test_a_name_that_comes_twice_is_answered_once_and_spaces_do_not_count(token_client):
    factories.distributor(code="D1")
    assert token_client().rows(LIST, fields="code, tier,code") == [{"code": "D1", "tier": 1}]


def test_pages_go_on_with_the_fields_and_filters_that_they_began_with(token_client):
    near, product = factories.distributor(), factories.product()
    for day in (3, 1, 2):
        factories.sale_line(near, product, day=date(2026, 2, day), external_id=f"on-{day}")
    factories.sale_line(near, product, day=date(2026, 1, 1))
    for params in ({"date_from": "2026-02-01"}, {"date_from": "2026-02-01", "distributor": near.code}):
        found = all_pages(token_client(), "/api/v1/sale-lines/", fields="external_id,amount", page_size=1, **params)
        assert [list(row) for row in found] == [["external_id", "amount"]] * 3
        names = [row["external_id"] for row in found]
        assert names == (sorted(names) if len(params) == 1 else ["on-3", "on-1", "on-2"])


def test_a_named_field_that_speaks_of_a_row_out_of_reach_stays_null(token_client):
    near, far = factories.territory(), factories.territory()
    hidden = factories.distributor(far, code="HIDDEN")
    mine = factories.distributor(near, parent=hidden, tier=2)
    client = token_client(user=factories.user(Role.API_CLIENT, near))
    assert client.get(f"{LIST}{mine.code}/", {"fields": "buys_from"}).json() == {"buys_from": None}
    assert token_client().get(f"{LIST}{mine.code}/", {"fields": "buys_from"}).json() == {"buys_from": "HIDDEN"}


def test_the_document_names_the_fields_of_every_read(client):
    client.force_login(factories.user())
    paths = client.get("/api/schema/").json()["paths"]
    for viewset in VIEWSETS:
        for tail in ("", f"{{{viewset.lookup_field if viewset.lookup_field != 'pk' else 'id'}}}/"):
            read = paths[f"/api/v1/{viewset.resource}/{tail}"]["get"]
            (choice,) = [one for one in read["parameters"] if one["name"] == "fields"]
            assert choice["schema"]["items"]["enum"] == list(viewset.fields)
            assert (choice["in"], choice["explode"]) == ("query", False)


def test_a_token_reads_costs_by_a_scope_of_its_own(token_client):
    product = factories.product("P1", cost=Decimal("12.5"))
    factories.sale_line(factories.distributor(), product, cost=Decimal(7), base_cost=Decimal(7))
    plain, full = token_client("products:read", "sale-lines:read"), token_client()
    for client, cost, spent in ((plain, None, None), (full, "12.5000", "7.0000")):
        assert client.rows("/api/v1/products/")[0]["cost"] == cost
        assert client.rows("/api/v1/products/", fields="cost,sku") == [{"cost": cost, "sku": "P1"}]
        assert client.get(f"/api/v1/products/{product.pk}/").json()["cost"] == cost
        assert client.rows("/api/v1/sale-lines/", fields="cost,base_cost") == [{"cost": spent, "base_cost": spent}]
        answer = client.get("/api/v1/products/", {"fields": "cost", "format": "csv"})
        assert b"".join(answer.streaming_content).decode().split() == ["\ufeffcost", *([cost] if cost else ['""'])]


def test_a_hidden_filter_of_the_api_is_no_parameter(token_client, monkeypatch):
    from distributors.ledger.api import ProductViewSet

    dear = django_filters.NumberFilter(field_name="cost", lookup_expr="gte")
    monkeypatch.setitem(ProductViewSet.filterset_class.base_filters, "dear", dear)
    factories.product("P1", cost=Decimal(5))
    answer = token_client("products:read").get("/api/v1/products/", {"dear": 3})
    assert (answer.status_code, list(error_of(answer)["fields"])) == (400, ["dear"])
    assert len(token_client().rows("/api/v1/products/", dear=3)) == 1
    assert token_client().rows("/api/v1/products/", dear=9) == []

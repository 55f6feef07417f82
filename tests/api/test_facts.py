"""Orders, invoices, payments, stock, targets and occurrences over REST: written in bulk and read again."""

import pytest

from accounts.roles import Role
from distributors.ledger.records import Invoice, OpenItem, Target
from tests import factories
from tests.api.conftest import error_of

pytestmark = pytest.mark.django_db

ROWS = {
    "orders": ({"number": "O1", "date": "2026-01-15", "open_amount": "100", "currency": "CNY"}, "open_amount"),
    "invoices": (
        {"number": "R1", "issued_on": "2026-01-15", "due_on": "2026-02-15", "amount": "100", "currency": "CNY"},
        "amount",
    ),
    "payments": ({"number": "P1", "date": "2026-01-20", "amount": 60.5, "currency": "CNY"}, "amount"),
    "stock": ({"product": "P1", "date": "2026-01-31", "quantity": "4"}, "quantity"),
    "targets": ({"starts_on": "2026-01-01", "value": "1000"}, "value"),
    "occurrences": ({"kind": "course_passed", "reference": "C1", "date": "2026-01-15", "value": "1"}, "value"),
}


@pytest.fixture(autouse=True)
def _known():
    factories.distributor(code="D1")
    factories.product("P1")


def bulk(resource):
    return f"/api/v1/{resource}/bulk/"


def sent(resource, **changes):
    row, _value = ROWS[resource]
    return {"source": "erp", "rows": [{"distributor": "D1"} | row | changes]}


@pytest.mark.parametrize("resource", ROWS)
def test_rows_go_in_once_are_read_and_corrected(token_client, resource):
    client, value = token_client(), ROWS[resource][1]
    first = client.send(bulk(resource), sent(resource)).json()
    assert (first["new"], first["changed"]) == (1, 0)
    again = {"new": 0, "changed": 0, "unchanged": 1, "batch": None, "late": []}
    assert client.send(bulk(resource), sent(resource)).json() == again
    second = client.send(bulk(resource), sent(resource, **{value: "7.25"})).json()
    assert (second["new"], second["changed"], second["batch"]) == (0, 1, first["batch"] + 1)
    (row,) = client.rows(f"/api/v1/{resource}/", changed_since_batch=first["batch"])
    assert (row[value], row["distributor"], row["revision"], row["source"]) == ("7.2500", "D1", 2, "erp")
    assert client.rows(f"/api/v1/{resource}/", changed_since_batch=second["batch"]) == []


@pytest.mark.parametrize("resource", ROWS)
def test_one_bad_row_keeps_all_out_and_is_named_as_it_was_sent(token_client, resource):
    client = token_client()
    good, name = (
        sent(resource)["rows"][0],
        next(key for key in ("date", "issued_on", "starts_on") if key in ROWS[resource][0]),
    )
    answer = client.send(bulk(resource), {"source": "erp", "rows": [good, good | {name: "yesterday"}]})
    assert answer.status_code == 400
    problems = error_of(answer)["problems"]
    assert [(one["row"], one["column"]) for one in problems] == [(2, name)]
    assert client.rows(f"/api/v1/{resource}/") == []


@pytest.mark.parametrize("resource", ROWS)
def test_writing_asks_for_its_own_scope(token_client, resource):
    other = "orders" if resource != "orders" else "invoices"
    assert token_client(f"{resource}:read", f"{other}:write").send(bulk(resource), sent(resource)).status_code == 403
    assert token_client(f"{resource}:write").send(bulk(resource), sent(resource)).status_code == 200


@pytest.mark.parametrize("resource", ROWS)
def test_distributors_out_of_reach_are_not_known(token_client, resource):
    client = token_client(user=factories.user(Role.API_CLIENT, factories.territory()))
    answer = client.send(bulk(resource), sent(resource))
    assert answer.status_code == 400
    assert "distributor" in {one["column"] for one in error_of(answer)["problems"]}


def test_a_key_makes_a_write_safe_to_repeat(token_client):
    client = token_client()
    first = client.send(bulk("invoices"), sent("invoices"), **{"Idempotency-Key": "a"})
    again = client.send(bulk("invoices"), sent("invoices"), **{"Idempotency-Key": "a"})
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert client.send(bulk("invoices"), sent("invoices", amount="1"), **{"Idempotency-Key": "a"}).status_code == 409
    assert Invoice.objects.count() == 1


def test_a_payment_settles_at_once_and_both_sides_can_be_read(token_client):
    client = token_client()
    client.send(bulk("payments"), sent("payments"))
    client.send(bulk("invoices"), sent("invoices"))
    (share,) = client.rows("/api/v1/allocations/", invoice="R1")
    assert (share["payment"], share["amount"], share["used"], share["stated"]) == ("P1", "60.5000", "60.5000", False)
    (item,) = client.rows("/api/v1/open-items/", distributor="D1", kind="invoice", due_to="2026-02-15")
    assert (item["invoice"], item["amount"]) == ("R1", "39.5000")
    assert client.rows("/api/v1/open-items/", due_from="2026-02-16") == []
    assert OpenItem.objects.count() == 1


def test_a_client_of_one_territory_sets_no_target_of_another(token_client):
    here, there = factories.territory(), factories.territory()
    person = factories.user(Role.REP, there, code="S9")
    client = token_client(user=factories.user(Role.API_CLIENT, here))
    for owner in ({"territory": there.code}, {"person": person.code}):
        row = {"starts_on": "2026-01-01", "value": "1"} | owner
        assert client.send(bulk("targets"), {"source": "erp", "rows": [row]}).status_code == 400
    row = {"starts_on": "2026-01-01", "value": "1", "territory": here.code}
    assert client.send(bulk("targets"), {"source": "erp", "rows": [row]}).status_code == 200
    assert Target.objects.count() == 1


def test_flags_are_sent_as_true_and_false_and_nothing_else_is(token_client):
    client = token_client()
    client.send(bulk("invoices"), sent("invoices", disputed=True, cancelled=False))
    assert Invoice.objects.values_list("disputed", "cancelled").get() == (True, False)
    answer = client.send(bulk("invoices"), sent("invoices", amount=True))
    assert [one["column"] for one in error_of(answer)["problems"]] == ["amount"]

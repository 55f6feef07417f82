from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import connection

from accounts.roles import Role
from core import clock, idempotency
from core.models import IdempotencyKey
from distributors.ledger.books import books_close
from distributors.ledger.models import Batch, SaleLine
from tests import factories
from tests.api.conftest import error_of

pytestmark = pytest.mark.django_db
BULK = "/api/v1/sale-lines/bulk/"


@pytest.fixture
def line():
    distributor, product = factories.distributor(code="D1"), factories.product("P1")
    return {
        "external_id": "1",
        "distributor": distributor.code,
        "product": product.sku,
        "date": "2026-01-15",
        "quantity": "2",
        "amount": "10.50",
        "currency": "CNY",
    }


def sent(*lines):
    return {"source": "erp", "lines": list(lines)}


def problems_of(response):
    assert response.status_code == 400, response.content
    error = error_of(response)
    assert error["code"] == "rows_refused"
    assert not SaleLine.objects.exists()
    assert not Batch.objects.exists()
    return [(problem["row"], problem["column"]) for problem in error["problems"]]


def test_lines_go_in_and_can_be_read(token_client, line):
    client = token_client()
    full = line | {"order": "SO-1", "kind": "return", "quantity": -3, "amount": -10.505, "tax": None, "buyer": "王"}
    answer = client.send(BULK, sent(line, full | {"external_id": "2"}))
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body == {"new": 2, "changed": 0, "unchanged": 0, "batch": body["batch"], "late": []}
    first, second = client.rows("/api/v1/sale-lines/", changed_since_batch=body["batch"] - 1)
    assert (first["amount"], first["distributor"], first["date"]) == ("10.5000", "D1", "2026-01-15")
    assert (second["amount"], second["order"], second["kind"]) == ("-10.5050", "SO-1", "return")
    assert second["buyer"] == "王"


def test_the_same_lines_again_change_nothing(token_client, line):
    client = token_client()
    client.send(BULK, sent(line))
    again = client.send(BULK, sent(line)).json()
    assert again == {"new": 0, "changed": 0, "unchanged": 1, "batch": None, "late": []}
    assert SaleLine.objects.count() == 1


def test_a_corrected_line_is_a_new_revision(token_client, line):
    client = token_client()
    client.send(BULK, sent(line))
    assert client.send(BULK, sent(line | {"amount": "11"})).json()["changed"] == 1
    (row,) = client.rows("/api/v1/sale-lines/")
    assert (row["revision"], row["amount"]) == (2, "11.0000")


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"distributor": "unknown"}, "distributor"),
        ({"product": "unknown"}, "product"),
        ({"currency": "XXX"}, "currency"),
        ({"date": "2026-02-30"}, "date"),
        ({"date": "2999-01-01"}, "date"),
        ({"date": 20260101}, "date"),
        ({"amount": "1e999"}, "amount"),
        ({"amount": "many"}, "amount"),
        ({"amount": True}, "amount"),
        ({"amount": [1]}, "amount"),
        ({"quantity": None}, "quantity"),
        ({"kind": "gift"}, "kind"),
        ({"external_id": "x" * 81}, "external_id"),
        ({"external_id": "a\x00b"}, "external_id"),
        ({"buyer": "\ud800"}, "buyer"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_one_bad_value_refuses_all_lines_and_names_itself(token_client, line, change, column):
    body = sent(line, line | {"external_id": "2"} | change)
    assert problems_of(token_client().send(BULK, body)) == [(2, column)]


@pytest.mark.parametrize("number", ["1e999", "1E+99999999", "123456789012345678901234567890", "1.123456789"])
def test_a_number_that_does_not_fit_is_refused_or_rounded_never_a_fault(token_client, line, number):
    import json

    text = json.dumps(sent(line)).replace('"10.50"', number)
    response = token_client().send(BULK, text)
    if number == "1.123456789":
        assert response.status_code in {200, 400}
    else:
        assert problems_of(response) == [(1, "amount")]


def test_a_key_twice_in_one_body_is_refused(token_client, line):
    assert problems_of(token_client().send(BULK, sent(line, line | {"amount": "9"})))


@pytest.mark.parametrize("row", [None, 1, "text", [], [[]]])
def test_a_line_that_is_no_object_is_refused(token_client, line, row):
    assert problems_of(token_client().send(BULK, sent(line, row))) == [(2, "")]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (None, {"source", "lines"}),
        ([], {"source", "lines"}),
        ({}, {"source", "lines"}),
        ({"source": "erp", "lines": []}, {"lines"}),
        ({"source": "erp", "lines": {}}, {"lines"}),
        ({"source": 1, "lines": [{}]}, {"source"}),
        ({"source": "\x00", "lines": [{}]}, {"source"}),
        ({"source": "x" * 41, "lines": [{}]}, {"source"}),
        ({"source": "erp", "lines": [{}], "more": 1}, {"more"}),
        ({"source": "erp", "lines": [{}] * 5001}, {"lines"}),
    ],
)
def test_a_body_of_another_shape_is_refused(token_client, body, fields):
    response = token_client().send(BULK, body)
    assert response.status_code == 400
    assert set(error_of(response)["fields"]) == fields


def test_five_thousand_lines_go_in_at_once(token_client, line):
    body = sent(*(line | {"external_id": str(number)} for number in range(5000)))
    assert token_client().send(BULK, body).json()["new"] == 5000
    assert SaleLine.objects.count() == 5000


def test_a_distributor_of_another_territory_is_unknown(token_client, line):
    near = factories.territory()
    client = token_client(user=factories.user(Role.API_CLIENT, near))
    assert problems_of(client.send(BULK, sent(line))) == [(1, "distributor")]


def test_who_may_not_write_lines_is_refused(token_client, client, line):
    assert token_client("sale-lines:read").send(BULK, sent(line)).status_code == 403
    client.force_login(factories.user(Role.FINANCE))
    assert client.post(BULK, sent(line), content_type="application/json").status_code == 403
    assert not SaleLine.objects.exists()


def test_the_same_key_gives_the_same_answer_and_one_batch(token_client, line):
    client = token_client()
    first = client.send(BULK, sent(line), **{"Idempotency-Key": "night-1"})
    again = client.send(BULK, sent(line), **{"Idempotency-Key": "night-1"})
    assert again.json() == first.json()
    assert again.json()["new"] == 1
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert Batch.objects.count() == 1


def test_the_same_key_for_another_body_is_a_conflict(token_client, line):
    client = token_client()
    client.send(BULK, sent(line), **{"Idempotency-Key": "night-1"})
    response = client.send(BULK, sent(line | {"amount": "9"}), **{"Idempotency-Key": "night-1"})
    assert response.status_code == 409
    error_of(response)
    assert SaleLine.objects.get().amount == Decimal("10.5")


def test_a_key_belongs_to_its_client(token_client, line):
    for _each in range(2):
        answer = token_client().send(BULK, sent(line), **{"Idempotency-Key": "night-1"})
        assert "Idempotent-Replayed" not in answer
    assert IdempotencyKey.objects.count() == 2


def test_a_refused_request_may_be_sent_again_with_its_key(token_client, line):
    client = token_client()
    key = {"Idempotency-Key": "night-1"}
    assert client.send(BULK, sent(line | {"distributor": "late"}), **key).status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert client.send(BULK, sent(line), **key).json()["new"] == 1


@pytest.mark.parametrize("key", ["x" * 121, "é", "a\tb"])
def test_a_key_is_short_and_plain(token_client, line, key):
    response = token_client().send(BULK, sent(line), **{"Idempotency-Key": key})
    assert response.status_code == 400
    assert list(error_of(response)["fields"]) == ["Idempotency-Key"]


def test_old_keys_are_forgotten(token_client, line):
    client = token_client()
    client.send(BULK, sent(line), **{"Idempotency-Key": "old"})
    IdempotencyKey.objects.update(created_at=clock.instant() - idempotency.KEPT * 1.01)
    client.send(BULK, sent(line), **{"Idempotency-Key": "new"})
    assert [row.key for row in IdempotencyKey.objects.all()] == ["new"]


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_one_key_make_one_batch(token_client, line):
    text = token_client().defaults["HTTP_AUTHORIZATION"].split()[1]
    from tests.api.conftest import TokenClient

    barrier, answers = Barrier(2), []

    def send():
        client = TokenClient(text)
        barrier.wait()
        answers.append(client.send(BULK, sent(line), **{"Idempotency-Key": "night-1"}))
        connection.close()

    threads = [Thread(target=send) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200, 200], [answer.content for answer in answers]
    assert answers[0].json() == answers[1].json()
    assert sorted("Idempotent-Replayed" in answer for answer in answers) == [False, True]
    assert SaleLine.objects.count() == Batch.objects.count() == 1


def test_lines_of_a_closed_month_are_named_with_the_month_in_which_they_count(token_client, line):
    client = token_client()
    client.send(BULK, sent(line, line | {"external_id": "2"}))
    books_close(actor=factories.user(Role.FINANCE), month=date(2026, 2, 1))
    lines = [
        line | {"external_id": "2", "amount": "11"},
        line,
        line | {"external_id": "3", "date": "2026-03-02"},
        line | {"external_id": "4", "date": "2026-02-28"},
    ]
    answer = client.send(BULK, sent(*lines), **{"Idempotency-Key": "late"}).json()
    assert (answer["new"], answer["changed"], answer["unchanged"]) == (2, 1, 1)
    assert answer["late"] == [{"row": 1, "booked_in": "2026-03-01"}, {"row": 4, "booked_in": "2026-03-01"}]
    read = {row["external_id"]: row["booked_in"] for row in client.rows("/api/v1/sale-lines/")}
    assert read == {"1": None, "2": "2026-03-01", "3": None, "4": "2026-03-01"}
    assert client.send(BULK, sent(*lines), **{"Idempotency-Key": "late"}).json() == answer
    assert client.send(BULK, sent(*lines)).json()["late"] == []


@pytest.mark.parametrize(
    ("resource", "row", "late"),
    [
        ("invoices", {"issued_on": "2026-01-15", "due_on": "2026-02-15", "amount": 5}, True),
        ("payments", {"date": "2026-01-15", "amount": 5}, True),
        ("orders", {"date": "2026-01-15", "open_amount": 5}, False),
    ],
)
def test_other_facts_are_late_where_they_count_in_months(token_client, line, resource, row, late):
    books_close(actor=factories.user(Role.FINANCE), month=date(2026, 2, 1))
    body = {"source": "erp", "rows": [{"number": "1", "distributor": "D1", "currency": "CNY", **row}]}
    answer = token_client().send(f"/api/v1/{resource}/bulk/", body).json()
    assert answer["late"] == ([{"row": 1, "booked_in": "2026-03-01"}] if late else [])

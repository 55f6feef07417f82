"""Lists as files: all rows that match, as CSV and XLSX, by the same door, filters and fields as in pages."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.cache import cache
from openpyxl import load_workbook

from accounts.roles import Role
from config.api import VIEWSETS
from core import api_files
from core.exports import XLSX_TYPE
from distributors.ledger.models import SaleLine
from distributors.ledger.undoing import batch_undo
from distributors.profiles import outbound
from tests import factories
from tests.api.conftest import error_of
from tests.api.test_reads import all_pages

pytestmark = pytest.mark.django_db
LIST, LINES = "/api/v1/distributors/", "/api/v1/sale-lines/"


@pytest.fixture(autouse=True)
def _uncounted():
    cache.clear()


def csv_rows(response):
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in response["Content-Disposition"]
    assert response.streaming
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


def sheet_rows(response):
    assert response["Content-Type"] == XLSX_TYPE
    sheet = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def plain(value):
    """Return a value of JSON as a file writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return ", ".join(value) if isinstance(value, list) else str(value)


@pytest.mark.parametrize("viewset", VIEWSETS, ids=lambda viewset: viewset.resource)
def test_every_list_is_the_same_in_a_file_as_in_pages(token_client, viewset):
    from tests.access import world

    world()
    client = token_client()
    address = client.list_of(viewset)
    rows = all_pages(client, address)
    assert rows
    written = csv_rows(client.get(address, {"format": "csv"}))
    assert list(written[0]) == list(viewset.fields)
    if viewset.resource != "outbound":
        assert written == [{name: plain(value) for name, value in row.items()} for row in rows]
    sheet = sheet_rows(client.get(address, {"format": "xlsx"}))
    assert [list(row) for row in sheet] == [list(viewset.fields)] * len(rows)


def test_a_file_is_asked_for_by_format_or_by_accept(token_client):
    factories.distributor(code="D1")
    client = token_client()
    for asked in (
        client.get(LIST, {"format": "csv"}),
        client.get(LIST, headers={"Accept": "text/csv"}),
        client.get(LIST, {"format": "csv"}, headers={"Accept": "application/json"}),
    ):
        assert [row["code"] for row in csv_rows(asked)] == ["D1"]
    for kind in ({"format": "xlsx"}, {}):
        response = client.get(LIST, kind, headers={"Accept": XLSX_TYPE})
        assert [row["code"] for row in sheet_rows(response)] == ["D1"]
    assert client.get(LIST, headers={"Accept": "text/html,*/*;q=0.8"})["Content-Type"] == "application/json"
    refused = client.get(LIST, headers={"Accept": "text/html"})
    assert (refused.status_code, error_of(refused)["code"]) == (406, "not_acceptable")


def test_filters_fields_and_order_are_those_of_the_pages(token_client):
    near, product = factories.distributor(), factories.product("P1")
    for day in (3, 1, 2):
        factories.sale_line(near, product, day=date(2026, 2, day), external_id=f"on-{day}")
    factories.sale_line(near, product, day=date(2026, 1, 1))
    asked = {"date_from": "2026-02-01", "fields": "external_id,amount", "format": "csv"}
    rows = csv_rows(token_client().get(LINES, asked))
    assert rows == [{"external_id": f"on-{day}", "amount": "1000.0000"} for day in (1, 2, 3)]


def test_a_file_holds_more_rows_than_a_page(token_client):
    factories.distributor()
    near, product, batch = factories.distributor(), factories.product(), factories.batch()
    for _each in range(120):
        factories.sale_line(near, product, batch=batch)
    client = token_client()
    assert len(csv_rows(client.get(LINES, {"format": "csv"}))) == 120
    assert len(sheet_rows(client.get(LINES, {"format": "xlsx"}))) == 120


def test_numbers_and_dates_of_a_sheet_are_such(token_client):
    factories.sale_line(factories.distributor(), factories.product(), amount=Decimal("-10.5"))
    (row,) = sheet_rows(token_client().get(LINES, {"format": "xlsx", "fields": "amount,date,removed,kind"}))
    assert (row["amount"], row["date"].date(), row["removed"], row["kind"]) == (
        -10.5,
        date(2026, 1, 15),
        "false",
        "sell_in",
    )


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", "＝1"])
def test_what_would_start_a_formula_is_neutralised(token_client, text):
    factories.distributor(code="D1", legal_name=text)
    client = token_client()
    (row,) = csv_rows(client.get(LIST, {"format": "csv", "fields": "legal_name"}))
    assert row["legal_name"] == f"'{text}"
    (row,) = sheet_rows(client.get(LIST, {"format": "xlsx", "fields": "legal_name"}))
    assert row["legal_name"] == f"'{text}"


def test_tags_and_data_are_written_in_one_cell(token_client):
    from distributors.profiles.models import Distributor
    from distributors.profiles.tagging import tags_put

    made = factories.distributor()
    tags_put(actor=factories.user(), rows=Distributor.objects.filter(pk=made.pk), names=["key", "new"])
    outbound.message_post(kind="distributor.watched", distributor=made, data={"before": "active"})
    client = token_client()
    assert csv_rows(client.get(LIST, {"format": "csv", "fields": "tags"})) == [{"tags": "key, new"}]
    client.send("/api/v1/outbound/subscribe/", {"begin": "first"})
    answer = client.get("/api/v1/outbound/", {"format": "csv", "fields": "data"})
    assert answer["Qudao-Subscribed"] == "true"
    assert csv_rows(answer) == [{"data": '{"before": "active"}'}]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("paging", [{"page_size": 5}, {"cursor": "Mg"}])
def test_a_file_has_no_pages(token_client, kind, paging):
    response = token_client().get(LIST, {"format": kind, **paging})
    assert (response.status_code, list(error_of(response)["fields"])) == (400, list(paging))


def test_a_format_that_there_is_not_is_refused_and_a_row_is_json(token_client):
    factories.distributor(code="D1")
    client = token_client()
    for address, kind in ((LIST, "pdf"), (LIST, ""), (f"{LIST}D1/", "csv")):
        response = client.get(address, {"format": kind})
        assert (response.status_code, list(error_of(response)["fields"])) == (400, ["format"])
    assert client.get(f"{LIST}D1/", headers={"Accept": "text/csv"}).status_code == 406


def test_what_is_refused_is_json_whatever_was_asked_for(token_client, client):
    for asked in ({"format": "csv"}, {"format": "xlsx"}):
        assert error_of(token_client().get(LINES, {"date_from": "yesterday", **asked}))["code"] == "invalid"
        assert error_of(token_client("products:read").get(LIST, asked))["code"] == "scope_missing"
        assert client.get(LIST, asked).status_code == 401


def test_a_sheet_of_too_many_rows_is_refused_and_csv_is_not(token_client, monkeypatch):
    monkeypatch.setattr(api_files, "XLSX_AT_ONCE", 2)
    for _each in range(3):
        factories.distributor()
    client = token_client()
    response = client.get(LIST, {"format": "xlsx"})
    assert (response.status_code, list(error_of(response)["fields"])) == (400, ["format"])
    assert len(csv_rows(client.get(LIST, {"format": "csv"}))) == 3


def test_a_file_keeps_to_the_territories_and_hides_the_code_of_another(token_client):
    near, far = factories.territory(), factories.territory()
    hidden = factories.distributor(far, code="HIDDEN")
    factories.distributor(near, code="MINE", parent=hidden, tier=2)
    client = token_client(user=factories.user(Role.API_CLIENT, near))
    answer = client.get(LIST, {"format": "csv", "fields": "code,buys_from"})
    assert csv_rows(answer) == [{"code": "MINE", "buys_from": ""}]


def test_files_have_a_rate_of_their_own(token_client, monkeypatch):
    from core.throttles import api_settings

    monkeypatch.setitem(api_settings.DEFAULT_THROTTLE_RATES, "file", "2/day")
    client = token_client()
    answers = [client.get(LIST, {"format": "csv"}).status_code for _each in range(3)]
    assert answers == [200, 200, 429]
    assert client.get(LIST).status_code == 200


def test_what_changed_since_a_batch_is_a_file_in_the_order_of_batches(token_client):
    admin = factories.user()
    factories.distributor(code="D1")
    factories.product("P1")
    client = token_client()

    def sent(name, amount):
        line = {"external_id": name, "distributor": "D1", "product": "P1", "date": "2026-01-15", "quantity": 1}
        lines = [line | {"amount": amount, "currency": "CNY"}]
        return client.send(f"{LINES}bulk/", {"source": "erp", "lines": lines}).json()["batch"]

    first = sent("A", 1)
    second = sent("B", 2)
    sent("A", 3)
    from distributors.ledger.models import Batch

    batch_undo(actor=admin, batch=Batch.objects.get(pk=second), reason="wrong")
    for since in (0, first, second):
        pages = all_pages(client, LINES, changed_since_batch=since, page_size=1)
        answer = client.get(LINES, {"changed_since_batch": since, "format": "csv"})
        assert answer["Qudao-Through-Batch"] == "4"
        assert csv_rows(answer) == [{name: plain(value) for name, value in row.items()} for row in pages]
    assert [row["removed"] for row in csv_rows(client.get(LINES, {"changed_since_batch": first, "format": "csv"}))] == [
        "false",
        "true",
    ]
    assert SaleLine.objects.count() == 3

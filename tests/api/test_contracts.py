"""REST: drafts of contracts are written, contracts and their coverage read."""

from datetime import date
from decimal import Decimal

import pytest

from accounts.roles import Role
from distributors.ledger.models import ProductLine
from distributors.profiles.contracts.models import Contract
from tests import factories
from tests.api.conftest import error_of
from tests.profiles.contracts import TODAY, signed

pytestmark = pytest.mark.django_db
PATH = "/api/v1/contracts/"


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def east():
    return factories.territory("East", code="EAST")


@pytest.fixture
def near(east):
    return factories.distributor(east, code="D1")


@pytest.fixture
def machine(east):
    return factories.user(Role.API_CLIENT, east)


def body(**fields):
    return {
        "distributor": "D1",
        "number": "R-1",
        "kind": "general",
        "valid_from": "2026-01-01",
        "valid_to": "2026-12-31",
        **fields,
    }


def test_a_draft_is_written_and_read_with_its_coverage(near, machine, token_client):
    ProductLine.objects.create(code="p", name="Pumps")
    client = token_client("contracts:read", "contracts:write", user=machine)
    rows = [{"territory": "EAST", "line": "Pumps", "exclusive": True}]
    answer = client.send(PATH, body(yearly_target="1200", coverage=rows))
    assert answer.status_code == 200
    made = client.get(f"{PATH}{answer.json()['id']}/").json()
    assert (made["state"], made["distributor"], made["yearly_target"]) == ("draft", "D1", "1200.0000")
    assert made["months"] == ["100.0000"] * 12
    (row,) = client.rows("/api/v1/contract-coverage/")
    assert (row["contract"], row["territory"], row["line"], row["exclusive"], row["binding"]) == (
        *("R-1", "EAST", "Pumps", True),
        False,
    )


def test_a_request_sent_twice_with_one_key_is_one_draft(near, machine, token_client):
    client = token_client("contracts:write", user=machine)
    for _time in range(2):
        client.send(PATH, body(), **{"Idempotency-Key": "one"})
    assert Contract.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"distributor": "FAR"}, "distributor"),
        ({"number": "TAKEN"}, "number"),
        ({"valid_to": "2025-01-01"}, "valid_to"),
        ({"coverage": [{"territory": "NOWHERE"}]}, "coverage"),
        ({"coverage": [{"territory": "EAST", "line": "No line"}]}, "coverage"),
        ({"state": "in_force"}, "state"),
    ],
)
def test_what_is_out_of_reach_or_against_a_rule_is_refused(near, machine, token_client, fields, field):
    factories.distributor(factories.territory("West", code="WEST"), code="FAR")
    signed(factories.user(), factories.distributor(near.territory), "TAKEN")
    answer = token_client("contracts:write", user=machine).send(PATH, body(**fields))
    assert answer.status_code == 400
    assert field in error_of(answer)["fields"]
    assert Contract.objects.count() == 1


def test_an_exclusive_overlap_is_a_conflict_that_names_the_other(near, east, machine, token_client):
    signed(factories.user(), factories.distributor(east), "A-1", [(east, "", True)])
    rows = [{"territory": "EAST", "exclusive": True}]
    answer = token_client("contracts:write", "contracts:read", user=machine).send(PATH, body(coverage=rows))
    assert answer.status_code == 409
    assert "A-1" in error_of(answer)["message"]
    assert Contract.objects.count() == 1


def test_months_are_taken_as_they_are_and_add_up(near, machine, token_client):
    client = token_client("contracts:write", user=machine)
    months = ["10"] + ["0"] * 10 + ["2.5"]
    refused = client.send(PATH, body(yearly_target="13", months=months))
    assert refused.status_code == 409
    client.send(PATH, body(yearly_target="12.5", months=months))
    assert list(Contract.objects.get().months.values_list("value", flat=True))[-1] == Decimal("2.5")


def test_lists_are_filtered(near, machine, token_client):
    admin = factories.user()
    signed(admin, near, "A-1")
    signed(admin, near, "A-2", valid_to=date(2026, 4, 1), kind="service")
    client = token_client("contracts:read", "distributors:read", user=machine)
    for query, numbers in (
        ("", ["A-1", "A-2"]),
        ("?kind=service", ["A-2"]),
        ("?ends_to=2026-06-01", ["A-2"]),
        ("?number=A-1", ["A-1"]),
        ("?state=draft", []),
        ("?distributor=D1", ["A-1", "A-2"]),
    ):
        assert [row["number"] for row in client.rows(PATH + query)] == numbers, query

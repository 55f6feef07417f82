"""REST: credit cards, their evidence and accounts, and weights from comparisons in pairs."""

import json
from datetime import date

import pytest

from accounts.roles import Role
from distributors.credit.models import Accounts, Evidence
from distributors.profiles.models import Distributor
from tests import factories
from tests.api.conftest import TokenClient, error_of
from tests.credit.test_ahp_calculations import published
from tests.credit.world import TODAY, card, scored, traded

pytestmark = pytest.mark.django_db
EVIDENCE = {
    "distributor": "D1",
    "item": "references",
    "score": 80,
    "note": "Seen",
    "reviewed_on": "2025-06-01",
    "expires_on": "2026-06-30",
}
ACCOUNTS = {"distributor": "D1", "year": 2024, "currency": "CNY", "equity": "5", "liabilities": "5"}


@pytest.fixture(autouse=True)
def today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.mark.parametrize("name", ["leader", "house"])
def test_published_matrices_are_weighed_as_published(token_client, name):
    example = published(name)
    matrix = [[str(cell) for cell in row] for row in example["matrix"]]
    answer = token_client("credit-cards:read").send("/api/v1/ahp/", {"matrix": matrix}).json()
    assert answer["lambda_max"] == pytest.approx(example["lambda_max"], abs=0.001)
    assert answer["consistency_ratio"] == pytest.approx(example["CR"], abs=0.001)
    assert (answer["accepted"], bool(answer["message"])) == (example["accepted"], not example["accepted"])
    if "weights" in example:
        assert answer["weights"] == pytest.approx(example["weights"], abs=example["tolerance"])


def test_a_matrix_that_contradicts_itself_is_not_accepted_and_says_where(token_client):
    matrix = [["1", "9", "1/9"], ["1/9", "1", "9"], ["9", "1/9", "1"]]
    answer = token_client("credit-cards:read").send("/api/v1/ahp/", {"matrix": matrix}).json()
    assert answer["accepted"] is False
    assert "contradict each other" in answer["message"]
    assert answer["revisit"]["given"] in {"9", "1/9"}


@pytest.mark.parametrize("size", [1, 10])
def test_the_smallest_and_the_largest_matrix_are_weighed(token_client, size):
    matrix = [["1"] * size for _row in range(size)]
    answer = token_client("credit-cards:read").send("/api/v1/ahp/", {"matrix": matrix}).json()
    assert answer["weights"] == pytest.approx([1 / size] * size)
    assert (answer["consistency_ratio"], answer["revisit"]) == (0, None)


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        ([], "nothing to compare"),
        ([["1", "0"], ["1", "1"]], "not above zero"),
        ([["1", "-2"], ["1", "1"]], "not above zero"),
        ([["1", "much"], ["1", "1"]], "not a number"),
        ([["1", "10"], ["1/10", "1"]], "outside 1/9 to 9"),
        ([["1", "2"], ["2", "1"]], "reciprocal"),
        ([["2", "2"], ["1/2", "1"]], "with itself"),
        ([["1", "2"], ["1/2"]], "as many judgements"),
        ([["1"] * 11] * 11, "At most 10"),
    ],
)
def test_a_matrix_that_is_none_is_refused_with_its_place(token_client, matrix, words):
    response = token_client("credit-cards:read").send("/api/v1/ahp/", {"matrix": matrix})
    assert response.status_code == 400
    assert words in json.dumps(error_of(response)["fields"])


def test_evidence_is_written_read_and_scored_at_once(token_client):
    traded(code="D1")
    client = token_client("credit-cards:write", "credit-cards:read")
    made = client.send("/api/v1/credit-evidence/", EVIDENCE).json()["id"]
    assert card(one_of("D1")).references == 80
    row = client.get(f"/api/v1/credit-evidence/{made}/").json()
    assert (row["distributor"], row["item"], row["score"], row["withdrawn_at"]) == ("D1", "references", 80, None)
    scores = client.rows("/api/v1/credit-scores/?distributor=D1")
    assert [(found["references"], found["grade"]) for found in scores] == [("80.00", card(one_of("D1")).grade)]
    other = client.send("/api/v1/credit-evidence/", {**EVIDENCE, "score": 10})
    assert other.status_code == 409
    assert Evidence.objects.count() == 1


def one_of(code):
    return Distributor.objects.get(code=code)


@pytest.mark.parametrize(
    ("change", "status"),
    [({"item": "punctuality"}, 400), ({"score": 101}, 400), ({"note": ""}, 400), ({"reviewed_on": "2025-06-16"}, 409)],
)
def test_evidence_that_says_nothing_is_refused(token_client, change, status):
    traded(code="D1")
    client = token_client("credit-cards:write")
    assert client.send("/api/v1/credit-evidence/", {**EVIDENCE, **change}).status_code == status
    assert not Evidence.objects.exists()


def test_accounts_are_written_and_replaced(token_client):
    traded(code="D1")
    client = token_client("credit-cards:write", "credit-cards:read")
    given = {**ACCOUNTS, "reviewed_on": "2025-06-01"}
    assert client.send("/api/v1/credit-accounts/", given).status_code == 200
    assert client.send("/api/v1/credit-accounts/", {**given, "liabilities": "0"}).status_code == 200
    assert card(one_of("D1")).debt == 100
    assert len(client.rows("/api/v1/credit-accounts/?distributor=D1&year=2024")) == 2
    assert client.send("/api/v1/credit-accounts/", {**given, "year": 2025}).status_code == 409
    assert Accounts.objects.count() == 2


def test_month_ends_are_read_by_their_day(token_client):
    traded(code="D1")
    scored(date(2025, 6, 1), monthly=True)
    scored()
    client = token_client("credit-cards:read")
    assert [row["as_of"] for row in client.rows("/api/v1/credit-scores/")] == ["2025-06-15"]
    assert [row["as_of"] for row in client.rows("/api/v1/credit-scores/?as_of=2025-06-01")] == ["2025-06-01"]
    assert client.rows("/api/v1/credit-scores/?as_of=2025-05-01") == []
    policy = client.rows("/api/v1/credit-policies/")[0]
    assert (policy["number"], policy["character"], policy["grace_overseas"]) == (1, 3000, 10)


def test_a_client_reaches_no_further_than_its_territory():
    near, far = factories.territory(), factories.territory()
    traded(near, code="D1")
    traded(far, code="D2")
    scored()
    client = TokenClient(factories.api_token(user=factories.user(Role.API_CLIENT, near))[1])
    assert [row["distributor"] for row in client.rows("/api/v1/credit-scores/")] == ["D1"]
    assert client.send("/api/v1/credit-evidence/", {**EVIDENCE, "distributor": "D2"}).status_code == 400
    assert not Evidence.objects.exists()

"""Scorecards, due diligence, risks and moves over REST: written in reach, refused by rule, nothing changed."""

import pytest

from accounts.roles import Role
from core.models import AuditEvent
from distributors.profiles.models import Distributor, LifecycleChange
from distributors.profiles.selection.models import Assessment, DiligenceItem, Risk
from tests import factories
from tests.api.conftest import error_of
from tests.meanwhile import meanwhile

pytestmark = pytest.mark.django_db
RATINGS = {"willingness": 4, "ability": 3, "reputation": 4, "network": 5, "coverage": 2, "finance": 3}
CARDS, CHECKS, RISKS = "/api/v1/scorecards/", "/api/v1/due-diligence/", "/api/v1/risks/"


@pytest.fixture
def prospect():
    return factories.distributor(code="D1", state="prospect", bare=True)


def counts():
    return [model.objects.count() for model in (Assessment, DiligenceItem, Risk, LifecycleChange, AuditEvent)]


def test_a_scorecard_is_submitted_and_read_with_its_score_and_ratings(token_client, prospect):
    client = token_client("selection:write", "selection:read")
    body = {"distributor": "D1", "ratings": RATINGS, "notes": {"finance": "One year seen"}, "submit": True}
    made = client.send(CARDS, body)
    assert made.json()["score"] == "63.8"
    [row] = client.get(CARDS).json()["results"]
    assert (row["distributor"], row["state"], row["score"], row["policy"]) == ("D1", "submitted", "63.8", 1)
    assert row["ratings"][:2] == ["willingness=4", "ability=3"]
    assert Assessment.objects.get().ratings.get(criterion="finance").note == "One year seen"


def test_an_unfinished_scorecard_is_refused_by_name_and_nothing_is_written(token_client, prospect):
    client = token_client("selection:write")
    before = counts()
    refused = client.send(CARDS, {"distributor": "D1", "ratings": {"ability": 3}, "submit": True})
    assert refused.status_code == 409
    assert "Not rated yet: willingness" in error_of(refused)["message"]
    assert client.send(CARDS, {"distributor": "D1", "ratings": {"ability": 6}}).status_code == 400
    assert counts() == before


def test_a_concern_without_a_note_is_refused(token_client, prospect):
    client = token_client("selection:write")
    body = {"distributor": "D1", "item": "tax", "state": "concern"}
    assert client.send(CHECKS, body).status_code == 409
    assert not DiligenceItem.objects.exists()
    assert client.send(CHECKS, {**body, "note": "Paid late"}).json()["state"] == "concern"


def test_a_risk_is_named_changed_and_refused_at_another_version(token_client, prospect):
    client = token_client("selection:write", "selection:read")
    made = client.send(RISKS, {"distributor": "D1", "title": "Fire", "likelihood": 3, "impact": 5}).json()
    assert made["level"] == 15
    change = f"{RISKS}{made['id']}/change/"
    assert client.send(change, {"likelihood": 1, "version": 1}).json()["level"] == 5
    assert client.send(change, {"likelihood": 5, "version": 1}).status_code == 409
    assert [row["title"] for row in client.get(f"{RISKS}?level_from=5").json()["results"]] == ["Fire"]


def test_a_change_of_one_field_puts_no_old_answer_back(token_client, prospect):
    client = token_client("selection:write", "selection:read")
    made = client.send(RISKS, {"distributor": "D1", "title": "Fire", "likelihood": 3, "impact": 5}).json()
    change, other = f"{RISKS}{made['id']}/change/", Risk.objects.filter(pk=made["id"])
    with meanwhile('FROM "profiles_risk"', lambda: other.update(title="Flood", version=2)):
        assert client.send(change, {"impact": 1}).status_code == 409
    assert (other.get().title, other.get().impact) == ("Flood", 5)
    assert client.send(change, {"impact": 1}).json()["version"] == 3
    assert other.get().title == "Flood"


def test_what_is_out_of_reach_is_not_known(token_client, prospect):
    near = factories.user(Role.API_CLIENT, factories.territory())
    client, before = token_client("selection:write", "distributors:write", user=near), counts()
    for url, body in (
        (CARDS, {"distributor": "D1", "ratings": RATINGS}),
        (CHECKS, {"distributor": "D1", "item": "tax", "state": "clear"}),
        (RISKS, {"distributor": "D1", "title": "Fire", "likelihood": 1, "impact": 1}),
    ):
        assert client.send(url, body).status_code == 400
    assert client.send("/api/v1/distributors/D1/move/", {"move": "submit", "reason": "x"}).status_code == 404
    assert counts() == before


def test_a_move_is_refused_by_rule_as_in_the_product_and_nothing_changes(token_client, prospect):
    client, before = token_client("distributors:write"), counts()
    refused = client.send("/api/v1/distributors/D1/move/", {"move": "submit", "reason": "Hurry"})
    assert refused.status_code == 409
    said = "Rule “scorecard”: no scorecard is submitted yet."
    assert error_of(refused) == {"code": "refused", "message": said, "fields": {"scorecard": [said]}}
    assert counts() == before
    factories.scorecard(prospect)
    moved = client.send("/api/v1/distributors/D1/move/", {"move": "submit", "reason": "Rated", "seen": "prospect"})
    assert moved.json() == {"code": "D1", "state": "review"}
    late = client.send("/api/v1/distributors/D1/move/", {"move": "end", "reason": "No", "seen": "prospect"})
    assert "Someone moved it meanwhile" in error_of(late)["message"]


def test_a_machine_does_not_approve(token_client):
    one = factories.distributor(code="D1", state="review")
    refused = token_client("distributors:write").send(
        "/api/v1/distributors/D1/move/", {"move": "approve", "reason": "x"}
    )
    assert refused.status_code == 409
    assert "decided by a sales manager" in error_of(refused)["message"]
    assert Distributor.objects.get(pk=one.pk).state == "review"


def test_a_manager_signed_in_is_refused_a_high_risk_by_rule(client):
    town = factories.territory()
    one = factories.distributor(town, code="D1", state="review")
    factories.risk(one, 5, 5)
    client.force_login(factories.user(Role.MANAGER, town), backend="accounts.backends.EmailBackend")
    refused = client.post(
        "/api/v1/distributors/D1/move/", {"move": "approve", "reason": "x"}, content_type="application/json"
    )
    assert refused.status_code == 409
    assert set(error_of(refused)["fields"]) == {"risk"}
    assert Distributor.objects.get(pk=one.pk).state == "review"

import json

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory
from redis.exceptions import ConnectionError as RedisAway

from core import faults
from tests import factories
from tests.api.conftest import TokenClient, error_of

pytestmark = pytest.mark.django_db
NUL = "a\x00b"


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("distributors", {"state": "nonsense"}),
        ("distributors", {"changed_since": "yesterday"}),
        ("distributors", {"changed_since": "0001-01-01T00:00:00+23:00"}),
        ("distributors", {"changed_since": "9999-12-31T23:00:00-23:00"}),
        ("distributors", {"tier": "9" * 40}),
        ("distributors", {"tier": "1.5"}),
        ("distributors", {"code": NUL}),
        ("distributors", {"territory": NUL}),
        ("distributors", {"owner": NUL}),
        ("distributors", {"teritory": "CN"}),
        ("territories", {"within": NUL}),
        ("products", {"sku": NUL}),
        ("sale-lines", {"date_from": "2026-02-30"}),
        ("sale-lines", {"date_from": "01/02/2026"}),
        ("sale-lines", {"date_to": "99999-01-01"}),
        ("sale-lines", {"changed_since_batch": "9223372036854775808"}),
        ("sale-lines", {"changed_since_batch": "NaN"}),
        ("sale-lines", {"kind": NUL}),
        ("classifications", {"class": "Z"}),
        ("classifications", {"as_of": "0000-00-00"}),
    ],
)
def test_a_parameter_that_cannot_be_right_is_refused_by_its_name(token_client, path, params):
    response = token_client().get(f"/api/v1/{path}/", params)
    assert response.status_code == 400, response.content
    error = error_of(response)
    assert error["code"] == "invalid"
    assert list(error["fields"]) == list(params)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("distributors/unknown/", 404),
        ("distributors/a%00b/", 404),
        ("distributors/%F0%9F%98%8A/", 404),
        ("products/99999999999999999999/", 404),
        ("products/9999999999999999999/", 404),
        ("products/0/", 404),
        ("products/-1/", 404),
        ("products/x/", 404),
        ("sale-lines/%13%0a/", 404),
        ("sale-lines/1%0a/", 404),
        ("distributors", 404),
        ("nothing/", 404),
        ("", 404),
        ("../v2/", 404),
    ],
)
def test_what_is_not_there_is_not_found_in_the_same_shape(token_client, path, status):
    response = token_client().get(f"/api/v1/{path}")
    assert response.status_code == status, response.content
    assert error_of(response)["code"] == "not_found"


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_an_unknown_address_is_not_found_whoever_asks_and_however(method):
    response = getattr(Client(), method)("/api/elsewhere")
    assert response.status_code == 404
    error_of(response)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "post"])
def test_what_is_only_read_is_not_written(token_client, method):
    near = factories.distributor()
    for path in ("/api/v1/distributors/", f"/api/v1/distributors/{near.code}/"):
        response = getattr(token_client(), method)(path, "{}", content_type="application/json")
        assert response.status_code == 405
        assert error_of(response)["code"] == "method_not_allowed"


def test_what_is_not_spoken_is_refused(token_client):
    response = token_client().get("/api/v1/distributors/", headers={"Accept": "text/html"})
    assert response.status_code == 406
    error_of(response)
    response = token_client().post("/api/v1/sale-lines/bulk/", {"source": "erp"})
    assert response.status_code == 415
    error_of(response)


@pytest.mark.parametrize(
    "body",
    ["", "{", "nope", "NaN", '{"source": Infinity}', "[" * 100_000, b"\xff\xfe{}", '{"a": ' + "9" * 5000 + "}"],
    ids=["empty", "half", "word", "nan", "infinity", "deep", "encoding", "digits"],
)
def test_a_body_that_is_not_json_is_refused(token_client, body):
    response = token_client().send("/api/v1/sale-lines/bulk/", body)
    assert response.status_code == 400
    error_of(response)


def test_a_body_of_twenty_megabytes_is_refused(token_client):
    response = token_client().send("/api/v1/sale-lines/bulk/", b'{"source": "' + b"x" * 20 * 1024**2 + b'"}')
    assert response.status_code == 413
    assert error_of(response)["code"] == "too_large"


def test_too_many_requests_of_one_token_are_refused_for_a_while(settings, token_client):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {"token": "3/hour", "address": None}}
    first, second = token_client(), token_client()
    for _each in range(3):
        assert first.get("/api/v1/products/").status_code == 200
    response = first.get("/api/v1/products/")
    assert response.status_code == 429
    assert error_of(response)["code"] == "throttled"
    assert 0 < int(response["Retry-After"]) <= 3601
    assert second.get("/api/v1/products/").status_code == 200


def test_an_address_that_guesses_tokens_is_refused_while_good_ones_pass(settings, token_client):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {"token": None, "address": "3/hour"}}
    good = token_client()
    for client in (TokenClient("qd_aa_guess"), Client(), TokenClient("qd_bb_guess")):
        assert client.get("/api/v1/products/").status_code == 401
    for client in (TokenClient("qd_cc_guess"), Client()):
        response = client.get("/api/v1/products/")
        assert response.status_code == 429
        error_of(response)
    elsewhere = Client(REMOTE_ADDR="192.0.2.9", headers={"X-Forwarded-For": "192.0.2.10"})
    assert elsewhere.get("/api/v1/products/").status_code == 401
    forged = Client(headers={"X-Forwarded-For": "192.0.2.10"})
    assert forged.get("/api/v1/products/").status_code == 429
    assert good.get("/api/v1/products/").status_code == 200


def test_while_the_cache_is_away_requests_are_answered(monkeypatch, token_client):
    def away(*_args, **_options):
        raise RedisAway

    client = token_client()
    monkeypatch.setattr(type(cache._connections["default"]) if hasattr(cache, "_connections") else cache, "add", away)
    assert client.get("/api/v1/products/").status_code == 200


def test_a_fault_of_ours_is_answered_in_the_same_shape():
    request = RequestFactory().get("/api/v1/distributors/")
    for answer, status in ((faults.server_error(request), 500), (faults.bad_request(request, None), 400)):
        assert answer.status_code == status
        assert set(json.loads(answer.content)["error"]) == {"code", "message", "fields"}
    page = RequestFactory().get("/distributors/")
    assert b"<" in faults.server_error(page).content


def test_refusals_are_in_the_language_asked_for(token_client):
    response = token_client().get("/api/v1/distributors/", {"x": "1"}, headers={"Accept-Language": "zh-hans"})
    assert response["Content-Language"] == "zh-hans"
    error_of(response)

"""What the OpenAPI document says is tried, right and wrong: no fault of ours, and every answer as it says."""

import json

import pytest
import schemathesis
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.api import VIEWSETS
from core.exports import XLSX_TYPE
from tests import factories
from tests.access import world

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OPERATIONS = 128
FILES = {"text/csv", XLSX_TYPE}


@pytest.fixture
def headers(db):
    """Return the headers of a token, while requests leave the test's own connection open."""
    world()
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield {"Authorization": f"Bearer {factories.api_token()[1]}", "Host": "testserver"}
    for signal in signals:
        signal.connect(close_old_connections)


def operations_of(headers):
    schema = schemathesis.openapi.from_wsgi("/api/schema/", WSGIHandler(), headers=headers)
    return [result.ok() for result in schema.get_all_operations()]


def tried(operation, headers, examples):
    """Send `examples` right and as many wrong requests to one operation."""
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=examples < 50,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.generate],
        )
        def send(case):
            cache.clear()
            case.call_and_validate(headers=headers, checks=CHECKS)

        send()


def test_every_operation_answers_as_the_document_says(headers):
    found = operations_of(headers)
    assert len(found) == OPERATIONS
    for operation in found:
        tried(operation, headers, 5)


@pytest.mark.faults
def test_many_requests_to_every_operation_are_answered_as_the_document_says(headers, rounds):
    found = operations_of(headers)
    for _round in rounds(20):
        for operation in found:
            tried(operation, headers, 20)


def test_the_document_names_every_operation_and_every_refusal_has_its_shape(client):
    client.force_login(factories.user())
    document = client.get("/api/schema/").json()
    assert json.dumps(document)
    operations = [one for path in document["paths"].values() for one in path.values()]
    assert len(operations) == OPERATIONS
    for operation in operations:
        assert operation["tags"]
        assert operation["description"]
        assert {"token": []} in operation["security"]
        listed = "format" in [one["name"] for one in operation.get("parameters", ())]
        for status, answer in operation["responses"].items():
            files = FILES if listed and status == "200" else set()
            if status == "200" and operation["operationId"].endswith("_content_retrieve"):
                assert set(answer["content"]) == {"application/octet-stream"}
                continue
            assert set(answer["content"]) == {"application/json", *files}
            content = answer["content"]["application/json"]
            if status != "200":
                assert content["schema"] == {"$ref": "#/components/schemas/Error"}
                assert content["examples"]
            assert answer["description"] or status == "200"


def test_every_list_is_offered_as_a_file_and_nothing_else_is(client):
    client.force_login(factories.user())
    paths = client.get("/api/schema/").json()["paths"]
    reads = {path: one["get"]["responses"]["200"]["content"] for path, one in paths.items() if "get" in one}
    offered = {path for path, content in reads.items() if set(content) == {"application/json", *FILES}}
    assert offered == {f"/api/v1/{viewset.resource}/" for viewset in VIEWSETS}

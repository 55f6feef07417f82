"""What tests of the API share: a client that shows a token."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import factories


class TokenClient(Client):
    """A client that sends JSON and shows a token with every request."""

    def __init__(self, text: str, **options: Any):
        super().__init__(headers={"Authorization": f"Bearer {text}"}, **options)

    def send(self, path: str, body: Any, **headers: str) -> Any:
        """Post `body` as JSON, or as a form where something in it is a file: a pair of name and bytes."""
        if isinstance(body, dict) and any(isinstance(value, tuple) for value in body.values()):
            form = {k: SimpleUploadedFile(*value) if isinstance(value, tuple) else value for k, value in body.items()}
            return self.post(path, form, headers=headers)
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.post(path, data, content_type="application/json", headers=headers)

    def list_of(self, viewset: Any) -> str:
        """Return the address of a list, having subscribed to the one that gives nothing before."""
        address = f"/api/v1/{viewset.resource}/"
        if viewset.resource == "outbound":
            assert self.send(f"{address}subscribe/", {"begin": "first"}).status_code == 200
        return address

    def rows(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Return the rows of one page."""
        response = self.get(path, params)
        assert response.status_code == 200, response.content
        return response.json()["results"]


@pytest.fixture
def token_client(db: None) -> Callable[..., TokenClient]:
    """Make clients: `token_client("sale-lines:read", user=...)`, of all scopes and all rows where nothing is said."""

    def make(*scopes: str, user: Any = None, **options: Any) -> TokenClient:
        return TokenClient(factories.api_token(*scopes, user=user)[1], **options)

    return make


def error_of(response: Any) -> dict[str, Any]:
    """Return the error of a refusal, having checked its one shape."""
    body = response.json()
    assert set(body) == {"error"}, body
    error = body["error"]
    assert set(error) - {"problems"} == {"code", "message", "fields"}, body
    assert error["code"]
    assert error["message"]
    assert response["Content-Type"] == "application/json"
    return error

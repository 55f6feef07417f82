"""The guide's own requests are sent, in its order."""

import json
import re
import shlex
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from distributors.profiles.models import LifecycleChange, OutboundMessage
from distributors.profiles.outbound import KINDS, message_post
from tests import factories
from tests.api.conftest import TokenClient

pytestmark = pytest.mark.django_db
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "rest.md"
TEXT = GUIDE.read_text(encoding="utf-8")
SERVER = "http://127.0.0.1:8000"


def commands():
    blocks = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith("curl ")]


def request_of(command, token):
    """Return (method, path, headers, body) of a curl command."""
    words = shlex.split(command.replace("$TOKEN", token).replace("$QUDAO", ""))[1:]
    method, headers, body, path = "GET", {}, None, ""
    while words:
        word = words.pop(0)
        if word == "-X":
            method = words.pop(0)
        elif word == "-H":
            name, value = words.pop(0).split(": ", 1)
            headers[name] = value
        elif word == "-d":
            body = words.pop(0)
        elif word == "-F":
            name, value = words.pop(0).split("=", 1)
            body = {**(body or {}), name: value}
        elif word == "--retry":
            words.pop(0)
        elif word != "-s":
            path = word
    return method, path, headers, body


def form_of(body):
    """Return a form, a value such as @licence.pdf being a file."""
    return {
        name: SimpleUploadedFile(value[1:], b"%PDF-1.7 of the guide") if value.startswith("@") else value
        for name, value in body.items()
    }


@pytest.fixture
def token():
    east = factories.territory(code="CN-E")
    one = factories.distributor(factories.territory(parent=east), code="D0001", standing={"abc": "A"})
    LifecycleChange.objects.create(distributor=one, before="review", after="approved", on=date(2025, 2, 3))
    message_post(kind="distributor.approved", distributor=one, data={"before": "review", "after": "approved"})
    factories.product("P0001")
    return factories.api_token()[1]


def test_the_requests_of_the_guide_work_as_it_says(token):
    assert len(commands()) >= 10
    for command in commands():
        method, path, headers, body = request_of(command, token)
        client = TokenClient(token)
        sent = {"content_type": "application/json", "data": body} if body else {}
        if isinstance(body, dict):
            sent = {"data": form_of(body)}
        response = getattr(client, method.lower())(path, headers=headers, **sent)
        expected = 400 if "yesterday" in command else 200
        assert response.status_code == expected, (command, response.content)
        if "code=" in path or "/D0001/" in path or "sku=" in path or "territory=" in path:
            assert response.json() != {"next": None, "results": []}, command


def test_the_answers_that_the_guide_shows_are_those_that_come(token):
    shown = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
    page, written, waiting, acknowledged, invalid, refused = shown
    client = TokenClient(token)
    factories.distributor()
    factories.distributor()
    assert list(client.get("/api/v1/distributors/?page_size=2").json()) == list(page)
    subscribe, acknowledge = (
        request_of(command, token) for command in commands() if "/outbound/" in command and "-X" in command
    )
    client.send(subscribe[1], json.loads(subscribe[3]))
    (message,) = waiting["results"]
    assert client.rows("/api/v1/outbound/") == [
        {**message, "created_at": OutboundMessage.objects.get().created_at.isoformat()}
    ]
    assert client.send(acknowledge[1], json.loads(acknowledge[3])).json() == acknowledged
    post = next(request_of(command, token) for command in commands() if "-X POST" in command)
    body = json.loads(post[3])
    answer = client.send(post[1], body).json()
    assert answer | {"batch": 42} == written
    assert client.get("/api/v1/sale-lines/?date_from=yesterday").json() == invalid
    body["lines"][0]["distributor"] = "D9999"
    got = client.send(post[1], body).json()
    assert got == refused


def test_the_page_loop_of_the_guide_reads_every_row(token, live_server_of, monkeypatch):
    for _each in range(3):
        factories.distributor()
    scope = {}
    exec(re.search(r"```python\n(.*?)```", TEXT, re.DOTALL).group(1), scope)  # noqa: S102  the guide's own code
    monkeypatch.setattr("urllib.request.urlopen", live_server_of(token))
    found = list(scope["rows"](f"{SERVER}/api/v1/distributors/?page_size=2", token))
    assert len(found) == len({row["id"] for row in found}) == 4


@pytest.fixture
def live_server_of():
    """Answer urllib's requests from this process."""
    import io
    from urllib.parse import urlsplit

    def make(_token):
        def urlopen(request):
            parts = urlsplit(request.full_url)
            client = TokenClient(request.get_header("Authorization").split()[1])
            return io.BytesIO(client.get(f"{parts.path}?{parts.query}").content)

        return urlopen

    return make


def test_every_scope_every_kind_of_message_and_every_field_of_a_line_is_in_the_guide():
    from accounts.tokens import SCOPES
    from distributors.ledger.api_documents import SaleLineInput

    assert all(f"`{kind}`" in TEXT for kind in KINDS)
    assert all(f"`{scope}`" in TEXT for scope in SCOPES)
    assert all(f"`{name}`" in TEXT or f'"{name}"' in TEXT for name in SaleLineInput.names())

"""REST: files of cards, contracts and due diligence: sent as forms, told by content, fetched, removed with a trace."""

import pytest

from accounts.roles import Role
from core.api_uploads import MAX_UPLOAD
from core.models import AuditEvent, Blob
from distributors.profiles.contracts.models import ContractDocument
from distributors.profiles.models import CardFile
from distributors.profiles.selection.models import DiligenceDocument
from tests import factories
from tests.api.conftest import error_of
from tests.profiles.contracts import TODAY, draft

pytestmark = pytest.mark.django_db
PAPER = ("../licence.PDF", b"%PDF-1.7 a licence")
CARDS, CONTRACTS, CHECKS = (f"/api/v1/{name}/" for name in ("card-files", "contract-files", "due-diligence-files"))


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def east():
    return factories.territory("East")


@pytest.fixture
def one(east):
    return factories.distributor(east, code="D1", state="prospect", bare=True)


@pytest.fixture
def machine(east):
    return factories.user(Role.API_CLIENT, east)


@pytest.fixture
def client_of(token_client, machine):
    return lambda *scopes: token_client(*scopes, user=machine)


def bodies(one):
    """Return by address what is sent, and the model of the row."""
    contract = draft(factories.user(), one)
    return {
        CARDS: ({"distributor": "D1", "kind": "licence", "valid_until": "2030-12-31", "file": PAPER}, CardFile),
        CONTRACTS: ({"contract": contract.pk, "file": PAPER}, ContractDocument),
        CHECKS: ({"distributor": "D1", "item": "tax", "file": PAPER}, DiligenceDocument),
    }


def test_a_file_is_kept_listed_fetched_and_removed(client_of, one):
    client = client_of(*(f"{name}:{do}" for name in ("cards", "contracts", "selection") for do in ("read", "write")))
    for path, (body, model) in bodies(one).items():
        made = client.send(path, body)
        assert made.status_code == 200, (path, made.content)
        row = model.objects.get()
        assert (made.json()["id"], row.name, row.content_type) == (row.pk, "licence.PDF", "application/pdf")
        (listed,) = client.rows(path, distributor="D1")
        assert (listed["name"], listed["size"], listed["sha256"]) == (row.name, len(PAPER[1]), row.blob.sha256)
        got = client.get(f"{path}{row.pk}/content/")
        assert b"".join(got.streaming_content) == PAPER[1]
        assert got["Content-Disposition"] == 'attachment; filename="licence.PDF"'
        assert (got["Content-Type"], got["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
        assert client.send(f"{path}{row.pk}/remove/", {}).json() == {"id": row.pk}
        assert not model.objects.exists()
        assert client.get(f"{path}{row.pk}/content/").status_code == 404
        assert client.send(f"{path}{row.pk}/remove/", {}).status_code == 404
    removed = AuditEvent.objects.filter(verb__endswith="file_removed")
    assert set(removed.values_list("verb", flat=True)) == {
        "card.file_removed",
        "contract.file_removed",
        "diligence.file_removed",
    }


def test_the_same_file_again_is_the_one_that_is_there(client_of, one):
    client = client_of("cards:write", "contracts:write", "selection:write")
    for path, (body, model) in bodies(one).items():
        first = client.send(path, body).json()
        events = AuditEvent.objects.count()
        again = client.send(path, {**body, "file": ("other name.pdf", PAPER[1])})
        assert (again.status_code, again.json()) == (200, first), path
        assert (model.objects.count(), AuditEvent.objects.count()) == (1, events)
    other = client.send(CARDS, {**bodies_of_card(), "kind": "tax"})
    assert other.status_code == 409
    assert "with the card already" in error_of(other)["message"]
    assert CardFile.objects.get().kind == "licence"


def bodies_of_card():
    return {"distributor": "D1", "kind": "licence", "file": PAPER}


def test_a_key_belongs_to_the_content_of_its_file(client_of, one):
    client = client_of("cards:write")
    key = {"Idempotency-Key": "k-1"}
    first = client.send(CARDS, bodies_of_card(), **key)
    again = client.send(CARDS, bodies_of_card(), **key)
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    other = client.send(CARDS, {**bodies_of_card(), "file": (PAPER[0], b"%PDF-1.7 another")}, **key)
    assert other.status_code == 409
    assert CardFile.objects.count() == 1


@pytest.mark.parametrize(
    ("file", "status", "says"),
    [
        (("a.pdf", b"MZ a program"), 409, "no PDF, JPEG, PNG or DOCX"),
        (("a.pdf", b""), 400, "empty"),
        (("a.jpg", b"%PDF-1.7 x"), 200, ""),
        (("a.pdf", b"%PDF-" + b"x" * (20 << 20)), 409, "larger than 20 MiB"),
        (("a.pdf", b"%PDF-" + b"x" * MAX_UPLOAD), 413, "larger than 21 MiB"),
    ],
    ids=["a program", "empty", "a wrong ending", "too large", "far too large"],
)
def test_what_is_no_paper_is_refused_and_nothing_is_kept(client_of, one, file, status, says):
    answer = client_of("cards:write").send(CARDS, {**bodies_of_card(), "file": file})
    assert answer.status_code == status, answer.content
    if status != 200:
        error = error_of(answer)
        assert says in error["message"] + str(error["fields"])
        assert not CardFile.objects.exists()
        assert not Blob.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"distributor": "D9"},
        {"kind": "poem"},
        {"valid_until": "soon"},
        {"issued_on": "2026-02-01", "valid_until": "2026-01-01"},
        {"colour": "red"},
    ],
)
def test_a_form_that_is_not_valid_names_its_field(client_of, one, change):
    answer = client_of("cards:write").send(CARDS, {**bodies_of_card(), **change})
    assert answer.status_code == 400
    assert set(error_of(answer)["fields"]) & set(change)
    assert not CardFile.objects.exists()


def test_without_a_file_or_a_form_nothing_is_taken(client_of, one):
    client = client_of("cards:write")
    assert client.post(CARDS, {"distributor": "D1", "kind": "licence"}).status_code == 400
    assert client.post(CARDS, {"distributor": "D1", "kind": "licence", "file": "text"}).status_code == 400
    assert client.send(CARDS, {"distributor": "D1"}).status_code == 415
    assert not CardFile.objects.exists()


def test_files_beyond_reach_are_not_there(token_client, one):
    mine = token_client("cards:write", "contracts:write", "selection:write")
    sent = bodies(one)
    for path, (body, _model) in sent.items():
        assert mine.send(path, body).status_code == 200
    stranger = token_client(
        *(f"{name}:{do}" for name in ("cards", "contracts", "selection") for do in ("read", "write")),
        user=factories.user(Role.API_CLIENT, factories.territory("West")),
    )
    for path, (body, model) in sent.items():
        key = model.objects.get().pk
        assert stranger.rows(path) == []
        assert stranger.get(f"{path}{key}/content/").status_code == 404
        assert stranger.send(f"{path}{key}/remove/", {}).status_code == 404
        assert stranger.send(path, body).status_code == 400
        assert model.objects.count() == 1


def test_a_token_that_only_reads_sends_nothing(client_of, one):
    answer = client_of("cards:read").send(CARDS, bodies_of_card())
    assert (answer.status_code, error_of(answer)["code"]) == (403, "scope_missing")

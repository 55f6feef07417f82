"""Files of contracts: told by their content, fetched as attachments by who sees the contract, removed with a trace."""

import io
import zipfile

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.roles import Role
from core.errors import DomainError
from core.models import AuditEvent
from distributors.profiles.contracts import documents
from distributors.profiles.contracts.documents import content_type_of, document_add, document_remove, plain_name
from distributors.profiles.contracts.models import Contract, ContractDocument
from distributors.profiles.contracts.services import contract_withdraw
from tests import factories
from tests.profiles.contracts import TODAY, draft

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\nsigned"


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def lin():
    return factories.user(Role.MANAGER, factories.territory("East"), name="Lin")


@pytest.fixture
def contract(lin):
    return draft(lin, factories.distributor(lin.territories.get()))


def archive(*names):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return made.getvalue()


def add(client, contract, name, content):
    path = reverse("profiles:contract-file", args=[contract.pk])
    return client.post(path, {"file": SimpleUploadedFile(name, content)}, follow=True)


def test_a_file_is_kept_fetched_as_an_attachment_and_removed(lin, contract, client):
    client.force_login(lin)
    page = add(client, contract, "合同 scan.pdf", PDF)
    assert "合同 scan.pdf" in page.content.decode()
    kept = ContractDocument.objects.get()
    answer = client.get(reverse("profiles:contractdocument-file", args=[kept.pk]))
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment;")
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/pdf", "nosniff")
    path = reverse("profiles:contractdocument-remove", args=[kept.pk])
    assert "Remove" in client.get(path).content.decode()
    assert ContractDocument.objects.exists()
    client.post(path)
    assert not ContractDocument.objects.exists()
    rows = AuditEvent.objects.filter(verb__startswith="contract.file").order_by("pk")
    assert [row.verb for row in rows] == ["contract.file_added", "contract.file_removed"]
    assert rows[1].before["sha256"] == kept.blob.sha256


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("evil.pdf", b"<html><script>alert(1)</script>"),
        ("table.docx", archive("[Content_Types].xml", "xl/workbook.xml")),
        ("broken.docx", b"PK\x03\x04 and no archive"),
        ("empty.png", b""),
    ],
)
def test_a_file_of_another_kind_is_refused_whatever_it_is_called(lin, contract, client, name, content):
    client.force_login(lin)
    page = add(client, contract, name, content or b" ")
    assert "is no PDF, JPEG, PNG or DOCX file" in page.content.decode()
    assert not ContractDocument.objects.exists()


def test_a_file_that_is_too_large_and_one_that_is_there_are_refused(lin, contract, monkeypatch):
    document_add(actor=lin, contract=contract, source=io.BytesIO(PDF), name="a.pdf")
    with pytest.raises(DomainError, match="already"):
        document_add(actor=lin, contract=contract, source=io.BytesIO(PDF), name="b.pdf")
    monkeypatch.setattr(documents, "LARGEST", 1 << 20)
    with pytest.raises(DomainError, match="larger than 1 MiB"):
        document_add(actor=lin, contract=contract, source=io.BytesIO(PDF + b"x" * (1 << 20)), name="c.pdf")
    assert ContractDocument.objects.get().name == "a.pdf"


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (PDF, ".pdf"),
        (b"\xff\xd8\xff\xe0", ".jpg"),
        (b"\x89PNG\r\n\x1a\n", ".png"),
        (archive("[Content_Types].xml", "word/document.xml"), ".docx"),
    ],
)
def test_the_name_has_no_folder_and_ends_like_its_content(content, ending):
    kind = content_type_of(io.BytesIO(content))
    assert plain_name("..\\..\\etc/pass\nwd.exe", kind) == f"passwd.exe{ending}"
    assert plain_name(f"scan{ending.upper()}", kind) == f"scan{ending.upper()}"
    assert len(plain_name("x" * 300, kind)) == 120


def test_a_rep_reads_files_and_adds_none(lin, contract, client):
    rui = factories.user(Role.REP, lin.territories.get())
    contract.distributor.owner = rui
    contract.distributor.save()
    kept = document_add(actor=lin, contract=contract, source=io.BytesIO(PDF), name="a.pdf")
    client.force_login(rui)
    assert client.get(reverse("profiles:contractdocument-file", args=[kept.pk])).status_code == 200
    assert client.post(reverse("profiles:contractdocument-remove", args=[kept.pk])).status_code == 403
    assert add(client, contract, "b.pdf", PDF + b"2").status_code == 403
    assert ContractDocument.objects.count() == 1


def test_the_services_ask_for_the_permission_that_their_pages_ask_for(lin, contract):
    kept = document_add(actor=lin, contract=contract, source=io.BytesIO(PDF), name="a.pdf")
    rep = factories.user(Role.REP)
    for act in (
        lambda: document_add(actor=rep, contract=contract, source=io.BytesIO(PDF + b"2"), name="b.pdf"),
        lambda: document_remove(actor=rep, document=kept),
        lambda: contract_withdraw(actor=rep, contract=contract, reason="x"),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert ContractDocument.objects.get() == kept
    assert Contract.objects.get().state == "draft"

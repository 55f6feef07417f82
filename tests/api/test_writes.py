"""What holds for every operation that writes, whichever comes next: sent twice it is done once, and not too often."""

import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.roles import Role
from core import clock
from core.models import AuditEvent, IdempotencyKey
from distributors.credit.models import CreditCheck, Promise, Security
from distributors.ledger.facts import FACTS
from distributors.profiles.card.files import file_save
from distributors.profiles.contracts.documents import document_add
from distributors.profiles.contracts.models import ContractDocument
from distributors.profiles.models import (
    BrandShare,
    BusinessFigures,
    CardFile,
    Contact,
    ContactRelation,
    Contract,
    Cooperation,
    Distributor,
    OutboundReceipt,
    Outlet,
    Task,
)
from distributors.profiles.outbound import message_post, messages_number, reader_begin
from distributors.profiles.selection.models import Assessment, DiligenceDocument, DiligenceItem, Risk
from distributors.profiles.selection.services import check_document_add
from tests import factories
from tests.api.conftest import error_of
from tests.api.test_facts import ROWS
from tests.ledger.records import company
from tests.profiles.contracts import draft

pytestmark = pytest.mark.django_db
WRITTEN = (Assessment, Contact, ContactRelation, Contract, DiligenceItem, Distributor, Risk, Task, OutboundReceipt)
LENT = (CreditCheck, Promise, Security)
CARDS = (BrandShare, BusinessFigures, CardFile, ContractDocument, Cooperation, DiligenceDocument, Outlet)
PAPER, OTHER = ("licence.pdf", b"%PDF-1.7 one"), ("other.pdf", b"%PDF-1.7 other")
COUNTED = (AuditEvent, *WRITTEN, *LENT, *CARDS, *(fact.model for fact in FACTS))


def counts():
    return [model.objects.count() for model in COUNTED]


@pytest.fixture
def bodies():
    """Return a good body for every address that is written to, by its path in the document, with what fills it in."""
    company()
    one = factories.distributor(code="D1")
    factories.product("P1")
    person = factories.user()
    line = {"external_id": "1", "product": "P1", "date": "2026-01-15", "quantity": 1, "amount": 1, "currency": "CNY"}
    lin, chief = factories.contact(one, name="Lin"), factories.contact(one, name="Chief")
    kin = ContactRelation.objects.create(kind="kin", source=lin, target=chief)
    outlet = Outlet.objects.create(distributor=one, name="South")
    term = {"valid_from": "2026-01-01", "valid_to": "2026-12-31"}
    task = Task.objects.create(title="Call", owner=person, due_on="2099-01-01", distributor=one)
    prospect = factories.distributor(code="D2", state="prospect", bare=True)
    factories.scorecard(prospect)
    risk = factories.risk(prospect)
    contract = draft(person, one)
    papers = (
        file_save(actor=person, instance=CardFile(distributor=one), kind="other", file=SimpleUploadedFile(*OTHER)),
        document_add(actor=person, contract=contract, source=io.BytesIO(OTHER[1]), name=OTHER[0]),
        check_document_add(actor=person, distributor=prospect, kind="tax", source=io.BytesIO(OTHER[1]), name=OTHER[0]),
    )
    message_post(kind="distributor.watched", distributor=one)
    messages_number()
    return {
        "/api/v1/sale-lines/bulk/": {"source": "erp", "lines": [{**line, "distributor": "D1"}]},
        **{
            f"/api/v1/{name}/bulk/": {"source": "erp", "rows": [{"distributor": "D1", **row}]}
            for name, (row, _value) in ROWS.items()
        },
        "/api/v1/tasks/": {"title": "Call", "owner": person.email, "due_on": "2099-01-01"},
        f"/api/v1/tasks/{task.pk}/complete/": {},
        "/api/v1/contacts/": {"distributor": "D1", "name": "Hai", "level": "owner"},
        f"/api/v1/contacts/{lin.pk}/change/": {"title": "Buyer"},
        "/api/v1/contact-relations/": {"contact": lin.pk, "kind": "reports_to", "other": chief.pk},
        f"/api/v1/contact-relations/{kin.pk}/remove/": {},
        f"/api/v1/contacts/{lin.pk}/personal/": {
            "family": "two sons",
            "purpose_life": "visits",
            "consent_life": "2026-01-05",
        },
        "/api/v1/contracts/": {"distributor": "D1", "number": "R-1", "kind": "general", **term},
        f"/api/v1/distributors/{prospect.code}/move/": {"move": "submit", "reason": "Complete"},
        "/api/v1/scorecards/": {"distributor": "D2", "ratings": {"ability": 3}},
        "/api/v1/due-diligence/": {"distributor": "D2", "item": "tax", "state": "concern", "note": "Late"},
        "/api/v1/risks/": {"distributor": "D2", "title": "Fire", "likelihood": 2, "impact": 4},
        f"/api/v1/risks/{risk.pk}/change/": {"likelihood": 3},
        "/api/v1/distributor-cards/D1/change/": {"cooperation": {"settlement_days": 45}},
        "/api/v1/outlets/": {"distributor": "D1", "name": "North"},
        f"/api/v1/outlets/{outlet.pk}/change/": {"size_m2": 80},
        "/api/v1/card-files/": {"distributor": "D1", "kind": "licence", "file": PAPER},
        f"/api/v1/card-files/{papers[0].pk}/remove/": {},
        "/api/v1/contract-files/": {"contract": contract.pk, "file": PAPER},
        f"/api/v1/contract-files/{papers[1].pk}/remove/": {},
        "/api/v1/due-diligence-files/": {"distributor": "D2", "item": "tax", "file": PAPER},
        f"/api/v1/due-diligence-files/{papers[2].pk}/remove/": {},
        "/api/v1/business-figures/": {"distributor": "D1", "as_of": "2026-01-31", "staff": 3},
        "/api/v1/brand-shares/": {
            "distributor": "D1",
            "as_of": "2026-01-31",
            "shares": [{"brand": "A", "share": "40"}],
        },
        "/api/v1/retail-prices/": {
            "distributor": "D1",
            "product": "P1",
            "price": "9.90",
            "currency": "CNY",
            "seen_on": "2026-01-31",
        },
        "/api/v1/credit-checks/": {"distributor": "D1", "amount": "10", "currency": "CNY"},
        f"/api/v1/credit-checks/{reserved_check(one).pk}/release/": {},
        "/api/v1/securities/": {
            "distributor": "D1",
            "reference": "S-1",
            "kind": "deposit",
            "amount": "10",
            "currency": "CNY",
            "starts_on": "2026-01-01",
        },
        "/api/v1/promised-payments/": {
            "distributor": "D1",
            "amount": "10",
            "currency": "CNY",
            "due_on": (clock.today() + timedelta(days=5)).isoformat(),
        },
        "/api/v1/credit-evidence/": {
            "distributor": "D1",
            "item": "references",
            "score": 80,
            "note": "Seen",
            "reviewed_on": "2026-01-31",
            "expires_on": "2027-01-31",
        },
        "/api/v1/credit-accounts/": {
            "distributor": "D1",
            "year": 2024,
            "currency": "CNY",
            "equity": "1",
            "reviewed_on": "2026-01-31",
        },
        "/api/v1/ahp/": {"matrix": [["1", "3"], ["1/3", "1"]]},
        "/api/v1/outbound/subscribe/": {"begin": "now"},
        "/api/v1/outbound/acknowledge/": {"up_to": 1},
    }


def reserved_check(one):
    """Make a check that still reserves something."""
    figures = dict.fromkeys(("receivable", "ordered", "prepaid", "acceptances", "reserved", "exposure", "headroom"), 0)
    until = clock.now() + timedelta(hours=1)
    return CreditCheck.objects.create(
        **{"distributor": one, "amount": 1, "base_amount": 1, "currency": "CNY", "on": clock.today(), **figures},
        approved=True,
        pays_before=False,
        reserved_until=until,
    )


def written(client):
    """Return the operations that write, by address, of the OpenAPI document."""
    client.force_login(factories.user())
    paths = client.get("/api/schema/").json()["paths"]
    return {path: found["post"] for path, found in paths.items() if "post" in found}


def test_every_write_is_in_this_sweep_and_says_that_it_takes_a_key(client, bodies):
    operations = written(client)
    keys = dict.fromkeys(("D1", "D2"), "{code}")
    tried = {
        "".join("{id}" if part.isdigit() else keys.get(part, part) for part in path.replace("/", " / ").split())
        for path in bodies
    }
    assert tried == set(operations)
    for operation in operations.values():
        names = {one["name"]: one["in"] for one in operation["parameters"]}
        assert names["Idempotency-Key"] == "header"
        assert {"409", "429"} <= set(operation["responses"])


def test_every_write_that_is_sent_twice_with_a_key_is_done_once(token_client, bodies):
    person = factories.user(Role.API_CLIENT, everywhere=True)
    reader_begin(user=person, first=True)
    client = token_client(user=person)
    for number, (path, body) in enumerate(bodies.items()):
        key = {"Idempotency-Key": f"once-{number}"}
        first = client.send(path, body, **key)
        assert first.status_code == 200, (path, first.content)
        before = counts()
        again = client.send(path, body, **key)
        assert (again.status_code, again.json(), again["Idempotent-Replayed"]) == (200, first.json(), "true"), path
        assert counts() == before, path
        other = client.send("/api/v1/tasks/", {**bodies["/api/v1/tasks/"], "title": f"Other {number}"}, **key)
        assert other.status_code == 409, path
        assert counts() == before, path
    assert IdempotencyKey.objects.count() == len(bodies)


def test_every_operation_is_counted_by_token_and_without_one_by_address(token_client, bodies, settings):
    rates = {"token": "1/hour", "address": "1/hour"}
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}
    machine, nobody = token_client(), Client()
    machine.get("/api/v1/products/")
    nobody.get("/api/v1/products/")
    before = counts()
    for path, body in bodies.items():
        for one in (machine, nobody):
            response = one.post(path, json.dumps(body, default=str), content_type="application/json")
            assert response.status_code == 429, path
            assert error_of(response)["code"] == "throttled"
            assert int(response["Retry-After"]) > 0
    assert counts() == before

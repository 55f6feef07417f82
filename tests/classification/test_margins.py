"""Where distributors are ranked by margin, the amounts are for who may see costs; the classes are for everybody."""

import re
from decimal import Decimal

import pytest

from accounts.roles import Role
from distributors.classification.models import Classification, PolicyVersion
from distributors.classification.services import policy_default
from tests import factories
from tests.api.conftest import TokenClient
from tests.classification.records import close, sales
from tests.classification.records import population as populated

pytestmark = pytest.mark.django_db
SEES = {Role.ADMIN, Role.FINANCE, Role.ANALYST}


@pytest.fixture
def ranked():
    """Rank by margin one whose margin is a figure that nothing else has."""
    policy = policy_default()
    PolicyVersion.objects.filter(policy=policy).update(basis=PolicyVersion.Basis.MARGIN)
    first, *_others = populated(0, 2000, 1000)
    sales(first, 954321)
    from distributors.ledger.models import MonthlySales

    MonthlySales.objects.filter(distributor=first, amount=954321).update(cost=Decimal(500000))
    close()
    Classification.objects.filter(distributor=first).update(pending="B")
    assert Classification.objects.get(distributor=first).basis == Decimal(454321)
    return first


def pages(distributor):
    yield "/classification/"
    yield "/classification/list/?columns=basis,name"
    yield "/classification/list/?export=csv&columns=basis,name"
    yield f"/distributors/{distributor.pk}/class/"
    yield "/"


def body(response):
    return (b"".join(response.streaming_content) if response.streaming else response.content).decode()


@pytest.mark.parametrize("role", [Role.MANAGER, Role.FINANCE, Role.ANALYST, Role.ADMIN])
def test_margins_are_shown_to_whom_costs_are(client, ranked, role):
    person = factories.user(role, everywhere=True)
    client.force_login(person, backend="accounts.backends.EmailBackend")
    shown = []
    for page in pages(ranked):
        response = client.get(page)
        assert response.status_code == 200, page
        text = body(response)
        assert ranked.legal_name in text or page == "/", page
        shown.append("454,321" in text or "454321" in text)
    assert any(shown) == (role in SEES), list(zip(pages(ranked), shown, strict=True))
    if role in SEES:
        assert shown[:4] == [True] * 4


@pytest.mark.parametrize("scopes", [("classifications:read",), ("classifications:read", "costs:read")])
def test_a_token_reads_margins_by_the_scope_of_costs(ranked, scopes):
    client = TokenClient(factories.api_token(*scopes)[1])
    (row,) = [one for one in client.rows("/api/v1/classifications/") if one["distributor"] == ranked.code]
    assert row["class"] == "A"
    assert row["basis"] == ("454321.0000" if "costs:read" in scopes else None)


def test_net_sales_are_shown_to_everybody(client):
    first, *_others = populated(954321, 2000)
    close()
    client.force_login(factories.user(Role.MANAGER, everywhere=True), backend="accounts.backends.EmailBackend")
    for page in list(pages(first))[:4]:
        assert re.search("954,?321", body(client.get(page))), page

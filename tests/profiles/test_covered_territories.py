"""A territory that a contract covers does not close; what is closed is not signed for."""

from datetime import date

import pytest

from accounts.models import Territory
from accounts.roles import Role
from accounts.territory_services import territory_close
from core.errors import DomainError
from distributors.profiles.contracts.models import Contract
from distributors.profiles.contracts.services import contract_sign, contract_terminate
from tests import factories
from tests.profiles.contracts import TODAY, draft, signed

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def admin():
    return factories.user(Role.ADMIN)


@pytest.fixture
def town():
    return factories.territory("Town")


@pytest.fixture
def holder():
    return factories.distributor()


def test_a_territory_that_a_contract_in_force_covers_does_not_close_and_the_contract_is_named(admin, town, holder):
    signed(admin, holder, "A-1", [(town, "", False)])
    with pytest.raises(DomainError, match="“Town” is covered by A-1"):
        territory_close(actor=admin, territory=town, successor=factories.territory(), starts_on=MARCH)
    assert not Territory.objects.exclude(closed_on=None).exists()


def test_the_page_says_why_the_territory_does_not_close(admin, town, holder, client):
    signed(admin, holder, "A-1", [(town, "", True)])
    client.force_login(admin)
    answer = client.post(f"/territories/{town.pk}/close/", {"starts_on": "2026-03-01", "reason": "x"})
    assert answer.status_code == 422
    assert "A-1" in answer.content.decode()


def test_it_closes_once_the_contracts_have_ended_and_they_keep_what_they_covered(admin, town, holder):
    made = signed(admin, holder, "A-1", [(town, "", True)])
    contract_terminate(actor=admin, contract=made, last=date(2026, 2, 28), reason="over")
    territory_close(actor=admin, territory=town, starts_on=MARCH)
    assert Territory.objects.get(pk=town.pk).closed_on == MARCH
    assert [row.territory for row in made.coverage.all()] == [town]


def test_it_does_not_close_while_a_contract_still_holds_that_was_ended_for_a_later_day(admin, town, holder):
    made = signed(admin, holder, "A-1", [(town, "", True)])
    contract_terminate(actor=admin, contract=made, last=date(2026, 6, 30), reason="over")
    with pytest.raises(DomainError, match="“Town” is covered by A-1"):
        territory_close(actor=admin, territory=town, successor=factories.territory(), starts_on=MARCH)
    assert not Territory.objects.exclude(closed_on=None).exists()


def test_a_draft_does_not_hold_a_territory_open_but_is_not_signed_for_a_closed_one(admin, town, holder):
    made = draft(admin, holder, "A-1", [(town, "", True)])
    territory_close(actor=admin, territory=town, starts_on=MARCH)
    with pytest.raises(DomainError, match="“Town” is closed"):
        contract_sign(actor=admin, contract=made, signed_on=TODAY)
    assert Contract.objects.get().state == "draft"

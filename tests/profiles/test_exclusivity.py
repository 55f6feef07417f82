"""No two exclusive coverages of contracts in force overlap: refused by the rule with names, and by the database."""

from datetime import date
from threading import Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Territory, TerritoryMove
from accounts.roles import Role
from accounts.territory_services import territory_move, territory_moves_apply
from core import triggers
from core.errors import DomainError
from distributors.profiles.contracts.exclusivity import move_clashes
from distributors.profiles.contracts.models import Contract, Coverage
from distributors.profiles.contracts.services import contract_sign, contract_terminate, contracts_close
from tests import factories
from tests.profiles.contracts import TODAY, draft, posted, signed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def admin():
    return factories.user(Role.ADMIN)


@pytest.fixture
def east():
    return factories.territory("East")


@pytest.fixture
def city(east):
    return factories.territory("Hangzhou", parent=east)


@pytest.fixture
def first(east):
    return factories.distributor(east, legal_name="First Trading")


@pytest.fixture
def second(east):
    return factories.distributor(east, legal_name="Second Trading")


def test_a_territory_below_an_exclusive_one_is_refused_and_the_other_contract_is_named(
    admin, east, city, first, second, client
):
    signed(admin, first, "A-1", [(east, "", True)])
    client.force_login(admin)
    page = client.post("/contracts/add/", posted(second, "B-1", [(city, "", True)]))
    assert page.status_code == 422
    text = page.content.decode()
    assert "A-1 (First Trading)" in text
    assert "East" in text
    assert Contract.objects.count() == 1


@pytest.mark.parametrize("below", [True, False], ids=["below", "above"])
@pytest.mark.parametrize("lines", [("", ""), ("", "Pumps"), ("Pumps", ""), ("Pumps", "Pumps")])
def test_territory_and_line_overlap_in_every_direction(admin, east, city, first, second, below, lines):
    one, other = (east, city) if below else (city, east)
    signed(admin, first, "A-1", [(one, lines[0], True)])
    with pytest.raises(DomainError, match="exclusive by contract A-1"):
        draft(admin, second, "B-1", [(other, lines[1], True)])
    assert Coverage.objects.count() == 1


@pytest.mark.parametrize(
    ("row", "fields"),
    [
        (("city", "Engines", True), {}),
        (("city", "Pumps", False), {}),
        (("other", "Pumps", True), {}),
        (("city", "Pumps", True), {"valid_from": date(2027, 1, 1), "valid_to": None}),
    ],
    ids=["another line", "not exclusive", "another territory", "afterwards"],
)
def test_what_does_not_overlap_is_signed(admin, east, city, first, second, row, fields):
    other = factories.territory("West")
    signed(admin, first, "A-1", [(east, "Pumps", True)])
    where = {"city": city, "other": other}[row[0]]
    signed(admin, second, "B-1", [(where, *row[1:])], **fields)
    assert Contract.objects.filter(state="in_force").count() == 2


def test_two_exclusive_rows_of_one_contract_do_not_overlap_either(admin, east, city, first):
    with pytest.raises(DomainError, match="of this contract overlap"):
        draft(admin, first, "A-1", [(east, "", True), (city, "Pumps", True)])
    assert not Contract.objects.exists()


def test_of_two_drafts_the_one_signed_first_counts(admin, east, city, first, second):
    one, other = (
        draft(admin, first, "A-1", [(east, "", True)]),
        draft(admin, second, "B-1", [(city, "", True)]),
    )
    contract_sign(actor=admin, contract=one, signed_on=TODAY)
    with pytest.raises(DomainError, match="A-1"):
        contract_sign(actor=admin, contract=other, signed_on=TODAY)
    other.refresh_from_db()
    assert other.state == "draft"
    assert not other.coverage.get().binding


def test_the_distributor_of_a_contract_out_of_reach_is_not_named(east, city, admin, first):
    signed(admin, first, "A-1", [(east, "", True)])
    near = factories.user(Role.MANAGER, city)
    own = factories.distributor(city)
    with pytest.raises(DomainError) as refused:
        draft(near, own, "B-1", [(city, "", True)])
    assert "A-1" in str(refused.value)
    assert "First Trading" not in str(refused.value)


def test_exclusivity_ends_with_the_contract(admin, east, city, first, second):
    made = signed(admin, first, "A-1", [(east, "", True)])
    contract_terminate(actor=admin, contract=made, last=TODAY, reason="breach")
    with pytest.raises(DomainError, match="A-1"):
        draft(admin, second, "B-1", [(city, "", True)])
    signed(admin, second, "B-1", [(city, "", True)], valid_from=date(2026, 3, 11))
    contracts_close(as_of=date(2026, 3, 11))
    assert list(Coverage.objects.filter(binding=True).values_list("contract__number", flat=True)) == ["B-1"]


# The database, whatever the rule says


def bind(contract, **changes):
    with transaction.atomic():
        Coverage.objects.filter(contract=contract).update(binding=True, **changes)


@pytest.mark.parametrize("below", [True, False], ids=["below", "above"])
def test_the_database_refuses_an_update(admin, east, city, first, second, below):
    one, other = (east, city) if below else (city, east)
    signed(admin, first, "A-1", [(one, "", True)])
    late = draft(admin, second, "B-1", [(other, "Pumps", True)], valid_from=date(2027, 1, 1), valid_to=None)
    bind(late)
    with pytest.raises(IntegrityError):
        bind(late, starts_on=date(2026, 12, 31))
    assert Coverage.objects.get(contract=late).starts_on == date(2027, 1, 1)


def test_the_database_refuses_an_insert(admin, east, city, first, second):
    signed(admin, first, "A-1", [(east, "Pumps", True)])
    other = draft(admin, second, "B-1")
    row = {"contract": other, "territory": city, "territory_path": city.path, "starts_on": TODAY, "ends_on": None}
    with pytest.raises(IntegrityError), transaction.atomic():
        Coverage.objects.create(**row, line="", exclusive=True, binding=True)
    Coverage.objects.create(**row, line="Engines", exclusive=True, binding=True)
    assert Coverage.objects.filter(contract=other).count() == 1


def test_siblings_whose_paths_begin_alike_do_not_overlap(admin, east, first, second):
    for _place in range(11):
        factories.territory(parent=east)
    tenth, eleventh = Territory.objects.filter(parent=east).order_by("path")[9:11]
    signed(admin, first, "A-1", [(tenth, "", True)])
    signed(admin, second, "B-1", [(eleventh, "", True)])
    assert Coverage.objects.filter(binding=True).count() == 2


@pytest.mark.sqlite
def test_the_triggers_of_contracts_are_in_the_registry():
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute('DROP TRIGGER "profiles_coverage_apart_update"')
        assert triggers.missing() == {"profiles_coverage_apart_update"}
        triggers.install()
    assert triggers.missing() == set()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_sign_at_once_one_wins():
    admin, east = factories.user(Role.ADMIN), factories.territory("East")
    city = factories.territory("Hangzhou", parent=east)
    drafts = [
        draft(admin, factories.distributor(east), "A-1", [(east, "", True)]),
        draft(admin, factories.distributor(east), "B-1", [(city, "Pumps", True)]),
    ]
    said = []

    def sign(contract):
        try:
            contract_sign(actor=admin, contract=contract, signed_on=TODAY)
            said.append("signed")
        except DomainError as error:
            said.append(str(error))
        finally:
            connection.close()

    threads = [Thread(target=sign, args=[one]) for one in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(one == "signed" for one in said) == [False, True], said
    winner = Contract.objects.get(state="in_force")
    assert f"exclusive by contract {winner.number}" in next(one for one in said if one != "signed")
    assert Coverage.objects.filter(binding=True).count() == 1


# Moves of the tree


@pytest.fixture
def west(admin, first, second):
    """A territory with an exclusive contract that is to move below another one with an exclusive contract."""
    west, north = factories.territory("West"), factories.territory("North")
    signed(admin, first, "A-1", [(north, "", True)])
    signed(admin, second, "B-1", [(factories.territory("Lanzhou", parent=west), "Pumps", True)])
    return west


def test_a_move_that_would_make_two_overlap_is_refused_with_both_contracts(admin, west):
    north, before = Territory.objects.get(name="North"), Territory.objects.get(name="Lanzhou").path
    for starts_on in (date(2026, 3, 1), date(2026, 5, 1)):
        with pytest.raises(DomainError) as refused:
            territory_move(actor=admin, territory=west, after=north, starts_on=starts_on)
        assert "A-1" in str(refused.value)
        assert "B-1" in str(refused.value)
    assert Territory.objects.get(name="Lanzhou").path == before
    assert Coverage.objects.get(contract__number="B-1").territory_path == before
    assert not TerritoryMove.objects.exists()


def test_a_move_that_became_impossible_meanwhile_is_put_aside_with_the_reason(admin, west, second):
    south = factories.territory("South")
    territory_move(actor=admin, territory=west, after=south, starts_on=date(2026, 4, 1))
    third = factories.distributor(south)
    signed(admin, third, "C-1", [(south, "", True)])
    assert territory_moves_apply(as_of=date(2026, 4, 1)) == {"moved": 0, "refused": 1}
    move = TerritoryMove.objects.get()
    assert move.state == "refused"
    assert "C-1" in str(move.note)
    assert not Territory.objects.get(name="West").path.startswith(south.path)


def test_a_move_takes_the_paths_of_coverage_along(admin, west):
    south = factories.territory("South")
    territory_move(actor=admin, territory=west, after=south, starts_on=date(2026, 3, 1))
    row = Coverage.objects.get(contract__number="B-1")
    assert row.territory_path == Territory.objects.get(name="Lanzhou").path
    assert row.territory_path.startswith(south.path)
    with pytest.raises(DomainError, match="B-1"):
        draft(admin, factories.distributor(south), "D-1", [(south, "", True)])


def test_a_move_after_the_end_of_one_contract_is_planned(admin, west):
    north = Territory.objects.get(name="North")
    territory_move(actor=admin, territory=west, after=north, starts_on=date(2027, 1, 1))
    assert TerritoryMove.objects.get().state == "planned"


def test_a_move_of_many_contracts_asks_no_more_than_one_of_few(admin, west, second):
    north, lanzhou = Territory.objects.get(name="North"), Territory.objects.get(name="Lanzhou")

    def asked():
        with CaptureQueriesContext(connection) as queries:
            said = list(move_clashes(west, north, date(2026, 5, 1)))
        return len(said), len(queries)

    few = asked()
    for number in range(4):
        signed(admin, second, f"E-{number}", [(lanzhou, f"Line {number}", True)])
    assert asked() == (few[0] + 4, few[1])

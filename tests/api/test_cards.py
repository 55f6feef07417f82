"""REST: cards are read and written in groups, their rows one by one or by day; refused, nothing changes."""

import pytest

from accounts.roles import Role
from core.models import AuditEvent
from distributors.profiles.models import BrandShare, BusinessFigures, Cooperation, Distributor, Organisation, Outlet
from tests import factories
from tests.api.conftest import error_of
from tests.meanwhile import meanwhile

pytestmark = pytest.mark.django_db
CARD = "/api/v1/distributor-cards/D1/"


@pytest.fixture
def east():
    return factories.territory("East")


@pytest.fixture
def machine(token_client, east):
    factories.distributor(east, code="D1")
    return token_client(user=factories.user(Role.API_CLIENT, east))


def test_a_card_is_changed_in_groups_and_read(machine):
    lin = factories.contact(Distributor.objects.get(), name="Lin")
    body = {"cooperation": {"settlement_days": 45, "settlement_contact": lin.pk}, "early_class": {"site": 4}}
    answer = machine.send(CARD + "change/", body)
    assert answer.json() == {"code": "D1", "versions": {"cooperation": 1, "early_class": 1}}
    read = machine.get(CARD).json()
    assert (read["settlement_days"], read["settlement_contact"], read["site"]) == (45, lin.pk, 4)
    assert (read["cooperation_version"], read["house_rules"], read["other_names"]) == (1, None, [])
    assert read["completeness"] == 2 + 2 + 2
    assert machine.get("/api/v1/distributor-cards/?completeness_from=7").json()["results"] == []
    assert AuditEvent.objects.filter(verb="card.changed").count() == 2


def test_one_refused_group_leaves_the_others_as_they_are(machine):
    machine.send(CARD + "change/", {"organisation": {"house_rules": "first"}})
    body = {"cooperation": {"settlement_days": 30}, "organisation": {"house_rules": "second", "version": 0}}
    assert machine.send(CARD + "change/", body).status_code == 409
    assert Organisation.objects.get().house_rules == "first"
    assert not Cooperation.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {"cooperation": {"settlement_days": -1}},
        {"cooperation": {"settlement_method": "barter"}},
        {"cooperation": {"settlement_contact": 999}},
        {"cooperation": {"opened_by": "nobody@example.com"}},
        {"business": {"lines_carried": ["No such line"]}},
        {"early_class": {"site": 6}},
        {"identity": {}},
    ],
)
def test_a_body_that_cannot_be_is_refused(machine, body):
    answer = machine.send(CARD + "change/", body)
    assert answer.status_code == 400, answer.content
    assert not Cooperation.objects.exists()
    assert not AuditEvent.objects.filter(verb="card.changed").exists()


def test_outlets_are_entered_and_changed(machine):
    made = machine.send("/api/v1/outlets/", {"distributor": "D1", "name": "North"}).json()
    url = f"/api/v1/outlets/{made['id']}/change/"
    assert machine.send(url, {"size_m2": 80, "version": 1}).json() == {"id": made["id"], "version": 2}
    assert machine.send(url, {"size_m2": 90, "version": 1}).status_code == 409
    assert machine.send("/api/v1/outlets/", {"distributor": "D1", "name": "North"}).status_code == 409
    assert machine.get("/api/v1/outlets/?distributor=D1&open=true").json()["results"][0]["size_m2"] == 80
    assert Outlet.objects.count() == 1


def test_a_change_of_one_field_puts_nothing_back_that_another_changed_meanwhile(machine):
    made = machine.send("/api/v1/outlets/", {"distributor": "D1", "name": "North", "size_m2": 80}).json()
    url = f"/api/v1/outlets/{made['id']}/change/"
    other = Outlet.objects.filter(pk=made["id"])
    with meanwhile('FROM "profiles_outlet"', lambda: other.update(size_m2=120, version=2)):
        assert machine.send(url, {"city": "Ningbo"}).status_code == 409
    assert (other.get().size_m2, other.get().city) == (120, "")
    assert machine.send(url, {"city": "Ningbo"}).json()["version"] == 3
    assert (other.get().size_m2, other.get().city) == (120, "Ningbo")


def test_figures_and_brands_of_a_day_take_the_place_of_those_before(machine):
    for staff in (3, 4):
        body = {"distributor": "D1", "as_of": "2026-01-31", "staff": staff}
        assert machine.send("/api/v1/business-figures/", body).status_code == 200
        shares = [{"brand": f"Brand {staff}", "share": "60"}]
        brands = {"distributor": "D1", "as_of": "2026-01-31", "shares": shares}
        assert machine.send("/api/v1/brand-shares/", brands).status_code == 200
    assert BusinessFigures.objects.get().staff == 4
    assert BrandShare.objects.get().brand == "Brand 4"
    over = {**brands, "shares": [{"brand": "A", "share": "60"}, {"brand": "B", "share": "41"}]}
    answer = machine.send("/api/v1/brand-shares/", over)
    assert answer.status_code == 409
    assert "101.00 %" in error_of(answer)["message"]
    assert BrandShare.objects.get().brand == "Brand 4"


def test_nothing_of_another_territory_is_written(machine):
    factories.distributor(factories.territory("West"), code="D2")
    assert machine.send("/api/v1/distributor-cards/D2/change/", {"organisation": {}}).status_code == 404
    for path, body in (
        ("outlets", {"name": "A"}),
        ("business-figures", {"as_of": "2026-01-31", "staff": 1}),
        ("brand-shares", {"as_of": "2026-01-31", "shares": [{"brand": "A", "share": "1"}]}),
    ):
        assert machine.send(f"/api/v1/{path}/", {"distributor": "D2", **body}).status_code == 400, path
    assert not Outlet.objects.exists()
    assert not BusinessFigures.objects.exists()

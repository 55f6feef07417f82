"""The territory tree: moves from a month on, closing, and the page that shows it."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Territory, TerritoryMove
from accounts.roles import Role
from accounts.territory_services import (
    path_columns,
    territory_close,
    territory_move,
    territory_move_withdraw,
    territory_moves_apply,
    territory_open,
)
from accounts.tree import parents_on, tree_nodes
from core.errors import DomainError
from core.models import AuditEvent
from distributors.profiles.models import Assignment, Distributor
from tests import factories

pytestmark = pytest.mark.django_db
BACKEND = "accounts.backends.EmailBackend"
TODAY = date(2026, 5, 20)
MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.TODAY = TODAY.isoformat()


@pytest.fixture
def admin():
    return factories.user()


@pytest.fixture
def land(admin):
    """North with a province and a town in it, and South beside it."""
    north, south = factories.territory("North", code="N"), factories.territory("South", code="S")
    province = factories.territory("Province", north, code="P")
    town = factories.territory("Town", province, code="TN")
    return {"north": north, "south": south, "province": province, "town": town}


def paths():
    return dict(Territory.objects.values_list("code", "path"))


def test_a_territory_moves_with_all_below_it_and_all_its_distributors(admin, land):
    inside = factories.distributor(land["town"])
    outside = factories.distributor(land["north"])
    move = territory_move(actor=admin, territory=land["province"], after=land["south"], starts_on=MAY)
    assert move.state == TerritoryMove.State.DONE
    assert paths() == {"N": "0001", "S": "0002", "P": "00020001", "TN": "000200010001"}
    assert Distributor.objects.get(pk=inside.pk).territory_path == "000200010001"
    assert Distributor.objects.get(pk=outside.pk).territory_path == "0001"
    assert AuditEvent.objects.filter(verb="territory.moved", actor=admin).count() == 1


def test_whose_territory_moves_reaches_what_moved_and_its_old_manager_does_not(admin, land):
    there = factories.distributor(land["town"])
    north, south = factories.user(Role.MANAGER, land["north"]), factories.user(Role.MANAGER, land["south"])
    territory_move(actor=admin, territory=land["province"], after=land["south"], starts_on=MAY)
    assert not Distributor.objects.visible_to(north).exists()
    assert list(Distributor.objects.visible_to(south)) == [there]


def test_every_model_that_keeps_a_path_moves_with_the_tree():
    assert {(model._meta.label, column) for model, column in path_columns()} >= {
        ("accounts.Territory", "path"),
        ("profiles.Distributor", "territory_path"),
    }


def test_the_statements_of_a_move_do_not_grow_with_what_moves(admin, land):
    def statements(territory):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            territory_move(actor=admin, territory=territory, after=land["south"], starts_on=MAY)
        return len(captured)

    few = statements(land["province"])
    other = factories.territory("Other", land["north"])
    for _each in range(5):
        factories.distributor(factories.territory(parent=other))
    assert statements(other) == few


@pytest.mark.parametrize("target", ["province", "town"])
def test_a_territory_is_not_moved_below_itself(admin, land, target):
    before = paths()
    with pytest.raises(DomainError, match=r"within itself|below itself"):
        territory_move(actor=admin, territory=land["province"], after=land[target], starts_on=MAY)
    assert paths() == before
    assert not TerritoryMove.objects.exists()


def test_of_two_opposite_moves_the_second_is_refused(admin, land):
    territory_move(actor=admin, territory=land["north"], after=land["south"], starts_on=MAY)
    before = paths()
    with pytest.raises(DomainError, match="below itself"):
        territory_move(actor=admin, territory=land["south"], after=land["north"], starts_on=MAY)
    assert paths() == before


def test_of_two_moves_of_one_territory_the_second_is_told_of_the_first(admin, land):
    territory_move(actor=admin, territory=land["town"], after=land["south"], starts_on=JUNE)
    with pytest.raises(DomainError, match="South"):
        territory_move(actor=admin, territory=land["town"], after=land["north"], starts_on=JUNE)
    assert TerritoryMove.objects.count() == 1


@pytest.mark.parametrize(
    ("starts_on", "reason", "says"), [(date(2026, 5, 2), "", "first of a month"), (date(2026, 4, 1), " ", "reason")]
)
def test_a_move_begins_with_a_month_and_one_that_is_over_needs_a_reason(admin, land, starts_on, reason, says):
    with pytest.raises(DomainError, match=says):
        territory_move(actor=admin, territory=land["town"], after=None, starts_on=starts_on, reason=reason)
    assert not TerritoryMove.objects.exists()


def test_a_move_to_where_it_lies_is_refused(admin, land):
    with pytest.raises(DomainError, match="already"):
        territory_move(actor=admin, territory=land["town"], after=land["province"], starts_on=MAY)


def test_a_planned_move_waits_for_its_night_and_is_carried_out_once(admin, land):
    move = territory_move(actor=admin, territory=land["town"], after=land["south"], starts_on=JUNE)
    assert (move.state, paths()["TN"]) == (TerritoryMove.State.PLANNED, "000100010001")
    assert territory_moves_apply(as_of=TODAY) == {"moved": 0, "refused": 0}
    assert territory_moves_apply(as_of=JUNE) == {"moved": 1, "refused": 0}
    assert territory_moves_apply(as_of=JUNE) == {"moved": 0, "refused": 0}
    assert paths()["TN"] == "00020001"


def test_two_planned_moves_that_would_make_a_circle_are_refused_when_planned(admin, land):
    territory_move(actor=admin, territory=land["north"], after=land["south"], starts_on=JULY)
    with pytest.raises(DomainError, match="below itself"):
        territory_move(actor=admin, territory=land["south"], after=land["town"], starts_on=JUNE)
    assert TerritoryMove.objects.count() == 1


def test_a_planned_move_that_became_impossible_is_put_aside_and_needs_someone(admin, land, client):
    move = territory_move(actor=admin, territory=land["town"], after=land["south"], starts_on=JUNE)
    Territory.objects.filter(pk=land["south"].pk).update(closed_on=MAY)
    assert territory_moves_apply(as_of=JUNE) == {"moved": 0, "refused": 1}
    move.refresh_from_db()
    assert (move.state, str(move.note)) == (TerritoryMove.State.REFUSED, "“South” is closed.")
    assert paths()["TN"] == "000100010001"
    client.force_login(admin, backend=BACKEND)
    assert "“Town” could not be moved" in client.get(reverse("core:home")).content.decode()


def test_a_planned_move_is_withdrawn_once(admin, land):
    territory_move(actor=admin, territory=land["town"], after=land["south"], starts_on=JUNE)
    territory_move_withdraw(actor=admin, territory=land["town"])
    with pytest.raises(DomainError):
        territory_move_withdraw(actor=admin, territory=land["town"])
    assert territory_moves_apply(as_of=JULY) == {"moved": 0, "refused": 0}


def test_the_tree_of_any_day_is_known(admin, land):
    town, province, south, north = (land[name].pk for name in ("town", "province", "south", "north"))
    territory_move(actor=admin, territory=land["town"], after=land["south"], starts_on=date(2026, 3, 1), reason="late")
    territory_move(actor=admin, territory=land["town"], after=land["north"], starts_on=JUNE)
    assert parents_on(date(2026, 2, 28))[town] == province
    assert parents_on(TODAY)[town] == south
    assert parents_on(JUNE)[town] == north


def test_only_administrators_move_a_territory(land):
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        territory_move(
            actor=factories.user(Role.MANAGER, everywhere=True), territory=land["town"], after=None, starts_on=MAY
        )


def test_an_empty_territory_closes_and_opens_again(admin, land):
    closed = territory_close(actor=admin, territory=land["town"], starts_on=MAY)
    assert closed.closed_on == MAY
    with pytest.raises(DomainError, match="closed"):
        territory_close(actor=admin, territory=land["town"], starts_on=MAY)
    territory_open(actor=admin, territory=land["town"])
    assert Territory.objects.get(code="TN").closed_on is None


def test_a_territory_with_others_below_it_does_not_close(admin, land):
    with pytest.raises(DomainError, match="1 territory lies below"):
        territory_close(actor=admin, territory=land["province"], successor=land["south"], starts_on=MAY)
    assert not Territory.objects.exclude(closed_on=None).exists()


def test_a_territory_that_is_not_empty_needs_a_successor_and_gives_it_everything(admin, land):
    made, rep = factories.distributor(land["town"]), factories.user(Role.REP, land["town"])
    with pytest.raises(DomainError, match="1 person, 1 distributor"):
        territory_close(actor=admin, territory=land["town"], starts_on=MAY)
    assert Territory.objects.get(code="TN").closed_on is None
    territory_close(actor=admin, territory=land["town"], successor=land["south"], starts_on=MAY)
    made.refresh_from_db()
    assert (made.territory, made.territory_path) == (land["south"], "0002")
    assert list(rep.territories.all()) == [land["south"]]
    cover = Assignment.objects.filter(distributor=made).order_by("starts_on")
    assert [(row.starts_on, row.territory.code) for row in cover] == [(date(2020, 1, 1), "TN"), (MAY, "S")]


def test_a_closing_is_not_planned_ahead(admin, land):
    with pytest.raises(DomainError, match="has begun"):
        territory_close(actor=admin, territory=land["town"], starts_on=JUNE)


def test_nothing_new_is_put_into_a_closed_territory(admin, land, client):
    Territory.objects.filter(code="TN").update(closed_on=MAY)
    made = factories.distributor(land["south"])
    client.force_login(admin, backend=BACKEND)
    data = {"starts_on": "2026-06-01", "territory": land["town"].pk, "owner": "", "reason": ""}
    assert client.post(reverse("profiles:distributor-reassign", args=[made.pk]), data).status_code == 422
    with pytest.raises(DomainError, match="closed"):
        territory_move(actor=admin, territory=land["south"], after=land["town"], starts_on=MAY)


def tree(client, **params):
    return client.get(reverse("accounts:territory-list"), params)


def test_the_tree_shows_each_node_below_its_parent_with_the_numbers_of_its_subtree(admin, land, client):
    factories.distributor(land["town"])
    factories.distributor(land["north"])
    factories.user(Role.MANAGER, land["north"], name="Lin")
    client.force_login(admin, backend=BACKEND)
    nodes = tree(client).context["nodes"]
    assert [(node.territory.code, node.depth) for node in nodes] == [("N", 0), ("P", 1), ("TN", 2), ("S", 0)]
    assert [[count["value"] for count in node.counts] for node in nodes] == [[1, 2], [0, 1], [0, 1], [0, 0]]
    assert nodes[0].managers == ["Lin"]


def test_a_manager_sees_the_tree_from_their_own_territory_down_and_no_names(land, client):
    factories.user(Role.MANAGER, land["province"], name="Somebody else")
    client.force_login(factories.user(Role.MANAGER, land["province"]), backend=BACKEND)
    response = tree(client)
    assert [node.territory.code for node in response.context["nodes"]] == ["P", "TN"]
    assert "Somebody else" not in response.content.decode()


def test_a_search_keeps_what_lies_above_the_hits(admin, land):
    assert [node.territory.code for node in tree_nodes(admin, words="town")] == ["N", "P", "TN"]
    assert [node.territory.code for node in tree_nodes(admin, words="town S")] == []


def test_the_tree_of_another_day_is_shown_as_it_lay(admin, land, client):
    territory_move(actor=admin, territory=land["town"], after=land["south"], starts_on=MAY)
    client.force_login(admin, backend=BACKEND)
    nodes = tree(client, on="2026-04-30").context["nodes"]
    assert [(node.territory.code, node.depth) for node in nodes] == [("N", 0), ("P", 1), ("TN", 2), ("S", 0)]


def test_the_queries_of_the_tree_do_not_grow_with_it(admin, land, client):
    client.force_login(admin, backend=BACKEND)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert tree(client).status_code == 200
        return len(captured)

    queries()
    few = queries()
    for _each in range(10):
        factories.user(Role.MANAGER, factories.territory(parent=land["south"]))
    assert queries() == few


def test_the_form_moves_a_territory_and_names_what_stands_against_it(admin, land, client):
    client.force_login(admin, backend=BACKEND)
    url = reverse("accounts:territory-move", args=[land["province"].pk])
    refused = client.post(url, {"after": land["town"].pk, "starts_on": "2026-05-01", "reason": ""})
    assert refused.status_code == 422
    assert "after" in refused.context["form"].errors
    done = client.post(url, {"after": land["south"].pk, "starts_on": "2026-05-01", "reason": ""}, follow=True)
    assert "“Province” lies within “South”" in done.content.decode()
    page = client.get(reverse("accounts:territory-detail", args=[land["province"].pk])).content.decode()
    assert "North" in page

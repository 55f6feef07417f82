"""The board: columns by state, honest counts, moves that the workflow and the rights allow."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from core.models import AuditEvent
from distributors.profiles import board
from distributors.profiles.models import Distributor, LifecycleChange
from tests import factories

pytestmark = pytest.mark.django_db

BOARD = reverse("profiles:distributor-board")


@pytest.fixture
def town():
    return factories.territory("Town")


@pytest.fixture
def manager(client, town):
    person = factories.user(Role.MANAGER, town)
    client.force_login(person, backend="accounts.backends.EmailBackend")
    return person


def columns(client, query=""):
    return {column.state: column for column in client.get(BOARD + query).context["columns"]}


def move(client, row, name, **data):
    url = reverse("profiles:distributor-boardmove", args=[row.pk, name])
    return client.post(url, {"seen": row.state, "reason": "Late", **data})


def test_each_state_has_its_column_with_its_count_and_the_largest_first(client, manager, town, monkeypatch):
    monkeypatch.setattr(board, "CARDS", 2)
    for sales in (1, 3, 2):
        factories.distributor(town, legal_name=f"S{sales}", standing={"net_sales_12m": Decimal(sales)})
    factories.distributor(factories.territory("Elsewhere"))
    found = columns(client)
    assert list(found) == ["prospect", "review", "approved", "active", "watch", "exiting", "ended"]
    assert [card["name"] for card in found["active"].cards] == ["S3", "S2"]
    assert (found["active"].count, found["active"].left, found["watch"].count) == (3, 1, 0)
    assert client.get(found["active"].url).context["count"]["value"] == 3


def test_the_filters_of_the_list_are_those_of_the_board(client, manager, town):
    factories.distributor(town, legal_name="Harbour")
    factories.distributor(town, legal_name="Silk")
    assert columns(client, "?q=harbour")["active"].count == 1
    assert client.get(f"{BOARD}?tier=x").status_code == 422


def test_a_card_offers_the_moves_that_its_reader_may_make(client, manager, town):
    rep = factories.user(Role.REP, town)
    own, other = factories.distributor(town, rep, state="review"), factories.distributor(town, state="review")

    def targets():
        return {card["pk"]: [one["target"] for one in card["moves"]] for card in columns(client)["review"].cards}

    assert targets() == {row.pk: ["prospect", "approved", "ended"] for row in (own, other)}
    client.force_login(rep, backend="accounts.backends.EmailBackend")
    assert targets() == {own.pk: ["prospect"], other.pk: []}


def test_a_card_moves_with_its_reason_and_leaves_its_trail(client, manager, town):
    row = factories.distributor(town)
    assert move(client, row, "watch").json() == {"state": "watch"}
    row.refresh_from_db()
    assert row.state == "watch"
    assert LifecycleChange.objects.get().reason == "Late"
    assert AuditEvent.objects.get(verb="watch").actor == manager


def test_of_two_who_move_one_card_the_second_is_told(client, manager, town):
    row = factories.distributor(town)
    move(client, row, "watch")
    second = move(client, row, "exit")
    assert second.status_code == 409
    assert second.json()["message"] == "Someone moved it meanwhile: it is “on watch” now."
    assert LifecycleChange.objects.count() == 1


@pytest.mark.parametrize(
    ("state", "name", "data", "said"),
    [
        ("prospect", "watch", {}, "“Put on watch” is not possible from “prospect”"),
        ("active", "watch", {"reason": " "}, "Say why"),
        ("active", "fly", {}, "There is no such move."),
    ],
)
def test_a_refusal_says_which_rule_and_nothing_changes(client, manager, town, state, name, data, said):
    row = factories.distributor(town, state=state)
    answer = move(client, row, name, **data)
    assert answer.status_code == 409
    assert said in answer.json()["message"]
    row.refresh_from_db()
    assert row.state == state
    assert not LifecycleChange.objects.exists()


def test_nobody_approves_their_own_proposal_on_the_board(client, manager, town):
    row = factories.distributor(town, state="prospect")
    move(client, row, "submit")
    row.refresh_from_db()
    assert "a second person approves" in move(client, row, "approve").json()["message"]


def test_a_card_out_of_reach_is_not_there(client, manager):
    far = factories.distributor(factories.territory("Far"))
    assert move(client, far, "watch").status_code == 404
    assert Distributor.objects.get(pk=far.pk).state == "active"


def test_the_board_costs_as_many_queries_for_many_cards(client, manager, town):
    states = ("prospect", "review", "approved", "active", "watch", "exiting", "ended")

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(BOARD).status_code == 200
        return len(caught)

    for state in states:
        factories.distributor(town, state=state)
    queries()
    few = queries()
    for state in states * 15:
        factories.distributor(town, state=state)
    assert queries() == few <= 25
